//! Whatever the text, the compiler answers: with a program or with errors, soon, and without a defect.
//!
//! Panics are caught by the engine and told as errors of the code `internal`, which this looks for.

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use tilewright_base::{Code, Diagnostic};
use tilewright_engine::{Options, Session};
use tilewright_suite::root;
use tilewright_suite::section::{self, Kind};

/// splitmix64 (Steele et al. 2014).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }
}

/// Compiles a text; errors are fine, defects are not.
#[track_caller]
fn compile(text: &str) -> Result<(), Vec<Diagnostic>> {
    let mut session = Session::new(Options::default());
    let diagnostics = match session.compile("mutant.dml", text) {
        Ok(_) => return Ok(()),
        Err(diagnostics) => diagnostics,
    };
    if let Some(defect) = diagnostics.iter().find(|diagnostic| diagnostic.code == Code::Internal) {
        let shown: String = text.chars().take(4000).collect();
        panic!("{}\n{shown}", session.render(defect, false));
    }
    assert!(!diagnostics.is_empty(), "a failure without an error");
    Err(diagnostics)
}

/// The scripts of the suite.
fn scripts() -> Vec<String> {
    let folder = root().join("tests/suite");
    let mut found = Vec::new();
    for file in section::files(&folder).expect("the suite") {
        let text = std::fs::read_to_string(&file).expect("a file of the suite");
        let sections = section::parse(Path::new(&file), &text).expect("sections");
        let texts = sections.into_iter().filter(|section| section.kind != Kind::Explain);
        found.extend(texts.map(|section| section.text));
    }
    found
}

/// Words, numbers, signs and blanks of a text; together they are the text.
fn tokens(text: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' || c == '.' => 0,
        ' ' => 1,
        _ => 2,
    };
    let mut found = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (at, c) in text.char_indices() {
        if at > start && (last != Some(kind(c)) || kind(c) == 2) {
            found.push(&text[start..at]);
            start = at;
        }
        last = Some(kind(c));
    }
    found.push(&text[start..]);
    found
}

/// Takes out, doubles or exchanges one of the pieces, or puts one of another script in its place.
fn mutate(pieces: &mut Vec<String>, foreign: &[String], numbers: &mut Numbers) {
    if pieces.is_empty() || foreign.is_empty() {
        return;
    }
    let (at, other) = (numbers.below(pieces.len()), numbers.below(pieces.len()));
    match numbers.below(4) {
        0 => _ = pieces.remove(at),
        1 => pieces.insert(other, pieces[at].clone()),
        2 => pieces.swap(at, other),
        _ => pieces[at] = foreign[numbers.below(foreign.len())].clone(),
    }
}

fn mutant(scripts: &[String], numbers: &mut Numbers) -> String {
    let owned = |pieces: Vec<&str>| pieces.into_iter().map(String::from).collect::<Vec<_>>();
    let (text, other) = (&scripts[numbers.below(scripts.len())], &scripts[numbers.below(scripts.len())]);
    let cut = |text: &str, lines: bool| {
        if lines { owned(text.split_inclusive('\n').collect()) } else { owned(tokens(text)) }
    };
    let lines = numbers.below(3) == 0;
    let (mut pieces, foreign) = (cut(text, lines), cut(other, lines));
    for _ in 0..=numbers.below(3) {
        mutate(&mut pieces, &foreign, numbers);
    }
    pieces.concat()
}

#[test]
fn mutants_of_the_suite_compile_or_fail_with_errors() {
    let scripts = scripts();
    assert!(scripts.len() > 300, "the suite has {} scripts", scripts.len());
    let mut numbers = Numbers(11);
    let mut failed = 0;
    let started = Instant::now();
    let mut count = 0;
    // A fixed number, so that a failure comes again; a slow machine makes do with fewer.
    while count < 1500 && (count < 300 || started.elapsed() < Duration::from_secs(8)) {
        failed += usize::from(compile(&mutant(&scripts, &mut numbers)).is_err());
        count += 1;
    }
    assert!(failed > count / 5 && failed < count, "{failed} of {count} mutants have errors");
}

/// Texts that nest by a number: brackets, operators, blocks.
fn nests(count: usize) -> Vec<String> {
    let blocks = |head: &str| format!("x = 1\n{}x = 2{}\n", head.repeat(count), "\n}".repeat(count));
    let chain = |operator: &str| format!("x = 1\ny = x{}\n", format!(" {operator} x").repeat(count));
    vec![
        format!("x = 1\ny = {}x{}\n", "(".repeat(count), ")".repeat(count)),
        format!("x = 1\ny = {}x\n", "-".repeat(count)),
        format!("x = 1\ny = {}x\n", "!".repeat(count)),
        format!("x = 1\ny = {}x{}\n", "abs(".repeat(count), ")".repeat(count)),
        format!("X = matrix(1, 1, 1)\ny = {}1{}\n", "X[".repeat(count), ", 1]".repeat(count)),
        format!(
            "f = function(double a) return (double b) {{ b = a }}\nx = 1\ny = {}x{}\n",
            "f(".repeat(count),
            ")".repeat(count)
        ),
        chain("+"),
        chain("^"),
        chain("%*%"),
        chain("&&"),
        blocks("if (x > 1) {\n"),
        blocks("while (x > 1) {\n"),
        blocks("for (i in 1:2) {\n"),
        blocks("parfor (i in 1:2) {\n"),
        format!("x = 1\nif (x == 1) {{ x = 2 }}{}\n", " else if (x == 2) { x = 3 }".repeat(count)),
        format!("x = 1\n{}x = 2\n", "if (x > 1) ".repeat(count)),
        format!("x = {}1{}\n", "[".repeat(count), "]".repeat(count)),
    ]
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    for text in nests(50_000) {
        let diagnostics = compile(&text).expect_err(&text[..60]);
        assert!(diagnostics.len() < 200, "{} errors for {}", diagnostics.len(), &text[..60]);
    }
}

#[test]
fn what_may_nest_is_compiled_in_little_time() {
    let started = Instant::now();
    for count in [3, 20, 240] {
        for text in nests(count) {
            // Whether a script is right is not asked here.
            let _ = compile(&text);
        }
    }
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[test]
fn functions_that_call_each_other_are_compiled_in_little_time() {
    // Each calls the one before it twice: 2^60 ways through the program.
    let mut text = String::from("f0 = function(double a) return (double b) { b = a + 1 }\n");
    for k in 1..60 {
        let _ = writeln!(
            text,
            "f{k} = function(double a) return (double b) {{ b = f{before}(a) + f{before}(a * 2) }}",
            before = k - 1
        );
    }
    text += "print(f59(as.integer(\"3\")))\n";
    let started = Instant::now();
    compile(&text).expect("it is right");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

/// A script of many lines: assignments, functions, branches and loops over variables of their own.
fn long(lines: usize) -> String {
    let mut text = String::from("n = as.integer(\"3\")\n");
    for k in 0..lines / 20 {
        let _ = write!(
            text,
            "a{k} = n + {k}\nX{k} = matrix(a{k}, rows=3, cols=2)\ns{k} = sum(X{k} * 2) + a{k}\n\
             f{k} = function(Matrix[Double] A, Double b) return (Double r) {{\n  B = A + b\n  if (b > 2) {{\n    \
             B = B * B\n  }}\n  r = sum(B)\n}}\nr{k} = f{k}(X{k}, s{k})\n\
             for (i in 1:n) {{\n  y{k} = i * 2\n  while (y{k} > 3) {{\n    y{k} = y{k} - 1\n    if (y{k} == n) {{\n      \
             n = n + 1\n    }}\n  }}\n}}\n",
        );
    }
    text
}

/// The bound is generous: this build checks itself and shares the machine. The benchmark `compile-long` measures.
#[test]
fn a_script_of_a_hundred_thousand_lines_is_checked_in_seconds() {
    let text = long(100_000);
    assert!(text.lines().count() >= 100_000);
    let started = Instant::now();
    compile(&text).expect("it is right");
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[test]
fn variables_that_live_long_cost_no_more() {
    let mut text = String::new();
    let count = 10_000;
    (0..count).for_each(|k| _ = writeln!(text, "v{k} = as.integer(\"{k}\")"));
    (0..count).for_each(|k| _ = writeln!(text, "if (v{k} > 2) {{\n  w{k} = v{k}\n}}"));
    (0..count).for_each(|k| _ = writeln!(text, "print(v{k})"));
    let started = Instant::now();
    compile(&text).expect("it is right");
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}
