//! Cells in the order of a file on their way to a sparse matrix.
//!
//! As long as they come row by row, they are where they stay, and only the start of each row is kept beside them. From the
//! first one that stands before another on, each keeps its row, and a counting sort puts them in order at the end.

use tilewright_base::{Outcome, fault};
use tilewright_matrix::Csr;

/// Room beyond what is expected: memory that is not written costs nothing.
const MARGIN: f64 = 1.25;

/// How much larger a vector gets at once than what is there, at most.
const GROWTH: f64 = 8.0;

/// Room for `more` values behind the others of a result that takes all of it when `share` of 1 of the text is read.
///
/// # Errors
/// When there is no memory for them.
pub fn make_room<T>(values: &mut Vec<T>, more: usize, share: f64) -> Outcome<()> {
    let needed = values.len() + more;
    if needed <= values.capacity() {
        return Ok(());
    }
    // Nothing follows the last part.
    let factor = if share < 1.0 { (MARGIN / share).min(GROWTH) } else { 1.0 };
    let expected = (needed as f64 * factor) as usize;
    values
        .try_reserve_exact(expected.max(needed) - values.len())
        .or_else(|_| values.try_reserve_exact(more))
        .map_err(|_| fault!(Memory, "no memory for {needed} cells of a sparse matrix"))
}

/// Cells that stand one after the other in a file, 0-based.
#[derive(Debug, Default)]
pub struct Cells {
    row: Vec<usize>,
    col: Vec<u32>,
    val: Vec<f64>,
    /// True when one stands in a place of the one before it, or before that.
    is_mixed: bool,
}

impl Cells {
    /// Adds a cell, unless it is zero.
    pub fn add(&mut self, i: usize, j: usize, value: f64) {
        if value != 0.0 {
            let j = j as u32;
            self.is_mixed |= self.last().is_some_and(|last| last >= (i, j));
            self.row.push(i);
            self.col.push(j);
            self.val.push(value);
        }
    }

    fn first(&self) -> Option<(usize, u32)> {
        Some((*self.row.first()?, *self.col.first()?))
    }

    fn last(&self) -> Option<(usize, u32)> {
        Some((*self.row.last()?, *self.col.last()?))
    }
}

/// All cells so far.
#[derive(Debug)]
pub struct Gathered {
    rows: Rows,
    col: Vec<u32>,
    val: Vec<f64>,
    last: Option<(usize, u32)>,
}

#[derive(Debug)]
enum Rows {
    /// Where each row starts up to that of the last cell, which all stand behind each other.
    Starts(Vec<usize>),
    /// The row of each cell.
    Each(Vec<usize>),
}

impl Default for Gathered {
    /// No cells.
    fn default() -> Gathered {
        Gathered { rows: Rows::Starts(Vec::new()), col: Vec::new(), val: Vec::new(), last: None }
    }
}

impl Gathered {
    /// Adds the cells that follow in the file, of which `share` is read with them. There are `room` rows at most that may
    /// cost memory already.
    ///
    /// # Errors
    /// When there is no memory for them.
    pub fn add(&mut self, cells: &Cells, share: f64, room: usize) -> Outcome<()> {
        let (Some(first), Some(last)) = (cells.first(), cells.last()) else { return Ok(()) };
        let before = self.col.len();
        let follows = !cells.is_mixed && self.last.is_none_or(|last| last < first) && last.0 < room;
        if !follows {
            self.give_rows();
        }
        match &mut self.rows {
            Rows::Starts(starts) => {
                make_room(starts, last.0 + 1 - starts.len().min(last.0 + 1), share)?;
                for (at, &i) in cells.row.iter().enumerate() {
                    while starts.len() <= i {
                        starts.push(before + at);
                    }
                }
            }
            Rows::Each(rows) => {
                make_room(rows, cells.row.len(), share)?;
                rows.extend_from_slice(&cells.row);
            }
        }
        make_room(&mut self.col, cells.col.len(), share)?;
        self.col.extend_from_slice(&cells.col);
        make_room(&mut self.val, cells.val.len(), share)?;
        self.val.extend_from_slice(&cells.val);
        self.last = Some(last);
        Ok(())
    }

    /// From now on each cell has its row.
    fn give_rows(&mut self) {
        let Rows::Starts(starts) = &self.rows else { return };
        let mut rows = Vec::with_capacity(self.col.len());
        for (i, start) in starts.iter().enumerate() {
            let end = starts.get(i + 1).copied().unwrap_or(self.col.len());
            rows.extend(std::iter::repeat_n(i, end - start));
        }
        self.rows = Rows::Each(rows);
    }

    /// The matrix of all cells: those of one place are added up in the order of the file, which `check` may refuse; it
    /// gets the place and how many there are.
    ///
    /// # Errors
    /// When there is no memory for the rows, and those of `check`.
    pub fn matrix(
        self,
        (rows, cols): (usize, usize),
        check: impl Fn((usize, u32), usize) -> Outcome<()>,
    ) -> Outcome<Csr> {
        let too_many = |_| fault!(Memory, "no memory for {rows} rows of a sparse matrix");
        let Gathered { col, val, .. } = self;
        match self.rows {
            Rows::Starts(mut starts) => {
                let more = rows.saturating_add(1) - starts.len();
                starts.try_reserve_exact(more).map_err(too_many)?;
                starts.resize(rows + 1, col.len());
                Ok(Csr::from_parts(rows, cols, starts, col, val))
            }
            Rows::Each(each) => {
                let mut starts = Vec::new();
                starts.try_reserve_exact(rows.saturating_add(2)).map_err(too_many)?;
                starts.resize(rows + 2, 0);
                let mut sorted = by_row(starts, &each, (col, val));
                drop(each);
                sorted.unite(check)?;
                Ok(Csr::from_parts(rows, cols, sorted.starts, sorted.col, sorted.val))
            }
        }
    }
}

/// Cells row by row.
struct Sorted {
    starts: Vec<usize>,
    col: Vec<u32>,
    val: Vec<f64>,
}

/// A counting sort; `starts` are zeros, two more than there are rows.
fn by_row(mut starts: Vec<usize>, rows: &[usize], (col, val): (Vec<u32>, Vec<f64>)) -> Sorted {
    // Two behind, so that what is the next free place of a row becomes the start of the next row.
    rows.iter().for_each(|&i| starts[i + 2] += 1);
    (1..starts.len()).for_each(|i| starts[i] += starts[i - 1]);
    let (mut to_col, mut to_val) = (vec![0; col.len()], vec![0.0; val.len()]);
    for ((&i, &j), &value) in rows.iter().zip(&col).zip(&val) {
        let at = starts[i + 1];
        (to_col[at], to_val[at]) = (j, value);
        starts[i + 1] += 1;
    }
    starts.pop();
    Sorted { starts, col: to_col, val: to_val }
}

impl Sorted {
    /// Puts the cells of each row in order, and one in the place of several.
    fn unite(&mut self, check: impl Fn((usize, u32), usize) -> Outcome<()>) -> Outcome<()> {
        let (mut row, mut len, mut start) = (Vec::new(), 0, 0);
        for i in 0..self.starts.len() - 1 {
            let range = start..self.starts[i + 1];
            start = range.end;
            self.starts[i] = len;
            if self.col[range.clone()].is_sorted_by(|a, b| a < b) {
                self.col.copy_within(range.clone(), len);
                self.val.copy_within(range.clone(), len);
                len += range.len();
                continue;
            }
            row.clear();
            row.extend(self.col[range.clone()].iter().copied().zip(self.val[range].iter().copied()));
            // Stable, so that values of one place are added in the order of the file.
            row.sort_by_key(|cell: &(u32, f64)| cell.0);
            for same in row.chunk_by(|a, b| a.0 == b.0) {
                if same.len() > 1 {
                    check((i, same[0].0), same.len())?;
                }
                let value: f64 = same.iter().map(|cell| cell.1).sum();
                if value != 0.0 {
                    (self.col[len], self.val[len]) = (same[0].0, value);
                    len += 1;
                }
            }
        }
        if let Some(last) = self.starts.last_mut() {
            *last = len;
        }
        self.col.truncate(len);
        self.val.truncate(len);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cells_in_any_order_and_cut_anyhow_are_added_up(
            mut cells in prop::collection::vec((0usize..5, 0usize..4, prop::sample::select(vec![0.0, 1.0, -1.0, 2.5, f64::INFINITY])), 0..30),
            (cut, order) in (1usize..8, 0..3),
        ) {
            match order {
                0 => {}
                1 => cells.sort_by_key(|cell| (cell.1, cell.0)),
                _ => {
                    cells.sort_by_key(|cell| (cell.0, cell.1));
                    cells.dedup_by_key(|cell| (cell.0, cell.1));
                }
            }
            let mut gathered = Gathered::default();
            for (at, part) in cells.chunks(cut).enumerate() {
                let mut chunk = Cells::default();
                part.iter().for_each(|(i, j, value)| chunk.add(*i, *j, *value));
                gathered.add(&chunk, ((at + 1) * cut) as f64 / cells.len() as f64, 5).expect("memory");
            }
            prop_assert!(order < 2 || matches!(gathered.rows, Rows::Starts(_)));
            let csr = gathered.matrix((5, 4), |_, _| Ok(())).expect("memory");
            let mut dense = [[0.0; 4]; 5];
            cells.iter().for_each(|(i, j, value)| dense[*i][*j] += value);
            for (i, row) in dense.iter().enumerate() {
                for (j, value) in row.iter().enumerate() {
                    prop_assert_eq!(csr.get(i, j).to_bits(), (value + 0.0).to_bits(), "{} {}", i, j);
                }
            }
            prop_assert!(csr.val().iter().all(|value| *value != 0.0));
        }
    }

    #[test]
    fn rows_that_may_not_be_there_cost_nothing() {
        let mut cells = Cells::default();
        cells.add(usize::MAX - 5, 0, 1.0);
        let mut gathered = Gathered::default();
        gathered.add(&cells, 1.0, 1000).expect("memory for a cell");
        let fault = gathered.matrix((usize::MAX - 4, 1), |_, _| Ok(())).expect_err("no memory");
        assert!(fault.to_string().contains("no memory for"), "{fault}");
    }
}
