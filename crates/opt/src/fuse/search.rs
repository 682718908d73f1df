//! The cheapest choice of cuts: depth first over the points, without those that a lower bound rules out.

use tilewright_ir::NodeId;

use super::Fusion;
use super::bound::Bound;
use super::candidates::Table;
use super::cost::Costs;
use super::plan::{Group, Partition, Unit};

/// Points that are chosen about; further ones are not cut.
const POINTS: usize = 24;

/// Choices, also of some points only, that are looked at; the best of them is taken where there are more. As many as
/// all choices about 13 points.
const LOOKS: usize = 1 << 14;

/// The bound adds up in another order than costs do: what it rules out costs more for certain.
const ROUNDING: f64 = 1.0 - 1e-12;

/// What a search did.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Effort {
    /// Points to choose about.
    pub points: usize,
    /// Choices whose cost was computed.
    pub evaluated: usize,
    /// Choices, also of some points only, whose bound was computed.
    pub looks: usize,
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
        Fusion::None => return (Vec::new(), Effort::default()),
        Fusion::All => search.evaluate(0),
        Fusion::Cost => search.cheapest(),
        Fusion::Exhaustive => search.exhaustive(),
    }
    // What does not fit in as large pipelines as can be may fit in smaller ones.
    if fusion == Fusion::All && search.best.1.is_infinite() {
        search.cheapest();
    }
    let ((cuts, cost), evaluated, looks) = (search.best, search.evaluated, search.looks);
    let effort = Effort { points: partition.points.len(), evaluated, looks, cost };
    if cost.is_infinite() {
        return (Vec::new(), effort);
    }
    let units = partition.units(cuts, &mut costs);
    (units.into_iter().map(|unit| partition.group(unit)).collect(), effort)
}

struct Search<'s, 'p> {
    partition: &'s Partition<'p>,
    costs: &'s mut Costs,
    best: (u64, f64),
    evaluated: usize,
    looks: usize,
}

impl<'s, 'p> Search<'s, 'p> {
    fn new(partition: &'s Partition<'p>, costs: &'s mut Costs) -> Search<'s, 'p> {
        Search { partition, costs, best: (0, f64::INFINITY), evaluated: 0, looks: 0 }
    }

    /// Finds the cheapest choice.
    fn cheapest(&mut self) {
        let points = self.partition.points.len();
        self.evaluate(0);
        if points == 0 {
            return;
        }
        self.evaluate(u64::MAX >> (64 - points));
        self.improve();
        let bound = Bound::new(self.partition);
        self.descend(&bound, points, 0);
    }

    /// Cuts a node from all of its readers or from none, as long as that is cheaper: the cheaper the first choices, the
    /// more of the others are ruled out.
    fn improve(&mut self) {
        let points = &self.partition.points;
        let mut nodes: Vec<usize> = points.iter().map(|point| point.of).collect();
        nodes.sort_unstable();
        nodes.dedup();
        for of in nodes.into_iter().rev() {
            let edges = points.iter().enumerate().filter(|(_, point)| point.of == of);
            let edges = edges.fold(0, |bits, (at, _)| bits | 1 << at);
            let cuts = self.best.0;
            self.evaluate(if cuts & edges == 0 { cuts | edges } else { cuts & !edges });
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

    /// Choices about the points before `left`, with those from there on chosen: the last ones first, since trees grow
    /// from what is written.
    fn descend(&mut self, bound: &Bound<'_, '_>, left: usize, cuts: u64) {
        if self.looks == LOOKS {
            return;
        }
        self.looks += 1;
        let decided = u64::MAX.checked_shl(left as u32).unwrap_or(0);
        if bound.of(decided, cuts, self.costs.rates) * ROUNDING > self.best.1 {
            return;
        }
        if left == 0 {
            return self.evaluate(cuts);
        }
        self.descend(bound, left - 1, cuts);
        self.descend(bound, left - 1, cuts | 1 << (left - 1));
    }
}

#[cfg(test)]
mod tests {
    use tilewright_ir::{Dag, NodeId};
    use tilewright_ops::Facts;

    use super::super::partition::partitions;
    use super::super::random::{self, COLUMNS, Numbers, ROWS, Sketch};
    use super::*;

    /// Looks at the partitions of random DAGs, with what was planned before each.
    fn each_partition(count: u64, mut look: impl FnMut(&Table<'_>, &[NodeId], &[Group])) {
        for seed in 0..count {
            let dag = random::dag(&mut Numbers(seed), 4 + (seed % 16) as usize);
            let table = Table::of(&dag);
            let mut groups = Vec::new();
            for members in partitions(&table) {
                look(&table, &members, &groups);
                let (plan, _) = choose(&table, &members, &groups, Fusion::Cost);
                groups.extend(plan.into_iter().filter(|group| group.nodes.len() > 1));
            }
        }
    }

    #[test]
    fn the_plan_is_that_of_looking_at_every_choice() {
        let mut seen = [0; 13];
        each_partition(600, |table, members, done| {
            let (plan, effort) = choose(table, members, done, Fusion::Cost);
            if effort.points > 12 {
                return;
            }
            let (best, exhaustive) = choose(table, members, done, Fusion::Exhaustive);
            assert_eq!(exhaustive.evaluated, 1 << effort.points);
            assert_eq!(effort.cost.to_bits(), exhaustive.cost.to_bits());
            assert_eq!(plan, best);
            seen[effort.points] += 1;
        });
        assert!(seen.iter().all(|count| *count > 0), "partitions by points: {seen:?}");
    }

    #[test]
    fn no_choice_costs_less_than_its_bound() {
        let mut compared = 0;
        each_partition(300, |table, members, done| {
            let mut partition = Partition::new(table, members, done);
            partition.points.truncate(8);
            let points = partition.points.len();
            let mut costs = Costs::new();
            let mut cost = |cuts: u64| {
                let units = partition.units(cuts, &mut costs);
                units.iter().map(|unit| costs.of(&partition, *unit)).sum::<f64>()
            };
            let all: Vec<f64> = (0..1_u64 << points).map(&mut cost).collect();
            let (bound, rates) = (Bound::new(&partition), Costs::new().rates);
            for left in 0..=points {
                for chosen in 0..1_u64 << (points - left) {
                    let from = (chosen << left) as usize;
                    let least = all[from..from + (1 << left)].iter().copied().fold(f64::INFINITY, f64::min);
                    let bound = bound.of(u64::MAX << left, chosen << left, rates);
                    assert!(bound * ROUNDING <= least, "{bound} > {least} with {left} of {points} left");
                    compared += 1;
                }
            }
        });
        assert!(compared > 10_000);
    }

    /// The search in the largest partition of a DAG.
    fn effort(dag: &Dag) -> Effort {
        let table = Table::of(dag);
        let efforts = partitions(&table)
            .iter()
            .map(|members| choose(&table, members, &[], Fusion::Cost).1)
            .collect::<Vec<_>>();
        efforts.into_iter().max_by_key(|effort| effort.points).expect("a partition")
    }

    /// A chain that a sum and its reader share.
    fn chain(length: usize) -> Dag {
        let mut sketch = Sketch::default();
        let x = sketch.leaf(Facts::shaped(ROWS, COLUMNS));
        let last = (0..length).fold(x, |node, at| sketch.op(["exp", "abs", "sin"][at % 3], &[node]));
        let sum = sketch.op("sum", &[last]);
        let rest = sketch.op("-", &[last, sum]);
        sketch.op("*", &[rest, x]);
        sketch.finish()
    }

    /// Layers, each of which takes its mean from its cells.
    fn layers(count: usize) -> Dag {
        let mut sketch = Sketch::default();
        let x = sketch.leaf(Facts::shaped(ROWS, COLUMNS));
        let last = (0..count).fold(x, |node, _| {
            let cells = sketch.op("exp", &[node]);
            let mean = sketch.op("mean", &[cells]);
            sketch.op("-", &[cells, mean])
        });
        sketch.op("colSums", &[last]);
        sketch.finish()
    }

    /// Matrices of their own, centred and scaled, that end in one product.
    fn branches(count: usize) -> Dag {
        let mut sketch = Sketch::default();
        let x = sketch.leaf(Facts::shaped(ROWS, COLUMNS));
        let last = (0..count).fold(x, |node, _| {
            let own = sketch.leaf(Facts::shaped(ROWS, COLUMNS));
            let cells = sketch.op("*", &[own, x]);
            let root = sketch.op("sqrt", &[cells]);
            let sum = sketch.op("sum", &[root]);
            let rest = sketch.op("-", &[root, sum]);
            sketch.op("+", &[rest, node])
        });
        sketch.op("rowSums", &[last]);
        sketch.finish()
    }

    #[test]
    fn a_search_without_a_bound_that_helps_ends() {
        let mut sketch = Sketch::default();
        let x = sketch.leaf(Facts::shaped(ROWS, 400));
        // None of the products fits a panel: each choice but one costs infinitely much.
        let last = (0..22).fold(x, |node, _| {
            let right = sketch.leaf(Facts::shaped(400, 400));
            sketch.op(crate::pattern::PLAIN.name(), &[node, right])
        });
        sketch.op("exp", &[last]);
        let effort = effort(&sketch.finish());
        assert_eq!(effort.looks, LOOKS, "{effort:?}");
        assert!(effort.cost.is_finite(), "{effort:?}");
    }

    #[test]
    fn few_of_many_choices_are_evaluated() {
        for (dag, points, most) in [(chain(17), 18, 100), (layers(7), 19, 1000), (branches(6), 18, 1000)] {
            let effort = effort(&dag);
            assert!(effort.points >= points, "{effort:?}");
            assert!(effort.evaluated <= most, "{effort:?}");
        }
    }
}
