//! The comment that documents a function.
//!
//! It is the block of comments that ends on the line above the definition, or else, for the first function of
//! a file, the block with which the file begins. Lines of `#` comments that follow each other are one block.

use crate::ast::Comment;

/// The documentation of the function that begins at byte `start`, without comment markers.
pub(super) fn comment_of(text: &str, comments: &[Comment], start: u32, is_first: bool) -> String {
    let before = &comments[..comments.partition_point(|comment| comment.span.start < start)];
    let above = block_above(text, before, start);
    if !above.is_empty() || !is_first {
        return without_markers(above);
    }
    without_markers(opening_block(text, before))
}

/// The last comments that stand on lines of their own, each directly above the next and the last above `start`.
fn block_above<'a>(text: &str, comments: &'a [Comment], start: u32) -> &'a [Comment] {
    let mut next = start;
    let mut first = comments.len();
    for (at, comment) in comments.iter().enumerate().rev() {
        if !is_adjacent(text, comment.span.end, next) || !is_first_on_line(text, comment.span.start) {
            break;
        }
        (first, next) = (at, comment.span.start);
    }
    &comments[first..]
}

/// The comments with which the text begins.
fn opening_block<'a>(text: &str, comments: &'a [Comment]) -> &'a [Comment] {
    let begins = |comment: &Comment| {
        text[..comment.span.start as usize].trim_start_matches('\u{feff}').trim().is_empty()
    };
    if !comments.first().is_some_and(begins) {
        return &[];
    }
    let joined =
        comments.windows(2).take_while(|pair| is_adjacent(text, pair[0].span.end, pair[1].span.start));
    &comments[..1 + joined.count()]
}

/// Whether only white space without an empty line stands between two places.
fn is_adjacent(text: &str, from: u32, to: u32) -> bool {
    let gap = &text.as_bytes()[from as usize..to as usize];
    let mut newlines = 0;
    gap.iter().all(|byte| {
        newlines += usize::from(*byte == b'\n');
        byte.is_ascii_whitespace() && newlines < 2
    })
}

fn is_first_on_line(text: &str, start: u32) -> bool {
    let before = text.as_bytes()[..start as usize].iter().rev();
    before.take_while(|byte| **byte != b'\n').all(u8::is_ascii_whitespace)
}

fn without_markers(comments: &[Comment]) -> String {
    let lines: Vec<&str> = comments.iter().flat_map(|comment| lines_of(&comment.text)).collect();
    let full = |line: &&str| !line.is_empty();
    let first = lines.iter().position(full).unwrap_or(lines.len());
    let last = lines.iter().rposition(full).map_or(first, |last| last + 1);
    lines[first..last].join("\n")
}

fn lines_of(comment: &str) -> Vec<&str> {
    if let Some(inner) = comment.strip_prefix("/*") {
        let inner = inner.strip_suffix("*/").unwrap_or(inner);
        return inner
            .lines()
            .map(|line| one_space_less(line.trim().trim_start_matches('*')).trim_end())
            .collect();
    }
    let line = comment.trim_start_matches('#').trim_start_matches('-');
    vec![one_space_less(line).trim_end()]
}

fn one_space_less(line: &str) -> &str {
    line.strip_prefix(' ').unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use tilewright_base::FileId;

    fn docs(text: &str) -> Vec<String> {
        let (script, diagnostics) = crate::parse(FileId(0), text);
        assert_eq!(diagnostics, []);
        script.functions.into_iter().map(|function| function.doc).collect()
    }

    #[test]
    fn the_block_directly_above_documents_a_function() {
        assert_eq!(docs("# old\n\n# Adds.\n#   indented\nf = function() { }"), ["Adds.\n  indented"]);
        assert_eq!(docs("#-----\n#- Adds.\n#\n# More.\n#-----\nf = function() { }"), ["Adds.\n\nMore."]);
        assert_eq!(docs("/*\n * Adds.\n *  More.\n */\nf = function() { }"), ["Adds.\n More."]);
    }

    #[test]
    fn the_opening_block_documents_the_first_function_only() {
        let text = "# Adds.\n# More.\n\nsource(\"a\") as a\nf = function() { }\n\ng = function() { }";
        assert_eq!(docs(text), ["Adds.\nMore.", ""]);
        assert_eq!(docs("x = 1 # not this\nf = function() { }"), [""]);
        assert_eq!(docs("x = 1\n# far\n\nf = function() { }"), [""]);
    }
}
