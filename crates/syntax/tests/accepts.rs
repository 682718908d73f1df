//! Scripts that are DML, by the canonical form of their tree.

mod common;

use common::{parsed, shape};
use tilewright_syntax::ast::{Expr, ExprKind, Extent, IndexRange, Infix, Kind, StmtKind};
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
    keeps("y = order(target=X, index.return=TRUE) + pt(x, lower.tail=FALSE)");
    keeps("continue = 1\nbreak = continue\nand = or + not");
    keeps("NA = 1\nx = NA");
}

#[test]
fn statements() {
    keeps("X[i, j] = 1\nX[a:b, ] += 2\nX[, 1:n] = y\nX[3] = Y[1:2]\nx += 1");
    keeps("x = ifdef($n, \"a\" + 1)\nx[1, 1] = ifdef($1, -1)");
    keeps("[w, L[, i]] = f(1, a=2)\nf()\nns::g(X[1, ][2], [1, 2])");
    keeps("x = (A %*% B)[3, 7] + f(X)[1, ]");
    check("x[ [1][1] + 2, ] = y[ [1]]", "x[[1][1] + 2, ] = y[ [1]]");
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
fn assignments_update() {
    keeps("x += 1\nx -= 1\nX[1, ] *= 2\nX[, 1:2] /= y - 1\nX[1] -= -1");
    let script = parsed("x -= 1; x <- 2");
    let updates: Vec<_> = script.body.iter().map(|statement| &statement.kind).collect();
    assert!(matches!(updates[0], StmtKind::Assign { update: Some(Infix::Subtract), .. }));
    assert!(matches!(updates[1], StmtKind::Assign { update: None, .. }));
}

#[test]
fn jumps() {
    check(
        "while (a) { if (b) break else continue; x = 1 break y = 2 }",
        "while (a) {\n  if (b) {\n    break\n  } else {\n    continue\n  }\n  x = 1\n  break\n  y = 2\n}",
    );
    check(
        "for (i in 1:2) if (a) break\n[x, y] = f(1)",
        "for (i in 1:2) {\n  if (a) {\n    break\n  }\n}\n[x, y] = f(1)",
    );
    keeps("parfor (i in 1:2) {\n  continue\n  while (a) {\n    break\n  }\n}");
    check(
        "f = function(a) return (b, c) { if (a) return (a + 1, c = 2) return() while (a) return\n(b) }",
        "f = function(Unknown a) return (Unknown b, Unknown c) {\n  if (a) {\n    return(a + 1, c=2)\n  }\n  \
         return()\n  while (a) {\n    return(b)\n  }\n}",
    );
    let script = parsed("f = function() { return(1, 2) }\nwhile (a) { break; continue }");
    assert!(matches!(&script.functions[0].body[0].kind, StmtKind::Return(args) if args.len() == 2));
    let StmtKind::While { body, .. } = &script.body[0].kind else { panic!("a loop") };
    assert_eq!((&body[0].kind, &body[1].kind), (&StmtKind::Break, &StmtKind::Continue));
}

#[test]
fn the_words_of_jumps_stay_names() {
    keeps("continue = TRUE\nwhile (continue) {\n  continue = FALSE\n}");
    keeps("break = 1\nbreak += 2\nbreak[1, ] = 3\nx = break + continue * return");
    keeps("return = 1\nreturn[1] = 2\nprint(return)");
    keeps("while (a) {\n  break(1)\n  continue = continue(2)\n}");
    let text = "break = function() {\n}\n\nreturn = function(a) {\n}\n\nbreak()\nreturn(1)\nx = return(2)";
    let script = parsed(text);
    assert_eq!(script.functions.len(), 2);
    assert!(matches!(script.body[1].kind, StmtKind::Call(_)));
}

#[test]
fn indices_may_be_open_and_lists() {
    keeps("y = X[2:, ] + X[:3, ] + X[, 2:] + X[, :n + 1] + X[:, 1] + X[:] + X[2:, :3]");
    keeps("X[2:, 1] = 3\nX[:, :2] += 1");
    let index = |text: &str| match parsed(&format!("y = X[{text}]")).body.remove(0).kind {
        StmtKind::Assign { value: Expr { kind: ExprKind::Index(_, mut ranges), .. }, .. } => ranges.remove(0),
        other => panic!("no index: {other:?}"),
    };
    assert!(matches!(index("2:"), IndexRange::Range(Some(_), None)));
    assert!(matches!(index(":2, 1"), IndexRange::Range(None, Some(_))));
    assert!(matches!(index(":"), IndexRange::Range(None, None)));
    assert!(matches!(index(", 1"), IndexRange::All));
    for list in ["[1, 3]", "[1, 3], ", "[i], ", " [i]", "[i][1]", "[i] + 1", "[[1, 3]][1]", "\n[i]"] {
        let range = index(list);
        let IndexRange::One(Expr { kind, .. }) = &range else { panic!("{list}: {range:?}") };
        assert!(!matches!(kind, ExprKind::Variable(_)), "{list}: {range:?}");
    }
}

#[test]
fn double_brackets_take_an_element() {
    keeps("y = L[[i]] + L[[\"name\"]] + L[[a[b]]] + L[[[1, 2][1]]] + L[[M[[1]]]] + L[[i]][[2]][3, ]");
    check("y = L[[ i ]] + L [[i] ] + L[[(i)]]", "y = L[[i]] + L[[i]] + L[[i]]");
    keeps("y = X[ [i]] + X[[i], ] + X[[1, 3]] + X[ []] + X[ [[1]]] + L[[[1]]]");
    keeps("L[[i]] = 1\nL[[\"a\"]] += 2\nL[ [i]] = 3\nL[[1, 2]] = 4\n[a, L[[1]], b] = f()");
    let first = |text: &str| match parsed(&format!("y = {text}")).body.remove(0).kind {
        StmtKind::Assign { value, .. } => value.kind,
        other => panic!("no assignment: {other:?}"),
    };
    assert!(matches!(first("L[[i]]"), ExprKind::Element(..)));
    assert!(matches!(first("L[ [i]]"), ExprKind::Index(..)));
    assert!(matches!(first("L[[i, j]]"), ExprKind::Index(..)));
    assert!(matches!(first("[[i]]"), ExprKind::List(_)));
    let script = parsed("L[[i]] = 1");
    let StmtKind::Assign { target, .. } = &script.body[0].kind else { panic!("an assignment") };
    assert!(target.is_element && matches!(target.indices[..], [IndexRange::One(_)]));
}

#[test]
fn any_expression_can_be_indexed() {
    keeps("y = (X %*% Y)[3, 7] + f(X)[1, ] + L[1][2] + L[[1]][2, 3] + (-x)[1] + f(X)[[2]] + $a[1]");
    check("y = (X)[1, ]", "y = X[1, ]");
}

#[test]
fn shapes_are_declared() {
    check(
        "f = function(Matrix[Double] X[n,m], y [n, 1] = 0, Frame[String] F [_, 3]) return (Matrix[Double] Z [n,n]) { }",
        "f = function(Matrix[Double] X [n, m], Unknown y [n, 1] = 0, Frame[Unknown] F [_, 3]) \
         return (Matrix[Double] Z [n, n]) {\n}",
    );
    let script = parsed("f = function(matrix X [n, 3], matrix Y [_, n], matrix Z) { }");
    let params = &script.functions[0].params;
    assert!(matches!(&params[0].shape[..], [Extent::Name(n), Extent::Known(3, _)] if n.text == "n"));
    assert!(matches!(&params[1].shape[..], [Extent::Any(_), Extent::Name(_)]));
    assert_eq!(params[2].shape, []);
    assert_eq!(params[0].shape[1].span().start, 26);
}

#[test]
fn types_are_lenient() {
    let kinds = |text: &str| -> Vec<Kind> {
        let script = parsed(&format!("f = function() return ({text}) {{ }}"));
        script.functions[0].results.iter().map(|param| param.kind).collect()
    };
    let text = "Int a, int b, Integer c, scalar[int] d, Scalar[Integer] e, INTEGER f";
    assert_eq!(kinds(text), [Kind::Integer; 6]);
    assert_eq!(kinds("double a, Double b, scalar[double] c"), [Kind::Double; 3]);
    assert_eq!(kinds("matrix[double] a, Matrix[Double] b, matrix c, Matrix[Integer] d"), [Kind::Matrix; 4]);
    assert_eq!(kinds("str a, String b, string c, scalar[str] d"), [Kind::String; 4]);
    assert_eq!(kinds("bool a, Boolean b, boolean c, scalar[bool] d"), [Kind::Boolean; 4]);
    assert_eq!(kinds("list[unknown] a, List[Unknown] b, List[String] c, list d"), [Kind::List; 4]);
    assert_eq!(kinds("frame[string] a, Frame[Unknown] b"), [Kind::Frame; 2]);
    assert_eq!(kinds("Unknown a, b"), [Kind::Unknown; 2]);
}

#[test]
fn semicolons_stand_anywhere() {
    let text = ";; x = 1;; ; if (a) { ; y = 2; ; }; ; else { ; } ;f = function() { ; z = 1; } ; \
                source('p') as p; setwd('d');;";
    let script = parsed(text);
    assert_eq!((script.body.len(), script.functions.len(), script.sources.len()), (2, 1, 1));
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
