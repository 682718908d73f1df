//! The cheapest choice of cuts: depth first over the points, without those that a lower bound rules out.

use tilewright_ir::NodeId;

use super::Fusion;
use super::candidates::Table;
use super::cost::Costs;
use super::plan::{Group, Partition, Unit};

/// Points that are chosen about; further ones are not cut.
const POINTS: usize = 24;

/// What a search did.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Effort {
    /// Points to choose about.
    pub points: usize,
    /// Choices whose cost was computed.
    pub evaluated: usize,
    /// The cost of the plan in seconds, on a nominal machine.
    pub cost: f64,
}

/// The groups of a partition, and what finding them took.
pub(super) fn choose(
    table: &Table<'_>,
    nodes: &[NodeId],
    done: &[Group],
    fusion: Fusion,
) -> (Vec<Group>, Effort) {
    let mut partition = Partition::new(table, nodes, done);
    partition.points.truncate(POINTS);
    let mut costs = Costs::new();
    let mut search = Search::new(&partition, &mut costs);
    match fusion {
        Fusion::All | Fusion::None => search.evaluate(0),
        Fusion::Cost => search.cheapest(),
        Fusion::Exhaustive => search.exhaustive(),
    }
    let ((cuts, cost), evaluated) = (search.best, search.evaluated);
    let units = partition.units(cuts, &mut costs);
    let effort = Effort { points: partition.points.len(), evaluated, cost };
    (units.into_iter().map(|unit| partition.group(unit)).collect(), effort)
}

struct Search<'s, 'p> {
    partition: &'s Partition<'p>,
    costs: &'s mut Costs,
    best: (u64, f64),
    evaluated: usize,
}

impl<'s, 'p> Search<'s, 'p> {
    fn new(partition: &'s Partition<'p>, costs: &'s mut Costs) -> Search<'s, 'p> {
        Search { partition, costs, best: (0, f64::INFINITY), evaluated: 0 }
    }

    /// Finds the cheapest choice.
    fn cheapest(&mut self) {
        let all = u64::MAX.checked_shr(64 - self.partition.points.len() as u32).unwrap_or(0);
        self.evaluate(0);
        if all != 0 {
            self.evaluate(all);
            self.descend(0, 0);
        }
    }

    /// Finds the cheapest choice by evaluating each.
    fn exhaustive(&mut self) {
        (0..1_u64 << self.partition.points.len()).for_each(|cuts| self.evaluate(cuts));
    }

    fn evaluate(&mut self, cuts: u64) {
        let units = self.partition.units(cuts, self.costs);
        let cost: f64 = units.iter().map(|unit: &Unit| self.costs.of(self.partition, *unit)).sum();
        self.evaluated += 1;
        if cost < self.best.1 || cost == self.best.1 && cuts < self.best.0 {
            self.best = (cuts, cost);
        }
    }

    /// Choices about the points from `at` on, with those before chosen.
    fn descend(&mut self, at: usize, cuts: u64) {
        if self.costs.bound(self.partition, cuts) > self.best.1 {
            return;
        }
        if at == self.partition.points.len() {
            return self.evaluate(cuts);
        }
        self.descend(at + 1, cuts);
        self.descend(at + 1, cuts | 1 << at);
    }
}
