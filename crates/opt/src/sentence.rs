//! From the text of a rule to its two sides.

use std::sync::OnceLock;

use tilewright_base::FileId;
use tilewright_ops::catalogue::{self, Entry};
use tilewright_ops::function::{FunctionOp, Need, Params, Present};
use tilewright_ops::index::{Form, Side};
use tilewright_ops::{Op, binary, unary};
use tilewright_syntax::ast::{Arg, Expr, ExprKind, IndexRange, Infix, Prefix, StmtKind, Target};
use tilewright_value::Scalar;

use crate::pattern::{NAMES, PLAIN, Pattern};

/// `before => after`, parsed: the right side when it is first asked for, as few rules of all fire in a program.
pub struct Sentence {
    text: &'static str,
    /// The left side.
    pub before: Pattern,
    /// What its names are called.
    pub names: Vec<String>,
    after: OnceLock<Pattern>,
}

impl Sentence {
    /// Parses the text of a rule, which is our own: what is wrong with it panics, and a test parses all of them.
    pub fn parse(text: &'static str) -> Sentence {
        let (before, _) = sides(text);
        let mut parser = Parser { text, names: Vec::new() };
        let before = parser.side(before);
        assert!(parser.names.len() <= NAMES, "the rule `{text}` has too many names");
        Sentence { text, before, names: parser.names, after: OnceLock::new() }
    }

    /// The right side, whose names are those of the left one.
    pub fn after(&self) -> &Pattern {
        self.after.get_or_init(|| {
            let mut parser = Parser { text: self.text, names: self.names.clone() };
            let after = parser.side(sides(self.text).1);
            assert!(
                parser.names.len() == self.names.len(),
                "the rule `{}` has new names on the right",
                self.text
            );
            after
        })
    }

    /// The number of a name.
    pub fn number(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }
}

fn sides(text: &str) -> (&str, &str) {
    text.split_once("=>").expect("invariant: a rule has two sides")
}

struct Parser<'a> {
    text: &'a str,
    names: Vec<String>,
}

impl Parser<'_> {
    /// An expression, or an assignment to a part of a matrix as the matrix that it leaves.
    fn side(&mut self, side: &str) -> Pattern {
        let assigns = side.contains("] = ");
        let text = if assigns { side.trim().to_string() } else { format!("x = {}", side.trim()) };
        let (script, diagnostics) = tilewright_syntax::parse(FileId(0), &text);
        assert!(diagnostics.is_empty(), "the rule `{}` does not parse: {diagnostics:?}", self.text);
        match &script.body[..] {
            [statement] => match &statement.kind {
                StmtKind::Assign { target, value, .. } if assigns => self.assignment(target, value),
                StmtKind::Assign { value, .. } => self.pattern(value),
                other => unreachable!("invariant: a rule's side is an expression, found {other:?}"),
            },
            other => unreachable!("invariant: a rule's side is one expression, found {other:?}"),
        }
    }

    fn assignment(&mut self, target: &Target, value: &Expr) -> Pattern {
        let name = Pattern::Matrix(self.name(&target.name.text));
        let (form, indices) = self.ranges(&target.indices);
        let value = self.pattern(value);
        Pattern::Op(Op::Assign(form), [name, value].into_iter().chain(indices).collect())
    }

    fn name(&mut self, name: &str) -> usize {
        let known = self.names.iter().position(|known| known == name);
        known.unwrap_or_else(|| {
            self.names.push(name.into());
            self.names.len() - 1
        })
    }

    fn pattern(&mut self, expr: &Expr) -> Pattern {
        match &expr.kind {
            ExprKind::Variable(name) if name.starts_with(char::is_uppercase) => {
                Pattern::Matrix(self.name(name))
            }
            ExprKind::Variable(name) => Pattern::Scalar(self.name(name)),
            ExprKind::Integer(value) => Pattern::Literal(Scalar::Double(*value as f64)),
            ExprKind::Double(value) => Pattern::Literal(Scalar::Double(*value)),
            ExprKind::Boolean(value) => Pattern::Literal(Scalar::Boolean(*value)),
            ExprKind::String(text) => Pattern::Literal(Scalar::string(text.as_str())),
            ExprKind::Unary(prefix, operand) => self.prefix(*prefix, operand),
            ExprKind::Binary(Infix::MatMult, left, right) => {
                Pattern::Op(PLAIN, vec![self.pattern(left), self.pattern(right)])
            }
            ExprKind::Binary(infix, left, right) => {
                let op = binary::find(infix.symbol()).expect("invariant: infix operators are rows");
                Pattern::Op(Op::Binary(op), vec![self.pattern(left), self.pattern(right)])
            }
            ExprKind::Index(target, ranges) => self.index(target, ranges),
            ExprKind::Call(call) => self.call(&call.callee.text, &call.args),
            other => unreachable!("invariant: rules have no {other:?}"),
        }
    }

    fn prefix(&mut self, prefix: Prefix, operand: &Expr) -> Pattern {
        let symbol = if prefix == Prefix::Not { "!" } else { "-" };
        match (symbol, self.pattern(operand)) {
            ("-", Pattern::Literal(Scalar::Double(value))) => Pattern::Literal(Scalar::Double(-value)),
            (symbol, operand) => {
                let op = unary::find(symbol).expect("invariant: prefix operators are rows");
                Pattern::Op(Op::Unary(op), vec![operand])
            }
        }
    }

    fn index(&mut self, target: &Expr, ranges: &[IndexRange]) -> Pattern {
        let target = self.pattern(target);
        let (form, indices) = self.ranges(ranges);
        Pattern::Op(Op::Index(form), std::iter::once(target).chain(indices).collect())
    }

    fn ranges(&mut self, ranges: &[IndexRange]) -> (Form, Vec<Pattern>) {
        let mut indices = Vec::new();
        let mut side = |range: &IndexRange| match range {
            IndexRange::All => Side::All,
            IndexRange::One(at) => {
                indices.push(self.pattern(at));
                Side::One
            }
            IndexRange::Range(Some(from), Some(to)) => {
                indices.extend([self.pattern(from), self.pattern(to)]);
                Side::Range
            }
            IndexRange::Range(..) => unreachable!("invariant: rules have no open ranges"),
        };
        let form = Form { rows: side(&ranges[0]), cols: side(&ranges[1]) };
        (form, indices)
    }

    fn call(&mut self, name: &str, args: &[Arg]) -> Pattern {
        let op = match catalogue::find(name, args.len()) {
            Some(Entry::Unary(op)) => Op::Unary(op),
            Some(Entry::Binary(op)) => Op::Binary(op),
            Some(Entry::Select) => Op::Select,
            Some(Entry::Aggregate(op, over)) => Op::Aggregate(op, over),
            Some(Entry::Cumulative(op)) => Op::Cumulative(op),
            Some(Entry::Function(function)) => return self.function(function, args),
            None => unreachable!("invariant: rules call operators that exist, not `{name}`"),
        };
        Pattern::Op(op, args.iter().map(|arg| self.pattern(&arg.value)).collect())
    }

    /// A function with its arguments in the order of its parameters, defaults filled in.
    fn function(&mut self, function: FunctionOp, args: &[Arg]) -> Pattern {
        let Params::Named(params) = function.params else {
            let operands = args.iter().map(|arg| self.pattern(&arg.value)).collect();
            return Pattern::Op(Op::Function(function, Present::new([])), operands);
        };
        let (mut flags, mut operands) = (Vec::new(), Vec::new());
        for (at, param) in params.iter().enumerate() {
            let named = args.iter().find(|arg| arg.name.as_ref().is_some_and(|name| name.text == param.name));
            let given = named.or(args.get(at).filter(|arg| arg.name.is_none()));
            let operand = match (given, param.need) {
                (Some(arg), _) => Some(self.pattern(&arg.value)),
                (None, Need::Default(value)) => Some(Pattern::Literal(value.scalar())),
                (None, _) => None,
            };
            flags.push(operand.is_some());
            operands.extend(operand);
        }
        Pattern::Op(Op::Function(function, Present::new(flags)), operands)
    }
}
