//! Encoded columns, before they become a matrix: whether it is dense or sparse is known only when all are there.

use arrow_array::Float64Array;
use rayon::prelude::*;
use tilewright_base::{Outcome, bail};
use tilewright_matrix::{Csr, Dense};

use super::CHUNK;
use super::words::Bag;

/// One encoded column.
#[derive(Debug, Clone)]
pub enum Part<'a> {
    /// Numbers as they are.
    Numbers(Float64Array),
    /// Codes as numbers, NaN for 0.
    Codes(Vec<u32>),
    /// A column for each code; nothing for 0.
    OneHot {
        /// By row.
        codes: Vec<u32>,
        /// The number of codes.
        width: usize,
    },
    /// A count for each code.
    Counts {
        /// By row.
        bag: Bag,
        /// The number of codes.
        width: usize,
    },
    /// A vector for each code; zeros for 0.
    Vectors {
        /// By row.
        codes: Vec<u32>,
        /// Row `c - 1` for code `c`.
        vectors: &'a Dense,
    },
}

/// The encoded columns of a frame.
#[derive(Debug, Clone)]
pub struct Encoded<'a> {
    rows: usize,
    cols: usize,
    /// Each with the column of the matrix where it begins.
    parts: Vec<(usize, Part<'a>)>,
}

impl Part<'_> {
    /// The columns that it takes in the matrix.
    fn width(&self) -> usize {
        match self {
            Part::Numbers(_) | Part::Codes(_) => 1,
            Part::OneHot { width, .. } | Part::Counts { width, .. } => *width,
            Part::Vectors { vectors, .. } => vectors.cols(),
        }
    }

    /// The cells of a row that may be other than zero.
    fn widest(&self) -> usize {
        match self {
            Part::OneHot { .. } => 1,
            Part::Counts { bag, .. } => bag.widest(),
            other => other.width(),
        }
    }

    /// The cells that are not zero.
    fn nnz(&self) -> usize {
        let coded = |codes: &[u32]| counted(codes, |&code| usize::from(code > 0));
        match self {
            Part::Numbers(numbers) => counted(numbers.values(), |&value| usize::from(value != 0.0)),
            Part::Codes(codes) => codes.len(),
            Part::OneHot { codes, .. } => coded(codes),
            Part::Counts { bag, .. } => bag.len(),
            Part::Vectors { codes, vectors } => {
                let row = |i: usize| vectors.row(i).iter().filter(|&&value| value != 0.0).count();
                let nnz: Vec<usize> = (0..vectors.rows()).map(row).collect();
                counted(codes, |&code| if code > 0 { nnz[code as usize - 1] } else { 0 })
            }
        }
    }

    /// Writes a row over its columns, which are zero.
    fn write(&self, i: usize, cells: &mut [f64]) {
        match self {
            Part::Numbers(numbers) => cells[0] = numbers.values()[i],
            Part::Codes(codes) => cells[0] = number(codes[i]),
            Part::OneHot { codes, .. } => {
                if codes[i] > 0 {
                    cells[codes[i] as usize - 1] = 1.0;
                }
            }
            Part::Counts { bag, .. } => {
                bag.row(i).iter().for_each(|&(code, count)| cells[code as usize - 1] = f64::from(count));
            }
            Part::Vectors { codes, vectors } => {
                if codes[i] > 0 {
                    cells.copy_from_slice(vectors.row(codes[i] as usize - 1));
                }
            }
        }
    }
}

impl<'a> Encoded<'a> {
    /// Columns beside each other.
    ///
    /// # Errors
    /// When they are more than a matrix can address.
    pub(crate) fn new(rows: usize, parts: Vec<Part<'a>>) -> Outcome<Encoded<'a>> {
        let mut cols = 0;
        let placed = |part: Part<'a>| {
            let start = cols;
            cols += part.width();
            (start, part)
        };
        let parts = parts.into_iter().map(placed).collect();
        if cols > Csr::MAX_COLS {
            bail!(Shape, "the matrix would have {cols} columns, more than {}", Csr::MAX_COLS; hint: "`K` is the number of columns of each hashed column with a dummy code")
        }
        Ok(Encoded { rows, cols, parts })
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns of the matrix.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// The cells that are not zero.
    pub fn nnz(&self) -> usize {
        self.parts.iter().map(|(_, part)| part.nnz()).sum()
    }

    /// All cells.
    pub fn to_dense(&self) -> Dense {
        Dense::from_rows(self.rows, self.cols, |i, row| {
            row.fill(0.0);
            for (start, part) in &self.parts {
                part.write(i, &mut row[*start..start + part.width()]);
            }
        })
    }

    /// The cells that are not zero.
    pub fn to_csr(&self) -> Csr {
        let widest = self.parts.iter().map(|(_, part)| part.widest()).sum();
        Csr::from_rows(self.rows, self.cols, self.nnz(), widest, |i, room| {
            for (start, part) in &self.parts {
                let start = *start as u32;
                match part {
                    Part::Numbers(numbers) => room.push(start, numbers.values()[i]),
                    Part::Codes(codes) => room.push(start, number(codes[i])),
                    Part::OneHot { codes, .. } => {
                        if codes[i] > 0 {
                            room.push(start + codes[i] - 1, 1.0);
                        }
                    }
                    Part::Counts { bag, .. } => {
                        let entries = bag.row(i).iter();
                        entries.for_each(|&(code, count)| room.push(start + code - 1, f64::from(count)));
                    }
                    Part::Vectors { codes, vectors } => {
                        if codes[i] > 0 {
                            let row = vectors.row(codes[i] as usize - 1);
                            row.iter().zip(start..).for_each(|(&value, col)| room.push(col, value));
                        }
                    }
                }
            }
        })
    }
}

/// A code as a number.
fn number(code: u32) -> f64 {
    if code == 0 { f64::NAN } else { f64::from(code) }
}

/// A sum over all items.
fn counted<T: Sync>(items: &[T], count: impl Fn(&T) -> usize + Sync) -> usize {
    items.par_chunks(CHUNK).map(|chunk| chunk.iter().map(&count).sum::<usize>()).sum()
}
