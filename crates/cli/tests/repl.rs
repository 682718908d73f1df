//! Sessions from outside, as lines on standard input; and a session on a terminal where there is one to be had.
#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What a session prints to both streams, and its exit code.
fn session(words: &[&str], input: &str) -> (String, String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tilewright"));
    command.arg("repl").args(words).current_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.."));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

#[track_caller]
fn prints(input: &str, expected: &str) {
    let (stdout, stderr, code) = session(&[], input);
    assert_eq!((stdout.as_str(), stderr.as_str(), code), (expected, "", Some(0)));
}

#[test]
fn values_are_printed_and_variables_stay() {
    prints("x = 3\nx\nx + 0.5\n\"a\" + x\nx > 2\n", "3\n3.5\na3\nTRUE\n");
    prints("X = matrix(\"1 2 3 4\", 2, 2)\nX %*% X\n", "7.000 10.000\n15.000 22.000\n\n");
    prints("[Q, R] = qr(matrix(2, 1, 1)); abs(R)\nnrow(Q)", "2.000\n\n1\n");
    prints("x = 1; y = 2; x + y", "3\n");
}

#[test]
fn an_input_goes_on_while_something_is_open() {
    prints("x = (1 +\n  2)\nx\n", "3\n");
    prints("if (1 > 0) {\n  y = 1\n\n  y = y + 1\n}\ny\n", "2\n");
    prints("f = function(double a)\n  return (double b)\n{\n  b = a * 2 # twice\n}\nf(4)\n", "8.0\n");
    prints("/* a\ncomment */\n7\n", "7\n");
}

#[test]
fn functions_and_sourced_files_stay_and_can_be_replaced() {
    prints(
        "f = function(double a) return (double b) { b = a }\nf(1)\nf = function(double a) return (double b) { b = -a }\nf(1)\n",
        "1.0\n-1.0\n",
    );
    prints("show = function(double a) { print(\"shown: \" + a) }\nshow(2)\n", "shown: 2.0\n");
    prints("source(\"lib/rmse.dml\") as r\nr::rmse(seq(1, 3), seq(2, 4))\n", "1.000\n\n");
    prints("setwd(\"lib\")\nsource(\"rmse.dml\") as r\nr::rmse(seq(1, 3), seq(2, 4))\n", "1.000\n\n");
}

#[test]
fn errors_show_the_line_and_the_session_goes_on() {
    let (stdout, stderr, code) = session(&[], "x = 1\ny = x + nope\nx\n");
    assert_eq!((stdout.as_str(), code), ("1\n", Some(1)));
    for part in ["error[name]: unknown variable `nope`", "<input>:1:9", "y = x + nope"] {
        assert!(stderr.contains(part), "{part} is missing in\n{stderr}");
    }
    let (stdout, stderr, _) = session(&[], "X = matrix(1, 2, 3)\nX %*% X\nX = X[, 1]\nnrow(X)\n");
    assert!(stderr.contains("error[shape]"), "{stderr}");
    assert_eq!(stdout, "2\n");
    let (stdout, stderr, _) = session(&[], "x = 1; x = 2; stop(\"enough\"); x = 3\nx\nx = (2 +");
    assert_eq!(stdout, "2\n");
    assert!(stderr.contains("enough") && stderr.contains("error[syntax]"), "{stderr}");
}

#[test]
fn commands_tell_and_load() {
    let (stdout, stderr, code) =
        session(&["start=4"], "x = $start\nX = seq(1, x)\n:vars\n:reset\n:vars\n:quit\n9\n");
    assert_eq!(
        (stdout.as_str(), stderr.as_str(), code),
        ("X  a 4x1 matrix, 32 B\nx  an integer, 4\n", "", Some(0))
    );
    let (stdout, ..) = session(&[], ":load examples/first.dml\nnrow(b)\n");
    assert!(stdout.starts_with("coefficients from 1000 rows:") && stdout.ends_with("\n3\n"), "{stdout}");
    let (stdout, ..) =
        session(&[], "X = matrix(1, 4, 2)\n:explain t(X) %*% X\n:facts y = nrow(X)\n?solve\n?\n");
    for part in ["main(X)", "t(A)%*%A", "[2x2]", "solve(A, b)", ":load FILE"] {
        assert!(stdout.contains(part), "{part} is missing in\n{stdout}");
    }
    let (_, stderr, code) = session(&[], ":lod x\n:load nowhere.dml\n:explain\n?sovle\n");
    for part in ["did you mean `:load`?", "there is no script nowhere.dml", "nothing to explain", "`solve`"] {
        assert!(stderr.contains(part), "{part} is missing in\n{stderr}");
    }
    assert_eq!(code, Some(1));
    let (stdout, ..) =
        session(&[], "# Twice the value.\nd = function(double a) return (double b) { b = 2 * a }\n?d\n");
    assert_eq!(stdout, "d(a) return (b)\n\n  Twice the value.\n");
}

#[test]
fn a_session_with_a_seed_can_be_repeated() {
    let run = || session(&["--seed", "5"], "sum(rand(rows=3, cols=3))\nsum(rand(rows=3, cols=3))\n").0;
    let lines: Vec<String> = run().lines().map(String::from).collect();
    assert_ne!(lines[0], lines[1]);
    assert_eq!(run(), run());
}

#[cfg(target_os = "linux")]
mod terminal {
    use super::*;

    use std::fs;
    use std::io::Read;
    use std::path::Path;
    use std::process::{Child, ChildStdin};
    use std::sync::mpsc::Receiver;
    use std::time::Duration;

    /// A session on a terminal that the command `script` makes.
    struct Terminal {
        process: Child,
        keys: ChildStdin,
        screen: Receiver<String>,
        shown: String,
        /// Up to where the screen has been waited for.
        seen: usize,
    }

    impl Terminal {
        /// A session whose history is in a folder; none where there is no `script`, or where interrupts are ignored,
        /// which processes inherit.
        fn new(folder: &Path) -> Option<Terminal> {
            if ignores_interrupts() {
                println!("skipped: interrupts are ignored, as in background jobs");
                return None;
            }
            // `exec`: a shell that stays between would get the interrupts too, and some end by them.
            let session = format!("exec '{}' repl", env!("CARGO_BIN_EXE_tilewright"));
            let mut command = Command::new("script");
            command.args(["-q", "-e", "-c", &session, "/dev/null"]);
            command.env("XDG_DATA_HOME", folder).env("TERM", "xterm").env("NO_COLOR", "1");
            command.env("SHELL", "/bin/sh");
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
            let mut process = command.spawn().ok()?;
            let (keys, mut output) = (process.stdin.take()?, process.stdout.take()?);
            let (sender, screen) = std::sync::mpsc::channel();
            std::thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(read @ 1..) = output.read(&mut buffer) {
                    if sender.send(String::from_utf8_lossy(&buffer[..read]).into_owned()).is_err() {
                        return;
                    }
                }
            });
            Some(Terminal { process, keys, screen, shown: String::new(), seen: 0 })
        }

        fn wait(&mut self, text: &str) {
            while !self.shown[self.seen..].contains(text) {
                match self.screen.recv_timeout(Duration::from_secs(60)) {
                    Ok(more) => self.shown += &more,
                    Err(_) => panic!("no {text:?} in {:?}", self.shown),
                }
            }
            self.seen += self.shown[self.seen..].find(text).unwrap() + text.len();
        }

        fn press(&mut self, keys: &str) {
            self.keys.write_all(keys.as_bytes()).unwrap();
        }
    }

    impl Drop for Terminal {
        /// A session that a failed test leaves behind would run for ever.
        fn drop(&mut self) {
            // It has ended where the test went well.
            let _ = self.process.kill();
        }
    }

    /// Whether the second signal is among those that Linux says are ignored.
    fn ignores_interrupts() -> bool {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 2 != 0)
    }

    #[test]
    fn a_terminal_has_completion_a_history_and_interrupts() {
        let folder = std::env::temp_dir().join(format!("tilewright-repl-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let Some(mut terminal) = Terminal::new(&folder) else { return };
        terminal.wait("> ");
        terminal.press("total = 40 + 2\r");
        terminal.wait("\n");
        terminal.wait("> ");
        terminal.press("tota\t\r");
        terminal.wait("\n42\r\n");
        terminal.wait("> ");
        terminal.press("nonsense(((\x03");
        terminal.wait("\n");
        terminal.wait("> ");
        terminal.press("print(\"runs\"); while (TRUE) { total = total + 1 }\r");
        terminal.wait("\nruns\r\n");
        terminal.press("\x03");
        terminal.wait("interrupted");
        terminal.wait("> ");
        terminal.press("total\r");
        terminal.wait("\n42\r\n");
        terminal.wait("> ");
        terminal.press("\x04");
        assert_eq!(terminal.process.wait().unwrap().code(), Some(0), "{}", terminal.shown);
        let history = fs::read_to_string(folder.join("tilewright/history")).unwrap();
        assert!(history.contains("total = 40 + 2") && !history.contains("nonsense"), "{history}");
        fs::remove_dir_all(&folder).unwrap();
    }
}
