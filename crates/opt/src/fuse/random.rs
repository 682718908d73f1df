//! DAGs of operators over the same rows, random ones and others, to try the planner on.

use tilewright_base::{FileId, Span};
use tilewright_ir::{Dag, NodeId, NodeKind, Root, VarId};
use tilewright_ops::row::Named;
use tilewright_ops::{Facts, Nnz, Op, aggregate, binary, unary};

use crate::pattern::PLAIN;

pub(super) const ROWS: u64 = 20_000;
pub(super) const COLUMNS: u64 = 20;

/// A small generator of numbers (splitmix64, Steele et al. 2014), so that tests need no seed from outside.
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// A DAG under construction.
#[derive(Default)]
pub(super) struct Sketch {
    pub(super) dag: Dag,
}

impl Sketch {
    /// A variable.
    pub(super) fn leaf(&mut self, facts: Facts) -> NodeId {
        let variable = VarId(self.dag.nodes.len() as u32);
        let id = self.dag.add(NodeKind::Variable(variable), Vec::new(), Span::new(FileId(0), 0, 0));
        self.dag.nodes[id.0 as usize].facts = vec![facts];
        id
    }

    /// An operator of some nodes; none if it does not fit them.
    pub(super) fn try_op(&mut self, name: &str, inputs: &[NodeId]) -> Option<NodeId> {
        let op = match inputs.len() {
            1 => unary::find(name)
                .map(Op::Unary)
                .or_else(|| aggregate::find(name).map(|(row, over)| Op::Aggregate(row, over))),
            _ if name == PLAIN.name() => Some(PLAIN),
            _ => binary::find(name).map(Op::Binary),
        }?;
        let facts: Vec<Facts> = inputs.iter().map(|input| self.dag.fact(*input).clone()).collect();
        let facts = op.infer(&facts).ok()?;
        let id = self.dag.add(NodeKind::Op(op), inputs.to_vec(), Span::new(FileId(0), 0, 0));
        self.dag.nodes[id.0 as usize].facts = facts;
        Some(id)
    }

    pub(super) fn op(&mut self, name: &str, inputs: &[NodeId]) -> NodeId {
        self.try_op(name, inputs).expect("an operator that fits")
    }

    /// The DAG; what nobody reads is assigned.
    pub(super) fn finish(mut self) -> Dag {
        let uses = self.dag.uses();
        for at in (0..self.dag.nodes.len()).filter(|at| uses[*at] == 0) {
            self.dag.roots.push(Root::Assign(VarId(1000 + at as u32), NodeId(at as u32)));
        }
        self.dag.compact();
        self.dag
    }
}

/// A DAG of some operators: cells, aggregates, and cells of aggregates, which wait for them.
pub(super) fn dag(numbers: &mut Numbers, operators: usize) -> Dag {
    let mut sketch = Sketch::default();
    let shaped = Facts::shaped;
    let mut nodes = vec![sketch.leaf(shaped(ROWS, COLUMNS)), sketch.leaf(shaped(ROWS, 1))];
    match numbers.below(3) {
        0 => nodes.push(sketch.leaf(shaped(ROWS, COLUMNS).with_nnz(Nnz::Exact(ROWS)))),
        1 => nodes.push(sketch.leaf(shaped(ROWS, COLUMNS))),
        _ => nodes.push(sketch.leaf(shaped(1, COLUMNS))),
    }
    while nodes.len() < operators + 3 {
        // Late nodes more often than early ones, so that chains grow.
        let pick = |numbers: &mut Numbers| {
            let (a, b) = (numbers.below(nodes.len()), numbers.below(nodes.len()));
            nodes[a.max(b)]
        };
        let (a, b) = (pick(numbers), pick(numbers));
        let made = match numbers.below(8) {
            0 | 1 => sketch.try_op(unary::TABLE[numbers.below(unary::TABLE.len())].name(), &[a]),
            2..=5 => sketch.try_op(numbers.of(&["+", "-", "*", "max"]), &[a, b]),
            6 => sketch.try_op(numbers.of(&["sum", "mean", "max"]), &[a]),
            _ => sketch.try_op(numbers.of(&["rowSums", "rowMaxs", "colSums"]), &[a]),
        };
        nodes.extend(made);
    }
    sketch.finish()
}
