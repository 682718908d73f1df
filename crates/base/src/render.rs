//! Prints diagnostics with the source lines they speak of, as rustc does.

use std::borrow::Cow;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{FileId, SourceMap, Span};

/// The diagnostic as text, in colour or plain, without a trailing newline.
pub fn render(diagnostic: &Diagnostic, sources: &SourceMap, colour: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.word());
    let mut report = vec![Group::with_title(title).elements(snippets(diagnostic, sources))];
    for frames in diagnostic.trace.chunk_by(|a, b| a == b) {
        let times = if frames.len() > 1 { format!(", {} times", frames.len()) } else { String::new() };
        let note = Level::NOTE.secondary_title(format!("in `{}`, called here{times}", frames[0].function));
        report.push(note.element(place(frames[0].call, sources)));
    }
    for hint in &diagnostic.hints {
        report.push(Group::with_title(Level::HELP.secondary_title(hint.as_str())));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&report)
}

fn place(span: Span, sources: &SourceMap) -> Origin<'_> {
    let file = sources.file(span.file);
    let (line, column) = file.line_column(span.start);
    Origin::path(file.name.to_string_lossy()).line(line).char_column(column)
}

/// One snippet per file, the primary place first.
fn snippets<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Vec<Snippet<'a, Annotation<'a>>> {
    let primary = diagnostic.span.map(|span| (span, None, AnnotationKind::Primary));
    let further = diagnostic.labels.iter().map(|l| (l.span, Some(l.text.as_str()), AnnotationKind::Context));
    let mut by_file: Vec<(FileId, Snippet<'a, Annotation<'a>>)> = Vec::new();
    for (span, label, kind) in primary.into_iter().chain(further) {
        let file = sources.file(span.file);
        let at = by_file.iter().position(|(id, _)| *id == span.file).unwrap_or_else(|| {
            let name: Cow<'a, str> = file.name.to_string_lossy();
            by_file.push((span.file, Snippet::source(&*file.text).path(name)));
            by_file.len() - 1
        });
        let length = file.text.len();
        let range = (span.start as usize).min(length)..(span.end as usize).min(length);
        let snippet = std::mem::replace(&mut by_file[at].1, Snippet::source(""));
        by_file[at].1 = snippet.annotation(kind.span(range).label(label));
    }
    by_file.into_iter().map(|(_, snippet)| snippet).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    #[test]
    fn shows_the_line_the_label_and_the_hint() {
        let sources = SourceMap::default();
        let file = sources.add("s.dml", "x = 1\ny = x + z\n");
        let span = |start, end| Span::new(file, start, end);
        let diagnostic = Diagnostic::error(Code::Name, span(14, 15), "unknown variable `z`")
            .label(span(0, 1), "`x` is here")
            .hint("did you mean `x`?");
        let text = render(&diagnostic, &sources, false);
        for part in ["error[name]: unknown variable `z`", "s.dml:2:9", "^", "`x` is here", "did you mean"] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }
}
