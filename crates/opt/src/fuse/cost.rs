//! What computing some nodes together costs: the longer of reading inputs and computing, then writing results.

use std::collections::HashMap;

use tilewright_ir::{Machine, NodeId};

use super::build;
use super::plan::{Partition, Unit, each};

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

    fn found(&self, partition: &Partition<'_>, unit: Unit) -> f64 {
        let flops = match unit.nodes.is_power_of_two() {
            true => each(unit.nodes).map(|at| partition.table.flops[partition.nodes[at].0 as usize]).sum(),
            false => computed(partition, unit),
        };
        self.rates.seconds(moved(partition, unit), flops) + self.rates.overhead
    }
}

/// Bytes that a unit reads and writes.
fn moved(partition: &Partition<'_>, unit: Unit) -> Moved {
    let table = partition.table;
    let mut inputs: Vec<NodeId> = Vec::new();
    for at in each(unit.nodes) {
        let id = partition.nodes[at];
        for input in &table.dag.node(id).inputs {
            let is_computed =
                partition.nodes.binary_search(input).is_ok_and(|own| unit.nodes >> own & 1 == 1)
                    && table.is_fusible(*input, id);
            if !is_computed && !inputs.contains(input) {
                inputs.push(*input);
            }
        }
    }
    let bytes = |id: NodeId| table.bytes[id.0 as usize];
    let written = each(unit.results).map(|at| bytes(partition.nodes[at])).sum();
    Moved { read: inputs.into_iter().map(bytes).sum(), written }
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
