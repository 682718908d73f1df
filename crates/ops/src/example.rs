//! Calls with what they print, for help on functions whose arguments need to be seen. A test runs every one of them.

/// An example of one function.
pub struct Example {
    /// The name of the function.
    pub name: &'static str,
    /// An expression or a statement.
    pub input: &'static str,
    /// What it prints, lines without trailing blanks.
    pub output: &'static str,
}

const fn example(name: &'static str, input: &'static str, output: &'static str) -> Example {
    Example { name, input, output }
}

/// All examples.
pub const EXAMPLES: &[Example] = &[
    example("matrix", "matrix(\"1 2 3 4\", rows=2, cols=2)", "1.000 2.000\n3.000 4.000"),
    example("seq", "t(seq(1, 10, 3))", "1.000 4.000 7.000 10.000"),
    example("rev", "t(rev(seq(1, 3)))", "3.000 2.000 1.000"),
    example("diag", "diag(seq(1, 2))", "1.000 0.000\n0.000 2.000"),
    example("ifelse", "t(ifelse(seq(1, 4) > 2, 1, -1))", "-1.000 -1.000 1.000 1.000"),
    example("order", "t(order(target=matrix(\"30 10 20\", 3, 1), index.return=TRUE))", "2.000 3.000 1.000"),
    example(
        "table",
        "table(matrix(\"1 2 2 3\", 4, 1), matrix(\"1 1 1 2\", 4, 1))",
        "1.000 0.000\n2.000 0.000\n0.000 1.000",
    ),
    example(
        "aggregate",
        "aggregate(target=matrix(\"1 2 3 4\", 4, 1), groups=matrix(\"1 1 2 2\", 4, 1), fn=\"sum\")",
        "3.000\n7.000",
    ),
    example(
        "removeEmpty",
        "removeEmpty(target=matrix(\"1 0 0 0 0 2\", 3, 2), margin=\"rows\")",
        "1.000 0.000\n0.000 2.000",
    ),
    example("replace", "t(replace(target=seq(1, 3), pattern=2, replacement=9))", "1.000 9.000 3.000"),
    example("quantile", "quantile(seq(1, 100), 0.5)", "50.5"),
    example("outer", "outer(seq(1, 2), t(seq(1, 3)), \"*\")", "1.000 2.000 3.000\n2.000 4.000 6.000"),
    example("solve", "t(solve(matrix(\"2 0 0 4\", 2, 2), matrix(\"2 4\", 2, 1)))", "1.000 1.000"),
    example("cumsum", "t(cumsum(seq(1, 4)))", "1.000 3.000 6.000 10.000"),
    example("rowSums", "t(rowSums(matrix(\"1 2 3 4\", 2, 2)))", "3.000 7.000"),
    example("rowIndexMax", "rowIndexMax(matrix(\"3 9 4\", 1, 3))", "2.000"),
    example("cbind", "cbind(seq(1, 2), seq(3, 4))", "1.000 3.000\n2.000 4.000"),
    example("toString", "toString(matrix(\"1 2\", 1, 2), decimal=1, sep=\", \")", "1.0, 2.0"),
    example("print", "print(\"%d rows, mean %5.2f\", 3, 1.5)", "3 rows, mean  1.50"),
    example("cdf", "cdf(target=0, dist=\"normal\")", "0.5"),
    example("moment", "moment(seq(1, 5), 2)", "2.0"),
    example("%*%", "matrix(\"1 2\", 1, 2) %*% matrix(\"3 4\", 2, 1)", "11.000"),
    example("[", "seq(1, 9)[2:3, ]", "2.000\n3.000"),
];

/// The example of a function.
pub fn find(name: &str) -> Option<&'static Example> {
    EXAMPLES.iter().find(|example| example.name == name)
}
