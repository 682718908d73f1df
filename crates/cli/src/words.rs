//! The script and its arguments: what stands on the command line after the options.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::{fs, io};

use tilewright_base::{Outcome, bail, fault, nearest};
use tilewright_engine::{Arguments, argument_value};

/// Options of Apache SystemDS that people type out of habit.
const FOREIGN: &[&str] = &["-nvargs", "-args", "-f", "-exec"];

/// What to write instead, if one of the words is an option of Apache SystemDS.
pub fn foreign_option<'a>(words: impl IntoIterator<Item = &'a OsString>) -> Option<String> {
    let word = words.into_iter().find(|word| FOREIGN.iter().any(|foreign| word.as_os_str() == *foreign))?;
    let instead = match word.to_str() {
        Some("-nvargs" | "-args") => {
            "leave it out: words after the script are its arguments, `name=value` or values"
        }
        Some("-exec") => "leave it out: there is one way to execute",
        _ => "leave it out: the first word that is not an option is the script",
    };
    Some(format!("`{}` is an option of Apache SystemDS; {instead}", word.display()))
}

/// What to write instead of a command line that is wrong, if it looks familiar.
pub fn hint(words: &[OsString]) -> Option<String> {
    let script = words.first().filter(|word| Path::new(word).extension().is_some_and(|end| end == "dml"));
    let run = script.map(|script| format!("did you mean `tilewright run {}`?", script.display()));
    foreign_option(words).or(run)
}

/// The arguments of a script: `name=value` by name (split at the first `=`), others as `1`, `2`, ...
///
/// # Errors
/// When a word is no text or a name is given twice.
pub fn arguments(words: &[OsString]) -> Outcome<Arguments> {
    let mut arguments = Arguments::new();
    let mut bare = 0;
    for word in words {
        let Some(text) = word.to_str() else {
            bail!(Argument, "the script argument `{}` is not valid UTF-8", word.display())
        };
        let (name, value) = match text.split_once('=').filter(|(name, _)| is_name(name)) {
            Some((name, value)) => (name.to_string(), value),
            None => {
                bare += 1;
                (bare.to_string(), text)
            }
        };
        if arguments.insert(name.clone(), argument_value(value)).is_some() {
            bail!(Argument, "the script argument `{name}` is given twice");
        }
    }
    Ok(arguments)
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A script: the name that diagnostics show, and its text.
pub struct Script {
    /// The path as it was given, or `<stdin>`.
    pub name: String,
    /// The text.
    pub text: String,
}

/// Reads the script at a path, or from standard input for `-`.
///
/// # Errors
/// When there is no such file, or it is no text.
pub fn script(path: &OsStr) -> Outcome<Script> {
    if path == "-" {
        let mut bytes = Vec::new();
        io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| fault!(File, "cannot read standard input: {error}"))?;
        return decode("<stdin>".into(), bytes);
    }
    let path = PathBuf::from(path);
    let name = path.display().to_string();
    if path.is_dir() {
        bail!(File, "{name} is a folder, not a script");
    }
    match fs::read(&path) {
        Ok(bytes) => decode(name, bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => missing(&path),
        Err(error) => bail!(File, "cannot read the script {name}: {error}"),
    }
}

fn decode(name: String, bytes: Vec<u8>) -> Outcome<Script> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Script { name, text }),
        Err(error) => {
            let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            bail!(File, "{name} is not UTF-8 text: line {line} has a byte that is no character"; hint: "is it a script? convert it with `iconv -t UTF-8`")
        }
    }
}

fn missing(path: &Path) -> Outcome<Script> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.display();
    if !folder.is_dir() {
        bail!(File, "there is no script {name}: the folder {} does not exist", folder.display());
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let wanted = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match nearest(&wanted, files.iter().map(String::as_str)) {
        Some(near) => {
            bail!(File, "there is no script {name}"; hint: "did you mean {}?", path.with_file_name(near).display())
        }
        None => bail!(File, "there is no script {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tilewright_engine::argument_value;

    fn words(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn names_and_bare_values_are_told_apart() {
        let arguments = arguments(&words(&["X=a.csv", "7", "q=a=b", "--flag", "--x=1", "=y"])).unwrap();
        let expected =
            [("X", "a.csv"), ("1", "7"), ("q", "a=b"), ("2", "--flag"), ("3", "--x=1"), ("4", "=y")];
        assert_eq!(arguments.len(), expected.len());
        for (name, value) in expected {
            assert_eq!(arguments[name], argument_value(value), "{name}");
        }
    }

    #[test]
    fn a_name_is_given_once() {
        let fault = arguments(&words(&["a=1", "a=2"])).unwrap_err();
        assert_eq!(fault.message(), "the script argument `a` is given twice");
    }

    #[test]
    fn options_of_the_reference_are_recognised() {
        assert!(foreign_option(&words(&["s.dml", "-nvargs", "a=1"])).unwrap().contains("-nvargs"));
        assert_eq!(foreign_option(&words(&["s.dml", "-x", "nvargs"])), None);
    }

    #[test]
    fn text_that_is_not_utf8_names_the_line() {
        let fault = decode("s.dml".into(), b"x = 1\n\xff".to_vec()).err().unwrap();
        assert!(fault.message().contains("line 2"), "{fault}");
    }
}
