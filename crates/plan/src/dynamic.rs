//! Pieces of a function whose sizes are known only when they are reached.
//!
//! A piece keeps its blocks. When it is reached, the sizes that are there lead to one of its variants, made once per
//! distinct sizes: in a loop over batches of equal sizes that is once in all. The steps as far as they are known before
//! stand in for sizes that keep changing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tilewright_ir::liveness::{self, Live};
use tilewright_ir::{Block, FunctionId, NodeKind, Root, VarId};
use tilewright_ops::facts::Element;
use tilewright_ops::{Facts, Kind, Nnz, Op};
use tilewright_value::{Scalar, Value};

use crate::instruction::Step;

/// So many variants of a piece are kept.
pub const VARIANTS: usize = 64;

/// What of a variable decides about the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Nothing more than what is known before.
    Nothing,
    /// Whether it has a value.
    Presence,
    /// Its kind and sizes.
    Sizes,
    /// The value of a scalar, because sizes follow from it.
    Value,
}

/// A variable that a piece reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// The variable.
    pub variable: VarId,
    /// What is known of it before running.
    pub facts: Facts,
    /// What more is asked when the piece is reached.
    pub asked: Asked,
}

/// A piece of a function that is compiled again when it is reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Dynamic {
    /// Its function.
    pub function: FunctionId,
    /// The number of the function's variables, with those that pieces around this one have added.
    pub variables: usize,
    /// Its blocks.
    pub blocks: Vec<Block>,
    /// The variables that are read after it.
    pub after: Live,
    /// Results of the enclosing parallel loop.
    pub shared: Vec<VarId>,
    /// The variables it reads.
    pub inputs: Vec<Input>,
    /// Its steps for any sizes.
    pub generic: Vec<Step>,
    /// Its steps for the sizes seen so far.
    pub variants: Variants,
}

/// The steps of a piece for some sizes.
#[derive(Debug)]
pub struct Variant {
    /// The steps.
    pub steps: Vec<Step>,
    /// The registers that they use.
    pub registers: usize,
}

/// Facts of what is asked, and the variant for them; none where the generic steps serve.
type Known = (Box<[Facts]>, Option<Arc<Variant>>);

/// The variants of a piece; a clone starts without any.
#[derive(Debug, Default)]
pub struct Variants(Mutex<Vec<Known>>);

impl Clone for Variants {
    fn clone(&self) -> Variants {
        Variants::default()
    }
}

impl PartialEq for Variants {
    /// Variants are made of what else is compared.
    fn eq(&self, _: &Variants) -> bool {
        true
    }
}

impl Variants {
    /// The variant for facts, made where there is none yet; none when it cannot be made or too many different sizes were
    /// seen, so that the generic steps serve.
    pub fn get(&self, facts: &[Facts], make: impl FnOnce() -> Option<Variant>) -> Option<Arc<Variant>> {
        if let Some(known) = self.find(facts) {
            return known;
        }
        // Not under the lock: to make one may wait for work that wants it, too. The first of equal ones stays.
        let made = make().map(Arc::new);
        match self.find(facts) {
            Some(known) => known,
            None => {
                self.lock().push((facts.into(), made.clone()));
                made
            }
        }
    }

    /// The variant for facts; none inside if there are too many others; none at all where it is still to be made.
    fn find(&self, facts: &[Facts]) -> Option<Option<Arc<Variant>>> {
        let known = self.lock();
        match known.iter().find(|(known, _)| **known == *facts) {
            Some((_, variant)) => Some(variant.clone()),
            None => (known.len() >= VARIANTS).then_some(None),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All variants so far, with the facts they were made for.
    pub fn all(&self) -> Vec<(Box<[Facts]>, Arc<Variant>)> {
        let known = self.lock();
        known.iter().filter_map(|(facts, variant)| Some((facts.clone(), variant.clone()?))).collect()
    }
}

impl Dynamic {
    /// The facts of what is asked, by the values that variables have now; nothing is known of one without a value.
    pub fn asked<'v>(&self, value: impl Fn(VarId) -> Option<&'v Value>) -> Vec<Facts> {
        let asked = self.inputs.iter().filter(|input| input.asked != Asked::Nothing);
        let facts = |input: &Input, value: &Value| match input.asked {
            Asked::Presence => input.facts.clone(),
            asked => seen(value, asked),
        };
        asked.map(|input| value(input.variable).map_or(Facts::UNKNOWN, |value| facts(input, value))).collect()
    }

    /// The facts of all variables that are read, with those of what is asked.
    pub fn entry(&self, asked: &[Facts]) -> Vec<(VarId, Facts)> {
        let mut asked = asked.iter();
        let mut facts = |input: &Input| match input.asked {
            Asked::Nothing => input.facts.clone(),
            Asked::Presence | Asked::Sizes | Asked::Value => asked.next().cloned().unwrap_or(Facts::UNKNOWN),
        };
        self.inputs.iter().map(|input| (input.variable, facts(input))).collect()
    }
}

/// The facts of a value that plans are made for: scalars without their value unless it decides sizes, numbers of
/// non-zeros up to the next power of two, so that batches of about the same density share a plan.
fn seen(value: &Value, asked: Asked) -> Facts {
    match value {
        Value::Scalar(Scalar::String(_)) => Facts::STRING,
        Value::Scalar(scalar) if asked == Asked::Sizes => Facts::scalar(scalar.kind()),
        value => coarse(Facts::of(value)),
    }
}

fn coarse(facts: Facts) -> Facts {
    let nnz = match facts.nnz {
        Nnz::Exact(n) if n > 0 => Nnz::AtMost(n.next_power_of_two()),
        nnz => nnz,
    };
    let element = |element: &Element| Element {
        name: element.name.clone(),
        facts: Facts { constant: None, ..coarse(element.facts.clone()) },
    };
    let elements = facts.elements.as_ref().map(|elements| elements.iter().map(element).collect());
    Facts { elements, ..facts }.with_nnz(nnz)
}

/// The variables that blocks read, if plans for their sizes would be better than one for any sizes.
pub fn inputs(blocks: &[Block], after: &Live) -> Option<Vec<Input>> {
    if !is_worthwhile(blocks) {
        return None;
    }
    let live = liveness::before(blocks, after);
    let sizes = size_variables(blocks);
    // What has a value for certain can be hoisted out of a loop.
    let known = if blocks.iter().any(|block| block.loops() > 0) { Asked::Presence } else { Asked::Nothing };
    let mut inputs: Vec<Input> = Vec::new();
    let mut seen = Live::new();
    for block in blocks {
        block.visit_dags(&mut |dag| {
            for node in &dag.nodes {
                let NodeKind::Variable(variable) = node.kind else { continue };
                if !live.contains(&variable) || seen.contains(&variable) {
                    continue;
                }
                seen.insert(variable);
                let facts = node.fact().clone();
                let asked = match facts.kind {
                    Kind::Scalar(_) if facts.constant.is_none() && sizes.contains(&variable) => Asked::Value,
                    Kind::Unknown if sizes.contains(&variable) => Asked::Value,
                    _ if !facts.is_sized() => Asked::Sizes,
                    _ => known,
                };
                inputs.push(Input { variable, facts, asked });
            }
        });
    }
    let asks = |input: &Input| matches!(input.asked, Asked::Sizes | Asked::Value);
    inputs.iter().any(asks).then_some(inputs)
}

/// Whether there is more than one way to compute blocks: a product, a loop, or two operators on matrices.
fn is_worthwhile(blocks: &[Block]) -> bool {
    let mut operators = 0;
    for block in blocks {
        operators += 2 * block.loops();
        block.visit_dags(&mut |dag| {
            for node in &dag.nodes {
                let NodeKind::Op(op) = &node.kind else { continue };
                let is_matrix = |facts: &Facts| facts.is_matrix() || facts.kind == Kind::Unknown;
                let touches = node.inputs.iter().any(|input| is_matrix(dag.fact(*input)));
                operators += match op {
                    Op::Product(_) => 2,
                    _ => usize::from(touches && is_matrix(node.fact())),
                };
            }
        });
    }
    operators >= 2
}

/// The scalar variables from which sizes of results follow.
fn size_variables(blocks: &[Block]) -> Live {
    let mut found = Live::new();
    loop {
        let before = found.clone();
        for block in blocks {
            block.visit_dags(&mut |dag| {
                let mut sizes = vec![false; dag.nodes.len()];
                for root in &dag.roots {
                    if let Root::Assign(variable, node) = root {
                        sizes[node.0 as usize] |= found.contains(variable);
                    }
                }
                for (at, node) in dag.nodes.iter().enumerate().rev() {
                    let makes =
                        matches!(node.kind, NodeKind::Op(Op::Function(..))) && !node.fact().is_sized();
                    let passes = sizes[at] && matches!(node.kind, NodeKind::Op(_));
                    if makes || passes {
                        let scalars = node.inputs.iter().filter(|input| !dag.fact(**input).is_matrix());
                        scalars.for_each(|input| sizes[input.0 as usize] = true);
                    }
                    if let (NodeKind::Variable(variable), true) = (&node.kind, sizes[at]) {
                        found.insert(*variable);
                    }
                }
            });
        }
        if before == found {
            return found;
        }
    }
}

/// Where blocks that follow each other are cut into pieces: before the first one, and after those that assign a variable
/// whose sizes only the data tell.
pub fn cuts(blocks: &[Block], measured: &Live) -> Vec<usize> {
    let assigns = |block: &Block| {
        let mut found = false;
        block.visit_dags(&mut |dag| {
            found |= dag
                .roots
                .iter()
                .any(|root| matches!(root, Root::Assign(variable, _) if measured.contains(variable)));
        });
        found
    };
    let after = (1..blocks.len()).filter(|at| assigns(&blocks[at - 1]));
    std::iter::once(0).chain(after).collect()
}
