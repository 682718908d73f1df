//! The tree as canonical DML: one statement per line, braces everywhere, no parenthesis that is not needed.
//!
//! Parsing the result gives the same tree but for spans and comments; of the comments only the documentation
//! of functions is printed.

use std::fmt::{self, Display, Formatter, Write};

use crate::ast::*;
use crate::precedence;

/// The script as text: sources, functions, statements.
pub fn print(script: &Script) -> String {
    let mut printer = Printer { text: String::new(), depth: 0 };
    let mut directory = None;
    for source in &script.sources {
        printer.source(source, directory);
        directory = source.directory.as_ref();
    }
    for function in &script.functions {
        printer.function(function);
    }
    printer.statements(&script.body);
    printer.text
}

struct Printer {
    text: String,
    depth: usize,
}

impl Printer {
    /// Writes an indented line.
    fn line(&mut self, line: impl Display) {
        writeln!(self.text, "{:1$}{line}", "", 2 * self.depth)
            .expect("invariant: writing to a string succeeds");
    }

    fn source(&mut self, source: &Source, directory: Option<&String>) {
        if let Some(path) = source.directory.as_ref().filter(|path| Some(*path) != directory) {
            self.line(format_args!("setwd({})", Quoted(path)));
        }
        self.line(format_args!("source({}) as {}", Quoted(&source.path), source.namespace.text));
    }

    fn function(&mut self, function: &Function) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        for line in function.doc.lines() {
            let space = if line.is_empty() { "" } else { " " };
            self.line(format_args!("#{space}{line}"));
        }
        let Function { name, params, results, body, .. } = function;
        let returns =
            if results.is_empty() { String::new() } else { format!(" return ({})", Commas(results)) };
        self.block(format_args!("{} = function({}){returns}", name.text, Commas(params)), body);
        self.line("}");
        self.text.push('\n');
    }

    /// Writes `head {` and the statements, not the `}`.
    fn block(&mut self, head: impl Display, body: &[Stmt]) {
        self.line(format_args!("{head} {{"));
        self.depth += 1;
        self.statements(body);
        self.depth -= 1;
    }

    fn statements(&mut self, statements: &[Stmt]) {
        for statement in statements {
            self.statement(&statement.kind);
        }
    }

    fn statement(&mut self, statement: &StmtKind) {
        match statement {
            StmtKind::Assign { target, update, value } => {
                let operator = update.map_or("", Infix::symbol);
                self.line(format_args!("{target} {operator}= {value}"));
            }
            StmtKind::MultiAssign { targets, call } => {
                self.line(format_args!("[{}] = {call}", Commas(targets)))
            }
            StmtKind::IfDef { target, argument, default } => {
                self.line(format_args!("{target} = ifdef(${}, {default})", argument.text));
            }
            StmtKind::Call(call) => self.line(call),
            StmtKind::Break => self.line("break"),
            StmtKind::Continue => self.line("continue"),
            StmtKind::Return(args) => self.line(format_args!("return({})", Commas(args))),
            StmtKind::If { condition, then, otherwise } => self.branches(condition, then, otherwise),
            StmtKind::While { condition, body } => {
                self.block(format_args!("while ({condition})"), body);
                self.line("}");
            }
            StmtKind::For { variable, range, parallel, options, body } => {
                let word = if *parallel { "parfor" } else { "for" };
                let options: String =
                    options.iter().map(|(name, value)| format!(", {}={value}", name.text)).collect();
                self.block(format_args!("{word} ({} in {range}{options})", variable.text), body);
                self.line("}");
            }
        }
    }

    fn branches<'a>(&mut self, condition: &'a Expr, then: &'a [Stmt], mut otherwise: &'a [Stmt]) {
        self.block(format_args!("if ({condition})"), then);
        while let [Stmt { kind: StmtKind::If { condition, then, otherwise: rest }, .. }] = otherwise {
            self.block(format_args!("}} else if ({condition})"), then);
            otherwise = rest;
        }
        if !otherwise.is_empty() {
            self.block("} else", otherwise);
        }
        self.line("}");
    }
}

/// Items with commas between them.
struct Commas<'a, T>(&'a [T]);

impl<T: Display> Display for Commas<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (at, item) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{item}")?;
        }
        Ok(())
    }
}

/// An index in its brackets; a list of one number has a space before it, for `[[i]]` is an element.
struct Brackets<'a>(&'a [IndexRange]);

impl Display for Brackets<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let is_list = |index: &Expr| matches!(&index.kind, ExprKind::List(items) if items.len() < 2);
        let space = matches!(self.0, [IndexRange::One(index)] if is_list(index));
        write!(f, "[{}{}]", if space { " " } else { "" }, Commas(self.0))
    }
}

/// A string in quotes, with escapes.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\t' => f.write_str("\\t")?,
                '\r' => f.write_str("\\r")?,
                '\u{8}' => f.write_str("\\b")?,
                '\u{c}' => f.write_str("\\f")?,
                other => f.write_char(other)?,
            }
        }
        f.write_char('"')
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Matrix => "Matrix[Double]",
            Kind::Frame => "Frame[Unknown]",
            Kind::List => "List[Unknown]",
            Kind::Double => "Double",
            Kind::Integer => "Integer",
            Kind::Boolean => "Boolean",
            Kind::String => "String",
            Kind::Unknown => "Unknown",
        })
    }
}

impl Display for Param {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name.text)?;
        if !self.shape.is_empty() {
            write!(f, " [{}]", Commas(&self.shape))?;
        }
        self.default.as_ref().map_or(Ok(()), |default| write!(f, " = {default}"))
    }
}

impl Display for Extent {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Extent::Any(_) => f.write_char('_'),
            Extent::Known(value, _) => write!(f, "{value}"),
            Extent::Name(name) => f.write_str(&name.text),
        }
    }
}

impl Display for Target {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name.text)?;
        match self.indices.as_slice() {
            [] => Ok(()),
            [at] if self.is_element => write!(f, "[[{at}]]"),
            indices => write!(f, "{}", Brackets(indices)),
        }
    }
}

impl Display for IndexRange {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            IndexRange::All => Ok(()),
            IndexRange::One(index) => write!(f, "{index}"),
            IndexRange::Range(from, to) => {
                from.iter().try_for_each(|from| write!(f, "{from}"))?;
                f.write_char(':')?;
                to.iter().try_for_each(|to| write!(f, "{to}"))
            }
        }
    }
}

impl Display for Arg {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.name.as_ref().map_or(Ok(()), |name| write!(f, "{}=", name.text))?;
        write!(f, "{}", self.value)
    }
}

/// As DML, with no parenthesis that is not needed.
impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Integer(value) => write!(f, "{value}"),
            ExprKind::Double(value) if value.is_infinite() => f.write_str("1e999"),
            ExprKind::Double(value) => write!(f, "{value:?}"),
            ExprKind::Boolean(value) => f.write_str(if *value { "TRUE" } else { "FALSE" }),
            ExprKind::String(text) => write!(f, "{}", Quoted(text)),
            ExprKind::Variable(name) => f.write_str(name),
            ExprKind::Argument(name) => write!(f, "${name}"),
            ExprKind::Unary(operator, operand) => {
                let symbol = match operator {
                    Prefix::Minus => "-",
                    Prefix::Plus => "+",
                    Prefix::Not => "!",
                };
                let needs = rank(operand) < precedence::prefix(*operator);
                write!(f, "{symbol}{}", Wrapped(operand, needs))
            }
            ExprKind::Binary(operator, left, right) => binary(f, *operator, left, right),
            ExprKind::Call(call) => write!(f, "{}({})", call.callee.text, Commas(&call.args)),
            ExprKind::Index(base, ranges) => {
                write!(f, "{}{}", Wrapped(base, rank(base) < ATOM), Brackets(ranges))
            }
            ExprKind::Element(base, at) => write!(f, "{}[[{at}]]", Wrapped(base, rank(base) < ATOM)),
            ExprKind::List(items) => write!(f, "[{}]", Commas(items)),
            ExprKind::Range(from, to) => write!(f, "{from}:{to}"),
        }
    }
}

fn binary(f: &mut Formatter<'_>, operator: Infix, left: &Expr, right: &Expr) -> fmt::Result {
    let own = precedence::infix(operator);
    let right_associative = precedence::is_right_associative(operator);
    let wrap_left = rank(left) < own + u8::from(right_associative);
    // A sign needs no parentheses on the right: it takes no operator that could follow here.
    let signed = matches!(right.kind, ExprKind::Unary(Prefix::Minus | Prefix::Plus, _));
    let wrap_right = !signed && rank(right) < own + u8::from(!right_associative);
    let space = if operator == Infix::Power { "" } else { " " };
    let symbol = operator.symbol();
    write!(f, "{}{space}{symbol}{space}{}", Wrapped(left, wrap_left), Wrapped(right, wrap_right))
}

/// The rank of what needs no parentheses anywhere.
const ATOM: u8 = u8::MAX;

/// How tightly the outermost operator of an expression binds.
fn rank(expr: &Expr) -> u8 {
    match &expr.kind {
        ExprKind::Unary(operator, _) => precedence::prefix(*operator),
        ExprKind::Binary(operator, ..) => precedence::infix(*operator),
        ExprKind::Range(..) => 0,
        _ => ATOM,
    }
}

/// An expression, in parentheses if it needs them.
struct Wrapped<'a>(&'a Expr, bool);

impl Display for Wrapped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.1 { write!(f, "({})", self.0) } else { write!(f, "{}", self.0) }
    }
}
