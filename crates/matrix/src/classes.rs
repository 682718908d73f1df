//! The meet of two partitions: which positions of a row belong together in both.
//!
//! A row of class numbers partitions its positions; zero (after decimals are cut off) marks a position without class.
//! Two positions are in one class of the meet when they are in both partitions. Scripts of functional dependencies
//! (`rowClassMeet`) work with the numbers of these classes, which follow from a hash table that is fixed by
//! [`numbers`].

use std::collections::HashMap;

use rayon::prelude::*;

use crate::dense::Dense;
use crate::scratch::{Scratch, at_once};

/// The classes of each row and their sizes.
#[derive(Debug, Clone, PartialEq)]
pub struct Meet {
    /// The number of the class of each position, from 1; 0 where a side has no class.
    pub classes: Dense,
    /// The number of positions in the class of each position; 0 where there is none.
    pub sizes: Dense,
}

/// A class of the meet: those of the two partitions.
pub type Pair = (i32, i32);

/// The meet of each row of `a` with the same row of `b`, or with the only one.
pub fn meet(a: &Dense, b: &Dense) -> Meet {
    let shape = (a.rows(), a.cols());
    let mut out = Meet { classes: Dense::zeros(shape.0, shape.1), sizes: Dense::zeros(shape.0, shape.1) };
    let width = shape.1.max(1);
    let classes = out.classes.cells_mut().par_chunks_mut(width);
    classes.zip(out.sizes.cells_mut().par_chunks_mut(width)).enumerate().for_each(|(i, (classes, sizes))| {
        let right = b.row(if b.rows() == 1 { 0 } else { i });
        meet_row(a.row(i), right, classes, sizes);
    });
    out
}

/// What [`meet`] needs for a `rows x cols` matrix: for each row at work its pairs of classes in a table, their counts,
/// hashes, order and numbers.
pub fn meet_scratch(rows: usize, cols: usize) -> Scratch {
    let table = Scratch::vector::<(Pair, usize, u8)>(cols.saturating_mul(3));
    let lists = Scratch::vector::<[usize; 12]>(cols);
    table.and(lists) * at_once(rows)
}

/// The class of a position, if both sides have one.
pub fn pair(a: f64, b: f64) -> Option<Pair> {
    let pair = (a as i32, b as i32);
    (pair.0 != 0 && pair.1 != 0).then_some(pair)
}

fn meet_row(a: &[f64], b: &[f64], classes: &mut [f64], sizes: &mut [f64]) {
    let mut places: HashMap<Pair, usize> = HashMap::new();
    let mut pairs: Vec<Pair> = Vec::new();
    let mut counts: Vec<usize> = Vec::new();
    let mut found = Vec::with_capacity(a.len());
    for (a, b) in a.iter().zip(b) {
        let place = pair(*a, *b).map(|pair| {
            *places.entry(pair).or_insert_with(|| {
                pairs.push(pair);
                counts.push(0);
                pairs.len() - 1
            })
        });
        if let Some(place) = place {
            counts[place] += 1;
        }
        found.push(place);
    }
    let numbers = numbers(&pairs);
    for (at, place) in found.into_iter().enumerate() {
        if let Some(place) = place {
            (classes[at], sizes[at]) = (numbers[place] as f64, counts[place] as f64);
        }
    }
}

/// The numbers, from 1, of different pairs in the order of their first occurrence: their order in a chained hash table
/// of 16 buckets that doubles when it is three quarters full, or when a bucket of fewer than 64 gets a ninth pair.
pub fn numbers(pairs: &[Pair]) -> Vec<usize> {
    let hashes: Vec<u32> = pairs.iter().map(|pair| hash(*pair)).collect();
    let mut filled = vec![0_usize; 16];
    for (at, hash) in hashes.iter().enumerate() {
        let size = filled.len();
        let bucket = *hash as usize % size;
        filled[bucket] += 1;
        let crowded = filled[bucket] > 8 && size < 64;
        let grown = if crowded { 2 * size } else { size };
        let grown = if 4 * (at + 1) > 3 * grown { 2 * grown } else { grown };
        if grown > size {
            filled = spread(grown, &hashes[..=at]);
        }
    }
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    order.sort_by_key(|&at| hashes[at] as usize % filled.len());
    let mut numbers = vec![0; pairs.len()];
    order.into_iter().enumerate().for_each(|(number, at)| numbers[at] = number + 1);
    numbers
}

/// How many hashes fall into each of some buckets.
fn spread(size: usize, hashes: &[u32]) -> Vec<usize> {
    let mut filled = vec![0; size];
    hashes.iter().for_each(|hash| filled[*hash as usize % size] += 1);
    filled
}

fn hash((a, b): Pair) -> u32 {
    let hash = 961_i32.wrapping_add(a.wrapping_mul(31)).wrapping_add(b) as u32;
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::classes as naive;
    use crate::testing::assert_same;

    #[test]
    fn classes_are_numbered_like_those_of_existing_scripts() {
        let a = Dense::from_cells(1, 13, &[2., 1., 3., 1., 4., 2., 1., 5., 0., 2., 7., 3., 3.]);
        let b = Dense::from_cells(1, 13, &[3., 1., 2., 1., 1., 3., 2., 2., 1., 0., 7., 1., 3.]);
        let meet = meet(&a, &b);
        assert_eq!(meet.classes.cells(), [5., 2., 1., 2., 7., 5., 6., 8., 0., 0., 3., 9., 4.]);
        assert_eq!(meet.sizes.cells(), [2., 2., 1., 2., 1., 2., 1., 1., 0., 0., 1., 1., 1.]);
    }

    #[test]
    fn the_table_grows() {
        let numbers = |pairs: &dyn Fn(i32) -> Pair, n: i32| numbers(&(1..=n).map(pairs).collect::<Vec<_>>());
        let expected = [
            4, 21, 5, 22, 32, 11, 33, 28, 9, 16, 39, 17, 40, 18, 30, 24, 6, 25, 7, 12, 34, 13, 35, 29, 1, 19,
            2, 20, 3, 10, 31, 26, 8, 27, 36, 14, 37, 15, 38, 23,
        ];
        assert_eq!(numbers(&|i| (i % 8 + 1, i % 5 + 1), 40), expected);
        assert_eq!(numbers(&|i| (8 * i, 1), 12), [7, 1, 8, 2, 9, 3, 10, 4, 11, 5, 12, 6]);
    }

    #[test]
    fn agrees_with_the_definition() {
        let codes =
            |rows, cols, by: usize| Dense::from_fn(rows, cols, |i, j| ((i * 7 + j * by) % 6) as f64 - 1.0);
        for (rows, cols) in [(0, 3), (3, 0), (1, 1), (4, 50)] {
            for b in [codes(rows, cols, 5), codes(1, cols, 11)] {
                let a = codes(rows, cols, 3);
                let (fast, slow) = (meet(&a, &b), naive::meet(&a, &b));
                assert_same(&fast.classes, &slow.classes);
                assert_same(&fast.sizes, &slow.sizes);
            }
        }
    }
}
