//! Runs a section in every mode of execution and says what is not as expected.

use std::collections::BTreeMap;

use tilewright_base::{Diagnostic, Frame, Severity, Span};
use tilewright_engine::{Arguments, Fusion, Level, Mode, Options, Session, Stats, argument_value};

use crate::lines::{difference, split};
use crate::section::{Kind, Message, Section, When};

/// A way to run a program that must agree with the others.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    mode: Mode,
    threads: Option<usize>,
    as_written: bool,
    fusion: Fusion,
}

const PLAIN: Way =
    Way { name: "optimised", mode: Mode::Fast, threads: None, as_written: false, fusion: Fusion::Cost };

/// All of them. Pipelines of any size stand in for those that only large matrices are worth.
const WAYS: [Way; 6] = [
    PLAIN,
    Way { name: "one thread", threads: Some(1), ..PLAIN },
    Way { name: "no rewrites", as_written: true, ..PLAIN },
    Way { name: "fused", fusion: Fusion::All, ..PLAIN },
    Way { name: "fused and forced sparse", mode: Mode::ForcedSparse, fusion: Fusion::All, ..PLAIN },
    Way { name: ORACLE, mode: Mode::Oracle, threads: Some(1), as_written: true, ..PLAIN },
];

const ORACLE: &str = "oracle";

/// What a script did.
struct Ran {
    printed: String,
    /// The operators that ran, with how often.
    operators: BTreeMap<String, u64>,
    /// The errors; none if it ran to its end.
    errors: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
    when: When,
    session: Session,
}

/// Checks a section.
///
/// # Errors
/// What is not as expected, as text.
pub fn check(section: &Section) -> Result<(), String> {
    match section.kind {
        Kind::Eval => eval(section),
        Kind::Error => error(section),
        Kind::Explain => {
            explain(section).and_then(|text| match difference(&split(&text), &section.printed, 0.0) {
                Some(difference) => Err(format!("{difference}\nthe whole text is\n{text}")),
                None => Ok(()),
            })
        }
        Kind::Compare | Kind::Alike => compare(section),
    }
}

/// What a section prints, the same in all modes; the explanation of an `explain` section.
///
/// # Errors
/// When it fails or modes disagree.
pub fn printed(section: &Section) -> Result<Vec<String>, String> {
    if section.kind == Kind::Explain {
        return explain(section).map(|text| split(&text));
    }
    let first = finished(section, 0)?;
    let lines = split(&first.printed);
    for (at, way) in WAYS.iter().enumerate().skip(1) {
        let other = finished(section, at)?;
        if let Some(difference) = difference(&split(&other.printed), &lines, section.tolerance) {
            return Err(format!("{} against {}: {difference}", way.name, WAYS[0].name));
        }
    }
    Ok(lines)
}

fn options(section: &Section, mode: usize) -> Options {
    let Way { mode, threads, as_written, fusion, .. } = WAYS[mode];
    let mut arguments = Arguments::new();
    let mut position = 0;
    for argument in &section.arguments {
        let (name, value) = argument.split_once('=').map_or_else(
            || {
                position += 1;
                (position.to_string(), argument.as_str())
            },
            |(name, value)| (name.to_string(), value),
        );
        arguments.insert(name, argument_value(value));
    }
    let no_rewrite = as_written.then(|| "all".to_string()).into_iter().collect();
    Options { arguments, mode, threads, seed: Some(1), no_rewrite, fusion, ..Options::default() }
}

fn run(section: &Section, mode: usize, script: &str) -> Ran {
    let mut session = Session::new(options(section, mode));
    let failed = |errors, session| Ran {
        printed: String::new(),
        operators: BTreeMap::new(),
        errors,
        warnings: Vec::new(),
        when: When::Compile,
        session,
    };
    let compiled = match session.compile(&section.file.display().to_string(), script) {
        Ok(compiled) => compiled,
        Err(diagnostics) => return failed(diagnostics, session),
    };
    let stats = Stats::default();
    let (done, printed, found) = session.run_with(&compiled, Vec::new(), Some(&stats));
    let errors = done.err().into_iter().collect();
    let warnings = compiled.warnings.into_iter().chain(found).collect();
    Ran {
        printed: String::from_utf8_lossy(&printed).into_owned(),
        operators: stats.heaviest(usize::MAX).into_iter().map(|(name, total)| (name, total.count)).collect(),
        errors,
        warnings,
        when: When::Run,
        session,
    }
}

fn finished(section: &Section, mode: usize) -> Result<Ran, String> {
    let ran = run(section, mode, &section.text);
    if ran.errors.is_empty() { Ok(ran) } else { Err(format!("{}: {}", WAYS[mode].name, rendered(&ran))) }
}

fn rendered(ran: &Ran) -> String {
    let all: Vec<_> = ran.errors.iter().map(|error| ran.session.render(error, false)).collect();
    all.join("\n")
}

fn eval(section: &Section) -> Result<(), String> {
    let all = (0..WAYS.len()).map(|mode| finished(section, mode)).collect::<Result<Vec<_>, _>>()?;
    for (ran, Way { name, .. }) in all.iter().zip(WAYS) {
        if let Some(difference) = difference(&split(&ran.printed), &section.printed, section.tolerance) {
            return Err(format!("{name}: {difference}\nall of it:\n{}", ran.printed));
        }
        // The definition has no condition numbers and no advice.
        if name == ORACLE {
            continue;
        }
        if let Some(missing) =
            section.warnings.iter().find(|message| !ran.warnings.iter().any(|d| fits(d, message)))
        {
            return Err(format!("{name}: no warning {missing:?}, but {:?}", ran.warnings));
        }
    }
    if all[0].printed != all[1].printed {
        return Err(format!(
            "the number of threads shows:\n{}\nwith one thread:\n{}",
            all[0].printed, all[1].printed
        ));
    }
    Ok(())
}

fn fits(diagnostic: &Diagnostic, message: &Message) -> bool {
    diagnostic.code.word() == message.code && diagnostic.message.contains(&message.part)
}

fn error(section: &Section) -> Result<(), String> {
    if section.errors.is_empty() {
        return Err("an error section needs a line `#! error code: part of the message`".into());
    }
    for (mode, Way { name, .. }) in WAYS.iter().enumerate() {
        let ran = run(section, mode, &section.text);
        failed_as_expected(section, &ran)
            .map_err(|problem| format!("{name}: {problem}\n{}", rendered(&ran)))?;
    }
    Ok(())
}

fn failed_as_expected(section: &Section, ran: &Ran) -> Result<(), String> {
    let errors: Vec<_> = ran.errors.iter().filter(|error| error.severity == Severity::Error).collect();
    if errors.is_empty() {
        return Err(format!("it does not fail and prints\n{}", ran.printed));
    }
    if section.when.is_some_and(|when| when != ran.when) {
        return Err(format!("the error shows at {:?}", ran.when));
    }
    for message in &section.errors {
        let Some(found) = errors.iter().find(|error| fits(error, message)) else {
            return Err(format!("no error `{}: {}`", message.code, message.part));
        };
        let at = |span: Span| ran.session.sources().file(span.file).line_column(span.start);
        let place = found.span.map(at);
        if section.errors.len() == 1 && section.place.is_some() && place != section.place {
            return Err(format!("the error is at {place:?}, expected {:?}", section.place));
        }
        let called = |frame: &Frame| {
            let (line, column) = at(frame.call);
            format!("{} {line}:{column}", frame.function)
        };
        let calls: Vec<String> = found.trace.iter().map(called).collect();
        if !section.calls.is_empty() && calls != section.calls {
            return Err(format!("it happens in calls of {calls:?}, expected {:?}", section.calls));
        }
    }
    let hinted =
        |part: &&String| !errors.iter().flat_map(|error| &error.hints).any(|hint| hint.contains(*part));
    if let Some(missing) = section.hints.iter().find(hinted) {
        return Err(format!("no hint with `{missing}`"));
    }
    match difference(&split(&ran.printed), &section.printed, section.tolerance) {
        Some(difference) => Err(difference),
        None => Ok(()),
    }
}

fn explain(section: &Section) -> Result<String, String> {
    let level = match section.level.as_str() {
        "ast" => Level::Ast,
        "facts" => Level::Facts,
        "rewritten" => Level::Rewritten,
        "plan" => Level::Plan,
        "runtime" => Level::Runtime,
        other => {
            return Err(format!("`#! level {other}` is no level: ast, facts, rewritten, plan or runtime"));
        }
    };
    let mut session = Session::new(options(section, 0));
    let explained = session.explain(&section.file.display().to_string(), &section.text, level);
    explained.map_err(|errors| errors.iter().map(|error| session.render(error, false)).collect())
}

fn compare(section: &Section) -> Result<(), String> {
    let ran: Vec<_> = section.scripts().into_iter().map(|script| run(section, 0, script)).collect();
    let [a, b] = &ran[..] else { return Err(format!("two scripts are compared, found {}", ran.len())) };
    for side in [a, b] {
        if !side.errors.is_empty() {
            return Err(rendered(side));
        }
    }
    if section.kind == Kind::Alike && a.operators != b.operators {
        return Err(format!("the operators differ: {:?} and {:?}", a.operators, b.operators));
    }
    match difference(&split(&a.printed), &split(&b.printed), section.tolerance) {
        Some(difference) => Err(difference),
        None => Ok(()),
    }
}
