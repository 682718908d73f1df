//! The peer: a Python environment of its own with NumPy, SciPy and scikit-learn.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::case::{Kernel, Setup};

const PACKAGES: [&str; 3] = ["numpy", "scipy", "scikit-learn"];
const IMPORTS: &str = "import numpy, scipy, sklearn; \
    print(f'NumPy {numpy.__version__}, SciPy {scipy.__version__}, scikit-learn {sklearn.__version__}')";

/// A Python with the packages.
pub struct Peer {
    python: PathBuf,
    /// The versions of the packages.
    pub versions: String,
}

/// The peer's process of one kernel.
pub struct Turns {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Peer {
    /// Makes the environment in the target folder, if it is not there yet.
    ///
    /// # Errors
    /// The reason why there is no peer.
    pub fn prepare() -> Result<Peer, String> {
        let folder = target()?.join("bench-venv");
        let python = folder.join("bin/python");
        if let Some(versions) = imports(&python) {
            return Ok(Peer { python, versions });
        }
        eprintln!("making a Python environment in {} ...", folder.display());
        succeed(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        succeed(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PACKAGES))?;
        match imports(&python) {
            Some(versions) => Ok(Peer { python, versions }),
            None => Err("the packages were installed but cannot be imported".into()),
        }
    }

    /// A process that runs some Python.
    pub fn command(&self, text: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.args(["-c", text]);
        command
    }

    /// Starts the peer's side of a kernel and waits until its data is there.
    ///
    /// # Errors
    /// When it cannot be started or fails.
    pub fn turns(&self, setup: &Setup, case: &Kernel) -> Result<Turns, String> {
        let text = serde_json::json!({ "setup": setup.peer, "touch": setup.touch.peer, "body": case.peer })
            .to_string();
        let mut command = self.command(include_str!("peer.py"));
        let mut child = command
            .arg(text)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("python: {error}"))?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let output = BufReader::new(output.ok_or("python has no standard output")?);
        let mut turns = Turns { child, input, output };
        turns.line()?;
        Ok(turns)
    }
}

impl Turns {
    /// Runs one repetition and returns its line.
    ///
    /// # Errors
    /// When the process has failed.
    pub fn take(&mut self) -> Result<String, String> {
        let input = self.input.as_mut().ok_or("python has no standard input")?;
        input.write_all(b"\n").and_then(|()| input.flush()).map_err(|error| format!("python: {error}"))?;
        self.line()
    }

    fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        let read = self.output.read_line(&mut line).map_err(|error| format!("python: {error}"))?;
        if read == 0 { Err("python ended early".into()) } else { Ok(line.trim_end().into()) }
    }
}

impl Drop for Turns {
    /// The end of its input ends the process.
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.wait();
    }
}

/// The folder that cargo builds in.
///
/// # Errors
/// When the place of this binary is not known.
pub fn target() -> Result<PathBuf, String> {
    let binary = std::env::current_exe().map_err(|error| error.to_string())?;
    let folder = binary.ancestors().nth(2).ok_or("the binary is not in a target folder")?;
    Ok(folder.to_path_buf())
}

fn imports(python: &PathBuf) -> Option<String> {
    let output = Command::new(python).args(["-c", IMPORTS]).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_string())
}

fn succeed(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.stdout(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name} failed: {status}")),
        Err(error) => Err(format!("{name}: {error}")),
    }
}
