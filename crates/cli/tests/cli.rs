//! The command line from outside: exit codes, streams, arguments, signals.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A folder of its own for one test, deleted at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("tilewright-cli-{}-{test}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn with(self, name: &str, text: &str) -> Folder {
        fs::write(self.0.join(name), text).unwrap();
        self
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = tilewright();
        command.args(words).current_dir(&self.0);
        command
    }

    fn run(&self, words: &[&str]) -> Done {
        Done::from(self.command(words).output().unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn tilewright() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tilewright"));
    command.env_remove("RUST_BACKTRACE").stdin(Stdio::null());
    command
}

fn run(words: &[&str]) -> Done {
    Done::from(tilewright().args(words).output().unwrap())
}

/// Runs a script from standard input.
fn run_text(options: &[&str], text: &str, arguments: &[&str]) -> Done {
    let mut command = tilewright();
    command.arg("run").args(options).arg("-").args(arguments);
    let mut child = spawn(command.stdin(Stdio::piped()));
    // A wrong command line is refused before the script is read.
    let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
    Done::from(child.wait_with_output().unwrap())
}

fn spawn(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// How a process ended.
#[derive(Debug)]
struct Done {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl From<Output> for Done {
    fn from(output: Output) -> Done {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Done { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Done {
    #[track_caller]
    fn prints(&self, stdout: &str) {
        assert_eq!((self.code, self.stdout.as_str()), (Some(0), stdout), "{}", self.stderr);
    }

    /// Ends with a code, nothing on standard output, and parts of a message on standard error.
    #[track_caller]
    fn fails(&self, code: i32, parts: &[&str]) {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{}", self.stderr);
        for part in parts {
            assert!(self.stderr.contains(part), "`{part}` is missing in\n{}", self.stderr);
        }
    }
}

const WORK: &str = "
X = rand(rows=300, cols=40, seed=1)
X = X * (X > 0.5)
b = solve(t(X) %*% X + diag(matrix(1, 40, 1)), t(X) %*% rowSums(X))
R = matrix(0, 8, 1)
parfor (i in 1:8) { R[i, 1] = sum(X[i, ] * t(b)) }
print(sum(b) + \" \" + sum(R))
print(toString(t(R)))
";

#[test]
fn a_script_prints_and_ends_with_zero() {
    let done = Folder::new("prints").with("s.dml", "print(\"hello\")\nprint(1 + 2)\n").run(&["run", "s.dml"]);
    done.prints("hello\n3\n");
    assert_eq!(done.stderr, "");
}

#[test]
fn a_script_comes_from_standard_input_too() {
    run_text(&[], "print($1 * 2)", &["21"]).prints("42\n");
    let done = run_text(&[], "print(nope)", &[]);
    done.fails(1, &["error[name]", "<stdin>:1:7"]);
}

#[test]
fn arguments_are_numbered_or_named() {
    let script = "print($1 + \"|\" + $2 + \"|\" + $rate + \"|\" + $path)";
    run_text(&[], script, &["7", "rate=0.5", "path=a=b.csv", "text"]).prints("7|text|0.5|a=b.csv\n");
}

#[test]
fn words_after_the_script_are_never_options() {
    let words = ["--threads", "--stats", "--", "-x", "--help"];
    run_text(&[], "print($1 + $2 + $3 + $4 + $5)", &words).prints("--threads--stats---x--help\n");
}

#[test]
fn an_argument_that_is_missing_or_given_twice_is_an_error() {
    run_text(&[], "print($x)", &[]).fails(1, &["`$x` is not given", "x=value"]);
    run_text(&[], "print($x)", &["x=1", "x=2"]).fails(2, &["`x` is given twice"]);
}

#[test]
fn failures_of_the_script_end_with_one() {
    run_text(&[], "x = 1 +", &[]).fails(1, &["error[syntax]"]);
    run_text(&[], "stop(\"enough\")", &[]).fails(1, &["error[stop]", "enough"]);
    run_text(&[], "x = matrix(1, 2, 2) %*% matrix(1, 3, 3)", &[]).fails(1, &["error[shape]"]);
    run_text(&[], "x = read(\"no-such-file.csv\")\nprint(sum(x))", &[])
        .fails(1, &["error[file]", "no-such-file.csv"]);
}

#[test]
fn several_errors_end_with_their_number() {
    let done = Folder::new("several").with("s.dml", "print(a)\nprint(b)\n").run(&["run", "s.dml"]);
    done.fails(1, &["`a`", "`b`", "error: could not run s.dml: 2 errors"]);
}

#[test]
fn wrong_usage_ends_with_two() {
    run(&["run", "--thread", "2", "s.dml"]).fails(2, &["--threads"]);
    run(&["run", "--threads", "0", "s.dml"]).fails(2, &["--threads"]);
    run(&["run", "--memory", "lots", "s.dml"]).fails(2, &["500M"]);
    run(&["run"]).fails(2, &["SCRIPT"]);
    run(&["s.dml"]).fails(2, &["did you mean `tilewright run s.dml`?"]);
    run(&[]).fails(2, &["Usage"]);
}

#[test]
fn options_of_the_reference_get_a_hint() {
    run(&["run", "-f", "s.dml"]).fails(2, &["`-f` is an option of Apache SystemDS"]);
    run(&["-f", "s.dml", "-nvargs", "x=1"]).fails(2, &["`-f` is an option of Apache SystemDS"]);
    run(&["run", "s.dml", "-nvargs", "x=1"]).fails(2, &["`-nvargs` is an option of Apache SystemDS"]);
}

#[test]
fn scripts_that_cannot_be_read_are_explained() {
    let folder = Folder::new("unreadable").with("train.dml", "print(1)");
    fs::write(folder.0.join("binary.dml"), b"x = 1\n\xff\xfe").unwrap();
    folder.run(&["run", "trian.dml"]).fails(2, &["there is no script trian.dml", "did you mean train.dml?"]);
    folder.run(&["run", "nowhere/s.dml"]).fails(2, &["the folder nowhere does not exist"]);
    folder.run(&["run", "."]).fails(2, &["is a folder"]);
    folder.run(&["run", "binary.dml"]).fails(2, &["binary.dml is not UTF-8", "line 2"]);
}

#[test]
fn every_way_to_execute_prints_the_same() {
    let expected = run_text(&[], WORK, &[]);
    assert_eq!(expected.code, Some(0), "{}", expected.stderr);
    for threads in ["1", "2", "5"] {
        run_text(&["--threads", threads], WORK, &[]).prints(&expected.stdout);
    }
    for options in [&["--oracle"][..], &["--force-sparse"], &["--no-rewrite", "all"]] {
        let done = run_text(options, WORK, &[]);
        assert_eq!(
            (done.code, rounded(&done.stdout)),
            (Some(0), rounded(&expected.stdout)),
            "{}",
            done.stderr
        );
    }
}

/// The numbers of a text to nine digits: another plan adds in another order.
fn rounded(text: &str) -> Vec<String> {
    text.split_whitespace().map(|number| format!("{:.8e}", number.parse::<f64>().unwrap())).collect()
}

#[test]
fn a_seed_makes_runs_equal() {
    let draw = |seed| run_text(&["--seed", seed], "print(sum(rand(rows=9, cols=9)))", &[]).stdout;
    assert_eq!(draw("7"), draw("7"));
    assert_ne!(draw("7"), draw("8"));
}

#[test]
fn products_are_double_unless_asked_otherwise() {
    // 1.00000001 is 1 in single precision; what is below 1 in the sum is only there in doubles.
    let script = "A = matrix(1.00000001, rows=40, cols=40) + $1\nprint(max(A %*% A) > 40)";
    run_text(&[], script, &["0"]).prints("TRUE\n");
    run_text(&["--precision", "double"], script, &["0"]).prints("TRUE\n");
    run_text(&["--precision", "single"], script, &["0"]).prints("FALSE\n");
    run_text(&["--precision", "single", "--oracle"], script, &["0"]).prints("TRUE\n");
    run_text(&["--precision", "half"], script, &["0"]).fails(2, &["invalid value 'half'", "double, single"]);
}

#[test]
fn statistics_go_to_standard_error() {
    let done = run_text(&["--stats"], "X = rand(rows=5, cols=5, seed=1)\nprint(sum(t(X)) > 0)", &[]);
    done.prints("TRUE\n");
    for part in ["parse", "optimise", "run", "operator", "rand", "sum-of-transpose"] {
        assert!(done.stderr.contains(part), "{part} is missing in\n{}", done.stderr);
    }
}

#[test]
fn rules_can_be_switched_off_by_name() {
    let script = "X = rand(rows=5, cols=5, seed=1)\nprint(sum(t(X)) > 0)";
    let done = run_text(&["--stats", "--no-rewrite", "sum-of-transpose"], script, &[]);
    assert!(done.code == Some(0) && !done.stderr.contains("sum-of-transpose"), "{}", done.stderr);
    let done = run_text(&["--no-rewrite", "sum-of-transposed"], script, &[]);
    done.fails(2, &["no rewrite rule `sum-of-transposed`", "did you mean `sum-of-transpose`?"]);
}

#[test]
fn rewrites_are_traced_and_bisected() {
    let script = "X = rand(rows=5, cols=4, seed=1)\nY = t(t(X))\nprint(sum(t(Y)) > 0)";
    let done = run_text(&["--trace", "rewrites"], script, &[]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let lines: Vec<&str> = done.stderr.lines().collect();
    assert!(
        lines[0].starts_with("transpose-transpose, ") && lines[0].contains(":2:5: t(t("),
        "{}",
        done.stderr
    );
    assert!(
        lines[1].starts_with("sum-of-transpose, ") && lines[1].contains(":3:7: sum(t("),
        "{}",
        done.stderr
    );
    assert_eq!(lines.len(), 2, "{}", done.stderr);
    let fuelled = run_text(&["--trace", "rewrites", "--fuel", "1"], script, &[]);
    assert_eq!(fuelled.stderr.lines().collect::<Vec<_>>(), lines[..1]);
    run_text(&["--trace", "rewrites", "--fuel", "0"], script, &[]).prints("TRUE\n");
}

#[test]
fn rewrites_while_running_are_traced() {
    let script = "X = removeEmpty(target=rand(rows=5, cols=4, seed=1), margin=\"rows\")\n\
                  if (nrow(X) > 2) { Y = X %*% t(X) } else { Y = X }\nprint(trace(Y %*% Y) > 0)";
    let done = run_text(&["--trace", "rewrites"], script, &[]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let lines: Vec<&str> = done.stderr.lines().filter(|line| !line.is_empty()).collect();
    let traced = lines.iter().filter(|line| line.starts_with("while running: ")).collect::<Vec<_>>();
    let found = traced.iter().any(|line| {
        line.starts_with("while running: trace-of-product, ")
            && line.contains(":3:7: trace(")
            && line.contains("[5x4]")
            && line.contains(" => sum(")
    });
    assert!(found, "{}", done.stderr);
    // What is left of the fuel after compilation is what may happen while running.
    let before = lines.len() - traced.len();
    let fuelled = run_text(&["--trace", "rewrites", "--fuel", &before.to_string()], script, &[]);
    // Passes take none, rules do.
    assert!(!fuelled.stderr.contains("=>"), "{}", fuelled.stderr);
}

#[test]
fn the_memory_budget_is_checked() {
    let done = run_text(&["--memory", "1M"], "X = rand(rows=1000, cols=1000)\nprint(sum(X))", &[]);
    done.fails(1, &["error[memory]", "1.0 MB", "--memory"]);
    let sparse = "X = rand(rows=1000, cols=1000, sparsity=0.001, seed=1)\nprint(sum(X %*% X != 0) > 0)";
    run_text(&["--memory", "1M"], sparse, &[]).prints("TRUE\n");
    let huge = run_text(&[], "X = matrix(1, 100000000, 100000000)\nprint(sum(exp(X)))", &[]);
    huge.fails(1, &["error[memory]", "80.0 PB"]);
    let three =
        "A = rand(rows=3000, cols=3000, seed=1)\nB = A + 1\nC = A * B\nD = A / B\nprint(min(C) + min(D))";
    let done = run_text(&["--memory", "200M", "--no-fusion"], three, &[]);
    done.fails(1, &["needs 72.0 MB", "MB of it are in use"]);
    // What lies between the operators of a pipeline takes no memory.
    assert_eq!(run_text(&["--memory", "100M"], three, &[]).code, Some(0));
    // A result that may take over the memory of its operand needs none.
    let one = "A = rand(rows=3000, cols=3000)\nA = A + 1\nprint(min(A) > 1)";
    run_text(&["--memory", "100M"], one, &[]).prints("TRUE\n");
}

#[test]
fn the_library_can_be_another_folder() {
    let text = "sigmoid = function(Double x) return (Double y) { y = x + 1 }";
    let folder = Folder::new("library").with("sigmoid.dml", text).with("s.dml", "y = sigmoid(1.0)\nprint(y)");
    folder.run(&["run", "--lib", ".", "s.dml"]).prints("2.0\n");
    folder.run(&["run", "--lib", "nowhere", "s.dml"]).fails(2, &["nowhere is not a folder"]);
}

#[test]
fn check_reports_without_running() {
    let folder =
        Folder::new("check").with("good.dml", "print(1)").with("bad.dml", "print(1)\nprint(a)\nprint(b)");
    folder.run(&["check", "good.dml"]).prints("");
    folder.run(&["check", "bad.dml"]).fails(1, &["`a`", "`b`", "error: bad.dml is not correct: 2 errors"]);
}

#[test]
fn explain_shows_every_level() {
    let folder = Folder::new("explain").with("s.dml", "X = rand(rows=$n, cols=3, seed=1)\nprint(sum(t(X)))");
    for (level, part) in [("ast", "sum(t(X))"), ("facts", "[4x3]"), ("rewritten", "sum"), ("plan", "sum")] {
        let done = folder.run(&["explain", "--level", level, "s.dml", "n=4"]);
        assert!(done.code == Some(0) && done.stdout.contains(part), "{level}: {done:?}");
    }
    folder.run(&["explain", "s.dml"]).fails(1, &["`$n` is not given"]);
}

#[test]
fn ops_lists_and_explains() {
    let all = run(&["ops"]).stdout;
    for line in [
        "binary      a + b",
        "aggregate   rowSums(X)",
        "statement   print",
        "library     lm(X, y, icpt=0",
        "syntax      A %*% B",
    ] {
        assert!(all.contains(line), "{line} is missing in\n{all}");
    }
    assert!(run(&["ops", "solve"]).stdout.starts_with("solve(A, b)\n"));
    assert!(run(&["ops", "ceiling"]).stdout.starts_with("ceil(x)\n"));
    assert!(run(&["ops", "lm"]).stdout.contains("return (Matrix[Double] B)"));
    let missing = run(&["ops", "--missing"]).stdout;
    let mut names: Vec<&str> = missing.lines().collect();
    let last = names.pop().unwrap();
    assert!(!names.iter().any(|name| all.contains(&format!(" {name}("))));
    assert!(last.starts_with(&format!("{} of ", names.len())), "{last}");
    assert!(last.ends_with(" native functions are missing"), "{last}");
    run(&["ops", "sovle"]).fails(2, &["did you mean `solve`?"]);
    let eigen = run(&["ops", "eigen"]).stdout;
    assert!(eigen.contains("Results: ") && eigen.contains("Locality: collect"), "{eigen}");
    assert!(run(&["ops", "outer"]).stdout.contains("  > outer("));
    let found = run(&["ops", "--search", "singular"]).stdout;
    assert!(found.contains("solve(A, b)") && found.lines().count() < all.lines().count() / 4, "{found}");
    assert!(run(&["ops", "singular"]).stdout.ends_with(&found));
    run(&["ops", "--search", "hovercraft"]).fails(2, &["no operator or function speaks of `hovercraft`"]);
}

#[test]
fn help_version_and_completions_are_output() {
    assert!(run(&["--help"]).stdout.contains("Examples:"));
    assert!(run(&["run", "--help"]).stdout.contains("--no-rewrite"));
    run(&["--version"]).prints(concat!("tilewright ", env!("CARGO_PKG_VERSION"), "\n"));
    for shell in ["bash", "zsh", "fish"] {
        assert!(run(&["completions", shell]).stdout.contains("tilewright"), "{shell}");
    }
}

#[test]
fn warnings_are_shown_unless_quiet() {
    let script = "x = solve(matrix(\"1 2 2 4\", 2, 2), matrix(1, 2, 1))\nprint(sum(x) > 0)";
    let done = run_text(&[], script, &[]);
    done.prints("TRUE\n");
    assert!(done.stderr.contains("warning[numeric]"), "{}", done.stderr);
    assert_eq!(run_text(&["--quiet"], script, &[]).stderr, "");
}

#[test]
fn there_is_no_colour_away_from_a_terminal() {
    assert!(!run_text(&[], "print(nope)", &[]).stderr.contains('\u{1b}'));
    assert!(!run(&["run", "--nope"]).stderr.contains('\u{1b}'));
}

#[cfg(target_os = "linux")]
#[test]
fn no_color_is_honoured_on_a_terminal() {
    let folder = Folder::new("colour").with("s.dml", "print(nope)");
    let on_terminal = |no_color: &str| {
        let line = format!("{} run s.dml", env!("CARGO_BIN_EXE_tilewright"));
        let mut script = Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).env("NO_COLOR", no_color).env("TERM", "xterm");
        let output = script.current_dir(&folder.0).stdin(Stdio::null()).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    // Without the tool that makes a terminal there is nothing to test.
    if let (Ok(colour), Ok(plain)) = (on_terminal(""), on_terminal("1")) {
        assert!(colour.contains("\u{1b}["), "{colour}");
        assert!(plain.contains("error[name]") && !plain.contains('\u{1b}'), "{plain}");
    }
}

#[test]
fn prints_come_before_the_error_that_ends_them() {
    let folder =
        Folder::new("order").with("s.dml", "for (i in 1:1000) print(i)\nstop(\"end\" + nrow(rand(2, 2)))");
    let file = fs::File::create(folder.0.join("both.txt")).unwrap();
    let status =
        folder.command(&["run", "s.dml"]).stdout(file.try_clone().unwrap()).stderr(file).status().unwrap();
    let both = fs::read_to_string(folder.0.join("both.txt")).unwrap();
    assert_eq!(status.code(), Some(1));
    assert!(both.find("\n1000\n").unwrap() < both.find("error[stop]").unwrap(), "{both}");
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let mut command = tilewright();
    let folder =
        Folder::new("pipe").with("s.dml", "i = 0\nwhile (i >= 0) { print(\"line \" + i); i = i + 1 }");
    let mut child = spawn(command.args(["run", "s.dml"]).current_dir(&folder.0));
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let done = Done::from(child.wait_with_output().unwrap());
    assert_eq!((first.as_str(), done.code, done.stderr.as_str()), ("line 0\n", Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let folder = Folder::new("full").with("s.dml", "print(1)");
    for words in [&["run", "s.dml"][..], &["ops"]] {
        let done = Done::from(folder.command(words).stdout(full()).output().unwrap());
        done.fails(1, &["error[file]", "No space left"]);
    }
}

/// A print is seen soon even if nothing follows it for long.
#[test]
fn prints_do_not_wait_for_the_end() {
    let folder = Folder::new("soon").with("s.dml", FOREVER);
    let mut child = spawn(&mut folder.command(&["run", "s.dml"]));
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(line, "started\n");
}

const FOREVER: &str = "print(\"started\")\nx = 0\nwhile (x >= 0) { x = x + 1; if (x > 100) x = 0 }";

#[cfg(unix)]
#[test]
fn interrupts_end_with_130() {
    let folder = Folder::new("interrupt").with("s.dml", FOREVER);
    for signal in ["INT", "TERM"] {
        let mut child = spawn(&mut folder.command(&["run", "s.dml"]));
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut String::new()).unwrap();
        if ignores_interrupts(child.id()) {
            child.kill().unwrap();
            child.wait().unwrap();
            return;
        }
        let sent =
            Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap();
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        let code = child.wait().unwrap().code();
        assert!(sent.success() && code == Some(130), "{signal}: {code:?}");
    }
}

/// Whether the process inherited that Ctrl-C is ignored, as jobs in the background do.
#[cfg(unix)]
fn ignores_interrupts(process: u32) -> bool {
    let status =
        fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status")).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 0b10 != 0)
}

#[test]
fn saying_hello_is_quick() {
    let folder = Folder::new("hello").with("s.dml", "print(\"hello\")");
    let once = || {
        let clock = Instant::now();
        folder.run(&["run", "s.dml"]).prints("hello\n");
        clock.elapsed()
    };
    let best = (0..5).map(|_| once()).min().unwrap();
    assert!(best < Duration::from_millis(200), "{best:?}");
}

#[test]
fn functions_may_call_themselves_deeply_on_any_thread() {
    let script = "
f = function(Integer n) return (Integer r) { if (n == 0) { r = 0 } else { s = f(n - 1); r = s + 1 } }
print(f($1))";
    for options in [&[][..], &["--threads", "2"]] {
        run_text(options, script, &["900"]).prints("900\n");
        run_text(options, script, &["100000"]).fails(1, &["calls of functions inside each other"]);
    }
}

#[test]
fn check_tells_programs_in_json() {
    let text = "x = 1\nsum(x)\ny = foo(1)\n  z = x + nope\n";
    let folder = Folder::new("json").with("s.dml", text);
    let done = folder.run(&["check", "--format", "json", "s.dml"]);
    assert_eq!((done.code, done.stderr.as_str()), (Some(1), ""));
    let lines: Vec<serde_json::Value> =
        done.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<String> =
        lines.iter().map(|line| format!("{}:{}", line["severity"], line["line"])).collect();
    assert_eq!(told, ["\"warning\":2", "\"error\":3", "\"error\":4"]);
    let last = &lines[2];
    for (field, expected) in [
        ("code", "\"name\""),
        ("file", "\"s.dml\""),
        ("column", "11"),
        ("end_line", "4"),
        ("end_column", "15"),
    ] {
        assert_eq!(last[field].to_string(), expected, "{field}");
    }
    assert!(last["message"].as_str().unwrap().contains("`nope`"));
    assert!(last["labels"].is_array() && last["trace"].is_array() && last["hints"].is_array());
    let keys: Vec<&String> = last.as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 11, "{keys:?}");
}

#[test]
fn json_has_labels_and_calls_and_is_empty_when_all_is_well() {
    let text = "f = function(Matrix[Double] A) return (Double r) {\n  r = sum(A %*% A)\n}\ns = f(matrix(1, 2, 3))\nprint(s)\n";
    let folder = Folder::new("json-trace").with("s.dml", text).with("good.dml", "print(1)\n");
    let done = folder.run(&["check", "--format", "json", "s.dml"]);
    let line: serde_json::Value = serde_json::from_str(done.stdout.trim()).unwrap();
    assert_eq!(line["code"], "shape");
    assert_eq!((&line["labels"][0]["line"], &line["labels"][0]["file"]), (&4.into(), &"s.dml".into()));
    assert_eq!((&line["trace"][0]["function"], &line["trace"][0]["line"]), (&"f".into(), &4.into()));
    folder.run(&["check", "--format", "json", "good.dml"]).prints("");
    let done = folder.run(&["check", "--format", "json", "missing.dml"]);
    done.fails(2, &["there is no script missing.dml"]);
}

#[test]
fn check_tells_what_is_not_portable() {
    let folder = Folder::new("portable").with("s.dml", "x = 1\nx -= 1\nprint(x)\n");
    assert_eq!(folder.run(&["check", "s.dml"]).stderr, "");
    let done = folder.run(&["check", "--portable", "s.dml"]);
    assert_eq!(done.code, Some(0));
    assert!(done.stderr.contains("s.dml:2"), "{}", done.stderr);
}
