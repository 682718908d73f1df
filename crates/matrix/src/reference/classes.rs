//! The meet of two partitions by comparing all pairs of positions.

use crate::classes::{Meet, Pair, numbers, pair};
use crate::dense::Dense;

/// The meet of each row of `a` with the same row of `b`, or with the only one.
pub fn meet(a: &Dense, b: &Dense) -> Meet {
    let pair_at = |i: usize, j: usize| pair(a.get(i, j), b.get(if b.rows() == 1 { 0 } else { i }, j));
    let row = |i: usize| (0..a.cols()).map(|j| pair_at(i, j)).collect::<Vec<_>>();
    let class = |i: usize, j: usize| {
        let Some(own) = pair_at(i, j) else { return 0 };
        let mut different: Vec<Pair> = Vec::new();
        for pair in row(i).into_iter().flatten() {
            if !different.contains(&pair) {
                different.push(pair);
            }
        }
        let at = different.iter().position(|pair| *pair == own);
        at.map_or(0, |at| numbers(&different)[at])
    };
    let size = |i: usize, j: usize| {
        let own = pair_at(i, j);
        row(i).into_iter().filter(|pair| pair.is_some() && *pair == own).count()
    };
    Meet {
        classes: Dense::from_fn(a.rows(), a.cols(), |i, j| class(i, j) as f64),
        sizes: Dense::from_fn(a.rows(), a.cols(), |i, j| size(i, j) as f64),
    }
}
