//! The printed form of pipelines, which is read back: what is printed can be stored and sent.
//!
//! ```text
//! pipeline panel panel scalar
//! %0 = * #0 #1 @0:15..20
//! %1 = + %0 #2 @0:15..24
//! %2 = sum %1 @0:11..25
//! -> %2
//! ```
//!
//! `#k` are inputs, `%k` steps; behind `@` stands the place in the source: file, first byte, one past the last.

use std::fmt::{Display, Formatter, Write};
use std::str::FromStr;

use tilewright_base::{Fault, FileId, Outcome, Span, fault};
use tilewright_ops::index::{Form, Side};
use tilewright_ops::product::Product;
use tilewright_ops::{Op, aggregate, binary, cumulative, select, unary};

use crate::functions;
use crate::pipeline::{Pipeline, Role, Source, Step};

impl Display for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::Input(at) => write!(f, "#{at}"),
            Source::Step(at) => write!(f, "%{at}"),
            // The shortest digits that read back as the same number.
            Source::Number(number) => write!(f, "{number:?}"),
        }
    }
}

impl Display for Pipeline {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("pipeline")?;
        self.inputs.iter().try_for_each(|role| write!(f, " {}", role.word()))?;
        f.write_char('\n')?;
        for (at, Step { op, args, span }) in self.steps.iter().enumerate() {
            write!(f, "%{at} = {}", op.name())?;
            args.iter().try_for_each(|arg| write!(f, " {arg}"))?;
            writeln!(f, " @{}:{}..{}", span.file.0, span.start, span.end)?;
        }
        f.write_str("->")?;
        self.results.iter().try_for_each(|step| write!(f, " %{step}"))?;
        f.write_char('\n')
    }
}

impl FromStr for Pipeline {
    type Err = Fault;

    /// Reads the printed form.
    ///
    /// # Errors
    /// Which line is not one, and what makes the whole invalid.
    fn from_str(text: &str) -> Outcome<Pipeline> {
        let mut pipeline = Pipeline { inputs: Vec::new(), steps: Vec::new(), results: Vec::new() };
        for (at, line) in text.lines().enumerate() {
            read_line(line, &mut pipeline)
                .ok_or_else(|| fault!(Syntax, "line {} of a pipeline is not one: `{line}`", at + 1))?;
        }
        pipeline.verify()?;
        Ok(pipeline)
    }
}

fn read_line(line: &str, pipeline: &mut Pipeline) -> Option<()> {
    let mut words = line.split_whitespace();
    match words.next()? {
        "pipeline" => {
            let role = |word: &str| Role::ALL.into_iter().find(|role| role.word() == word);
            pipeline.inputs = words.map(role).collect::<Option<_>>()?;
        }
        "->" => pipeline.results = words.map(step_number).collect::<Option<_>>()?,
        at => {
            (step_number(at)? == pipeline.steps.len() && words.next()? == "=").then_some(())?;
            let name = words.next()?;
            let mut args: Vec<&str> = words.collect();
            let span = span(args.pop()?)?;
            let args = args.into_iter().map(source).collect::<Option<Vec<_>>>()?;
            pipeline.steps.push(Step { op: operator(name, args.len())?, args, span });
        }
    }
    Some(())
}

fn step_number(word: &str) -> Option<usize> {
    word.strip_prefix('%')?.parse().ok()
}

fn source(word: &str) -> Option<Source> {
    match word.strip_prefix('#') {
        Some(input) => input.parse().ok().map(Source::Input),
        None => step_number(word).map(Source::Step).or_else(|| word.parse().ok().map(Source::Number)),
    }
}

fn span(word: &str) -> Option<Span> {
    let (file, range) = word.strip_prefix('@')?.split_once(':')?;
    let (start, end) = range.split_once("..")?;
    Some(Span::new(FileId(file.parse().ok()?), start.parse().ok()?, end.parse().ok()?))
}

/// The operator of a name with so many operands.
fn operator(name: &str, operands: usize) -> Option<Op> {
    let product = || Product::ALL.into_iter().find(|form| form.name() == name).map(Op::Product);
    let function = functions::find(name, operands);
    match operands {
        _ if function.is_some() => function,
        _ if name == "[]" => columns(operands).map(Op::Index),
        1 => unary::find(name)
            .map(Op::Unary)
            .or_else(|| cumulative::find(name).map(Op::Cumulative))
            .or_else(|| aggregate::find(name).map(|(row, over)| Op::Aggregate(row, over)))
            .or_else(product),
        2 => binary::find(name).map(Op::Binary).or_else(product),
        3 => (name == select::NAME).then_some(Op::Select),
        _ => None,
    }
}

/// `X[, j]` or `X[, from:to]`, by the number of operands.
fn columns(operands: usize) -> Option<Form> {
    let cols = [Side::One, Side::Range].into_iter().find(|side| side.inputs() + 1 == operands)?;
    Some(Form { rows: Side::All, cols })
}
