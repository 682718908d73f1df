//! Sections of test files: `--- name kind ---`, the script, expectations in its comments.
//!
//! | comment | of | meaning |
//! |---|---|---|
//! | `#> line` | all kinds | the script prints this line |
//! | `#! error code: part` | `error` | fails with this code word and this part of the message |
//! | `#! hint part` | `error` | the error has a hint with this part |
//! | `#! at line:column` | `error` | the error points there; line 1 is the first after the head of the section |
//! | `#! called f 4:7` | `error` | it happens in a call of `f` at this place, the innermost first |
//! | `#! when compile` | `error` | the error is known before running (`run`: only while running) |
//! | `#! warning code: part` | `eval` | warns so |
//! | `#! tolerance x` | `eval` | numbers may differ by this fraction |
//! | `#! args n=3 word` | all | script arguments, as on the command line |
//! | `#! level plan` | `explain` | the level: ast, facts, rewritten or plan |
//!
//! A script sees its expectations as comments, so the lines of errors are those of the section.

use std::path::{Path, PathBuf};

use tilewright_base::{Outcome, bail};

/// What is asked of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It prints the expected lines in every mode.
    Eval,
    /// It fails in every mode.
    Error,
    /// The explanation of it is as expected.
    Explain,
    /// Its two scripts print the same.
    Compare,
    /// Its two scripts print the same and run the same operators, each as often.
    Alike,
}

/// When an error shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Before running.
    Compile,
    /// While running.
    Run,
}

/// A code word and a part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The code word.
    pub code: String,
    /// A part of the message.
    pub part: String,
}

/// A section of a file.
#[derive(Debug, Clone)]
pub struct Section {
    /// The file, relative to the root.
    pub file: PathBuf,
    /// Its name, unique in the file.
    pub name: String,
    /// What is asked of it.
    pub kind: Kind,
    /// The 1-based line of its head in the file.
    pub line: usize,
    /// All lines between its head and the next one.
    pub text: String,
    /// The lines it prints.
    pub printed: Vec<String>,
    /// Errors it fails with.
    pub errors: Vec<Message>,
    /// Parts of hints.
    pub hints: Vec<String>,
    /// The place of the error.
    pub place: Option<(usize, usize)>,
    /// The calls around the error: functions and places.
    pub calls: Vec<String>,
    /// When the error shows.
    pub when: Option<When>,
    /// Warnings it gives.
    pub warnings: Vec<Message>,
    /// The fraction that numbers may differ by.
    pub tolerance: f64,
    /// Script arguments.
    pub arguments: Vec<String>,
    /// The level of an explanation.
    pub level: String,
}

/// What separates the scripts of a `compare` or `alike` section.
pub const VERSUS: &str = "---- versus ----";

/// The test files below a folder, sorted; folders `data` hold what scripts read.
///
/// # Errors
/// When a folder cannot be read.
pub fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("data") {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|end| end == "dml") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The sections of a file's text.
///
/// # Errors
/// When a head or an expectation is malformed, or a name occurs twice.
pub fn parse(file: &Path, text: &str) -> Outcome<Vec<Section>> {
    let mut sections: Vec<Section> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if let Some(section) = head(file, at + 1, line)? {
            if sections.iter().any(|other| other.name == section.name) {
                bail!(Syntax, "{}:{}: there are two sections `{}`", file.display(), at + 1, section.name);
            }
            sections.push(section);
            continue;
        }
        match sections.last_mut() {
            Some(section) => section.add(line, at + 1)?,
            None if line.trim().is_empty() || line.starts_with('#') => {}
            None => bail!(Syntax, "{}:{}: text before the first section", file.display(), at + 1),
        }
    }
    Ok(sections)
}

fn head(file: &Path, number: usize, line: &str) -> Outcome<Option<Section>> {
    let Some(inner) = line.strip_prefix("--- ").and_then(|rest| rest.strip_suffix(" ---")) else {
        return Ok(None);
    };
    let words: Vec<_> = inner.split_whitespace().collect();
    let (name, kind) = match words[..] {
        [name, "eval"] => (name, Kind::Eval),
        [name, "error"] => (name, Kind::Error),
        [name, "explain"] => (name, Kind::Explain),
        [name, "compare"] => (name, Kind::Compare),
        [name, "alike"] => (name, Kind::Alike),
        _ => bail!(Syntax, "{}:{number}: expected `--- name eval|error|explain|compare ---`", file.display()),
    };
    Ok(Some(Section {
        file: file.to_path_buf(),
        name: name.into(),
        kind,
        line: number,
        text: String::new(),
        printed: Vec::new(),
        errors: Vec::new(),
        hints: Vec::new(),
        place: None,
        calls: Vec::new(),
        when: None,
        warnings: Vec::new(),
        tolerance: 1e-9,
        arguments: Vec::new(),
        level: String::new(),
    }))
}

impl Section {
    /// `topic/file::section`
    pub fn title(&self) -> String {
        let inside = self.file.strip_prefix("tests/suite").unwrap_or(&self.file).with_extension("");
        format!("{}::{}", inside.display(), self.name)
    }

    /// Its scripts: two of a `compare` or `alike` section, else one.
    pub fn scripts(&self) -> Vec<&str> {
        match self.kind {
            Kind::Compare | Kind::Alike => self.text.split(VERSUS).collect(),
            _ => vec![&self.text],
        }
    }

    fn add(&mut self, line: &str, number: usize) -> Outcome<()> {
        self.text.push_str(line);
        self.text.push('\n');
        if let Some(printed) = line.strip_prefix("#>") {
            self.printed.push(printed.strip_prefix(' ').unwrap_or(printed).trim_end().into());
        }
        let Some(option) = line.strip_prefix("#!") else { return Ok(()) };
        let (word, rest) = option.trim().split_once(' ').unwrap_or((option.trim(), ""));
        if self.option(word, rest.trim()).is_none() {
            bail!(Syntax, "{}:{number}: `{}` is no expectation of a section", self.file.display(), line);
        }
        Ok(())
    }

    fn option(&mut self, word: &str, rest: &str) -> Option<()> {
        let message = || {
            let (code, part) = rest.split_once(':').unwrap_or((rest, ""));
            Message { code: code.trim().into(), part: part.trim().into() }
        };
        match word {
            "error" => self.errors.push(message()),
            "warning" => self.warnings.push(message()),
            "hint" => self.hints.push(rest.into()),
            "at" => {
                self.place = Some(rest.split_once(':').and_then(|(l, c)| l.parse().ok().zip(c.parse().ok()))?)
            }
            "called" => self.calls.push(rest.into()),
            "when" if rest == "compile" => self.when = Some(When::Compile),
            "when" if rest == "run" => self.when = Some(When::Run),
            "tolerance" => self.tolerance = rest.parse().ok()?,
            "args" => self.arguments.extend(rest.split_whitespace().map(String::from)),
            "level" => self.level = rest.into(),
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_cut_into_sections_with_expectations() {
        let text = "# about\n--- a eval ---\nprint(1)\n#> 1\n#>\n\n--- b error ---\nx = \n#! error syntax: end\n#! at 1:5\n";
        let sections = parse(Path::new("tests/suite/x/y.dml"), text).expect("well formed");
        assert_eq!(sections.iter().map(Section::title).collect::<Vec<_>>(), ["x/y::a", "x/y::b"]);
        assert_eq!(sections[0].printed, ["1", ""]);
        assert_eq!(sections[1].errors, [Message { code: "syntax".into(), part: "end".into() }]);
        assert_eq!((sections[1].place, sections[1].line), (Some((1, 5)), 7));
    }

    #[test]
    fn misspelt_expectations_and_double_names_are_refused() {
        for text in
            ["--- a eval ---\n#! eror x\n", "--- a evil ---\n", "--- a eval ---\n--- a eval ---\n", "x\n"]
        {
            assert!(parse(Path::new("y.dml"), text).is_err(), "{text}");
        }
    }
}
