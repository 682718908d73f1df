//! Formatting keeps the meaning and all comments, and formatting again changes nothing.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tilewright_base::FileId;
use tilewright_syntax::format::{format, is_same};

/// The formatted text; checks what holds for every text.
#[track_caller]
fn formatted(text: &str) -> String {
    let once = format(FileId(0), text).unwrap_or_else(|errors| panic!("{errors:?} in\n{text}"));
    assert!(is_same(text, &once), "from\n{text}\nto\n{once}");
    assert_eq!(format(FileId(0), &once).expect("no errors"), once, "formatted twice, from\n{text}");
    assert!(
        !once.lines().any(|line| line.ends_with([' ', '\t', '\r'])),
        "space at the end of a line\n{once}"
    );
    once
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(formatted(text).trim_end_matches('\n'), expected, "from\n{text}");
}

#[track_caller]
fn keeps(text: &str) {
    check(text, text);
}

#[test]
fn spaces_stand_around_operators() {
    check("x=a+b*-c", "x = a + b * -c");
    check("x = - 2 ^ - 3", "x = -2^-3");
    check("x=!a&b|! ( c==d )", "x = !a & b | !(c == d)");
    check("x=a%*%b%/%c%%d", "x = a %*% b %/% c %% d");
    check("y = X [ 1 , ] + X[,2]+X[ 1 : n,i+1:j ]", "y = X[1, ] + X[, 2] + X[1:n, i + 1:j]");
    check("x = a< -b", "x = a < -b");
    check("x <- f( )", "x = f()");
    check("x+=1\nX[1 ,2]+= 3", "x += 1\nX[1, 2] += 3");
    check("[a,b]=f (x,k=3,l = [1,[2]])", "[a, b] = f(x, k = 3, l = [1, [2]])");
    check("x=y[ [1] ]", "x = y[ [1]]");
    check("for(i in-1:3)x=i", "for (i in -1:3) {\n  x = i\n}");
    check("x=ifdef( $n,- 1)", "x = ifdef($n, -1)");
}

#[test]
fn brackets_of_indices_elements_and_shapes() {
    check("y=X[ 2 :,]+X[:3 , ]+X[1 ,:n]+X[ : ,1]", "y = X[2:, ] + X[:3, ] + X[1, :n] + X[:, 1]");
    check("y=L[[ i ] ]+L [[i]] [1 ,]", "y = L[[i]] + L[[i]][1, ]");
    check("y=X[ [ i ] ]+X[ [1,3] ,]+X[[ 1,3 ]]", "y = X[ [i]] + X[[1, 3], ] + X[[1, 3]]");
    check("L[[i]]-=1;x*=2;x /=-2", "L[[i]] -= 1\nx *= 2\nx /= -2");
    check(
        "f=function(Matrix[Double]X[n,m],matrix Y [ _ ,1 ]=Z[1,2])return(matrix[double] Z[n , n]){return ( X )}",
        "f = function(Matrix[Double] X [n, m], matrix Y [_, 1] = Z[1, 2]) return (matrix[double] Z [n, n]) {\n  \
         return(X)\n}",
    );
    check(
        "while(a){if(b)break # c\nelse continue;# d\n}",
        "while (a) {\n  if (b) {\n    break  # c\n  } else {\n    continue  # d\n  }\n}",
    );
    check(
        "f = function() { # a\nreturn # b\n( x # c\n) }",
        "f = function() {  # a\n  # b\n  # c\n  return(x)\n}",
    );
}

#[test]
fn spelling_is_kept() {
    keeps("x = 1e-7 + 1. + .5 + 1E3 + 00012");
    keeps("x = 'it\"s' + \"\\t\" + 'a\\'b'");
    keeps("x = \"two\n  lines\"");
    keeps("x = ((a + (b)) * c)");
    keeps(
        "f = function(matrix[double] X, s, Scalar[int] n = 3, Frame[String] F) return (double y) {\n  y = 1\n}",
    );
    keeps(
        "f = externalFunction(Integer n) return (Double x) implemented in (classname = \"C\", a = 1)\ny = 1",
    );
}

#[test]
fn blocks_have_braces() {
    check(
        "if(a)x=1 else if(b){y=2} else z=3",
        "if (a) {\n  x = 1\n} else if (b) {\n  y = 2\n} else {\n  z = 3\n}",
    );
    check("if (a) x = 1;; else y = 2;", "if (a) {\n  x = 1\n} else {\n  y = 2\n}");
    check(
        "if (a) if (b) x = 1 else y = 2 else while(c) z = 3",
        "if (a) {\n  if (b) {\n    x = 1\n  } else {\n    y = 2\n  }\n} else {\n  while (c) {\n    z = 3\n  }\n}",
    );
    check("if (a) {if (b) x = 1} else {y = 2}", "if (a) {\n  if (b) {\n    x = 1\n  }\n} else {\n  y = 2\n}");
    check("if (a) { } else { if (b) { } }", "if (a) {\n} else {\n  if (b) {\n  }\n}");
    check("parfor(i in 1:n,check=0)X[i,]=i", "parfor (i in 1:n, check = 0) {\n  X[i, ] = i\n}");
    check("f=function ( ) {};print(1);;", "f = function() {\n}\nprint(1)");
    check("f = function(a)\n  return(b)\n{\n\n  b = a\n\n}", "f = function(a) return (b) {\n  b = a\n}");
}

#[test]
fn statements_have_lines_and_keep_their_order() {
    check("x = 1 y = 2; z = 3", "x = 1\ny = 2\nz = 3");
    check("x = a\n[b, c] = f(x)", "x = a\n[b, c] = f(x)");
    check("x = 1 +\n  2\ny = a\n(b)", "x = 1 + 2\ny = a(b)");
    check("\n\nx = 1\n\n\n\ny = 2\nz = 3\n\n\n", "x = 1\n\ny = 2\nz = 3");
    check("x = 1;\n\n;y = 2", "x = 1\n\ny = 2");
    check(
        "x = 1 setwd ( 'd' ) source('a')as a f = function() { } y = 1 source('b') as b",
        "x = 1\nsetwd('d')\nsource('a') as a\nf = function() {\n}\ny = 1\nsource('b') as b",
    );
    check("\u{feff}x = 1\r\n\r\ny = 2\r\n", "x = 1\n\ny = 2");
    check("", "");
    check(" \n\n ", "");
}

#[test]
fn comments_stay_where_they_belong() {
    check("# a\n\n\n# b\n  # c\nx = 1   # d\n\n# e", "# a\n\n# b\n# c\nx = 1  # d\n\n# e");
    check(
        "if (a) { # b\n# c\nx = 1; # d\n\n# e\n} # f\n# g",
        "if (a) {  # b\n  # c\n  x = 1  # d\n\n  # e\n}  # f\n# g",
    );
    check(
        "x = f(a, # one\n  # two\n  b /* three */) # four",
        "# one\n# two\n/* three */\nx = f(a, b)  # four",
    );
    check("y = 1\n\nx = /* a */ 1 /* b */", "y = 1\n\n/* a */\nx = 1  /* b */");
    check("if (a # b\n) x = 1", "# b\nif (a) {\n  x = 1\n}");
    check(
        "if (a) # b\n  x = 1 # c\nelse # d\n  y = 2 # e\n# f",
        "if (a) {  # b\n  x = 1  # c\n} else {  # d\n  y = 2  # e\n}\n# f",
    );
    check(
        "if (a) { x = 1 }\n# b\nelse { # c\ny = 2 }",
        "if (a) {\n  x = 1\n} else {\n  # b\n  # c\n  y = 2\n}",
    );
    check(
        "if (a) { x = 1 } # b\nelse /* c */ if (d # e\n) # f\n{ y = 2 }",
        "if (a) {\n  x = 1\n} else if (d) {\n  # b\n  /* c */\n  # e\n  # f\n  y = 2\n}",
    );
    check("f = function() # a\n  # b\n{ # c\n}", "f = function() {  # a\n  # b\n  # c\n}");
    check("while (a) {\n# b\n\n}", "while (a) {\n  # b\n}");
    check("x = 1; /* a */ y = 2 /* b */ # c", "x = 1  /* a */\ny = 2  /* b */  # c");
    check("/* a */ /* b */ x = 1", "/* a */\n/* b */\nx = 1");
    check("#a\r\nx = 1 #b\t \r\n", "#a\nx = 1  #b");
    keeps("#-----\n#- Adds.\n#\n#   k    first\n#   eps  second\n#-----\nf = function() {\n}");
}

#[test]
fn comments_of_several_lines_move_as_one() {
    check(
        "if (a) {\n/* b\n *  c\n\n    d  \n */\nx = 1 }",
        "if (a) {\n  /* b\n   *  c\n\n      d\n   */\n  x = 1\n}",
    );
    check("    /* a\n     * b\n c */\nx = 1", "/* a\n * b\nc */\nx = 1");
    check("x = 1 /* two\n*/ # three", "x = 1  /* two\n*/  # three");
    check("x = f(a, /* b\n   c */ d)", "/* b\n   c */\nx = f(a, d)");
}

#[test]
fn long_lines_are_broken_where_it_reads_best() {
    let names = |count: usize| vec!["argument_name"; count].join(", ");
    check(&format!("x = f({})", names(7)), &format!("x = f({},\n  argument_name)", names(6)));
    check(
        &format!("x = g({}) + h({}) * 2", names(3), names(3)),
        &format!("x = g({}) +\n  h({}) * 2", names(3), names(3)),
    );
    check(
        &format!(
            "if (a) {{ if (g({}) & first == second | the_third_condition(x) == h(a, b)) y = 1 }}",
            names(3)
        ),
        &format!(
            "if (a) {{\n  if (g({}) & first == second |\n      the_third_condition(x) == h(a, b)) {{\n    y = 1\n  }}\n}}",
            names(3)
        ),
    );
    let params = |from: usize, to: usize| {
        (from..to).map(|k| format!("argument_nam{k}")).collect::<Vec<_>>().join(", ")
    };
    check(
        &format!("f = function({}) return (Matrix[Double] result) {{ }}", params(0, 5)),
        &format!("f = function({})\n    return (Matrix[Double] result) {{\n}}", params(0, 5)),
    );
    check(
        &format!("f = function({}) return (Matrix[Double] result) {{ }}", params(0, 8)),
        &format!(
            "f = function({},\n    {})\n    return (Matrix[Double] result) {{\n}}",
            params(0, 5),
            params(5, 8)
        ),
    );
    keeps(&format!("print(\"{}\")", "long ".repeat(30)));
    check(
        &format!("print(\"{}\"+x)", "long ".repeat(30)),
        &format!("print(\"{}\" +\n  x)", "long ".repeat(30)),
    );
}

#[test]
fn a_line_is_at_most_a_hundred_columns() {
    for length in 60..88 {
        let name = "x".repeat(length);
        for text in
            [format!("{name} = f(a, b)"), format!("if ({name}) y = 1"), format!("while(f({name},b,c)){{}}")]
        {
            let lines = formatted(&text);
            let longest = lines.lines().map(|line| line.chars().count()).max();
            assert!(longest <= Some(100), "{lines}");
        }
    }
}

#[test]
fn text_with_errors_is_refused() {
    let errors = format(FileId(0), "x = 1\ny = = 2").expect_err("an error");
    assert_eq!(errors[0].message, "expected an expression, found `=`");
    assert!(!is_same("x = )", "x = )"));
}

#[test]
fn the_same_is_told_from_what_differs() {
    assert!(is_same("x=1 # a", "x = (1)  #  a"));
    assert!(!is_same("x = 1 # a", "x = 1"));
    assert!(!is_same("x = 1", "x = 2"));
    assert!(!is_same("x = 1; y = 2", "y = 2; x = 1"));
}

/// All scripts below a folder of the repository.
fn scripts(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            scripts(&path, found);
        } else if path.extension().is_some_and(|end| end == "dml") {
            found.push(path);
        }
    }
}

#[test]
fn scripts_of_the_repository_keep_their_meaning() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut paths = Vec::new();
    for folder in ["lib", "examples", "tests/suite"] {
        scripts(&root.join(folder), &mut paths);
    }
    assert!(paths.len() > 40, "{} scripts", paths.len());
    let mut seen = 0;
    for path in paths {
        let text = fs::read_to_string(&path).expect("a script");
        // Sections of test files are scripts of their own; elsewhere there is one.
        let sections = text.split("\n--- ").flat_map(|part| part.split("---- versus ----"));
        let bodies = sections.map(|part| part.split_once(" ---\n").map_or(part, |(_, body)| body));
        for body in bodies.filter(|body| is_same(body, body)) {
            assert_eq!(docs(body), docs(&formatted(body)), "documentation in {}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 300, "{seen} scripts and sections");
}

fn docs(text: &str) -> Vec<String> {
    let (script, _) = tilewright_syntax::parse(FileId(0), text);
    script.functions.into_iter().map(|function| function.doc).collect()
}

/// White space and comments between two tokens.
fn gap() -> impl Strategy<Value = &'static str> {
    let gaps = [
        " ",
        " ",
        "\n",
        "\n\n\n",
        "\r\n",
        "\t",
        " # c\n",
        "\n# d\n",
        " /* e */ ",
        "\n  /* f\n  g */\n",
        " /* h */ # i\n",
    ];
    prop::sample::select(gaps.to_vec())
}

/// A simple statement, in pieces between which there may be anything.
fn simple() -> impl Strategy<Value = String> {
    let pieces: [&[&str]; 9] = [
        &["while", "(", "a", ")", "break"],
        &["for", "(", "i", "in", "x", ")", "if", "(", "b", ")", "continue", ";"],
        &["L", "[[", "i", "]", "]", "*=", "X", "[", "[", "j", "]", "]"],
        &["y", "=", "X", "[", "2", ":", ",", ":", "n", "]"],
        &["x", "=", "-1e-7", "+", "(", "y", ")"],
        &["f", "(", "a", ",", "k", "=", "'b'", ")"],
        &["[", "a", ",", "b", "]", "=", "f", "(", ")"],
        &["X", "[", "1", ":", "n", ",", "]", "<-", "!", "a"],
        &["source", "(", "\"p\"", ")", "as", "name"],
    ];
    (prop::sample::select(pieces.to_vec()), proptest::collection::vec(gap(), 12)).prop_map(
        |(pieces, gaps)| pieces.iter().zip(gaps).map(|(piece, gap)| format!("{piece}{gap}")).collect(),
    )
}

/// Statements, with blocks in blocks.
fn statement() -> impl Strategy<Value = String> {
    simple().prop_recursive(3, 12, 3, |inner| {
        let statements = proptest::collection::vec(inner.clone(), 0..3).prop_map(|all| all.join("; "));
        let block =
            (gap(), statements, gap()).prop_map(|(open, all, close)| format!("{{{open}{all}{close}}}"));
        let body = prop_oneof![block, inner].boxed();
        let head = prop::sample::select(vec!["while (a)", "for (i in 1:n)", "if (a)", "if (a & # j\n b)"]);
        let plain = (head, gap(), body.clone()).prop_map(|(head, gap, body)| format!("{head}{gap}{body}"));
        let branch = (gap(), gap(), body.clone(), gap(), gap(), body)
            .prop_map(|(a, b, then, c, d, otherwise)| format!("if{a}(a){b}{then}{c}else{d}{otherwise}"));
        prop_oneof![plain, branch]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn statements_and_comments_survive(statements in proptest::collection::vec((statement(), gap()), 0..5)) {
        let text: String = statements.iter().map(|(statement, gap)| format!("{statement}{gap}")).collect();
        formatted(&text);
    }
}
