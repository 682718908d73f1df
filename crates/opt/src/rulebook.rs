//! The rules as the builder asks for them: parsed once, when first needed, and listed by the root of their left side. Of
//! those only such are tried whose first two operands may be what the node has there ([`Traits`]).

use std::sync::OnceLock;

use foldhash::{HashMap, HashMapExt};
use tilewright_ir::{Dag, Node, NodeKind};
use tilewright_ops::aggregate::{self, Over};
use tilewright_ops::row::RowRef;
use tilewright_ops::{Facts, Op, binary, functions};

use crate::pattern::{Bindings, PLAIN, Pattern, Root, commutes};
use crate::rules::{self, Body, On, Rule};
use crate::sentence::Sentence;

/// A guard with the numbers of the names it asks about.
struct NumberedGuard {
    holds: fn(&[&Facts]) -> bool,
    on: Vec<usize>,
}

/// A rule that is ready to be tried.
pub struct CompiledRule {
    /// The rule.
    pub rule: &'static Rule,
    /// What it says, or for a rule in code an example of it.
    pub sentence: Sentence,
    guards: Vec<NumberedGuard>,
    /// Whether both sides have to be compared by what they cost.
    pub cheaper: bool,
}

impl CompiledRule {
    fn new(rule: &'static Rule) -> CompiledRule {
        let sentence = Sentence::parse(rule.text);
        let name = |name: &&str| {
            let number = sentence.number(name);
            number.expect("invariant: a guard asks about names of its rule")
        };
        let compiled = rule.guards.iter().filter(|guard| guard.name != CHEAPER);
        let guards = compiled
            .map(|guard| NumberedGuard { holds: guard.holds, on: guard.on.iter().map(name).collect() })
            .collect();
        let cheaper = rule.guards.iter().any(|guard| guard.name == CHEAPER);
        CompiledRule { rule, sentence, guards, cheaper }
    }

    /// What it says, or all examples of a rule in code.
    pub fn sentences(&self) -> Vec<Sentence> {
        let examples = self.rule.examples().iter();
        std::iter::once(&self.rule.text).chain(examples).map(|text| Sentence::parse(text)).collect()
    }

    /// The left side of a rule that is a sentence.
    pub fn before(&self) -> &Pattern {
        &self.sentence.before
    }

    /// The right side of a rule that is a sentence.
    pub fn after(&self) -> &Pattern {
        self.sentence.after()
    }

    /// Whether the guards hold for what the names stand for.
    pub fn guarded<'a>(
        &self,
        bindings: &Bindings,
        facts: impl Fn(tilewright_ir::NodeId) -> &'a Facts,
    ) -> bool {
        self.guards.iter().all(|NumberedGuard { holds, on }| {
            let mut operands = [&Facts::UNKNOWN; 4];
            for (operand, name) in operands.iter_mut().zip(on) {
                let Some(id) = bindings.get(*name) else { return false };
                *operand = facts(id);
            }
            holds(&operands[..on.len()])
        })
    }
}

/// The guard that the builder decides.
const CHEAPER: &str = "cheaper";

/// All rules by the root of what they match.
pub struct Rulebook {
    /// In the order in which they are tried.
    pub rules: Vec<CompiledRule>,
    by_root: HashMap<Root, Vec<Listed>>,
    zeros: Vec<Listed>,
}

/// A rule by its position, and what it asks of the operands.
struct Listed {
    rule: usize,
    asked: [Traits; 2],
    commutes: bool,
}

impl Listed {
    fn new(rule: usize, compiled: &CompiledRule) -> Listed {
        let (asked, commutes) = match (&compiled.rule.body, compiled.before()) {
            (Body::Sentence, Pattern::Op(op, operands)) => {
                let asked = |at: usize| operands.get(at).map_or(Traits(0), Traits::asked);
                ([asked(0), asked(1)], commutes(op))
            }
            _ => ([Traits(0); 2], false),
        };
        Listed { rule, asked, commutes }
    }

    fn may_match(&self, [a, b]: [Traits; 2]) -> bool {
        let [first, second] = self.asked;
        a.has(first) && b.has(second) || self.commutes && a.has(second) && b.has(first)
    }
}

/// What an operand is, a bit each: a matrix, a scalar, a literal, and the result of some operators (several of them
/// share a bit).
#[derive(Debug, Clone, Copy, PartialEq)]
struct Traits(u64);

impl Traits {
    const MATRIX: u64 = 1;
    const SCALAR: u64 = 2;
    const LITERAL: u64 = 4;

    /// Those of a node.
    fn of(node: &Node) -> Traits {
        let kind = match &node.kind {
            NodeKind::Literal(_) => Traits::LITERAL,
            NodeKind::Op(op) => Traits::operator(op),
            _ => 0,
        };
        let facts = node.fact();
        let sort = if facts.is_matrix() { Traits::MATRIX } else { 0 };
        Traits(kind | sort | if facts.is_scalar() { Traits::SCALAR } else { 0 })
    }

    /// Those that a pattern asks for.
    fn asked(pattern: &Pattern) -> Traits {
        Traits(match pattern {
            Pattern::Matrix(_) => Traits::MATRIX,
            Pattern::Scalar(_) => Traits::SCALAR,
            Pattern::Literal(_) => Traits::LITERAL,
            Pattern::Op(op, _) => Traits::operator(op),
        })
    }

    fn operator(op: &Op) -> u64 {
        let row = match op {
            Op::Unary(row) => std::ptr::from_ref(row.0).addr(),
            Op::Binary(row) => std::ptr::from_ref(row.0).addr(),
            Op::Aggregate(row, over) => std::ptr::from_ref(row.0).addr() + *over as usize,
            Op::Cumulative(row) => std::ptr::from_ref(row.0).addr(),
            Op::Function(row, _) => std::ptr::from_ref(row.0).addr(),
            Op::Select => 1,
            Op::Product(_) => 2,
            Op::Index(_) => 3,
            Op::Assign(_) => 4,
        };
        // Multiplicative hashing (Knuth, "The Art of Computer Programming", volume 3, section 6.4).
        8 << (((row as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % 61)
    }

    fn has(self, asked: Traits) -> bool {
        self.0 & asked.0 == asked.0
    }
}

impl Rulebook {
    /// The rules to try for a node of an operator.
    pub fn of<'a>(
        &'a self,
        dag: &Dag,
        op: &Op,
        node: &Node,
    ) -> impl Iterator<Item = &'a CompiledRule> + use<'a> {
        let zeros = if node.fact().nnz.bound() == Some(0) { &self.zeros[..] } else { &[] };
        let own = self.by_root.get(&Root::of(op)).map_or(&[][..], Vec::as_slice);
        let traits = |at: usize| node.inputs.get(at).map_or(Traits(0), |input| Traits::of(dag.node(*input)));
        let operands = if own.is_empty() { [Traits(0); 2] } else { [traits(0), traits(1)] };
        let tried = zeros.iter().chain(own).filter(move |listed| listed.may_match(operands));
        tried.map(|listed| &self.rules[listed.rule])
    }
}

/// All rules, parsed when first needed.
pub fn rulebook() -> &'static Rulebook {
    static RULEBOOK: OnceLock<Rulebook> = OnceLock::new();
    RULEBOOK.get_or_init(|| {
        let rules: Vec<CompiledRule> = rules::all().map(CompiledRule::new).collect();
        let mut book = Rulebook { rules: Vec::new(), by_root: HashMap::new(), zeros: Vec::new() };
        for (at, rule) in rules.iter().enumerate() {
            let roots = match &rule.rule.body {
                Body::Sentence => match rule.before() {
                    Pattern::Op(op, _) => vec![Root::of(op)],
                    other => unreachable!("invariant: a rule matches an operator, not {other:?}"),
                },
                Body::Code { on: On::Zeros, .. } => {
                    book.zeros.push(Listed::new(at, rule));
                    Vec::new()
                }
                Body::Code { on, .. } => roots(*on),
            };
            for root in roots {
                book.by_root.entry(root).or_default().push(Listed::new(at, rule));
            }
        }
        book.rules = rules;
        book
    })
}

/// The operators that a rule in code looks at.
fn roots(on: On) -> Vec<Root> {
    match on {
        On::Zeros => Vec::new(),
        On::Binary => binary::TABLE.iter().map(|row| Root::Op(Op::Binary(RowRef(row)))).collect(),
        On::Choice => vec![Root::Op(Op::Select)],
        On::Aggregate => {
            let all = aggregate::TABLE.iter().map(|row| Op::Aggregate(RowRef(row), Over::All));
            all.map(Root::Op).collect()
        }
        On::Index => vec![Root::Index],
        On::Assign => vec![Root::Assign],
        On::Product => vec![Root::Op(PLAIN)],
        On::Functions(names) => {
            names.iter().filter_map(|name| functions::find(name)).map(Root::Function).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use tilewright_base::{FileId, Span};
    use tilewright_ops::unary;

    use super::*;

    #[test]
    fn rules_are_tried_only_where_their_operands_may_be() {
        let mut dag = Dag::default();
        let span = Span::new(FileId(0), 0, 0);
        let x = dag.add(NodeKind::Variable(tilewright_ir::VarId(0)), Vec::new(), span);
        dag.nodes[0].facts = vec![Facts::shaped(3, 4)];
        let op = Op::Unary(unary::find("exp").unwrap());
        let exp = dag.add(NodeKind::Op(op), vec![x], span);
        dag.nodes[1].facts = vec![Facts::shaped(3, 4)];
        let minus = Op::Binary(binary::find("-").unwrap());
        let node = dag.add(NodeKind::Op(minus), vec![x, exp], span);
        dag.nodes[2].facts = vec![Facts::shaped(3, 4)];
        let book = rulebook();
        let tried: Vec<&CompiledRule> = book.of(&dag, &minus, dag.node(node)).collect();
        let all = book.by_root[&Root::of(&minus)].len();
        assert!(tried.len() < all, "{} of {all}", tried.len());
        let matches = |rule: &&CompiledRule| {
            let mut bindings = Bindings::default();
            rule.before().matches(&dag, node, &mut bindings, &mut |_| true)
        };
        let sentences = book.rules.iter().filter(|rule| matches!(rule.rule.body, Body::Sentence));
        for rule in sentences.filter(matches) {
            assert!(tried.iter().any(|tried| tried.rule.name == rule.rule.name), "{}", rule.rule.name);
        }
    }
}
