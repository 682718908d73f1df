//! Statements that are written as calls: they read or write files, print, or stop the script.

use tilewright_base::{Outcome, bail};

use crate::function::{Literal, Param, Params, default, optional, required};

/// A statement that is written as a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Statement {
    /// `print(x)` or `print(format, ...)`
    Print,
    /// `stop(message)`
    Stop,
    /// `warning(message)`
    Warning,
    /// `assert(condition)`
    Assert,
    /// `write(X, path, ...)`
    Write,
    /// `read(path, ...)`, with a result
    Read,
    /// `eval(function, ...)`, with a result
    Eval,
    /// `evalList(function, ...)`, with a list as its result
    EvalList,
    /// The check of a declared shape: actual and expected extent, what is counted, how it is declared; not written as
    /// a call
    Conform,
}

const READ: &[Param] = &[
    required("path"),
    optional("format"),
    optional("data_type"),
    optional("value_type"),
    optional("rows"),
    optional("cols"),
    optional("nnz"),
    optional("header"),
    optional("sep"),
    optional("fill"),
    optional("default"),
    optional("naStrings"),
    optional("decimal"),
    optional("encoding"),
    optional("indSep"),
    optional("dataset"),
    optional("schema"),
];

const WRITE: &[Param] = &[
    required("x"),
    required("path"),
    optional("format"),
    default("header", Literal::Boolean(false)),
    optional("sep"),
    default("sparse", Literal::Boolean(false)),
    optional("indSep"),
    optional("dataset"),
    optional("description"),
    default("compress", Literal::Boolean(false)),
    default("append", Literal::Boolean(false)),
];

/// Checks an extent against the declared one.
///
/// # Errors
/// When they differ.
pub fn conform(actual: f64, expected: f64, what: &str, declared: &str) -> Outcome<()> {
    if actual == expected {
        return Ok(());
    }
    let is_number = declared.bytes().all(|byte| byte.is_ascii_digit());
    let declared = if is_number { declared.to_string() } else { format!("{declared} = {expected}") };
    bail!(Shape, "{what} is {actual}, it is declared as {declared}")
}

impl Statement {
    /// All statements that scripts can write.
    pub const ALL: [Statement; 8] = [
        Statement::Print,
        Statement::Stop,
        Statement::Warning,
        Statement::Assert,
        Statement::Write,
        Statement::Read,
        Statement::Eval,
        Statement::EvalList,
    ];

    /// The statement of a name.
    pub fn find(name: &str) -> Option<Statement> {
        Statement::ALL.into_iter().find(|statement| statement.name() == name)
    }

    /// The name in scripts.
    pub fn name(self) -> &'static str {
        match self {
            Statement::Print => "print",
            Statement::Stop => "stop",
            Statement::Warning => "warning",
            Statement::Assert => "assert",
            Statement::Write => "write",
            Statement::Read => "read",
            Statement::Eval => "eval",
            Statement::EvalList => "evalList",
            Statement::Conform => "conform",
        }
    }

    /// What it does.
    pub fn doc(self) -> &'static str {
        match self {
            Statement::Print => {
                "Prints a value on a line of its own; with more arguments the first is a format: `%d %5.2f %s`."
            }
            Statement::Stop => "Stops the script with a message and exit code 1.",
            Statement::Warning => "Warns with a message on standard error and goes on; `--quiet` hides it.",
            Statement::Assert => "Stops the script unless the condition holds.",
            Statement::Write => {
                "Writes a matrix, frame or scalar to a file (csv, jsonl, libsvm, mm, text) and its metadata beside it."
            }
            Statement::Read => {
                "Reads a matrix (or a frame or scalar: `data_type`) from a file, a folder of parts, or all files that a pattern matches; the format follows from the metadata beside it or the extension."
            }
            Statement::Eval => {
                "Calls a function of the script or the library by its name; the arguments may come in one list. Gives the \
                 first result, a number as a 1x1 matrix."
            }
            Statement::EvalList => "As `eval`, with the results in a list.",
            Statement::Conform => "Checks a declared shape.",
        }
    }

    /// Its parameters.
    pub fn params(self) -> Params {
        match self {
            Statement::Print | Statement::Conform => Params::Many("x"),
            Statement::Stop | Statement::Warning => Params::Named(const { &[required("message")] }),
            Statement::Assert => Params::Named(const { &[required("condition")] }),
            Statement::Write => Params::Named(WRITE),
            Statement::Read => Params::Named(READ),
            Statement::Eval | Statement::EvalList => Params::Pairs { leading: &["function"], rest: "x" },
        }
    }
}
