//! Diagnostics for programs: one JSON object per line.

use serde::Serialize;
use tilewright_base::{Diagnostic, Severity, SourceMap, Span};

/// A diagnostic; lines and columns (in characters) count from 1, and the end is behind the last character.
#[derive(Serialize)]
struct Object<'a> {
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    labels: Vec<Label<'a>>,
    hints: &'a [String],
    trace: Vec<Call<'a>>,
}

/// Where something begins.
#[derive(Serialize)]
struct Place {
    file: String,
    line: usize,
    column: usize,
}

/// A further place.
#[derive(Serialize)]
struct Label<'a> {
    #[serde(flatten)]
    place: Place,
    message: &'a str,
}

/// A call that led to the place.
#[derive(Serialize)]
struct Call<'a> {
    function: &'a str,
    #[serde(flatten)]
    place: Place,
}

/// Diagnostics in their order, one object per line.
///
/// # Errors
/// None that text could cause.
pub fn lines(diagnostics: &[Diagnostic], sources: &SourceMap) -> serde_json::Result<String> {
    let mut out = String::new();
    for diagnostic in diagnostics {
        out += &serde_json::to_string(&object(diagnostic, sources))?;
        out.push('\n');
    }
    Ok(out)
}

fn object<'a>(diagnostic: &'a Diagnostic, sources: &SourceMap) -> Object<'a> {
    let start = diagnostic.span.map(|span| place(span, sources));
    let end = diagnostic.span.map(|span| sources.file(span.file).line_column(span.end));
    let labels = diagnostic.labels.iter();
    let trace = diagnostic.trace.iter();
    Object {
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        code: diagnostic.code.word(),
        message: &diagnostic.message,
        line: start.as_ref().map(|place| place.line),
        column: start.as_ref().map(|place| place.column),
        file: start.map(|place| place.file),
        end_line: end.map(|(line, _)| line),
        end_column: end.map(|(_, column)| column),
        labels: labels
            .map(|label| Label { place: place(label.span, sources), message: &label.text })
            .collect(),
        hints: &diagnostic.hints,
        trace: trace
            .map(|frame| Call { function: &frame.function, place: place(frame.call, sources) })
            .collect(),
    }
}

fn place(span: Span, sources: &SourceMap) -> Place {
    let file = sources.file(span.file);
    let (line, column) = file.line_column(span.start);
    Place { file: file.name.display().to_string(), line, column }
}
