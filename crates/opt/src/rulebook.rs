//! The rules as the builder asks for them: parsed once, when first needed, and listed by the root of their left side.

use std::sync::OnceLock;

use foldhash::{HashMap, HashMapExt};
use tilewright_ops::aggregate::{self, Over};
use tilewright_ops::row::RowRef;
use tilewright_ops::{Facts, Op, binary, functions};

use crate::pattern::{Bindings, PLAIN, Pattern, Root};
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
    by_root: HashMap<Root, Vec<usize>>,
    zeros: Vec<usize>,
}

impl Rulebook {
    /// The rules to try for a node of an operator.
    pub fn of<'a>(&'a self, op: &Op, facts: &Facts) -> impl Iterator<Item = &'a CompiledRule> + use<'a> {
        let zeros = if facts.nnz.bound() == Some(0) { &self.zeros[..] } else { &[] };
        let own = self.by_root.get(&Root::of(op)).map_or(&[][..], Vec::as_slice);
        zeros.iter().chain(own).map(|at| &self.rules[*at])
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
                    book.zeros.push(at);
                    Vec::new()
                }
                Body::Code { on, .. } => roots(*on),
            };
            for root in roots {
                book.by_root.entry(root).or_default().push(at);
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
