//! Statistics of the rows of a matrix by group: `aggregate(target, groups, fn)`.
//!
//! Groups are 1-based codes, rounded down. A row counts for its group in the order of the rows, so results do not
//! depend on the number of threads. The naive definition is [`crate::reference::grouped::aggregate`].

use tilewright_base::{Outcome, bail};

use crate::dense::Dense;
use crate::scratch::Scratch;

/// What is computed of the values of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// The sum; with weights of the values times their weights.
    Sum,
    /// How many there are: the sum of the weights.
    Count,
    /// The arithmetic mean; 0 for an empty group.
    Mean,
    /// The sample variance (divisor n - 1); 0 for less than two values.
    Variance,
    /// The mean of the deviations from the mean to a power; NaN for an empty group.
    CentralMoment(i32),
    /// The smallest value, NaN if one is; 0 for an empty group.
    Min,
    /// The largest value, NaN if one is; 0 for an empty group.
    Max,
}

/// The 0-based group of each code, and the number of groups that hold them all.
///
/// # Errors
/// `value`: a code that is NaN, below 1 or too large for a row number.
pub fn groups(codes: &[f64]) -> Outcome<(Vec<usize>, usize)> {
    let mut groups = Vec::with_capacity(codes.len());
    for (k, &code) in codes.iter().enumerate() {
        if !(1.0..=f64::from(u32::MAX)).contains(&code) {
            bail!(Value, "the group of row {} is {code}; groups are numbered from 1 on", k + 1);
        }
        groups.push(code as usize - 1);
    }
    let count = groups.iter().max().map_or(0, |largest| largest + 1);
    Ok((groups, count))
}

/// The statistic of each column for each of `count` groups, a row per group; groups beyond are left out. Weights do
/// not matter for the smallest and largest values.
///
/// # Panics
/// When there is not one group and weight per row.
pub fn aggregate(
    target: &Dense,
    groups: &[usize],
    weights: Option<&[f64]>,
    count: usize,
    statistic: Statistic,
) -> Dense {
    assert_eq!(target.rows(), groups.len(), "a group per row");
    assert!(weights.is_none_or(|weights| weights.len() == groups.len()), "a weight per row");
    let rows = Rows { target, groups, weights, count };
    match statistic {
        Statistic::Sum => rows.sums(|_, _, x| x),
        Statistic::Count => rows.spread(&rows.totals()),
        Statistic::Mean => rows.means(0.0),
        Statistic::Variance => {
            let means = rows.means(0.0);
            let squares = rows.sums(|group, j, x| (x - means.get(group, j)).powi(2));
            divided(squares, &rows.totals(), |total| total - 1.0, 0.0)
        }
        Statistic::CentralMoment(order) => {
            let means = rows.means(f64::NAN);
            let powers = rows.sums(|group, j, x| (x - means.get(group, j)).powi(order));
            divided(powers, &rows.totals(), |total| total, f64::NAN)
        }
        Statistic::Min => rows.extremes(|x, best| x < best),
        Statistic::Max => rows.extremes(|x, best| x > best),
    }
}

/// What [`groups`] and [`aggregate`] need for `rows` rows and a result of `count x cols`: the groups, sums with what they
/// lost, and the means that deviations are taken from.
pub fn aggregate_scratch(rows: usize, cols: usize, count: usize, statistic: Statistic) -> Scratch {
    let table = Scratch::dense(count, cols);
    let totals = Scratch::vector::<f64>(count);
    Scratch::vector::<usize>(rows).and(match statistic {
        Statistic::Count | Statistic::Min | Statistic::Max => totals,
        Statistic::Sum | Statistic::Mean => table.and(totals),
        Statistic::Variance | Statistic::CentralMoment(_) => (table * 2).and(totals),
    })
}

struct Rows<'a> {
    target: &'a Dense,
    groups: &'a [usize],
    weights: Option<&'a [f64]>,
    count: usize,
}

impl Rows<'_> {
    /// Row numbers with their groups, those without a row in the result left out.
    fn kept(&self) -> impl Iterator<Item = (usize, usize)> {
        self.groups.iter().copied().enumerate().filter(|(_, group)| *group < self.count)
    }

    fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    fn totals(&self) -> Vec<f64> {
        let mut totals = vec![0.0; self.count];
        self.kept().for_each(|(row, group)| totals[group] += self.weight(row));
        totals
    }

    /// The sums of weighted terms, with a correction for lost low digits (Neumaier 1974).
    fn sums(&self, term: impl Fn(usize, usize, f64) -> f64) -> Dense {
        let mut sums = Dense::zeros(self.count, self.target.cols());
        let mut lost = sums.clone();
        for (row, group) in self.kept() {
            let weight = self.weight(row);
            let cells = sums.row_mut(group).iter_mut().zip(lost.row_mut(group));
            for ((j, &x), (sum, lost)) in self.target.row(row).iter().enumerate().zip(cells) {
                let term = weight * term(group, j, x);
                let next = *sum + term;
                *lost += if sum.abs() >= term.abs() { (*sum - next) + term } else { (term - next) + *sum };
                *sum = next;
            }
        }
        for (sum, lost) in sums.cells_mut().iter_mut().zip(lost.cells()) {
            *sum += if lost.is_nan() { 0.0 } else { *lost };
        }
        sums
    }

    fn means(&self, of_none: f64) -> Dense {
        divided(self.sums(|_, _, x| x), &self.totals(), |total| total, of_none)
    }

    fn extremes(&self, better: impl Fn(f64, f64) -> bool) -> Dense {
        let mut out = Dense::zeros(self.count, self.target.cols());
        let mut started = vec![false; self.count];
        for (row, group) in self.kept() {
            let cells = self.target.row(row).iter().zip(out.row_mut(group));
            cells
                .filter(|(x, best)| !started[group] || x.is_nan() || better(**x, **best))
                .for_each(|(x, best)| *best = *x);
            started[group] = true;
        }
        out
    }

    /// A number per group, the same in each column.
    fn spread(&self, totals: &[f64]) -> Dense {
        Dense::from_fn(self.count, self.target.cols(), |group, _| totals[group])
    }
}

/// Each row divided by a divisor made of the total weight of its group, `otherwise` where that is not positive.
fn divided(mut sums: Dense, totals: &[f64], divisor: impl Fn(f64) -> f64, otherwise: f64) -> Dense {
    for (group, &total) in totals.iter().enumerate() {
        let divisor = divisor(total);
        let positive = divisor > 0.0;
        sums.row_mut(group)
            .iter_mut()
            .for_each(|sum| *sum = if positive { *sum / divisor } else { otherwise });
    }
    sums
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reference;
    use crate::testing::{any_dense, assert_close};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn agrees_with_the_definition(x in any_dense(), count in 0..6_usize) {
            let groups: Vec<usize> = (0..x.rows()).map(|i| (i * 7 + i / 3) % 5).collect();
            let weights: Vec<f64> = (0..x.rows()).map(|i| (i % 4) as f64).collect();
            use Statistic::*;
            for statistic in [Sum, Count, Mean, Variance, CentralMoment(3), Min, Max] {
                for weights in [None, Some(&weights[..])] {
                    let naive = reference::grouped::aggregate(&x, &groups, weights, count, statistic);
                    assert_close(&aggregate(&x, &groups, weights, count, statistic), &naive, 1e-9);
                }
            }
        }
    }

    #[test]
    fn codes_are_rounded_down_and_start_at_one() {
        assert_eq!(groups(&[1.0, 2.9]).expect("valid codes"), (vec![0, 1], 2));
        assert_eq!(groups(&[]).expect("no codes"), (vec![], 0));
        assert!([0.9, -1.0, f64::NAN, f64::INFINITY].iter().all(|&code| groups(&[code]).is_err()));
    }
}
