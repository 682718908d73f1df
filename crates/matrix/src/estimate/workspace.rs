//! An expression and what was estimated of it so far.
//!
//! Nodes come after their inputs. Nothing is computed before an estimate is asked for; then exactly the counts and
//! sketches that it depends on are, and kept.

use std::collections::BTreeMap;

use super::bounds::of_counts;
use super::{Counted, Estimate, Estimator, Leaf, Op, Shape, Sketch};

/// A node of a workspace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Node(usize);

/// A workspace of some estimator.
pub trait Estimates<'a> {
    /// A matrix.
    fn leaf(&mut self, leaf: Leaf<'a>) -> Node;

    /// An operation on nodes of this workspace.
    ///
    /// # Panics
    /// When it does not take inputs of these shapes.
    fn apply(&mut self, op: Op, inputs: &[Node]) -> Node;

    /// The shape of a node.
    fn shape(&self, node: Node) -> Shape;

    /// Sketches a node now, if the estimator has a sketch for it.
    fn sketch(&mut self, node: Node);

    /// What is known of the number of cells of a node that are not zero.
    fn estimate(&mut self, node: Node) -> Estimate;

    /// The multiply-adds of cells that are not zero in the product of two nodes that were sketched; without sketches, as
    /// if these cells lay evenly.
    fn multiply_adds(&mut self, a: Node, b: Node) -> f64;
}

/// The nodes of an expression for one estimator.
pub struct Workspace<'a, E: Estimator<'a>> {
    estimator: E,
    entries: Vec<Entry<'a, E>>,
}

struct Entry<'a, E: Estimator<'a>> {
    source: Source<'a>,
    shape: Shape,
    estimate: Option<Estimate>,
    structure: Structure<E::Structure>,
}

#[derive(Clone, Copy)]
enum Source<'a> {
    Leaf(Leaf<'a>),
    Op(Op, [usize; 2], usize),
}

impl Source<'_> {
    /// The nodes that it reads.
    fn inputs(&self) -> &[usize] {
        match self {
            Source::Leaf(_) => &[],
            Source::Op(_, inputs, count) => &inputs[..*count],
        }
    }
}

enum Structure<S> {
    Unasked,
    Absent,
    Present(S),
}

/// What is asked of a node.
#[derive(Clone, Copy, Default, PartialEq)]
struct Wanted {
    estimate: bool,
    structure: bool,
}

impl<'a, E: Estimator<'a>> Workspace<'a, E> {
    /// Without nodes.
    pub fn new(estimator: E) -> Self {
        Workspace { estimator, entries: Vec::new() }
    }

    /// Computes what `last` needs, inputs first.
    fn compute(&mut self, last: usize, what: Wanted) {
        // From the last node on, so that all that read a node have asked before it is asked for more.
        let mut asked = BTreeMap::from([(last, what)]);
        let mut missing = Vec::new();
        while let Some((at, wanted)) = asked.pop_last() {
            let wanted = self.without_known(at, wanted);
            if wanted == Wanted::default() {
                continue;
            }
            missing.push((at, wanted));
            let Source::Op(op, ..) = self.entries[at].source else { continue };
            for &input in self.entries[at].source.inputs() {
                let of_input = asked.entry(input).or_default();
                of_input.estimate = true;
                of_input.structure |= wanted.structure || op.needs_structure();
            }
        }
        for (at, wanted) in missing.into_iter().rev() {
            if wanted.estimate {
                self.compute_estimate(at);
            }
            if wanted.structure {
                self.compute_structure(at);
            }
        }
    }

    /// What of it is not there already. A sketch may need the count.
    fn without_known(&self, at: usize, wanted: Wanted) -> Wanted {
        let entry = &self.entries[at];
        let structure = wanted.structure && matches!(entry.structure, Structure::Unasked);
        Wanted { structure, estimate: (wanted.estimate || structure) && entry.estimate.is_none() }
    }

    fn compute_estimate(&mut self, at: usize) {
        let entry = &self.entries[at];
        let Source::Op(op, ..) = entry.source else {
            let Source::Leaf(leaf) = entry.source else { return };
            self.entries[at].estimate = Some(leaf.estimate());
            return;
        };
        let inputs = self.inputs(entry.source);
        let counts: Vec<_> = inputs.iter().map(|input| (input.shape, input.estimate)).collect();
        let mut estimate = of_counts(op, &counts, entry.shape);
        let counted = self.estimator.count(op, &inputs);
        if let Some(counted) = counted {
            estimate = corrected(&counted, estimate);
            if let Some(structure) = counted.structure {
                self.entries[at].structure = Structure::Present(structure);
            }
        }
        self.entries[at].estimate = Some(estimate);
    }

    fn compute_structure(&mut self, at: usize) {
        let entry = &self.entries[at];
        let structure = match (entry.source, entry.estimate, &entry.structure) {
            (Source::Leaf(leaf), _, Structure::Unasked) => self.estimator.leaf(leaf),
            (Source::Op(op, ..), Some(estimate), Structure::Unasked) => {
                self.estimator.propagate(op, &self.inputs(entry.source), (entry.shape, estimate))
            }
            _ => return,
        };
        self.entries[at].structure = structure.map_or(Structure::Absent, Structure::Present);
    }
}

impl<'a, E: Estimator<'a>> Workspace<'a, E> {
    fn inputs(&self, source: Source<'a>) -> Vec<Sketch<'_, E::Structure>> {
        let view = |&input: &usize| {
            let entry = &self.entries[input];
            let estimate = entry.estimate.expect("invariant: inputs are estimated first");
            Sketch { shape: entry.shape, estimate, structure: self.structure(Node(input)) }
        };
        source.inputs().iter().map(view).collect()
    }

    /// What the estimator keeps of a node, where it has sketched it ([`Estimates::sketch`]).
    pub fn structure(&self, node: Node) -> Option<&E::Structure> {
        match &self.entries[node.0].structure {
            Structure::Present(structure) => Some(structure),
            Structure::Unasked | Structure::Absent => None,
        }
    }

    fn push(&mut self, source: Source<'a>, shape: Shape) -> Node {
        self.entries.push(Entry { source, shape, estimate: None, structure: Structure::Unasked });
        Node(self.entries.len() - 1)
    }
}

/// The estimate within the tighter one of both pairs of bounds.
fn corrected<S>(counted: &Counted<S>, known: Estimate) -> Estimate {
    let lower = counted.lower.max(known.lower);
    let upper = counted.upper.min(known.upper).max(lower);
    Estimate { nnz: counted.nnz.clamp(lower, upper), lower, upper }
}

impl<'a, E: Estimator<'a>> Estimates<'a> for Workspace<'a, E> {
    fn leaf(&mut self, leaf: Leaf<'a>) -> Node {
        self.push(Source::Leaf(leaf), leaf.shape())
    }

    fn apply(&mut self, op: Op, inputs: &[Node]) -> Node {
        let shapes: Vec<Shape> = inputs.iter().map(|&input| self.shape(input)).collect();
        let shape = op.shape(&shapes);
        let mut places = [0; 2];
        places.iter_mut().zip(inputs).for_each(|(place, input)| *place = input.0);
        match shape {
            Some(shape) => self.push(Source::Op(op, places, inputs.len()), shape),
            None => panic!("{op:?} does not take inputs of the shapes {shapes:?}"),
        }
    }

    fn shape(&self, node: Node) -> Shape {
        self.entries[node.0].shape
    }

    fn sketch(&mut self, node: Node) {
        self.compute(node.0, Wanted { estimate: true, structure: true });
    }

    fn estimate(&mut self, node: Node) -> Estimate {
        self.compute(node.0, Wanted { estimate: true, structure: false });
        self.entries[node.0].estimate.expect("invariant: it was computed")
    }

    fn multiply_adds(&mut self, a: Node, b: Node) -> f64 {
        let structures = self.structure(a).zip(self.structure(b));
        let told = structures.and_then(|(a, b)| self.estimator.multiply_adds(a, b));
        told.unwrap_or_else(|| {
            let inner = self.shape(a).cols as f64;
            if inner > 0.0 { self.estimate(a).nnz * self.estimate(b).nnz / inner } else { 0.0 }
        })
    }
}
