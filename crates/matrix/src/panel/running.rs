//! Aggregates that panels are pushed into, one after the other, and whose states are merged afterwards.

use std::any::Any;

use crate::aggregate::accumulator::{Accumulator, Sum};
use crate::aggregate::columns::{Strip, add_rows};
use crate::aggregate::lanes::two_sum;

/// An aggregate of some rows so far.
pub trait Running: Any + Send {
    /// Takes in whole rows.
    fn push(&mut self, cells: &[f64]);

    /// Takes in cells at their columns.
    fn push_at(&mut self, columns: &[u32], cells: &[f64]);

    /// All cells of `rows` rows that [`Running::push_at`] did not take in are zeros.
    fn push_zeros(&mut self, rows: u64);

    /// Takes in what another one of the same kind took in, which stands behind in order.
    fn merge(&mut self, other: Box<dyn Running>);

    /// The value, or one for each column.
    fn finish(&self) -> Vec<f64>;
}

/// The aggregate of all cells of rows of `cols` cells.
pub fn full<A: Accumulator + 'static>(cols: usize) -> Box<dyn Running> {
    Box::new(Full { state: A::new(), cols: cols as u64, taken: 0 })
}

/// The compensated sum of all cells.
pub fn full_sum(_cols: usize) -> Box<dyn Running> {
    Box::new(FullSum(Sums::new(1)))
}

/// The aggregate of each of `cols` columns.
pub fn columns<A: Accumulator + 'static>(cols: usize) -> Box<dyn Running> {
    Box::new(Columns { states: vec![A::new(); folded(cols)], cols, taken: Vec::new() })
}

/// The compensated sum of each of `cols` columns.
pub fn column_sums(cols: usize) -> Box<dyn Running> {
    Box::new(Sums::new(cols))
}

/// The columns of rows side by side, where they are narrow: a multiple of the lanes, if few rows make it.
fn folded(cols: usize) -> usize {
    if cols >= FOLD {
        return cols;
    }
    let whole = (LANES >> cols.trailing_zeros().min(LANES.trailing_zeros())) * cols;
    if whole > 2 * FOLD { FOLD / cols * cols } else { (FOLD / whole.max(1)).max(1) * whole }
}

/// Cells of narrow rows that are pushed side by side, as if there were that many columns.
const FOLD: usize = 64;

/// The lanes of the widest registers.
const LANES: usize = 8;

fn same_kind<T: Running>(other: Box<dyn Running>) -> Box<T> {
    (other as Box<dyn Any>).downcast().expect("invariant: parts of one aggregate are merged")
}

struct Full<A> {
    state: A,
    cols: u64,
    /// Cells that came by [`Running::push_at`].
    taken: u64,
}

impl<A: Accumulator + 'static> Running for Full<A> {
    fn push(&mut self, cells: &[f64]) {
        self.state.push_slice(cells);
    }

    fn push_at(&mut self, _columns: &[u32], cells: &[f64]) {
        self.state.push_slice(cells);
        self.taken += cells.len() as u64;
    }

    fn push_zeros(&mut self, rows: u64) {
        self.state.push_zeros(rows * self.cols - self.taken);
        self.taken = 0;
    }

    fn merge(&mut self, other: Box<dyn Running>) {
        self.state.merge(&same_kind::<Full<A>>(other).state);
    }

    fn finish(&self) -> Vec<f64> {
        vec![self.state.finish()]
    }
}

struct Columns<A> {
    /// Of several rows side by side where they are narrow.
    states: Vec<A>,
    cols: usize,
    /// Cells of each column that came by [`Running::push_at`].
    taken: Vec<u64>,
}

/// As [`Columns`], with the parts of the sums side by side: they are loaded as registers.
struct Sums {
    sum: Vec<f64>,
    low: Vec<f64>,
    cols: usize,
}

impl Sums {
    fn new(cols: usize) -> Sums {
        let zeros = vec![0.0; folded(cols)];
        Sums { low: zeros.clone(), sum: zeros, cols }
    }

    fn add(&mut self, other: &Sums) {
        let parts = self.sum.iter_mut().zip(&mut self.low);
        for ((sum, low), (other_sum, other_low)) in parts.zip(other.sum.iter().zip(&other.low)) {
            let (next, lost) = two_sum(*sum, *other_sum);
            (*sum, *low) = (next, *low + other_low + lost);
        }
    }

    fn states(&self) -> Columns<Sum> {
        let states = self.sum.iter().zip(&self.low).map(|(sum, low)| Sum::of_parts((*sum, *low)));
        Columns { states: states.collect(), cols: self.cols, taken: Vec::new() }
    }
}

impl Running for Sums {
    fn push(&mut self, cells: &[f64]) {
        let width = self.sum.len();
        if width == 0 {
            return;
        }
        let (whole, rest) = cells.split_at(cells.len() / width * width);
        add_rows(&mut self.sum, &mut self.low, whole);
        if !rest.is_empty() {
            add_rows(&mut self.sum[..rest.len()], &mut self.low[..rest.len()], rest);
        }
    }

    fn push_at(&mut self, columns: &[u32], cells: &[f64]) {
        for (column, cell) in columns.iter().zip(cells) {
            let (sum, low) = (&mut self.sum[*column as usize], &mut self.low[*column as usize]);
            let (next, lost) = two_sum(*sum, *cell);
            (*sum, *low) = (next, *low + lost);
        }
    }

    fn push_zeros(&mut self, _rows: u64) {}

    fn merge(&mut self, other: Box<dyn Running>) {
        self.add(&same_kind::<Sums>(other));
    }

    fn finish(&self) -> Vec<f64> {
        self.states().finish()
    }
}

/// The sum of all cells, taken in as those of many rows of one column.
struct FullSum(Sums);

impl Running for FullSum {
    fn push(&mut self, cells: &[f64]) {
        self.0.push(cells);
    }

    fn push_at(&mut self, _columns: &[u32], cells: &[f64]) {
        self.0.push(cells);
    }

    fn push_zeros(&mut self, _rows: u64) {}

    fn merge(&mut self, other: Box<dyn Running>) {
        self.0.add(&same_kind::<FullSum>(other).0);
    }

    fn finish(&self) -> Vec<f64> {
        self.0.finish()
    }
}

impl<A: Accumulator + 'static> Running for Columns<A> {
    fn push(&mut self, cells: &[f64]) {
        let width = self.states.len();
        if width == 0 {
            return;
        }
        let (height, rest) = (cells.len() / width, cells.len() % width);
        A::push_strip(&mut self.states, Strip { cells, stride: width, width, height });
        if rest > 0 {
            let cells = &cells[height * width..];
            A::push_strip(&mut self.states[..rest], Strip { cells, stride: rest, width: rest, height: 1 });
        }
    }

    fn push_at(&mut self, columns: &[u32], cells: &[f64]) {
        self.taken.resize(self.cols, 0);
        for (column, cell) in columns.iter().zip(cells) {
            self.states[*column as usize].push(*cell);
            self.taken[*column as usize] += 1;
        }
    }

    fn push_zeros(&mut self, rows: u64) {
        self.taken.resize(self.cols, 0);
        for (state, taken) in self.states.iter_mut().zip(&mut self.taken) {
            state.push_zeros(rows - std::mem::take(taken));
        }
    }

    fn merge(&mut self, other: Box<dyn Running>) {
        let other = same_kind::<Columns<A>>(other);
        self.states.iter_mut().zip(&other.states).for_each(|(state, other)| state.merge(other));
    }

    fn finish(&self) -> Vec<f64> {
        let column = |j: usize| {
            let mut state = self.states[j];
            self.states.iter().skip(j + self.cols).step_by(self.cols).for_each(|other| state.merge(other));
            state.finish()
        };
        (0..self.cols).map(column).collect()
    }
}
