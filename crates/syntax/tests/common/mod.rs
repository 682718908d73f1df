//! What the tests of this crate share.

use tilewright_base::{Diagnostic, FileId};
use tilewright_syntax::ast::Script;

/// The tree of a text that must be free of errors.
#[allow(dead_code)]
pub fn parsed(text: &str) -> Script {
    let (script, diagnostics) = tilewright_syntax::parse(FileId(0), text);
    assert_eq!(diagnostics, [], "in\n{text}");
    script
}

/// `line:column message`, 1-based.
#[allow(dead_code)]
pub fn placed(text: &str, diagnostic: &Diagnostic) -> String {
    let at = diagnostic.span.expect("a place").start as usize;
    let line = text[..at].matches('\n').count() + 1;
    let column = text[..at].chars().rev().take_while(|c| *c != '\n').count() + 1;
    format!("{line}:{column} {}", diagnostic.message)
}

/// The tree without places and comments, as text that can be compared.
#[allow(dead_code)]
pub fn shape(script: &Script) -> String {
    let script = Script { comments: Vec::new(), ..script.clone() };
    let text = format!("{script:?}");
    let mut parts = text.split("Span { file: FileId(0), start: ");
    let mut shape = parts.next().unwrap_or_default().to_string();
    for part in parts {
        shape.push_str(part.split_once('}').map_or(part, |(_, rest)| rest));
    }
    shape
}
