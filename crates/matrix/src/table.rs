//! Contingency tables: `table(A, B, W)` and its one-hot form `table(seq(1, n), v)`.
//!
//! Categories are 1-based codes, rounded down; an observation with a missing code (NaN) does not count. Observations are added up in their order, so the sums do not depend
//! on which of the two methods below was taken. The naive definition is [`crate::reference::reorg::table`].

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use tilewright_base::{Outcome, bail};

use crate::assemble::{sparse_rows, sparse_rows_scratch, sparse_rows_with};
use crate::compress::append_nonzero;
use crate::scratch::{at_once, partials};
use crate::{Csr, Scratch};

/// How much each observation counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Weights<'a> {
    /// One.
    Ones,
    /// The same for all.
    Constant(f64),
    /// One weight per observation.
    Each(&'a [f64]),
}

impl Weights<'_> {
    fn of(&self, observation: usize) -> f64 {
        match self {
            Weights::Ones => 1.0,
            Weights::Constant(weight) => *weight,
            Weights::Each(weights) => weights[observation],
        }
    }
}

/// Tables with at most this many cells are counted in a dense array.
const SMALL_TABLE: usize = 1 << 16;

/// Observations per task.
const CHUNK: usize = 1 << 16;

/// Observations per task that counts in an array of its own, which is to be less than it reads.
fn chunk(area: usize) -> usize {
    CHUNK.max(area.saturating_mul(4))
}

/// Codes up to here are exact integers.
const MAX_CODE: f64 = 9_007_199_254_740_992.0;

/// The total weight of every pair of categories: observation `k` counts at row `rows[k]`, column `cols[k]`.
///
/// The table has `dims` rows and columns, and what lies outside of them is ignored; without `dims` it is as large
/// as the largest codes, which [`dims`] tells beforehand.
///
/// # Errors
/// `value`: a code below 1, or one that no matrix can have a row or column for.
///
/// # Panics
/// When the vectors have different lengths.
pub fn table(rows: &[f64], cols: &[f64], weights: Weights<'_>, dims: Option<(usize, usize)>) -> Outcome<Csr> {
    assert_eq!(rows.len(), cols.len(), "a pair of codes per observation");
    if let Weights::Each(weights) = weights {
        assert_eq!(rows.len(), weights.len(), "a weight per observation");
    }
    let (height, width) = self::dims(rows, cols, dims)?;
    let chunk = chunk(height.saturating_mul(width));
    if weights == Weights::Ones && rows.len() > chunk {
        return Ok(count_ones(height, width, rows, cols, chunk));
    }
    let cells = rows.iter().zip(cols).enumerate().filter_map(|(k, (&row, &col))| {
        // A missing code is 0 as an integer.
        let (row, col) = ((row as usize).checked_sub(1)?, (col as usize).checked_sub(1)?);
        (row < height && col < width).then(|| (row, col, weights.of(k)))
    });
    let is_small = height.checked_mul(width).is_some_and(|area| area <= SMALL_TABLE.max(rows.len()));
    Ok(if is_small { count_dense(height, width, cells) } else { count_sparse(height, width, cells) })
}

/// What [`table`] needs for `n` observations and a `height x width` result.
pub fn table_scratch(n: usize, height: usize, width: usize) -> Scratch {
    let area = height.saturating_mul(width);
    let chunks = n.div_ceil(chunk(area));
    let counts = Scratch::vector::<f64>(area) * partials(1, chunks).saturating_add(at_once(chunks)).max(1);
    if chunks > 1 {
        counts.and(sparse_rows_scratch(height, width, area, width))
    } else if area <= SMALL_TABLE.max(n) {
        Scratch::vector::<f64>(area).and(sparse_rows_scratch(height, width, area, width))
    } else {
        let sorted = Scratch::vector::<usize>(height).and(Scratch::vector::<(u32, f64)>(n));
        // A row that has all observations is sorted beside the others.
        let row = Scratch::vector::<(u32, f64)>(n) * 2;
        sorted.and(row).and(sparse_rows_scratch(height, width, n, n))
    }
}

/// `table(seq(1, n), v)`: row `k` has a one in column `v[k]`, and no cell when that lies beyond `ncol`.
///
/// # Errors
/// `value`: a code below 1, or one that no matrix can have a column for.
pub fn table_expand(v: &[f64], ncol: Option<usize>) -> Outcome<Csr> {
    let width = extent(v, "", ncol, Csr::MAX_COLS as f64)?;
    if v.par_chunks(CHUNK).all(|codes| codes.iter().all(|&code| code >= 1.0 && (code as usize) <= width)) {
        let col = v.par_iter().with_min_len(CHUNK).map(|&code| (code as usize - 1) as u32).collect();
        let row_ptr = (0..v.len() + 1).into_par_iter().with_min_len(CHUNK).collect();
        return Ok(Csr::from_parts(v.len(), width, row_ptr, col, vec![1.0; v.len()]));
    }
    Ok(sparse_rows(
        v.len(),
        width,
        |i| i,
        |i, room| {
            if let Some(col) = (v[i] as usize).checked_sub(1).filter(|col| *col < width) {
                room.push(col as u32, 1.0);
            }
        },
    ))
}

/// What [`table_expand`] needs for `n` codes and `width` columns.
pub fn table_expand_scratch(n: usize, width: usize) -> Scratch {
    sparse_rows_scratch(n, width, n, 1)
}

/// The rows and columns of the table, for whoever must know its memory before it is made; checks all codes.
///
/// # Errors
/// As [`table`].
pub fn dims(rows: &[f64], cols: &[f64], given: Option<(usize, usize)>) -> Outcome<(usize, usize)> {
    let height = extent(rows, " of the first vector", given.map(|dims| dims.0), MAX_CODE)?;
    let width = extent(cols, " of the second vector", given.map(|dims| dims.1), Csr::MAX_COLS as f64)?;
    Ok((height, width))
}

/// The given number of categories, or the largest code.
fn extent(codes: &[f64], whose: &str, given: Option<usize>, limit: f64) -> Outcome<usize> {
    // Where the first bad code of a chunk is, or else the largest.
    let chunks = codes.par_chunks(CHUNK).enumerate().map(|(chunk, codes)| {
        let limit = if given.is_none() { limit } else { f64::INFINITY };
        let (largest, any) = Arch::new().dispatch(Scan { codes, limit });
        let at = if any { codes.iter().position(|&code| code < 1.0 || code > limit) } else { None };
        at.map_or(Ok(largest), |k| Err(chunk * CHUNK + k))
    });
    let mut largest = 0.0_f64;
    for chunk in chunks.collect::<Vec<_>>() {
        match chunk {
            Ok(code) => largest = largest.max(code),
            Err(i) if codes[i] < 1.0 => {
                bail!(Value, "categories are numbered from 1, but row {}{whose} is {}", i + 1, codes[i];
                    hint: "recode the categories to 1, 2, 3, ... or remove these rows");
            }
            Err(i) => {
                bail!(Value, "row {}{whose} is category {}, and no table is that large", i + 1, codes[i];
                    hint: "give the dimensions of the table to ignore categories beyond them");
            }
        }
    }
    Ok(given.unwrap_or(largest as usize))
}

/// The largest code, and whether any is below 1 or above `limit`.
struct Scan<'a> {
    codes: &'a [f64],
    limit: f64,
}

impl WithSimd for Scan<'_> {
    type Output = (f64, bool);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> (f64, bool) {
        const LANES: usize = 32;
        let Scan { codes, limit } = self;
        let (mut largest, mut bad) = ([0.0; LANES], [0_u64; LANES]);
        let (rows, rest) = codes.as_chunks::<LANES>();
        for row in rows {
            for (lane, &code) in row.iter().enumerate() {
                bad[lane] |= u64::from(code < 1.0) | u64::from(code > limit);
                largest[lane] = if code > largest[lane] { code } else { largest[lane] };
            }
        }
        let any = bad.iter().any(|&bad| bad != 0) || rest.iter().any(|&code| code < 1.0 || code > limit);
        (largest.iter().chain(rest).copied().fold(0.0, f64::max), any)
    }
}

/// The number of observations of each cell, in parallel: whole numbers add up in any order.
fn count_ones(height: usize, width: usize, rows: &[f64], cols: &[f64], chunk: usize) -> Csr {
    let chunks = rows.par_chunks(chunk).zip(cols.par_chunks(chunk)).map(|(rows, cols)| {
        let mut counts = vec![0.0; height * width];
        for (&row, &col) in rows.iter().zip(cols) {
            let (row, col) = ((row as usize).wrapping_sub(1), (col as usize).wrapping_sub(1));
            if row < height && col < width {
                counts[row * width + col] += 1.0;
            }
        }
        counts
    });
    let add = |mut a: Vec<f64>, b: Vec<f64>| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    };
    let counts = chunks.reduce_with(add).unwrap_or_default();
    let row = |i: usize| &counts[i * width..(i + 1) * width];
    sparse_rows(height, width, |i| i * width, |i, room| append_nonzero(row(i), 0, room))
}

fn count_dense(height: usize, width: usize, cells: impl Iterator<Item = (usize, usize, f64)>) -> Csr {
    let mut sums = vec![0.0; height * width];
    for (row, col, weight) in cells {
        sums[row * width + col] += weight;
    }
    sparse_rows(
        height,
        width,
        |i| i * width,
        |i, room| {
            append_nonzero(&sums[i * width..(i + 1) * width], 0, room);
        },
    )
}

/// Sorts the observations by row with a counting sort, then each row by column, and adds up equal columns.
fn count_sparse(
    height: usize,
    width: usize,
    cells: impl Iterator<Item = (usize, usize, f64)> + Clone,
) -> Csr {
    let mut next = vec![0; height + 1];
    cells.clone().for_each(|(row, ..)| next[row + 1] += 1);
    for i in 0..height {
        next[i + 1] += next[i];
    }
    let mut sorted = vec![(0, 0.0); next[height]];
    for (row, col, weight) in cells {
        sorted[next[row]] = (col as u32, weight);
        next[row] += 1;
    }
    // Now the first entry is where the second row starts.
    let start = |i: usize| i.checked_sub(1).map_or(0, |before| next[before]);
    sparse_rows_with(height, width, start, Vec::new, |row, i, room| {
        row.clear();
        row.extend_from_slice(&sorted[start(i)..start(i + 1)]);
        row.sort_by_key(|&(col, _): &(u32, f64)| col);
        for equal in row.chunk_by(|a, b| a.0 == b.0) {
            room.push(equal[0].0, equal.iter().fold(0.0, |sum, (_, weight)| sum + weight));
        }
    })
}
