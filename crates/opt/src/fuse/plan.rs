//! What a choice means: which nodes of a partition are computed together.
//!
//! A node is written when somebody outside reads it, when rows add up to it, or when a reader takes it from memory. For
//! each written node, the *tree* of what is computed with it follows the edges that are not cut. Trees that do not wait
//! for each other and share something are computed together, if that costs no more.

use std::collections::HashMap;

use tilewright_ir::NodeId;
use tilewright_pipeline::{Made, Role};

use super::candidates::Table;
use super::cost::Costs;
use super::partition::MOST;

/// A set of nodes of a partition, by their places in it.
pub(super) type Bits = u128;

const _: () = assert!(MOST <= Bits::BITS as usize);

/// Nodes that are computed in one pass.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    /// All of them, in order.
    pub(super) nodes: Vec<NodeId>,
    /// Those that are written.
    pub(super) results: Vec<NodeId>,
}

/// A set of computed nodes with what of it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Unit {
    pub(super) nodes: Bits,
    pub(super) results: Bits,
}

/// An edge that may be cut: `reader` then takes `of` from memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) of: usize,
    pub(super) reader: usize,
}

/// A partition with all that evaluating a choice needs.
pub(super) struct Partition<'a> {
    pub(super) table: &'a Table<'a>,
    pub(super) nodes: &'a [NodeId],
    /// For each node, those whose rows it can read in registers.
    pub(super) fusible: Vec<Bits>,
    /// For each node, those that are complete before it can begin, in every case.
    pub(super) waits: Vec<Bits>,
    /// Nodes that are written in every case.
    pub(super) written: Bits,
    pub(super) points: Vec<Point>,
}

/// The members of a set, in order.
pub(super) fn each(mut bits: Bits) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        (bits != 0).then(|| {
            let at = bits.trailing_zeros() as usize;
            bits &= bits - 1;
            at
        })
    })
}

impl<'a> Partition<'a> {
    /// The partition of some nodes, after others were grouped already.
    pub(super) fn new(table: &'a Table<'a>, nodes: &'a [NodeId], done: &[Group]) -> Partition<'a> {
        let place: HashMap<NodeId, usize> = nodes.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let before = Before::new(table, &place, done);
        let mut partition = Partition {
            table,
            nodes,
            fusible: Vec::new(),
            waits: Vec::new(),
            written: 0,
            points: Vec::new(),
        };
        for (at, id) in nodes.iter().enumerate() {
            let (mut fusible, mut waits): (Bits, Bits) = (0, 0);
            for input in &table.dag.node(*id).inputs {
                match place.get(input) {
                    Some(own) if table.is_fusible(*input, *id) => fusible |= 1 << own,
                    Some(own) => waits |= 1 << own,
                    None => waits |= before.of(*input),
                }
            }
            partition.fusible.push(fusible);
            partition.waits.push(waits);
            let candidate = table.candidate(*id).expect("invariant: members are candidates");
            let is_read_elsewhere =
                |reader: &NodeId| !place.contains_key(reader) || !table.is_fusible(*id, *reader);
            let is_written = candidate.made == Made::Partial
                || table.is_root[id.0 as usize]
                || table.readers[id.0 as usize].iter().any(is_read_elsewhere);
            if is_written {
                partition.written |= 1 << at;
            }
        }
        partition.points = partition.interesting_points();
        partition
    }

    /// Edges from nodes that pipelines at different times read, from sparse values to what is dense, and at nodes that can
    /// only be steps at stored cells.
    fn interesting_points(&self) -> Vec<Point> {
        let trees = self.trees_along(&self.fusible, 0);
        let levels = self.levels(&trees, &self.fusible);
        let mut points = Vec::new();
        for reader in 0..self.nodes.len() {
            for of in each(self.fusible[reader]) {
                let trees = trees.iter().filter(|tree| tree.nodes >> of & 1 == 1);
                let mut times = trees.map(|tree| levels[tree.root]);
                let first = times.next();
                let at_different_times = times.any(|time| Some(time) != first);
                if at_different_times || self.may_not_fit(of, reader) {
                    points.push(Point { of, reader });
                }
            }
        }
        points
    }

    /// Whether two nodes may be better off in passes of their own.
    fn may_not_fit(&self, of: usize, reader: usize) -> bool {
        let [of, reader] = [of, reader].map(|at| self.nodes[at]);
        let candidate = |id: NodeId| self.table.candidate(id).expect("invariant: members are candidates");
        let changes_format = self.table.is_sparse(of)
            && !self.table.is_sparse(reader)
            && candidate(reader).made == Made::Panel;
        changes_format || candidate(of).needs_stored || candidate(reader).needs_stored
    }

    /// The nodes whose rows a node can read in registers.
    pub(super) fn fusible_inputs(&self, at: usize) -> Bits {
        self.fusible[at]
    }

    /// The nodes that a choice of cut points has written, beside those that are in every case.
    pub(super) fn cut_nodes(&self, cuts: u64) -> Bits {
        let cut = self.points.iter().enumerate().filter(|(at, _)| cuts >> at & 1 == 1);
        cut.fold(0, |bits, (_, point)| bits | 1 << point.of) & !self.written
    }

    /// For each node, what it reads in registers.
    fn fused(&self, cuts: u64) -> Vec<Bits> {
        let mut fused = self.fusible.clone();
        for (at, point) in self.points.iter().enumerate() {
            if cuts >> at & 1 == 1 {
                fused[point.reader] &= !(1 << point.of);
            }
        }
        fused
    }

    /// What is computed with each written node, along the edges of `fused`.
    pub(super) fn trees_along(&self, fused: &[Bits], cuts: u64) -> Vec<Tree> {
        let tree = |root: usize| {
            let mut nodes: Bits = 1 << root;
            let mut left = fused[root];
            while left != 0 {
                let at = Bits::BITS - 1 - left.leading_zeros();
                nodes |= 1 << at;
                left = (left | fused[at as usize]) & !nodes;
            }
            Tree { root, nodes }
        };
        each(self.written | self.cut_nodes(cuts)).map(tree).collect()
    }

    /// How many trees have to be complete, one after the other, before each tree can begin; by root.
    fn levels(&self, trees: &[Tree], fused: &[Bits]) -> Vec<u32> {
        let mut levels = vec![0; self.nodes.len()];
        for tree in trees {
            let wait = |at: usize| self.waits[at] | self.fusible[at] & !fused[at];
            let before = each(tree.nodes).fold(0, |bits, at| bits | wait(at));
            levels[tree.root] = each(before).map(|read| levels[read] + 1).max().unwrap_or(0);
        }
        levels
    }

    /// The units of a choice.
    pub(super) fn units(&self, cuts: u64, costs: &mut Costs) -> Vec<Unit> {
        let fused = self.fused(cuts);
        let trees = self.trees_along(&fused, cuts);
        let levels = self.levels(&trees, &fused);
        let mut units: Vec<(u32, Unit)> = Vec::new();
        for tree in &trees {
            units.push((levels[tree.root], Unit { nodes: tree.nodes, results: 1 << tree.root }));
        }
        // From the last one back, so that each meets those that it may join before it moves.
        let mut at = 0;
        while at < units.len() {
            let other = (at + 1..units.len()).find(|other| self.joins(&units, at, *other, costs));
            match other {
                Some(other) => {
                    let (_, joined) = units.remove(other);
                    let unit = &mut units[at].1;
                    unit.nodes |= joined.nodes;
                    unit.results |= joined.results;
                }
                None => at += 1,
            }
        }
        units.into_iter().map(|(_, unit)| unit).collect()
    }

    fn joins(&self, units: &[(u32, Unit)], a: usize, b: usize, costs: &mut Costs) -> bool {
        let ((level, a), (other_level, b)) = (&units[a], &units[b]);
        if level != other_level || !self.share(a.nodes, b.nodes) {
            return false;
        }
        let both = Unit { nodes: a.nodes | b.nodes, results: a.results | b.results };
        costs.of(self, both) <= costs.of(self, *a) + costs.of(self, *b)
    }

    /// Whether two sets go over the same rows, and compute or read something in common.
    fn share(&self, a: Bits, b: Bits) -> bool {
        let rows = |bits: Bits| {
            each(bits).next().and_then(|at| self.table.candidate(self.nodes[at])).map(|c| c.rows)
        };
        if rows(a) != rows(b) {
            return false;
        }
        a & b != 0 || self.panels(a).iter().any(|panel| self.panels(b).contains(panel))
    }

    /// The matrices whose rows a set reads from memory.
    fn panels(&self, nodes: Bits) -> Vec<NodeId> {
        let mut panels = Vec::new();
        for at in each(nodes) {
            let id = self.nodes[at];
            let roles = &self.table.candidate(id).expect("invariant: members are candidates").roles;
            let inputs = self.table.dag.node(id).inputs.iter().zip(roles);
            panels.extend(inputs.filter(|(_, role)| **role == Role::Panel).map(|(input, _)| *input));
        }
        panels
    }

    /// A unit as nodes of the DAG.
    pub(super) fn group(&self, unit: Unit) -> Group {
        let nodes = |bits: Bits| each(bits).map(|at| self.nodes[at]).collect();
        Group { nodes: nodes(unit.nodes), results: nodes(unit.results) }
    }
}

/// A written node with what is computed for it.
pub(super) struct Tree {
    pub(super) root: usize,
    pub(super) nodes: Bits,
}

/// Which nodes of a partition have to be complete before a node outside of it is.
struct Before {
    known: Vec<Bits>,
}

impl Before {
    fn new(table: &Table<'_>, place: &HashMap<NodeId, usize>, done: &[Group]) -> Before {
        let count = table.dag.nodes.len();
        let mut group_of: Vec<Option<&Group>> = vec![None; count];
        for group in done {
            group.results.iter().for_each(|id| group_of[id.0 as usize] = Some(group));
        }
        // Results of a group need all that the group reads, which may stand behind them: until nothing changes.
        let mut known: Vec<Bits> = vec![0; count];
        loop {
            let mut changed = false;
            for (id, node) in table.dag.iter() {
                let at = id.0 as usize;
                let found = match (place.get(&id), group_of[at]) {
                    (Some(own), _) => 1 << own,
                    (None, Some(group)) => {
                        let members = group.nodes.iter().flat_map(|member| &table.dag.node(*member).inputs);
                        members.fold(0, |bits, input| bits | known[input.0 as usize])
                    }
                    (None, None) => node.inputs.iter().fold(0, |bits, input| bits | known[input.0 as usize]),
                };
                changed |= found != known[at];
                known[at] = found;
            }
            if !changed || done.is_empty() {
                return Before { known };
            }
        }
    }

    fn of(&self, id: NodeId) -> Bits {
        self.known[id.0 as usize]
    }
}
