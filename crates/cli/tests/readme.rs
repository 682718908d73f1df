//! What the README shows is what the commands print.
//!
//! Commands stand in blocks fenced as `console`, after `$ `, with their output below.

use std::path::PathBuf;
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Commands and their shown output.
fn shown(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match (inside, line) {
            (_, "```console") => inside = true,
            (true, "```") => inside = false,
            (true, line) => match (line.strip_prefix("$ "), found.last_mut()) {
                (Some(command), _) => found.push((command.to_string(), String::new())),
                (None, Some((_, output))) => *output += &format!("{line}\n"),
                (None, None) => panic!("output without a command: {line}"),
            },
            _ => {}
        }
    }
    found
}

fn printed(arguments: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tilewright"))
        .args(arguments.split_whitespace())
        .current_dir(root())
        .env("NO_COLOR", "1")
        .output()
        .expect("the binary runs");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn commands_of_the_readme_print_what_it_shows() {
    let text = std::fs::read_to_string(root().join("README.md")).expect("README.md");
    let commands = shown(&text);
    assert!(commands.len() >= 5, "the README shows commands");
    for (command, expected) in &commands {
        let arguments =
            ["cargo run --release -- ", "tilewright "].iter().find_map(|prefix| command.strip_prefix(prefix));
        match arguments {
            Some(arguments) => assert_eq!(printed(arguments).trim_end(), expected.trim_end(), "$ {command}"),
            None => assert_eq!(command, "cargo test --workspace", "a command that this test does not know"),
        }
    }
}
