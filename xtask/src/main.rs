//! `cargo xtask COMMAND`: the commands of the project. They start cargo and look at text, nothing else.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const USAGE: &str = "\
usage: cargo xtask COMMAND
  tidy            checks layout, style and crate edges
  docs            writes docs/operators.md, builtins.md, rules.md and algorithms/ from tables and comments
  bench [CASE..]  builds for release and measures against NumPy, SciPy, scikit-learn; `bench --help` tells more";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let root = root();
    match arguments.split_first().map(|(command, rest)| (command.as_str(), rest)) {
        Some(("tidy", [])) => tidy(&root),
        Some(("docs", [])) => docs(&root),
        Some(("bench", cases)) => bench(&root, cases),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

fn tidy(root: &Path) -> ExitCode {
    let complaints = xtask::tidy(root);
    for complaint in &complaints {
        eprintln!("{complaint}");
    }
    if complaints.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn docs(root: &Path) -> ExitCode {
    let arguments = ["test", "--quiet", "--package", "tilewright-engine", "--test", "documents"];
    cargo(root, Command::new("cargo").args(arguments).env("UPDATE", "1"))
}

fn bench(root: &Path, cases: &[String]) -> ExitCode {
    let build = ["build", "--release", "--package", "tilewright-cli", "--package", "tilewright-bench"];
    let built = cargo(root, Command::new("cargo").args(build));
    if built != ExitCode::SUCCESS {
        return built;
    }
    let run = ["run", "--quiet", "--release", "--package", "tilewright-bench", "--"];
    cargo(root, Command::new("cargo").args(run).args(cases))
}

/// Runs a cargo command at the root of the repository.
fn cargo(root: &Path, command: &mut Command) -> ExitCode {
    match command.current_dir(root).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cargo cannot be started: {error}");
            ExitCode::FAILURE
        }
    }
}
