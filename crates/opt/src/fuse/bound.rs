//! What no choice can cost less than, with some of its points decided.
//!
//! Trees only grow and roots only become more as further points are decided. So whatever the trees of now read and
//! compute is read and computed, once for each tree of those that wait for each other: these are never computed together.
//!
//! ```text
//! X ──▶ exp ──▶ sum ─ ─▶ -     the tree of `-` waits for that of `sum`: if no point is cut,
//!         └──────────────▲     X is read twice and exp computed twice
//! ```

use tilewright_ir::NodeId;

use super::cost::{Moved, Rates, read_by};
use super::plan::{Bits, Partition, Tree, each};

/// The bound of a partition.
pub(super) struct Bound<'p, 'a> {
    partition: &'p Partition<'a>,
    /// The bytes of each input that is read from memory in every case, and the nodes that read it.
    inputs: Vec<(f64, Bits)>,
    /// Nodes that are read from memory alone if all of some points are cut.
    cuttable: Vec<Cuttable>,
    /// The fewest operations of each node.
    flops: Vec<f64>,
    /// Bytes that are written in every case.
    written: f64,
}

/// A node all of whose readers take it from memory if all these points are cut.
struct Cuttable {
    points: u64,
    bytes: f64,
    readers: Bits,
}

impl<'p, 'a> Bound<'p, 'a> {
    pub(super) fn new(partition: &'p Partition<'a>) -> Bound<'p, 'a> {
        let bytes = |at: usize| partition.table.bytes[partition.nodes[at].0 as usize];
        let written = each(partition.written).map(bytes).sum();
        let (inputs, cuttable, flops) = (inputs(partition), cuttable(partition), least_flops(partition));
        Bound { partition, inputs, cuttable, flops, written }
    }

    /// Seconds that no choice takes less than, if it agrees with `cuts` at the `decided` points.
    pub(super) fn of(&self, decided: u64, cuts: u64, rates: Rates) -> f64 {
        let partition = self.partition;
        let trees = partition.trees_along(&self.fused(decided, cuts), cuts);
        let waits = Waits::new(partition, cuts, &trees);
        let inputs = self.inputs.iter().map(|(bytes, readers)| bytes * waits.times(*readers));
        let cut = self.cuttable.iter().filter(|node| cuts & node.points == node.points);
        let read = inputs.sum::<f64>() + cut.map(|node| node.bytes * waits.times(node.readers)).sum::<f64>();
        let more = each(partition.cut_nodes(cuts));
        let more: f64 = more.map(|at| partition.table.bytes[partition.nodes[at].0 as usize]).sum();
        let flops = self.flops.iter().enumerate().map(|(at, flops)| flops * waits.times(1 << at)).sum();
        let units = waits.times(Bits::MAX);
        rates.seconds(Moved { read, written: self.written + more }, flops) + units * rates.overhead
    }

    /// For each node, what it reads in registers for certain.
    fn fused(&self, decided: u64, cuts: u64) -> Vec<Bits> {
        let mut fused = self.partition.fusible.clone();
        for (at, point) in self.partition.points.iter().enumerate() {
            if (decided & !cuts) >> at & 1 == 0 {
                fused[point.reader] &= !(1 << point.of);
            }
        }
        fused
    }
}

/// Which trees wait for which.
struct Waits<'t> {
    trees: &'t [Tree],
    /// For each tree, the nodes that are complete before it begins.
    before: Vec<Bits>,
    /// Nodes of more than one tree.
    shared: Bits,
}

impl<'t> Waits<'t> {
    fn new(partition: &Partition<'_>, cuts: u64, trees: &'t [Tree]) -> Waits<'t> {
        let mut before = partition.waits.clone();
        for (_, point) in partition.points.iter().enumerate().filter(|(at, _)| cuts >> at & 1 == 1) {
            before[point.reader] |= 1 << point.of;
        }
        for at in 0..before.len() {
            let reads = before[at] | partition.fusible[at];
            before[at] = each(reads).fold(before[at], |bits, read| bits | before[read]);
        }
        let (mut seen, mut shared) = (0, 0);
        for tree in trees {
            shared |= seen & tree.nodes;
            seen |= tree.nodes;
        }
        let before = trees.iter().map(|tree| before[tree.root]).collect();
        Waits { trees, before, shared }
    }

    /// How often something is read or computed at least that trees with some of these nodes need: the length of the
    /// longest sequence of such trees, each of which waits for the one before.
    fn times(&self, nodes: Bits) -> f64 {
        if nodes.is_power_of_two() && nodes & self.shared == 0 {
            return 1.0;
        }
        let mut longest = 1;
        let mut lengths = [0_u8; Bits::BITS as usize];
        for (at, _) in self.trees.iter().enumerate().filter(|(_, tree)| tree.nodes & nodes != 0) {
            let is_before = |other: &usize| self.before[at] >> self.trees[*other].root & 1 == 1;
            let length = 1 + (0..at).filter(is_before).map(|other| lengths[other]).max().unwrap_or(0);
            lengths[at] = length;
            longest = longest.max(length);
        }
        f64::from(longest)
    }
}

/// What is read from memory in every case: inputs from outside, and what their readers cannot have in registers.
fn inputs(partition: &Partition<'_>) -> Vec<(f64, Bits)> {
    let table = partition.table;
    let mut found: Vec<(NodeId, f64, Bits)> = Vec::new();
    for (at, id) in partition.nodes.iter().enumerate() {
        for input in &table.dag.node(*id).inputs {
            let own = partition.nodes.binary_search(input);
            if own.is_ok_and(|own| partition.fusible[at] >> own & 1 == 1) {
                continue;
            }
            let part = read_by(partition, *id, *input);
            match found.iter_mut().find(|(known, ..)| known == input) {
                Some((_, least, readers)) => {
                    *least = least.min(part);
                    *readers |= 1 << at;
                }
                None => found.push((*input, part, 1 << at)),
            }
        }
    }
    let read = found.into_iter().map(|(_, least, readers)| (least, readers));
    read.filter(|(bytes, _)| *bytes > 0.0).collect()
}

fn cuttable(partition: &Partition<'_>) -> Vec<Cuttable> {
    let mut found = Vec::new();
    for (of, id) in partition.nodes.iter().enumerate() {
        let readers = (0..partition.nodes.len()).filter(|reader| partition.fusible[*reader] >> of & 1 == 1);
        let readers = readers.fold(0, |bits, reader| bits | 1 << reader);
        let (mut points, mut pointed): (u64, Bits) = (0, 0);
        for (at, point) in partition.points.iter().enumerate().filter(|(_, point)| point.of == of) {
            points |= 1 << at;
            pointed |= 1 << point.reader;
        }
        if readers != 0 && pointed == readers {
            found.push(Cuttable { points, bytes: partition.table.bytes[id.0 as usize], readers });
        }
    }
    found
}

/// Operations of each node where it takes the least: alone, or at stored cells, of which there may be next to none.
fn least_flops(partition: &Partition<'_>) -> Vec<f64> {
    let table = partition.table;
    let reads_sparse = |id: &NodeId| table.dag.node(*id).inputs.iter().any(|input| table.is_sparse(*input));
    if partition.nodes.iter().any(reads_sparse) {
        return vec![0.0; partition.nodes.len()];
    }
    partition.nodes.iter().map(|id| table.flops[id.0 as usize]).collect()
}
