//! The cheapest choice of cuts: depth first over the points, without those that a lower bound rules out.

use tilewright_ir::NodeId;

use super::Fusion;
use super::candidates::Table;
use super::cost::Costs;
use super::plan::{Group, Partition, Unit};

/// Points that are chosen about; further ones are not cut.
const POINTS: usize = 24;

/// What a search did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effort {
    /// Points to choose about.
    pub points: usize,
    /// Choices whose cost was computed.
    pub evaluated: usize,
}

/// The groups of a partition.
pub(super) fn choose(table: &Table<'_>, nodes: &[NodeId], done: &[Group], fusion: Fusion) -> Vec<Group> {
    let mut partition = Partition::new(table, nodes, done);
    partition.points.truncate(POINTS);
    let mut costs = Costs::new();
    let (cuts, cost) = match fusion {
        Fusion::All if cost_of(&partition, 0, &mut costs).is_finite() => (0, 0.0),
        Fusion::All | Fusion::Cost => {
            let (cuts, cost, _) = cheapest(&partition, &mut costs);
            (cuts, cost)
        }
        Fusion::Exhaustive => exhaustive(&partition, &mut costs),
        Fusion::None => return Vec::new(),
    };
    if cost.is_infinite() {
        return Vec::new();
    }
    let units = partition.units(cuts, &mut costs);
    units.into_iter().map(|unit| partition.group(unit)).collect()
}

/// The cost of a choice.
fn cost_of(partition: &Partition<'_>, cuts: u64, costs: &mut Costs) -> f64 {
    let units: Vec<Unit> = partition.units(cuts, costs);
    units.into_iter().map(|unit| costs.of(partition, unit)).sum()
}

/// The cheapest choice with its cost, and what finding it took.
fn cheapest(partition: &Partition<'_>, costs: &mut Costs) -> (u64, f64, Effort) {
    let all = u64::MAX.checked_shr(64 - partition.points.len() as u32).unwrap_or(0);
    let mut search = Search { partition, costs, best: (0, f64::INFINITY), evaluated: 0 };
    search.evaluate(0);
    if all != 0 {
        search.evaluate(all);
        search.descend(0, 0);
    }
    let effort = Effort { points: partition.points.len(), evaluated: search.evaluated };
    (search.best.0, search.best.1, effort)
}

/// The cheapest choice of all, each evaluated.
fn exhaustive(partition: &Partition<'_>, costs: &mut Costs) -> (u64, f64) {
    let mut search = Search { partition, costs, best: (0, f64::INFINITY), evaluated: 0 };
    (0..1_u64 << partition.points.len()).for_each(|cuts| search.evaluate(cuts));
    search.best
}

struct Search<'s, 'p> {
    partition: &'s Partition<'p>,
    costs: &'s mut Costs,
    best: (u64, f64),
    evaluated: usize,
}

impl Search<'_, '_> {
    fn evaluate(&mut self, cuts: u64) {
        let cost = cost_of(self.partition, cuts, self.costs);
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
