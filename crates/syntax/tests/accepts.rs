//! Scripts that are DML, by the canonical form of their tree.

mod common;

use common::{parsed, shape};
use tilewright_syntax::ast::{ExprKind, StmtKind};
use tilewright_syntax::print;

/// Checks the canonical form of a text, and that it means the same tree.
#[track_caller]
fn check(text: &str, expected: &str) {
    let script = parsed(text);
    let printed = print(&script);
    assert_eq!(printed.trim_end(), expected, "in\n{text}");
    assert_eq!(shape(&parsed(&printed)), shape(&script), "after printing\n{printed}");
}

/// Checks text that is canonical already.
#[track_caller]
fn keeps(text: &str) {
    check(text, text);
}

#[test]
fn operators_bind_as_documented() {
    check("x = -2^2", "x = -2^2");
    check("x = (-2)^2", "x = (-2)^2");
    check("x = -(2^2)", "x = -2^2");
    check("x = 2^(3^2)", "x = 2^3^2");
    check("x = (2^3)^2", "x = (2^3)^2");
    check("x = 2^(-1)", "x = 2^-1");
    check("x = 2^-1^2 * 3", "x = 2^-1^2 * 3");
    check("x = (2^-1) %*% 3", "x = 2^-1 %*% 3");
    check("x = (-a) %*% b", "x = -a %*% b");
    check("x = -(a %*% b)", "x = -(a %*% b)");
    check("x = 2*(7%%3)", "x = 2 * 7 %% 3");
    check("x = (2*7)%%3", "x = (2 * 7) %% 3");
    check("x = a %/% (b %*% c)", "x = a %/% b %*% c");
    check("x = a - (b - c) - d", "x = a - (b - c) - d");
    check("x = !(a == b)", "x = !a == b");
    check("x = (!a) == b", "x = (!a) == b");
    check("x = (!a) & b", "x = !a & b");
    check("x = !(a & b) | c", "x = !(a & b) | c");
    check("x = a == !b + c", "x = a == (!b + c)");
    check("x = a | (b & c)", "x = a | b & c");
    check("x = (a || b) && c", "x = (a || b) && c");
    check("x = (a < b) < c", "x = a < b < c");
    keeps("x = --a - -b");
    check("x = ((((a))))", "x = a");
}

#[test]
fn newlines_are_white_space() {
    check("x = 1 +\nprint(x)", "x = 1 + print(x)");
    check("x = 1\n+ 2\ny = a\n(b)", "x = 1 + 2\ny = a(b)");
    check("x = a\n[b, c] = f(x)", "x = a\n[b, c] = f(x)");
    check("x = a [b[1], c] = f(x)", "x = a\n[b[1], c] = f(x)");
    check("print(x)\n[b, c, d] = f(x)", "print(x)\n[b, c, d] = f(x)");
    check("X [1, ] = a [2, ]", "X[1, ] = a[2, ]");
    check("x = 1 y = 2; ; z <- 3;", "x = 1\ny = 2\nz = 3");
    check("x = 1 # to the end", "x = 1");
    check("\u{feff}x = /* in\nbetween */ 1\r\ny = 2", "x = 1\ny = 2");
}

#[test]
fn literals_and_names() {
    check(
        "x = 123 + 1.5 + 1. + .5 + 1e3 + 1E-2 + 1.e+2",
        "x = 123 + 1.5 + 1.0 + 0.5 + 1000.0 + 0.01 + 100.0",
    );
    check("x = 9223372036854775807", "x = 9223372036854775807");
    check("x = 1e300 * 1e400", "x = 1e300 * 1e999");
    check(r#"x = 'it"s' + "\t\"\\\n" + 'a\'b'"#, r#"x = "it\"s" + "\t\"\\\n" + "a'b""#);
    check("x = \"two\nlines\"", "x = \"two\\nlines\"");
    keeps("x = as.scalar(X) + is.nan(y) + $name + $1 + TRUE + pi + double + ns::f(1)");
    keeps("y = order(target=X, index.return=TRUE) + pt(lower.tail=FALSE, x)");
    keeps("continue = 1\nbreak = continue\nand = or + not");
    keeps("NA = 1\nx = NA");
}

#[test]
fn statements() {
    keeps("X[i, j] = 1\nX[a:b, ] += 2\nX[, 1:n] = y\nX[3] = Y[1:2]\nx += 1");
    keeps("x = ifdef($n, \"a\" + 1)\nx[1, 1] = ifdef($1, -1)");
    keeps("[w, L[, i]] = f(1, a=2)\nf()\nns::g(X[1, ][2], [1, 2])");
    keeps("x = (A %*% B)[3, 7] + f(X)[1, ]");
    keeps("x[ [1][1] + 2, ] = y[ [1]]");
    check(
        "if (a) x = 1 else if (b) { y = 2 } else z = 3",
        "if (a) {\n  x = 1\n} else if (b) {\n  y = 2\n} else {\n  z = 3\n}",
    );
    check("if (a) x = 1;; else y = 2\n", "if (a) {\n  x = 1\n} else {\n  y = 2\n}");
    check("while(FALSE){}", "while (FALSE) {\n}");
    check(
        "for(i in 1:n-1) parfor(j in seq(1,9,2), check=0, mode=LOCAL) { }",
        "for (i in 1:n - 1) {\n  parfor (j in seq(1, 9, 2), check=0, mode=LOCAL) {\n  }\n}",
    );
}

#[test]
fn functions() {
    check(
        "f = function(matrix[double] X, matrix Y, Scalar[int] n = 3, s, list[unknown] L = list(), boolean b = TRUE)
           return (Double a, Frame[String] F) { a = 1 }
         # Does g.
         g <- function() { };
         print(f(1))",
        "f = function(Matrix[Double] X, Matrix[Double] Y, Integer n = 3, Unknown s, List[Unknown] L = list(), \
         Boolean b = TRUE) return (Double a, Frame[Unknown] F) {\n  a = 1\n}\n\n\n\
         # Does g.\ng = function() {\n}\n\nprint(f(1))",
    );
}

#[test]
fn sources_remember_the_directory() {
    let script = parsed("source(\"a.dml\") as a\nsetwd('d')\nsource('b.dml') as b; source('c.dml') as c");
    let seen: Vec<_> = script.sources.iter().map(|s| (s.path.as_str(), s.directory.as_deref())).collect();
    assert_eq!(seen, [("a.dml", None), ("b.dml", Some("d")), ("c.dml", Some("d"))]);
    assert_eq!(shape(&parsed(&print(&script))), shape(&script));
}

#[test]
fn spans_cover_what_they_stand_for() {
    let text = "if (a\n > 1) { x = (b + c) * -d }";
    let script = parsed(text);
    let at = |span: tilewright_base::Span| &text[span.start as usize..span.end as usize];
    assert_eq!(at(script.body[0].span), "if (a\n > 1)");
    let StmtKind::If { then, .. } = &script.body[0].kind else { panic!("an if") };
    assert_eq!(at(then[0].span), "x = (b + c) * -d");
    let StmtKind::Assign { value, .. } = &then[0].kind else { panic!("an assignment") };
    let ExprKind::Binary(_, left, right) = &value.kind else { panic!("a product") };
    assert_eq!((at(value.span), at(left.span), at(right.span)), ("(b + c) * -d", "(b + c)", "-d"));
}

#[test]
fn comments_are_kept_with_their_places() {
    let text = "# one\nx = 1 /* two\n*/ # three";
    let comments: Vec<_> = parsed(text).comments.into_iter().map(|c| (c.text, c.span.start)).collect();
    assert_eq!(comments, [("# one".into(), 0), ("/* two\n*/".into(), 12), ("# three".into(), 22)]);
}

#[test]
fn external_functions_are_left_out_with_a_warning() {
    let text =
        "f = externalFunction(Integer n) return (Double x) implemented in (classname=\"C\", a=1)\ny = 1";
    let (script, diagnostics) = tilewright_syntax::parse(tilewright_base::FileId(0), text);
    assert_eq!((script.functions.len(), script.body.len()), (0, 1));
    assert_eq!(diagnostics[0].severity, tilewright_base::Severity::Warning);
}
