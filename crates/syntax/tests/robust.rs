//! No text makes the parser panic, overflow its stack or take more than linear time.

mod common;

use std::time::Instant;

use common::{parsed, shape};
use proptest::prelude::*;
use tilewright_base::{Diagnostic, FileId};
use tilewright_syntax::{format, parse, print};

const TOKENS: [&str; 72] = [
    "x",
    "y",
    "f",
    "ns::g",
    "as.scalar",
    "1",
    "2.5",
    "\"s\"",
    "'t'",
    "$a",
    "TRUE",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    ":",
    "=",
    "<-",
    "+=",
    "-=",
    "+",
    "-",
    "*",
    "/",
    "^",
    "%*%",
    "%%",
    "%o%",
    "**",
    "->",
    "<",
    "<=",
    "==",
    "!=",
    "!",
    "&",
    "||",
    "if",
    "else",
    "for",
    "parfor",
    "while",
    "in",
    "function",
    "return",
    "source",
    "setwd",
    "as",
    "ifdef",
    "externalFunction",
    "implemented",
    "\n",
    "\n",
    "# c\n",
    "/* d */",
    "/*",
    "\"",
    "_z",
    "x.y",
    "~",
    "and",
    "break",
    "continue",
    "[[",
    "]]",
    "*=",
    "_",
    "X [n, _]",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gives_a_tree(text in any::<String>()) {
        parse(FileId(0), &text);
    }

    #[test]
    fn any_printable_text_gives_a_tree(text in "[ -~\\n]{0,200}") {
        let (script, _) = parse(FileId(0), &text);
        print(&script);
    }

    #[test]
    fn any_tokens_give_a_tree(picks in proptest::collection::vec((0..TOKENS.len(), any::<bool>()), 0..200)) {
        let text: String = picks.iter().map(|(at, space)| [TOKENS[*at], if *space { " " } else { "" }].concat()).collect();
        let (script, diagnostics) = parse(FileId(0), &text);
        for span in diagnostics.iter().filter_map(|d| d.span) {
            prop_assert!(text.get(span.start as usize..span.end as usize).is_some());
        }
        if diagnostics.is_empty() {
            prop_assert_eq!(shape(&parsed(&print(&script))), shape(&script));
        }
    }
}

/// Parses, copies, compares, prints, formats and drops; returns the errors.
fn walk(text: &str) -> Vec<Diagnostic> {
    let (script, diagnostics) = parse(FileId(0), text);
    let copy = script.clone();
    assert_eq!(copy, script);
    print(&copy);
    if let Ok(once) = format(FileId(0), text) {
        assert_eq!(format(FileId(0), &once), Ok(once));
    }
    diagnostics
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    let n = 100_000;
    let nested = |open: &str, close: &str| format!("x = {}1{}\ny = 2", open.repeat(n), close.repeat(n));
    for text in [
        nested("(", ")"),
        nested("f(", ")"),
        nested("X[", "]"),
        nested("[", "]"),
        nested("-", ""),
        nested("!", ""),
        nested("1 ^ ", ""),
        nested("1 + ", ""),
        nested("1 + (", ")"),
        nested("", "[1,]"),
        nested("", "[[1]]"),
        nested("L[[", "]]"),
        nested("X[[", ", 2], ]"),
        nested("X[[", "], ]"),
        nested("X[:", ", ]"),
        nested("X[", ":, 2:]"),
        "while (a) if (b) break else ".repeat(n),
        format!("f = function() {{ {} }}", "if (a) return(".repeat(n)),
        format!("f = function(X [{}]) {{ }}", "n, ".repeat(n)),
        nested("a | b & !c == d + e * f %% g %*% -h ^ f(", ")"),
        "if (a) {".repeat(n),
        "if (a) ".repeat(n),
        "while (a) { for (i in 1:2) ".repeat(n),
        "{".repeat(n),
        "f = function() {".repeat(n),
        "(".repeat(n),
        "x = 1 else if (a) {".repeat(n),
        format!("if (a) {{ }}{}", " else if (b) { x = 1 }".repeat(n)),
        format!("if (a) x = 1 {}", "else if (b) x = 1 ".repeat(n)),
    ] {
        let diagnostics = walk(&text);
        assert!((1..=101).contains(&diagnostics.len()), "{} errors", diagnostics.len());
    }
}

#[test]
fn what_the_limits_allow_works() {
    let nested = |n: usize, open: &str, close: &str| format!("x = {}1{}", open.repeat(n), close.repeat(n));
    for text in [
        nested(250, "1 + f(", ")"),
        nested(200, "a | b & !c == d + e * f %% g %*% -(", ")"),
        nested(120, "X[1, (", ")]"),
        nested(250, "X[[", "]]"),
        nested(250, "X[:", ", 2:]"),
        nested(1990, "", "[[1]]"),
        nested(120, "X[[", ", 2], ]"),
        nested(120, "X[[", "], ]"),
        nested(1990, "1 + ", ""),
        nested(1990, "-", ""),
        nested(1990, "1 ^ ", ""),
        format!("if (a) x = 1 {}", "else if (b) x = 1 ".repeat(250)),
        format!("{}{}", "while (a) { ".repeat(250), "}".repeat(250)),
    ] {
        let head: String = text.chars().take(60).collect();
        let errors = walk(&text).into_iter().map(|d| d.message).collect::<Vec<_>>();
        assert!(errors.is_empty(), "{head}: {errors:?}");
    }
}

#[test]
fn time_is_linear() {
    let good = "s = s + sum(X[i, 1:n] * (a - b)) # why\n[p, q] = f(x, k=2)\nif (s > 3) { y = -x^2 }\n";
    let modern = "L[[i]] -= X[2:, :3][[1]]\nwhile (a && b) {\n  if (c) break\n  continue\n}\n\
                  f = function(Matrix[Double] X [n, _]) return (y) { return(X[[1, 2], ]) }\n";
    let texts = [
        good.repeat(33_333),
        modern.repeat(20_000),
        "x = = (\n".repeat(100_000),
        "f(".repeat(300_000),
        "\"".repeat(300_001),
        "# c\nf = function() { }\n".repeat(50_000),
        "x = [a\n".repeat(100_000),
        "L[[a\n".repeat(100_000),
        "[[".repeat(300_000),
        "x = L[[1]]]] ".repeat(50_000),
        "return(x) break\n".repeat(100_000),
        "if (a) x = 1;;;;;;\n".repeat(100_000),
    ];
    for text in texts {
        let start = Instant::now();
        parse(FileId(0), &text);
        let _ = format(FileId(0), &text);
        let seconds = start.elapsed().as_secs_f64();
        let head: String = text.chars().take(20).collect();
        assert!(seconds < 20.0, "{seconds} s for {head:?}");
    }
}
