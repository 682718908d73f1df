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
        "A part of a matrix, by position or range; each may be left out: `X[2:5, ]`. Also on the left of `=`.",
    ),
    form("ifdef", "x = ifdef($name, default)", "An argument of the script, or a default if it is not given."),
    form(
        "source",
        "source(\"path\") as name",
        "The functions of another file, called as `name::function(...)`.",
    ),
    form("setwd", "setwd(\"path\")", "The folder in which `source` looks for files."),
];
