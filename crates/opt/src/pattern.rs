//! Rules as trees: the left side is matched against nodes, the right side is built.

use std::sync::OnceLock;

use tilewright_base::FileId;
use tilewright_ir::{Dag, NodeId, NodeKind};
use tilewright_ops::catalogue::{self, Entry};
use tilewright_ops::function::{Need, Params, Present};
use tilewright_ops::index::{Form, Side};
use tilewright_ops::product::Product;
use tilewright_ops::{Op, binary, unary};
use tilewright_syntax::ast::{Expr, ExprKind, IndexRange, Infix, Prefix, StmtKind};
use tilewright_value::Scalar;

use crate::rules::{RULES, Rule};

/// One side of a rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// Any matrix, by its name.
    Matrix(String),
    /// Any scalar, by its name.
    Scalar(String),
    /// A scalar of this value.
    Number(f64),
    /// An operator.
    Op(Op, Vec<Pattern>),
}

/// A rule with both sides parsed.
pub struct CompiledRule {
    /// The rule.
    pub rule: &'static Rule,
    /// Before.
    pub before: Pattern,
    /// After.
    pub after: Pattern,
}

/// What the names of a pattern stand for.
pub type Bindings = Vec<(String, NodeId)>;

/// All rules, parsed when first needed.
pub fn compiled() -> &'static [CompiledRule] {
    static COMPILED: OnceLock<Vec<CompiledRule>> = OnceLock::new();
    COMPILED.get_or_init(|| RULES.iter().map(compile).collect())
}

fn compile(rule: &'static Rule) -> CompiledRule {
    let (before, after) = rule.text.split_once("=>").expect("invariant: a rule has two sides");
    CompiledRule { rule, before: parse_side(before), after: parse_side(after) }
}

/// A side as a pattern.
fn parse_side(text: &str) -> Pattern {
    let (script, diagnostics) = tilewright_syntax::parse(FileId(0), &format!("x = {}", text.trim()));
    assert!(diagnostics.is_empty(), "the rule `{text}` does not parse: {diagnostics:?}");
    match &script.body[..] {
        [statement] => match &statement.kind {
            StmtKind::Assign { value, .. } => pattern(value),
            other => unreachable!("invariant: a rule's side is an expression, found {other:?}"),
        },
        other => unreachable!("invariant: a rule's side is one expression, found {other:?}"),
    }
}

fn pattern(expr: &Expr) -> Pattern {
    match &expr.kind {
        ExprKind::Variable(name) if name.starts_with(char::is_uppercase) => Pattern::Matrix(name.clone()),
        ExprKind::Variable(name) => Pattern::Scalar(name.clone()),
        ExprKind::Integer(value) => Pattern::Number(*value as f64),
        ExprKind::Double(value) => Pattern::Number(*value),
        ExprKind::Unary(prefix, operand) => {
            let symbol = if *prefix == Prefix::Not { "!" } else { "-" };
            let op = unary::find(symbol).expect("invariant: prefix operators are rows");
            Pattern::Op(Op::Unary(op), vec![pattern(operand)])
        }
        ExprKind::Binary(Infix::MatMult, left, right) => {
            Pattern::Op(Op::Product(Product::Plain), vec![pattern(left), pattern(right)])
        }
        ExprKind::Binary(infix, left, right) => {
            let op = binary::find(infix.symbol()).expect("invariant: infix operators are rows");
            Pattern::Op(Op::Binary(op), vec![pattern(left), pattern(right)])
        }
        ExprKind::Index(target, ranges) => index(target, ranges),
        ExprKind::Call(call) => {
            let args: Vec<Pattern> = call.args.iter().map(|arg| pattern(&arg.value)).collect();
            operator(&call.callee.text, args)
        }
        other => unreachable!("invariant: rules have no {other:?}"),
    }
}

fn index(target: &Expr, ranges: &[IndexRange]) -> Pattern {
    let mut operands = vec![pattern(target)];
    let mut side = |range: &IndexRange| match range {
        IndexRange::All => Side::All,
        IndexRange::One(at) => {
            operands.push(pattern(at));
            Side::One
        }
        IndexRange::Range(Some(from), Some(to)) => {
            operands.extend([pattern(from), pattern(to)]);
            Side::Range
        }
        IndexRange::Range(..) => unreachable!("invariant: rules have no open ranges"),
    };
    let form = Form { rows: side(&ranges[0]), cols: side(&ranges[1]) };
    Pattern::Op(Op::Index(form), operands)
}

fn operator(name: &str, args: Vec<Pattern>) -> Pattern {
    let op = match catalogue::find(name, args.len()).expect("invariant: rules call operators that exist") {
        Entry::Unary(op) => Op::Unary(op),
        Entry::Binary(op) => Op::Binary(op),
        Entry::Select => Op::Select,
        Entry::Aggregate(op, over) => Op::Aggregate(op, over),
        Entry::Cumulative(op) => Op::Cumulative(op),
        Entry::Function(function) => {
            let Params::Named(params) = function.params else {
                unreachable!("invariant: rules call functions with parameters")
            };
            let flags = params
                .iter()
                .enumerate()
                .map(|(at, param)| at < args.len() || matches!(param.need, Need::Default(_)));
            Op::Function(function, Present::new(flags))
        }
    };
    Pattern::Op(op, args)
}

impl Pattern {
    /// Matches a node; bindings are those of a match, or unchanged.
    pub fn matches(&self, dag: &Dag, id: NodeId, bindings: &mut Bindings) -> bool {
        let node = dag.node(id);
        match self {
            Pattern::Matrix(name) => node.fact().is_matrix() && bind(name, id, bindings),
            Pattern::Scalar(name) => node.fact().is_scalar() && bind(name, id, bindings),
            Pattern::Number(value) => match &node.kind {
                NodeKind::Literal(Scalar::String(_)) => false,
                NodeKind::Literal(scalar) => scalar.as_double() == Ok(*value),
                _ => false,
            },
            Pattern::Op(op, operands) => match &node.kind {
                NodeKind::Op(own) if own == op && node.inputs.len() >= operands.len() => {
                    let depth = bindings.len();
                    let commutes = commutative(op);
                    if all_match(operands, dag, node.inputs.iter(), bindings) {
                        return true;
                    }
                    bindings.truncate(depth);
                    let swapped = commutes && all_match(operands, dag, node.inputs.iter().rev(), bindings);
                    if !swapped {
                        bindings.truncate(depth);
                    }
                    swapped
                }
                _ => false,
            },
        }
    }
}

fn commutative(op: &Op) -> bool {
    match op {
        Op::Binary(op) => [binary::find("+"), binary::find("*")].contains(&Some(*op)),
        _ => false,
    }
}

fn all_match<'a>(
    operands: &[Pattern],
    dag: &Dag,
    inputs: impl Iterator<Item = &'a NodeId>,
    bindings: &mut Bindings,
) -> bool {
    operands.iter().zip(inputs).all(|(operand, input)| operand.matches(dag, *input, bindings))
}

fn bind(name: &str, id: NodeId, bindings: &mut Bindings) -> bool {
    match bindings.iter().find(|(bound, _)| bound == name) {
        Some((_, bound)) => *bound == id,
        None => {
            bindings.push((name.into(), id));
            true
        }
    }
}
