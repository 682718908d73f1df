//! From syntax tree to intermediate representation: names, calls, defaults, blocks.
//!
//! Lowering reads no files: texts of sourced files and of the script library come from [`Sources`]. It reports as
//! many errors as it can, one per statement.
//!
//! - [`modules`]: files and the functions they define
//! - [`function`]: statements of one function to blocks
//! - [`expression`]: expressions to nodes
//! - [`call`]: arguments to parameters; `entry`: the same for calls by a computed name
//! - `eval`: calls by name
//! - `alone`: statements that end the straight-line code around them
//! - [`input`]: what is typed in a session
//! - `declared`: casts to declared types
//! - `loops`, `jump`: loops and what leaves them; `short_circuit`: `&&` and `||`; `shape`: declared shapes
//! - [`parfor`]: whether iterations are independent

mod alone;
pub mod call;
mod declared;
mod entry;
mod eval;
pub mod expression;
pub mod function;
pub mod input;
mod jump;
mod loops;
pub mod modules;
pub mod parfor;
mod shape;
mod short_circuit;

use std::collections::BTreeMap;
use std::sync::Arc;

use tilewright_base::{Diagnostic, FileId, Outcome, SourceMap};
use tilewright_ir::Program;
use tilewright_syntax::ast::Script;
use tilewright_value::Scalar;

/// The arguments of a script: `$name` (and `$1`, `$2`, ...) to value.
pub type Arguments = BTreeMap<String, Scalar>;

/// Where texts come from.
pub trait Sources: Sync {
    /// The script that defines a library function: shown name and text.
    fn library(&self, name: &str) -> Option<(String, Arc<str>)>;

    /// The names of all library functions, for suggestions.
    fn library_names(&self) -> Vec<String>;

    /// The text of a sourced file: a path that identifies it, and its text.
    ///
    /// # Errors
    /// When there is no such file.
    fn load(&self, path: &str, directory: Option<&str>, from: &str) -> Outcome<(String, Arc<str>)>;
}

/// Lowers a parsed script with everything that it uses.
///
/// # Errors
/// All that is wrong with names, calls and blocks.
pub fn lower(
    map: &SourceMap,
    file: FileId,
    script: Script,
    sources: &dyn Sources,
    arguments: &Arguments,
) -> Result<(Program, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut modules = modules::Modules::new(map, sources, arguments);
    modules.lower_main(file, script);
    modules.finish()
}

/// Lowers one input of a session: its main function takes the session's variables as parameters, and its results are
/// all variables that have a value at its end. Expressions alone are printed.
///
/// # Errors
/// As [`lower`].
pub fn lower_input(
    map: &SourceMap,
    file: FileId,
    script: Script,
    sources: &dyn Sources,
    arguments: &Arguments,
    variables: &[String],
) -> Result<(Program, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut modules = modules::Modules::new(map, sources, arguments);
    modules.lower_input(file, script, variables);
    modules.finish()
}

/// Lowers a library function that a running script calls by name; the first scope of the program names it. None if
/// the library has no such function.
///
/// # Errors
/// All that is wrong with its script.
pub fn lower_library(
    map: &SourceMap,
    name: &str,
    sources: &dyn Sources,
    arguments: &Arguments,
) -> Result<Option<Program>, Vec<Diagnostic>> {
    if sources.library(name).is_none() {
        return Ok(None);
    }
    let mut modules = modules::Modules::new(map, sources, arguments);
    modules.lower_library(name);
    modules.finish().map(|(program, _)| Some(program))
}

/// The value of a script argument as written on the command line: a truth value, an integer, a double, or a string
/// (surrounding quotes are stripped).
pub fn argument_value(text: &str) -> Scalar {
    match text {
        "TRUE" => return Scalar::Boolean(true),
        "FALSE" => return Scalar::Boolean(false),
        _ => {}
    }
    if let Ok(integer) = text.parse() {
        return Scalar::Integer(integer);
    }
    if let (Ok(double), true) = (text.parse(), text.contains(|c: char| c.is_ascii_digit())) {
        return Scalar::Double(double);
    }
    let unquoted = ['"', '\''].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote));
    Scalar::string(unquoted.unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_become_the_narrowest_type() {
        assert_eq!(argument_value("TRUE"), Scalar::Boolean(true));
        assert_eq!(argument_value("42"), Scalar::Integer(42));
        assert_eq!(argument_value("1e-3"), Scalar::Double(1e-3));
        assert_eq!(argument_value("'a b'"), Scalar::string("a b"));
        assert_eq!(argument_value("infinity"), Scalar::string("infinity"));
    }
}
