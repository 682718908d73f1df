//! What computing some nodes together costs: the longer of reading inputs and computing, then writing results.

use std::collections::HashMap;

use tilewright_ir::{Machine, NodeId};
use tilewright_ops::Op;
use tilewright_ops::locality::Locality;

use super::build;
use super::plan::{Bits, Partition, Unit, each};

/// Costs of units in seconds, each found once.
pub(super) struct Costs {
    pub(super) rates: Rates,
    known: HashMap<Unit, f64, foldhash::fast::FixedState>,
}

/// What the cost model needs of a machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rates {
    read: f64,
    write: f64,
    flops: f64,
    /// Seconds of a unit, however small.
    pub(super) overhead: f64,
}

/// Bytes that are read and written.
pub(super) struct Moved {
    pub(super) read: f64,
    pub(super) written: f64,
}

impl Rates {
    /// Seconds without what each unit takes.
    pub(super) fn seconds(&self, moved: Moved, flops: f64) -> f64 {
        (moved.read / self.read).max(flops / self.flops) + moved.written / self.write
    }
}

impl Costs {
    /// On a nominal machine, so that plans do not depend on where they are made.
    pub(super) fn new() -> Costs {
        let Machine { all, overhead, .. } = Machine::default();
        let rates = Rates { read: all.read, write: all.write, flops: all.flops, overhead };
        Costs { rates, known: HashMap::default() }
    }

    /// The cost of a unit; infinite if it cannot be computed in one pass.
    pub(super) fn of(&mut self, partition: &Partition<'_>, unit: Unit) -> f64 {
        if let Some(cost) = self.known.get(&unit) {
            return *cost;
        }
        let cost = self.found(partition, unit);
        self.known.insert(unit, cost);
        cost
    }

    fn found(&mut self, partition: &Partition<'_>, unit: Unit) -> f64 {
        if !unit.nodes.is_power_of_two() && !has_driver(partition, unit) {
            // It stays a series of operators.
            let alone = |at: usize| Unit { nodes: 1 << at, results: 1 << at };
            return each(unit.nodes).map(|at| self.of(partition, alone(at))).sum();
        }
        let mut bytes = moved(partition, unit);
        // What running results depend on is read before, for what chunks of rows start from.
        let before = before_scans(partition, unit);
        if before != 0 {
            bytes.read += moved(partition, Unit { nodes: before, results: 0 }).read;
        }
        let flops = match unit.nodes.is_power_of_two() {
            true => each(unit.nodes).map(|at| partition.table.flops[partition.nodes[at].0 as usize]).sum(),
            false => computed(partition, unit),
        };
        self.rates.seconds(bytes, flops) + self.rates.overhead
    }
}

/// Whether a unit reads rows from memory: what makes all of them from nothing is no pipeline.
fn has_driver(partition: &Partition<'_>, unit: Unit) -> bool {
    let is_member =
        |id: NodeId| partition.nodes.binary_search(&id).is_ok_and(|own| unit.nodes >> own & 1 == 1);
    each(unit.nodes).any(|at| partition.table.reads_rows(partition.nodes[at], is_member))
}

/// The nodes of a unit that running results down its rows depend on, with them.
fn before_scans(partition: &Partition<'_>, unit: Unit) -> Bits {
    let is_scan = |at: &usize| {
        let op = partition.table.operator(partition.nodes[*at]);
        op.is_some_and(|op| matches!(op, Op::Cumulative(_)) && op.locality() == Locality::Scan)
    };
    let mut before = each(unit.nodes).filter(is_scan).fold(0, |bits: Bits, at| bits | 1 << at);
    for at in (0..partition.nodes.len()).rev() {
        if before >> at & 1 == 1 {
            before |= partition.fusible_inputs(at) & unit.nodes;
        }
    }
    before
}

/// Bytes that a node reads of an input from memory: of some columns, these.
pub(super) fn read_by(partition: &Partition<'_>, reader: NodeId, input: NodeId) -> f64 {
    let table = partition.table;
    let bytes = |id: NodeId| table.bytes[id.0 as usize];
    match table.operator(reader) {
        Some(Op::Index(_)) => bytes(reader).min(bytes(input)),
        _ => bytes(input),
    }
}

/// Bytes that a unit reads and writes.
fn moved(partition: &Partition<'_>, unit: Unit) -> Moved {
    let table = partition.table;
    let bytes = |id: NodeId| table.bytes[id.0 as usize];
    let mut inputs: Vec<(NodeId, f64)> = Vec::new();
    for at in each(unit.nodes) {
        let id = partition.nodes[at];
        for input in &table.dag.node(id).inputs {
            let is_computed =
                partition.nodes.binary_search(input).is_ok_and(|own| unit.nodes >> own & 1 == 1)
                    && table.is_fusible(*input, id);
            if is_computed {
                continue;
            }
            let part = read_by(partition, id, *input);
            match inputs.iter_mut().find(|(own, _)| own == input) {
                Some((_, read)) => *read = bytes(*input).min(*read + part),
                None => inputs.push((*input, part)),
            }
        }
    }
    let written = each(unit.results).map(|at| bytes(partition.nodes[at])).sum();
    Moved { read: inputs.into_iter().map(|(_, read)| read).sum(), written }
}

/// Operations of a pipeline; infinite if it cannot be one.
fn computed(partition: &Partition<'_>, unit: Unit) -> f64 {
    let table = partition.table;
    let ids = || each(unit.nodes).map(|at| partition.nodes[at]);
    let needs_stored = ids().any(|id| table.candidate(id).is_some_and(|candidate| candidate.needs_stored));
    let reads_sparse = ids().any(|id| table.dag.node(id).inputs.iter().any(|input| table.is_sparse(*input)));
    if !needs_stored && !reads_sparse {
        return ids().map(|id| table.flops[id.0 as usize]).sum();
    }
    let group = partition.group(unit);
    let (pipeline, inputs) = build::pipeline(table, &group);
    let facts: Vec<_> = inputs.iter().map(|input| table.dag.fact(*input).clone()).collect();
    let Some(estimate) = pipeline.estimate(&facts) else { return f64::INFINITY };
    let mut steps = group.nodes.iter().zip(&estimate.at_stored);
    if steps.any(|(id, at)| !at && table.candidate(*id).is_some_and(|candidate| candidate.needs_stored)) {
        return f64::INFINITY;
    }
    if estimate.at_stored.contains(&true) {
        return estimate.flops;
    }
    // Sparse drivers are laid out cell by cell.
    let laid_out = inputs.iter().filter(|input| table.is_sparse(**input));
    let cells: f64 = laid_out.filter_map(|input| table.dag.fact(*input).dense_bytes()).sum::<f64>() / 8.0;
    let dense = |id: NodeId| {
        let facts = table.dag.fact(id);
        let cells = facts.dense_bytes().unwrap_or(0.0) / 8.0;
        table.flops[id.0 as usize].max(if facts.is_matrix() { cells } else { 0.0 })
    };
    cells + ids().map(dense).sum::<f64>()
}
