//! What the documents for users show is what happens.
//!
//! A document is read block by block; what a block is fenced as says what is tested:
//!
//! - `r`, with words behind it or not: a script, run with the words as its arguments. Comments `#>` at its end show what
//!   it prints, on standard output and then on standard error. Without them it has to be correct, no more.
//! - any language and the name of a file, such as `r first.dml`: the text of that file, for what stands further down.
//! - `console`: commands behind `$ `, with what they print below.
//!
//! `UPDATE=1 cargo test -p tilewright-cli --test documents` writes what is printed into the documents; read the diff.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn the_readme_shows_what_happens() {
    // Its files are those of the repository.
    let has_file = |path: &Path, text: &str| assert_eq!(read(path), text, "{}", path.display());
    check("README.md", &Folder { path: root(), file: &has_file });
}

#[test]
fn the_page_of_examples_shows_what_happens() {
    let no_files = |path: &Path, _: &str| panic!("{}: examples stand in files already", path.display());
    check("examples/README.md", &Folder { path: root(), file: &no_files });
}

#[test]
fn the_page_of_the_language_shows_what_happens() {
    check_page("language");
}

#[test]
fn the_page_of_plans_shows_what_happens() {
    check_page("plans");
}

/// A page whose files stand in a folder of their own.
fn check_page(name: &str) {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    if path.exists() {
        fs::remove_dir_all(&path).expect("an old folder");
    }
    fs::create_dir_all(&path).expect("a new folder");
    let write = |path: &Path, text: &str| fs::write(path, text).expect("a file of the page");
    check(&format!("docs/{name}.md"), &Folder { path, file: &write });
}

/// Where the examples of a document run, and what becomes of the files that it shows.
struct Folder<'a> {
    path: PathBuf,
    file: &'a dyn Fn(&Path, &str),
}

/// Compares what blocks show with what is printed, or writes it.
fn check(name: &str, folder: &Folder<'_>) {
    let path = root().join(name);
    let text = read(&path);
    let shown = blocks(&text);
    assert!(shown.len() >= 3, "{name} shows examples");
    let printed: Vec<String> = shown.iter().map(|block| folder.printed(block)).collect();
    if std::env::var_os("UPDATE").is_some() {
        return fs::write(&path, replaced(&text, &printed)).expect("a document");
    }
    for (shown, printed) in shown.iter().zip(&printed) {
        assert_eq!(printed, &shown.body, "{name}:{}", shown.line);
    }
}

/// What stands between two fences.
struct Block {
    language: String,
    words: Vec<String>,
    body: String,
    /// The line of its first fence.
    line: usize,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut inside = false;
    for (at, line) in text.lines().enumerate() {
        match (inside, line.strip_prefix("```"), found.last_mut()) {
            (false, Some(head), _) => {
                let mut words = head.split_whitespace().map(String::from);
                let language = words.next().unwrap_or_default();
                found.push(Block { language, words: words.collect(), body: String::new(), line: at + 1 });
                inside = true;
            }
            (true, Some(_), _) => inside = false,
            (true, None, Some(block)) => block.body += &format!("{line}\n"),
            _ => {}
        }
    }
    found
}

/// The text with other bodies of its blocks.
fn replaced(text: &str, bodies: &[String]) -> String {
    let mut out = String::new();
    let mut bodies = bodies.iter();
    let mut inside = false;
    for line in text.lines() {
        let is_fence = line.starts_with("```");
        if is_fence || !inside {
            writeln!(out, "{line}").expect("a string");
        }
        if is_fence {
            inside = !inside;
            out += if inside { bodies.next().map_or("", String::as_str) } else { "" };
        }
    }
    out
}

impl Folder<'_> {
    /// A block with what is printed.
    fn printed(&self, block: &Block) -> String {
        let script = block.body.split("#>").next().unwrap_or_default();
        let file = block.words.first().filter(|word| word.contains('.') && !word.contains('='));
        match (block.language.as_str(), file) {
            (_, Some(file)) => (self.file)(&self.path.join(file), &block.body),
            ("r", _) if script.len() < block.body.len() => return self.run(script, block),
            ("r", _) => {
                let (printed, success) = self.script("check", script, block);
                assert!(success, "line {}: {printed}", block.line);
            }
            ("console", _) => return self.commands(&block.body),
            _ => {}
        }
        block.body.clone()
    }

    /// A script with what it prints as comments; it fails if and only if it prints an error.
    fn run(&self, script: &str, block: &Block) -> String {
        let (printed, success) = self.script("run", script, block);
        let has_error = printed.lines().any(|line| line.starts_with("error"));
        assert_eq!(success, !has_error, "the exit code of line {}:\n{printed}", block.line);
        let comments = printed.lines().map(|line| format!("{}\n", format!("#> {line}").trim_end()));
        script.to_string() + &comments.collect::<String>()
    }

    fn script(&self, command: &str, script: &str, block: &Block) -> (String, bool) {
        fs::write(self.path.join("script.dml"), script).expect("a script");
        let words = [command, "script.dml"].into_iter().chain(block.words.iter().map(String::as_str));
        self.tilewright(words)
    }

    /// Commands, each with what it prints.
    fn commands(&self, shown: &str) -> String {
        let commands = shown.lines().filter_map(|line| line.strip_prefix("$ "));
        commands.map(|command| format!("$ {command}\n{}", self.command(command))).collect()
    }

    fn command(&self, command: &str) -> String {
        let words =
            ["cargo run --release -- ", "tilewright "].iter().find_map(|own| command.strip_prefix(own));
        match (words, command.strip_prefix("cat ")) {
            (Some(words), _) => self.tilewright(words.split_whitespace()).0,
            (_, Some(file)) => read(&self.path.join(file)),
            _ => {
                assert_eq!(command, "cargo test --workspace", "a command that this test does not know");
                String::new()
            }
        }
    }

    /// What the binary prints to both streams, and whether it is content.
    fn tilewright<'a>(&self, words: impl Iterator<Item = &'a str>) -> (String, bool) {
        let output = Command::new(env!("CARGO_BIN_EXE_tilewright"))
            .args(words)
            .current_dir(&self.path)
            .env("NO_COLOR", "1")
            // Estimates are those of one machine wherever the test runs.
            .env("XDG_CONFIG_HOME", root().join("tests/machine"))
            .output()
            .expect("the binary runs");
        let [out, err] =
            [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        // A matrix ends with an empty line, which documents leave out.
        (format!("{}\n", (out + &err).trim_end()).trim_start_matches('\n').into(), output.status.success())
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
