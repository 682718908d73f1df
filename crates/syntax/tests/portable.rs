//! What is said about syntax that the reference rejects.

mod common;

use common::{parsed, placed};
use tilewright_base::{Code, Severity};
use tilewright_syntax::portable::beyond;

/// Checks all warnings, each as `line:column` and what is not in the reference's DML.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let warnings = beyond(&parsed(text), &|name| name == "lm");
    let found: Vec<String> = warnings.iter().map(|warning| placed(text, warning)).collect();
    let whole: Vec<String> =
        expected.iter().map(|one| format!("{one} is not in the reference's DML")).collect();
    assert_eq!(found, whole, "in\n{text}");
    for warning in warnings {
        assert_eq!((warning.severity, warning.code), (Severity::Warning, Code::Lint), "{}", warning.message);
        assert!(!warning.hints.is_empty(), "no hint: {}", warning.message);
    }
}

#[test]
fn what_the_reference_has_is_not_reported() {
    check(
        "source('p') as p
         f = function(Matrix[Double] X, Integer n = 3) return (Double y) { y = sum(X[1:n, ]) * -n^2 }
         X = matrix(0, rows=3, cols=3)",
        &[],
    );
    check(
        "x = ifdef($x, 1)
         [a, L[1]] = p::f(x, [1, 2])
         X[1, ] += 2; X[, 2:3] = Y[2, ][1:2] & a | !b
         for (i in 1:3) { for (j in seq(1, 9, 2)) { print(i + j) } }
         parfor (i in 1:3, check=0) X[i, i] = as.scalar(L[i])
         while (FALSE) { continue = 3 }
         if (a == 1) { stop(toString(target=X, rows=2)) }",
        &["3:34 an index of anything but a variable"],
    );
}

#[test]
fn operators() {
    check("x = a && f(b || c)", &["1:5 `&&`", "1:12 `||`"]);
    check("x -= 1; x *= 2; X[1, ] /= 3; x += 4", &["1:1 `-=`", "1:9 `*=`", "1:17 `/=`"]);
}

#[test]
fn jumps() {
    check(
        "f = function(a) return (b) { return(a && b) }\nwhile (a) {\n  if (b) break\n  continue\n}",
        &["1:30 `return` as a statement", "1:37 `&&`", "3:10 `break`", "4:3 `continue`"],
    );
}

#[test]
fn indices() {
    check(
        "y = X[2:, ] + X[1, :n] + X[:, 1]",
        &["1:7 a range with an open end", "1:21 a range with an open end", "1:26 a range with an open end"],
    );
    check("X[2:, 1] = 3; X[:] = 1", &["1:3 a range with an open end", "1:15 a range with an open end"]);
    check("y = X[[1, 3], ]", &["1:7 an index by a list"]);
    check("y = L[[\"a\"]]; L[[2]] = y", &["1:5 `[[ ]]`", "1:15 `[[ ]]`"]);
    check(
        "y = (X %*% Y)[3, 7] + f(X)[1, ] + (X)[1]",
        &[
            "1:5 an index of anything but a variable",
            "1:23 an index of anything but a variable",
            "1:35 an index of anything but a variable",
        ],
    );
    check("y = L[[1]][2, 3]", &["1:5 an index of anything but a variable", "1:5 `[[ ]]`"]);
}

#[test]
fn loops_and_functions() {
    check(
        "for (x in X) print(x)\nparfor (i in X[1:3, ]) { }",
        &["1:11 a loop over the elements of a value", "2:14 a loop over the elements of a value"],
    );
    check(
        "f = function(matrix X [n, 2], Double y = a && b) return (matrix Z [_, _]) { }",
        &["1:1 a function without statements", "1:24 a declared shape", "1:42 `&&`", "1:68 a declared shape"],
    );
    check(
        "b = lm(X, y, reg=1, tol=2)\nb = lm(X=X, y=y)\nb = lm(X, y)\nb = p::lm(X, y=y) + f(1, k=2)",
        &["1:14 a call of `lm` with some arguments named and others not"],
    );
    check("lm = function(a, b) { c = 1 }\nlm(1, b=2)", &[]);
}

#[test]
fn columns_cannot_be_named_by_assignment() {
    check("F = as.frame(matrix(1, 2, 2)); colnames(F) = names", &["1:32 an assignment to `colnames`"]);
    check("F = as.frame(F, names)", &[]);
}
