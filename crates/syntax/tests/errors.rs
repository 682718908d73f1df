//! What is said about text that is not DML, and where.

mod common;

use common::placed;
use tilewright_base::FileId;
use tilewright_syntax::parse;

/// Checks all errors of a text, each as `line:column message`.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let (_, diagnostics) = parse(FileId(0), text);
    let found: Vec<String> = diagnostics.iter().map(|diagnostic| placed(text, diagnostic)).collect();
    assert_eq!(found, expected, "in\n{text}");
}

/// Checks the only error of a text and its hint.
#[track_caller]
fn hints(text: &str, message: &str, hint: &str) {
    check(text, &[message]);
    let (_, diagnostics) = parse(FileId(0), text);
    let all = diagnostics[0].hints.join("; ");
    assert!(all.contains(hint), "`{hint}` is not in `{all}` for\n{text}");
}

#[test]
fn many_errors_are_reported_at_once() {
    let text = "x = = 1\ny = sum(1, }\nz = 3\nif (z > ) { a = ) }\nf = function(x { y = * 2 }\nprint(z";
    check(
        text,
        &[
            "1:5 expected an expression, found `=`",
            "2:12 expected an expression, found `}`",
            "4:9 expected an expression, found `)`",
            "4:17 expected an expression, found `)`",
            "5:16 expected `)` to close the parameters, found `{`",
            "5:22 expected an expression, found `*`",
            "6:8 expected `)` to close the call of `print`, found the end of the file",
        ],
    );
}

#[test]
fn the_good_statements_are_kept() {
    let (script, diagnostics) = parse(FileId(0), "a = 1\nb = sum(1\nc = 2\nwhile (a <) { d = 3 }\ne = 4");
    assert_eq!((script.body.len(), diagnostics.len()), (3, 2));
}

#[test]
fn brackets() {
    check("x = sum(a }", &["1:11 expected `)` to close the call of `sum`, found `}`"]);
    check("f(\n  a=1 2,\n  b=3)\nx = 1", &["2:7 expected `)` to close the call of `f`, found `2`"]);
    check("x = f(a, b;)\ny = 2", &["1:11 expected `)` to close the call of `f`, found `;`"]);
    check("x = (1 + 2\ny = 3", &["2:1 expected `)` to close the parenthesis, found `y`"]);
    check(
        "x = X[1, 2\ny = [1, 2",
        &[
            "2:1 expected `]` to close the index, found `y`",
            "2:10 expected `]` to close the list, found the end of the file",
        ],
    );
    check(
        "while (a) {\n x = 1\n",
        &["2:7 expected `}` to close the block of `while`, found the end of the file"],
    );
    hints("x = 1 }\ny = 2", "1:7 this `}` closes nothing", "remove it");
    let (_, diagnostics) = parse(FileId(0), "x = sum(a }");
    assert_eq!(diagnostics[0].labels[0].span.start, 7);
}

#[test]
fn a_wrong_name_is_reported_once_and_kept() {
    let message = "1:1 `x.y` is not a name: a name is a letter, then letters, digits and `_`";
    hints("x.y = 3\nz = x.y", message, "x_y");
    let (script, _) = parse(FileId(0), "x.y = 3");
    assert_eq!(script.body.len(), 1);
}

#[test]
fn wrong_words() {
    let not_a_name =
        |name: &str| format!("1:1 `{name}` is not a name: a name is a letter, then letters, digits and `_`");
    hints("_x = 3", &not_a_name("_x"), "call it `x`");
    hints("größe = 3", &not_a_name("größe"), "gr__e");
    hints("as.numeric(x)", &not_a_name("as.numeric"), "as.double(x)");
    hints("is.nana(x)", &not_a_name("is.nana"), "did you mean `is.nan`?");
    hints("x = 1L", "1:5 `1L` is not a number", "write `1`");
    hints("x = 2y", "1:5 `2y` is not a number", "2 * y");
    hints(
        "x = 92233720368547758070",
        "1:5 this integer is too large: the largest is 9223372036854775807",
        "9.223372036854776e19",
    );
    hints("x = a::b::f(1)", "1:5 `a::b::f` has more than one namespace", "source that file");
    hints("x = $", "1:5 `$` is not an argument", "$name");
    hints("x = a @ b", "1:7 `@` is not part of DML", "%*%");
    hints("in = 3", "1:1 expected a statement, found `in`", "reserved");
    hints(
        "x = ns::y",
        "1:10 expected `(`: `ns::y` is a function of a sourced file, and only functions are shared, found the end of the file",
        "",
    );
}

#[test]
fn strings_and_comments() {
    hints("x = \"abc\ny = 2\n", "1:5 this string has no end", "close it by `\"`");
    check(
        "print('abc)\ny = \"b\"\nz = )",
        &["1:7 this string has no end", "3:5 expected an expression, found `)`"],
    );
    check("x = \"a\\d\"", &["1:7 unknown escape `\\d` in a string"]);
    check("while (a) {\nx = 1 /* and so\non }", &["2:7 this comment has no end"]);
}

#[test]
fn slips_in_statements() {
    hints("x == 1", "1:1 the value of this expression is not used", "write `=`");
    hints("f(x) + 1", "1:1 the value of this expression is not used", "assign it");
    hints("print x", "1:7 expected `=` or `(` after `print`, found `x`", "print(...)");
    hints("x\ny = 1", "2:1 expected `=` or `(` after `x`, found `y`", "print(x)");
    hints("x = a b", "1:7 expected an operator or the end of the statement, found `b`", "`;`");
    hints("x = 2 (y)", "1:7 expected an operator or the end of the statement, found `(`", "`;`");
    hints("x = y$z", "1:6 expected an operator or the end of the statement, found `$z`", "L[\"z\"]");
    hints("x = y = 3", "1:7 an assignment has no value that could be assigned again", "==");
    hints("x = 1:3\ny = 1", "1:6 a range is no value", "seq(a, b)");
    hints("f(x) = 3", "1:1 only a variable or a part of one can be assigned", "function(x)");
    hints("1 -> x", "1:1 expected a statement, found `1`", "");
    hints("y -> x", "1:1 the value of this expression is not used", "name = value");
    hints("[a, b] = 3", "1:10 several variables take the results of a call", "[a, b] = f(x)");
    hints("x = ifdef($a, 1) + 2", "1:18 `ifdef` cannot be part of an expression", "own");
    hints("x = 1 + ifdef($a, 1)", "1:9 expected an expression, found `ifdef`", "stands alone");
    hints("source($p) as a", "1:8 expected the path of `source` as a constant string, found `$p`", "");
}

#[test]
fn slips_in_control_flow() {
    hints("for i in 1:3 { }", "1:5 expected `(` after `for`, found `i`", "for (i in 1:n)");
    hints("for (i = 1:3) { }", "1:8 expected `in` after the variable of `for`, found `=`", "for (i in 1:n)");
    hints("while x < 3 { y = 1 }", "1:7 expected `(` after `while`, found `x`", "while (condition)");
    hints("if (x = 1) { }", "1:7 expected `)` to close the condition of `if`, found `=`", "`==`");
    hints("if (x<-1) { }", "1:6 expected `)` to close the condition of `if`, found `<-`", "a < -b");
    hints("if (a) { }\nb = 1\nelse { c = 2 }", "3:1 this `else` belongs to no `if`", "directly behind");
    hints("if (a) { } elif (b) { }", "1:12 a block cannot follow this call", "else if");
    hints("x = if (a) 1 else 2", "1:5 expected an expression, found `if`", "ifelse");
    hints("{ x = 1 }", "1:1 this block belongs to nothing", "function's head");
    hints("repeat { x = 1 }", "1:8 expected `=` or `(` after `repeat`, found `{`", "while (TRUE)");
    check("if (a)", &["1:7 expected `{` or a statement for this `if`, found the end of the file"]);
}

#[test]
fn slips_in_expressions() {
    hints("x = a and b", "1:7 `and` is not an operator of DML", "`&`");
    hints("if (a or b) { }", "1:7 `or` is not an operator of DML", "`|`");
    hints("if (not a) { }", "1:5 `not` is not an operator of DML", "`!`");
    hints("x = a ** 2", "1:7 `**` is not an operator of DML", "`^`");
    hints("x = a %o% b", "1:7 `%o%` is not an operator of DML", "outer");
    hints("x = a % b", "1:7 `%` is not an operator of DML", "%%");
    hints("x = true", "1:5 `true` is not a value of DML", "`TRUE`");
    hints("x = NULL", "1:5 `NULL` is not a value of DML", "NaN");
    hints("y = X[1,2,3]", "1:10 an index has at most two parts: rows and columns", "X[rows, columns]");
    hints("y = X[1:5:2, ]", "1:10 a range has no third part", "seq");
    hints("y = X[1::2, ]", "1:9 expected an expression, found `:`", "range");
    hints("y = L[[]]", "1:8 expected an expression, found `]`", "");
    hints("y = L[[1:2]]", "1:9 expected `]` to close the element, found `:`", "seq(a, b)");
    hints("y = L[[1", "1:9 expected `]` to close the list, found the end of the file", "");
    hints("f(x)[1] = 2", "1:1 only a variable or a part of one can be assigned", "function(x)");
    hints("L[[1]][2] = 3", "1:1 only a variable or a part of one can be assigned", "assign it back");
    hints("_ = 3", "1:1 expected a statement, found `_`", "");
    hints("y = X[]", "1:7 expected an index, found `]`", "");
    hints("x = y -= 2", "1:7 an assignment has no value that could be assigned again", "one statement");
    hints("x -= ifdef($a, 1)", "1:6 expected an expression, found `ifdef`", "stands alone");
    hints("x = f(a -= 1)", "1:9 expected `)` to close the call of `f`, found `-=`", "of its own");
    hints(
        "x = sum(a b)",
        "1:11 expected `)` to close the call of `sum`, found `b`",
        "missing between `a` and `b`",
    );
    hints("x = sum(1:3)", "1:10 expected `)` to close the call of `sum`, found `:`", "seq(a, b)");
    hints("x = f(a <- 1)", "1:9 `<-` cannot name an argument", "name=value");
}

#[test]
fn slips_in_functions() {
    hints(
        "function f(x) { y = 1 }\nz = 1",
        "1:1 a function is defined by assigning it to a name",
        "f = function(x)",
    );
    hints(
        "f = function(x) return (y) y = x\nz = 1",
        "1:28 expected `{` to begin the body of `f`, found `y`",
        "",
    );
    hints("f = function(Matrx[Double] x) { }", "1:14 `Matrx` is not a type", "`matrix`");
    hints(
        "f = function(Double if) { }",
        "1:21 `if` is a reserved word and cannot name a parameter",
        "another",
    );
    hints("f = function() return (Double x = 1) { }", "1:35 a result has no default", "beginning");
    hints(
        "if (a) { f = function() { x = 1 } }",
        "1:10 the function `f` is defined inside of a block",
        "top level",
    );
    hints("x[1] = function(a) { }", "1:8 expected an expression, found `function`", "top level");
}

#[test]
fn slips_in_shapes() {
    let message = |at: usize| format!("1:{at} a shape has two extents: rows and columns");
    hints(
        "f = function(Matrix[Double] X [n]) { }",
        &message(31),
        "`[n, 1]` for a column, `[1, n]` for a row",
    );
    hints("f = function() return (Matrix[Double] X [n, m, k]) { }", &message(41), "[rows, columns]");
    hints("f = function(Double x [1, 1]) { }", "1:23 only a matrix or a frame has a shape", "leave");
    for (extent, at, found) in [("n + 1", 34, "+"), ("-1", 32, "-"), ("1.5", 32, "1.5"), ("nrow(Y)", 36, "(")]
    {
        let text = format!("f = function(Matrix[Double] X [{extent}, 1]) {{ }}");
        let message = format!("1:{at} expected a number, a name or `_` in a declared shape, found `{found}`");
        hints(&text, &message, "compute nothing");
    }
}

#[test]
fn slips_of_jumps() {
    hints("break", "1:1 `break` stands outside of a loop", "belong into the body");
    hints("if (a) continue", "1:8 `continue` stands outside of a loop", "belong into the body");
    hints("f = function() { break }", "1:18 `break` stands outside of a loop", "of its caller");
    hints(
        "parfor (i in 1:3) { if (i == 2) break }",
        "1:33 `break` cannot end a `parfor`: all iterations run",
        "`for`",
    );
    hints("return(x)", "1:1 `return` stands outside of a function", "stop(");
    hints("while (a) { next }", "1:18 expected `=` or `(` after `next`, found `}`", "write `continue`");
    hints("for (i in 1:3) { break 2 }", "1:24 expected `=` or `(` after `break`, found `2`", "stands alone");
    hints("f = function(x) { return x }", "1:26 expected `=` or `(` after `return`, found `x`", "return(x)");
    hints("f = function() { return }", "1:25 expected `=` or `(` after `return`, found `}`", "return()");
    hints("y = 1 + return(x)", "1:9 `return` is a statement of its own, it has no value", "line of its own");
    check("while (a { break }", &["1:10 expected `)` to close the condition of `while`, found `{`"]);
    check("repeat { break }", &["1:8 expected `=` or `(` after `repeat`, found `{`"]);
    check("function f(x) { return(x) }", &["1:1 a function is defined by assigning it to a name"]);
}

#[test]
fn more_than_a_hundred_errors_end_the_list() {
    let (_, diagnostics) = parse(FileId(0), &"x = )\n".repeat(1000));
    assert_eq!(diagnostics.len(), 101);
    assert!(diagnostics[100].message.contains("too many"));
}
