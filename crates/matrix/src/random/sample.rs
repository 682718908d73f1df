//! Samples of the integers `1..=range`.

use std::collections::HashSet;

use rayon::prelude::*;
use tilewright_base::{Outcome, bail};

use super::java_random::JavaRandom;
use crate::{Dense, Scratch};

/// Integers per task of drawing with replacement.
const CHUNK: usize = 1 << 14;

/// Steps of the generator for a 64-bit number.
const DRAWS: u64 = 2;

/// Whether an integer may be drawn more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacement {
    /// It may.
    With,
    /// It may not.
    Without,
}

/// A `size` x 1 matrix of integers drawn from `1..=range`.
///
/// # Errors
/// When there is nothing, or too little without replacement, to draw from.
pub fn sample(range: i64, size: usize, replacement: Replacement, seed: i64) -> Outcome<Dense> {
    if range < 1 && size > 0 {
        bail!(Value, "cannot sample from 1 to {range}: the range is empty");
    }
    if replacement == Replacement::Without && size as u64 > range.max(0) as u64 {
        bail!(Value, "cannot sample {size} distinct values from 1 to {range}"; hint: "`sample({range}, {size}, TRUE)` draws with replacement");
    }
    let mut random = JavaRandom::new(seed);
    let mut drawn = Dense::unset(size, 1);
    let cells = drawn.cells_mut();
    match (replacement, i32::try_from(range)) {
        (Replacement::With, _) => independent(cells, range, &random),
        (Replacement::Without, Ok(range)) => reservoir(cells, range, &mut random),
        (Replacement::Without, Err(_)) => distinct(cells, range, &mut random),
    }
    Ok(drawn)
}

/// What [`sample`] needs for `size` numbers: a table of those drawn, of ranges that are too long to walk.
pub fn sample_scratch(range: i64, size: usize, replacement: Replacement) -> Scratch {
    let places = size.saturating_mul(2).checked_next_power_of_two().unwrap_or(usize::MAX);
    let seen = Scratch::vector::<(i64, u8)>(places);
    seen.only_if(replacement == Replacement::Without && i32::try_from(range).is_err())
}

/// Draws with replacement. A draw that is rejected moves all that follow: a chunk starts where it would without
/// any, and is drawn again when one before it had some.
fn independent(cells: &mut [f64], range: i64, start: &JavaRandom) {
    let fill = |chunk: &mut [f64], random: &mut JavaRandom| {
        chunk.fill_with(|| (1 + random.below_i64(range)) as f64);
    };
    let chunks = cells.par_chunks_mut(CHUNK).enumerate().map(|(k, chunk)| {
        let (mut random, mut expected) = (start.clone(), start.clone());
        random.skip(DRAWS * (k * CHUNK) as u64);
        expected.skip(DRAWS * (k * CHUNK + chunk.len()) as u64);
        fill(chunk, &mut random);
        (random == expected, random)
    });
    let ends: Vec<(bool, JavaRandom)> = chunks.collect();
    let Some(moved) = ends.iter().position(|(is_expected, _)| !is_expected) else { return };
    let mut random = ends[moved].1.clone();
    let behind = cells.len().min((moved + 1) * CHUNK);
    fill(&mut cells[behind..], &mut random);
}

/// Reservoir sampling (Vitter 1985, algorithm R), then a shuffle (Knuth, TAOCP 2, algorithm 3.4.2 P).
fn reservoir(cells: &mut [f64], range: i32, random: &mut JavaRandom) {
    let size = cells.len() as i32;
    for (i, cell) in cells.iter_mut().enumerate() {
        *cell = (i + 1) as f64;
    }
    for i in i64::from(size) + 1..=i64::from(range) {
        if random.below_i32(i as i32) < size {
            cells[random.below_i32(size) as usize] = i as f64;
        }
    }
    for i in 0..cells.len().saturating_sub(1) {
        cells.swap(i, i + random.below_i32(size - i as i32) as usize);
    }
}

/// Draws again what was drawn before; for ranges that are too long to walk.
fn distinct(cells: &mut [f64], range: i64, random: &mut JavaRandom) {
    let mut seen = HashSet::with_capacity(cells.len());
    for cell in cells {
        let mut value = random.below_i64(range);
        while !seen.insert(value) {
            value = random.below_i64(range);
        }
        *cell = (1 + value) as f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(range: i64, size: usize, replacement: Replacement, seed: i64) -> Vec<f64> {
        sample(range, size, replacement, seed).unwrap().cells().to_vec()
    }

    #[test]
    fn equals_the_reference() {
        use Replacement::{With, Without};
        assert_eq!(drawn(10, 10, Without, 7), [7., 4., 8., 6., 9., 10., 2., 1., 3., 5.]);
        assert_eq!(drawn(100, 10, Without, 7), [4., 23., 18., 45., 51., 25., 8., 99., 94., 19.]);
        assert_eq!(drawn(64, 5, Without, 1), [14., 2., 13., 18., 63.]);
        assert_eq!(drawn(100, 10, With, 7), [33., 2., 66., 47., 62., 30., 56., 57., 94., 95.]);
        let large = [7233374233., 9017625402., 6112732766., 7566406547., 4678522462.];
        assert_eq!(drawn(10_000_000_000, 5, With, 7), large);
    }

    #[test]
    fn distinct_means_distinct_also_beyond_32_bits() {
        for range in [50, 1 << 40] {
            let mut values = drawn(range, 50, Replacement::Without, 3);
            values.sort_by(f64::total_cmp);
            values.dedup();
            assert_eq!(values.len(), 50);
            assert!(values[0] >= 1.0 && values[49] <= range as f64);
        }
    }

    #[test]
    fn chunks_continue_each_other_also_after_rejections() {
        // Of ranges just above 2^62 every second draw is rejected.
        for range in [10, (1 << 62) + 1] {
            let mut random = JavaRandom::new(5);
            let expected: Vec<f64> = (0..50_000).map(|_| (1 + random.below_i64(range)) as f64).collect();
            crate::testing::in_pools(|| assert!(drawn(range, 50_000, Replacement::With, 5) == expected));
        }
    }

    #[test]
    fn nothing_and_too_much() {
        assert_eq!(drawn(0, 0, Replacement::Without, 1), []);
        assert_eq!(
            sample(3, 4, Replacement::Without, 1).unwrap_err().message(),
            "cannot sample 4 distinct values from 1 to 3"
        );
        assert!(sample(0, 1, Replacement::With, 1).is_err());
    }
}
