//! What is written with signs of its own, or stands outside of expressions.

/// A form: name, how it is written, what it means.
pub struct Form {
    /// Its name.
    pub name: &'static str,
    /// How it is written.
    pub written: &'static str,
    /// What it means.
    pub doc: &'static str,
}

const fn form(name: &'static str, written: &'static str, doc: &'static str) -> Form {
    Form { name, written, doc }
}

/// All forms.
pub const FORMS: &[Form] = &[
    form("%*%", "A %*% B", "The matrix product."),
    form(
        "[",
        "X[rows, columns]",
        "A part of a matrix, frame or list, by position, range, vector of positions or truth values; each may be left \
         out: `X[2:5, ]`, `X[X[, 1] > 0, ]`. Also on the left of `=`.",
    ),
    form(
        "[[",
        "L[[i]]",
        "An element of a list itself, by position or name; a cell of a vector. Also on the left of `=`.",
    ),
    form(
        "&&",
        "a && b",
        "True when both scalars are; the second one is evaluated only if the first one is true.",
    ),
    form(
        "||",
        "a || b",
        "True when one of both scalars is; the second one is evaluated only if the first one is not.",
    ),
    form("break", "break", "Ends the loop around it."),
    form("continue", "continue", "Goes on with the next iteration of the loop around it."),
    form(
        "return",
        "return(a, b)",
        "Assigns the results of the function, in order or by name, and leaves it.",
    ),
    form("exists", "exists(x)", "Whether a variable has a value here; its name may be given as a text."),
    form("readMM", "readMM(path)", "As `read` of a Matrix Market file."),
    form("read.csv", "read.csv(path, header=..., sep=...)", "As `read` of a CSV file."),
    form("ifdef", "x = ifdef($name, default)", "An argument of the script, or a default if it is not given."),
    form(
        "source",
        "source(\"path\") as name",
        "The functions of another file, called as `name::function(...)`.",
    ),
    form("setwd", "setwd(\"path\")", "The folder in which `source` looks for files."),
];
