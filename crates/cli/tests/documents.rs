//! What the documents for users show is what happens.
//!
//! A document is read block by block; what its blocks are fenced as says what is tested:
//!
//! - `r`, with words behind it or not: a script, run with the words as its arguments. It prints what the block `text`
//!   that follows directly shows, on standard output and then on standard error. Without such a block it has to be
//!   correct, no more.
//! - `r NAME.dml`: the text of that file, for commands and scripts further down.
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
fn the_page_of_the_language_shows_what_happens() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("language");
    if path.exists() {
        fs::remove_dir_all(&path).expect("an old folder");
    }
    fs::create_dir_all(&path).expect("a new folder");
    let write = |path: &Path, text: &str| fs::write(path, text).expect("a file of the page");
    check("docs/language.md", &Folder { path, file: &write });
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
    let mut printed = shown.clone();
    let mut is_output = false;
    for at in 0..shown.len() {
        let block = &shown[at];
        let next = shown.get(at + 1).filter(|next| next.language == "text" && next.is_adjacent);
        match block.language.as_str() {
            "r" if block.file().is_some() => (folder.file)(&folder.path.join(&block.words[0]), &block.body),
            "r" if next.is_some() => printed[at + 1].body = folder.run(block),
            "r" => folder.is_correct(block),
            "console" => printed[at].body = folder.commands(&block.body),
            "text" if block.is_adjacent && !is_output => panic!("{name}:{}: output of nothing", block.line),
            _ => {}
        }
        is_output = block.language == "r" && block.file().is_none();
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, replaced(&text, &printed)).expect("a document");
        return;
    }
    assert!(shown.len() >= 5, "{name} shows examples");
    for (shown, printed) in shown.iter().zip(&printed) {
        assert_eq!(printed.body, shown.body, "{name}:{}", shown.line);
    }
}

/// What stands between two fences.
#[derive(Clone)]
struct Block {
    language: String,
    words: Vec<String>,
    body: String,
    /// The line of its first fence.
    line: usize,
    /// Whether only empty lines stand between the block before and this one.
    is_adjacent: bool,
}

impl Block {
    /// The file that a script is the text of.
    fn file(&self) -> Option<&str> {
        self.words.first().map(String::as_str).filter(|word| word.ends_with(".dml"))
    }
}

fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let (mut inside, mut is_adjacent) = (false, false);
    for (at, line) in text.lines().enumerate() {
        match (inside, line.strip_prefix("```"), found.last_mut()) {
            (false, Some(head), _) => {
                let mut words = head.split_whitespace().map(String::from);
                let language = words.next().unwrap_or_default();
                let words = words.collect();
                found.push(Block { language, words, body: String::new(), line: at + 1, is_adjacent });
                inside = true;
            }
            (true, Some(""), _) => (inside, is_adjacent) = (false, true),
            (true, _, Some(block)) => block.body += &format!("{line}\n"),
            _ => is_adjacent &= line.trim().is_empty(),
        }
    }
    found
}

/// The text with the bodies of these blocks.
fn replaced(text: &str, blocks: &[Block]) -> String {
    let mut out = String::new();
    let mut bodies = blocks.iter().map(|block| &block.body);
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
    /// What a script prints; it fails if and only if it prints an error.
    fn run(&self, block: &Block) -> String {
        let (printed, success) = self.script("run", block);
        let has_error = printed.lines().any(|line| line.starts_with("error"));
        assert_eq!(success, !has_error, "the exit code of line {}:\n{printed}", block.line);
        printed
    }

    fn is_correct(&self, block: &Block) {
        let (printed, success) = self.script("check", block);
        assert!(success, "line {}: {printed}", block.line);
    }

    fn script(&self, command: &str, block: &Block) -> (String, bool) {
        fs::write(self.path.join("script.dml"), &block.body).expect("a script");
        let words = [command, "script.dml"].into_iter().chain(block.words.iter().map(String::as_str));
        self.tilewright(words)
    }

    /// Commands, each with what it prints.
    fn commands(&self, shown: &str) -> String {
        let commands = shown.lines().filter_map(|line| line.strip_prefix("$ "));
        commands.map(|command| format!("$ {command}\n{}", self.command(command))).collect()
    }

    fn command(&self, command: &str) -> String {
        let words = ["cargo run --release -- ", "tilewright "].iter().find_map(|own| command.strip_prefix(own));
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
            .output()
            .expect("the binary runs");
        let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
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
