//! The running state of an aggregate function, one type per function.
//!
//! Invariant: zeros may be pushed one by one or counted, states may be pushed to in pieces and merged; the results
//! agree up to rounding. So one type serves dense and sparse, full, row and column aggregates (`aggregate.rs`,
//! `sparse_aggregate.rs`).

use pulp::Arch;

use super::TILE_ROWS;
use super::columns::{
    COLUMNS, Cell, ColumnSums, ColumnTerm, FromCentre, NO_CENTRES, Square, SquareFromCentre, Strip,
};
use super::lanes::{self, Distance, Largest, Parts, Smallest, SquaredDistance, two_sum};

/// The state of an aggregate function of cells.
pub trait Accumulator: Copy + Send + Sync {
    /// The state before any cell.
    fn new() -> Self;

    /// Takes in one cell.
    fn push(&mut self, x: f64);

    /// Takes in some cells.
    fn push_slice(&mut self, xs: &[f64]) {
        for &x in xs {
            self.push(x);
        }
    }

    /// Takes in the rows of a strip, where every column has a state.
    fn push_strip(states: &mut [Self], strip: Strip<'_>) {
        push_rows(states, strip);
    }

    /// The value of each of the few columns of a strip.
    fn of_columns(strip: Strip<'_>, out: &mut [f64]) {
        let mut states = [Self::new(); TILE_ROWS];
        let states = &mut states[..out.len()];
        Self::push_strip(states, strip);
        out.iter_mut().zip(states).for_each(|(out, state)| *out = state.finish());
    }

    /// Takes in `count` zeros.
    fn push_zeros(&mut self, count: u64);

    /// Takes in what `other` took in.
    fn merge(&mut self, other: &Self);

    /// The value of the function.
    fn finish(&self) -> f64;
}

/// The sum, compensated; 0 of none.
#[derive(Clone, Copy, Debug)]
pub struct Sum {
    sum: f64,
    /// The sum of the rounding errors of `sum`: meaningless once that is infinite or NaN.
    low: f64,
}

impl Sum {
    /// The sum of which these are the rounded sum and the sum of the rounding errors.
    pub fn of_parts((sum, low): Parts) -> Sum {
        Sum { sum, low }
    }

    /// Takes in the terms of a strip, where every column has a state with a sum.
    fn push_terms<A>(
        states: &mut [A],
        sum: impl Fn(&mut A) -> &mut Sum,
        strip: Strip<'_>,
        term: impl ColumnTerm,
    ) {
        for (k, states) in states[..strip.width].chunks_mut(COLUMNS).enumerate() {
            let mut sums = ColumnSums::default();
            for (j, state) in states.iter_mut().enumerate() {
                (sums.sum[j], sums.low[j]) = (sum(state).sum, sum(state).low);
            }
            sums.add(strip.columns(k * COLUMNS, COLUMNS), &NO_CENTRES, term);
            for (j, state) in states.iter_mut().enumerate() {
                *sum(state) = Sum { sum: sums.sum[j], low: sums.low[j] };
            }
        }
    }

    /// The sum of the terms of each column of a strip.
    fn of_terms(strip: Strip<'_>, term: impl ColumnTerm, out: &mut [f64]) {
        for (k, out) in out[..strip.width].chunks_mut(COLUMNS).enumerate() {
            let mut sums = ColumnSums::default();
            sums.add(strip.columns(k * COLUMNS, COLUMNS), &NO_CENTRES, term);
            for (j, out) in out.iter_mut().enumerate() {
                *out = Sum { sum: sums.sum[j], low: sums.low[j] }.finish();
            }
        }
    }

    fn add(&mut self, (sum, low): Parts) {
        let (sum, lost) = two_sum(self.sum, sum);
        self.sum = sum;
        self.low += low + lost;
    }
}

impl Accumulator for Sum {
    #[inline(always)]
    fn new() -> Sum {
        Sum { sum: 0.0, low: 0.0 }
    }

    #[inline(always)]
    fn push(&mut self, x: f64) {
        let (sum, lost) = two_sum(self.sum, x);
        self.sum = sum;
        self.low += lost;
    }

    fn push_slice(&mut self, xs: &[f64]) {
        if xs.len() < SHORT {
            return xs.iter().for_each(|&x| self.push(x));
        }
        self.add(lanes::sum_of(xs, Distance(0.0)));
    }

    fn push_strip(states: &mut [Sum], strip: Strip<'_>) {
        if strip.height < LOW {
            return push_rows(states, strip);
        }
        Sum::push_terms(states, |state| state, strip, Cell);
    }

    fn of_columns(strip: Strip<'_>, out: &mut [f64]) {
        Sum::of_terms(strip, Cell, out);
    }

    fn push_zeros(&mut self, _count: u64) {}

    fn merge(&mut self, other: &Sum) {
        self.add((other.sum, other.low));
    }

    #[inline(always)]
    fn finish(&self) -> f64 {
        if self.low.is_finite() { self.sum + self.low } else { self.sum }
    }
}

/// The sum of the squares, compensated; 0 of none.
#[derive(Clone, Copy, Debug)]
pub struct SumOfSquares(Sum);

impl Accumulator for SumOfSquares {
    #[inline(always)]
    fn new() -> SumOfSquares {
        SumOfSquares(Sum::new())
    }

    #[inline(always)]
    fn push(&mut self, x: f64) {
        self.0.push(x * x);
    }

    fn push_slice(&mut self, xs: &[f64]) {
        if xs.len() < SHORT {
            return xs.iter().for_each(|&x| self.push(x));
        }
        self.0.add(lanes::sum_of(xs, SquaredDistance(0.0)));
    }

    fn push_strip(states: &mut [SumOfSquares], strip: Strip<'_>) {
        if strip.height < LOW {
            return push_rows(states, strip);
        }
        Sum::push_terms(states, |state| &mut state.0, strip, Square);
    }

    fn of_columns(strip: Strip<'_>, out: &mut [f64]) {
        Sum::of_terms(strip, Square, out);
    }

    fn push_zeros(&mut self, _count: u64) {}

    fn merge(&mut self, other: &SumOfSquares) {
        self.0.merge(&other.0);
    }

    fn finish(&self) -> f64 {
        self.0.finish()
    }
}

/// The arithmetic mean; NaN of none.
#[derive(Clone, Copy, Debug)]
pub struct Mean {
    sum: Sum,
    count: u64,
}

impl Accumulator for Mean {
    #[inline(always)]
    fn new() -> Mean {
        Mean { sum: Sum::new(), count: 0 }
    }

    #[inline(always)]
    fn push(&mut self, x: f64) {
        self.sum.push(x);
        self.count += 1;
    }

    fn push_slice(&mut self, xs: &[f64]) {
        self.sum.push_slice(xs);
        self.count += xs.len() as u64;
    }

    fn push_strip(states: &mut [Mean], strip: Strip<'_>) {
        if strip.height < LOW {
            return push_rows(states, strip);
        }
        Sum::push_terms(states, |state| &mut state.sum, strip, Cell);
        states.iter_mut().for_each(|state| state.count += strip.height as u64);
    }

    fn push_zeros(&mut self, count: u64) {
        self.count += count;
    }

    fn merge(&mut self, other: &Mean) {
        self.sum.merge(&other.sum);
        self.count += other.count;
    }

    fn finish(&self) -> f64 {
        self.sum.finish() / self.count as f64
    }
}

/// The product; 1 of none. Overflow and underflow happen in the result only, never on the way.
#[derive(Clone, Copy, Debug)]
pub struct Product {
    /// Within [`Product::SAFE`], or zero, infinite or NaN.
    mantissa: f64,
    /// The product is `mantissa` times 2 to this power.
    exponent: i64,
}

impl Product {
    const SAFE: std::ops::Range<f64> = 1e-150..1e150;
}

impl Accumulator for Product {
    #[inline(always)]
    fn new() -> Product {
        Product { mantissa: 1.0, exponent: 0 }
    }

    #[inline(always)]
    fn push(&mut self, x: f64) {
        let product = self.mantissa * x;
        if Product::SAFE.contains(&product.abs()) {
            self.mantissa = product;
        } else {
            let (x, exponent) = split(x);
            let (mantissa, carry) = split(self.mantissa * x);
            *self = Product { mantissa, exponent: self.exponent + exponent + carry };
        }
    }

    fn push_slice(&mut self, xs: &[f64]) {
        // Interleaved products hide the latency of multiplications.
        let mut lanes = [Product::new(); 4];
        let (blocks, tail) = xs.as_chunks::<4>();
        for block in blocks {
            lanes.iter_mut().zip(block).for_each(|(lane, &x)| lane.push(x));
        }
        lanes.iter_mut().zip(tail).for_each(|(lane, &x)| lane.push(x));
        lanes.iter().for_each(|lane| self.merge(lane));
    }

    fn push_zeros(&mut self, count: u64) {
        if count > 0 {
            self.push(0.0);
        }
    }

    fn merge(&mut self, other: &Product) {
        self.push(other.mantissa);
        self.exponent += other.exponent;
    }

    fn finish(&self) -> f64 {
        // 2^1074 spans the subnormals, so beyond four times 2^700 nothing but 0 or infinity is left.
        let (mut product, mut rest) = (self.mantissa, self.exponent.clamp(-2800, 2800));
        while rest != 0 {
            let step = rest.clamp(-700, 700);
            product *= 2.0_f64.powi(step as i32);
            rest -= step;
        }
        product
    }
}

/// A mantissa from 1 to 2 in magnitude and its power of two; zero, infinity and NaN come back as they are.
fn split(x: f64) -> (f64, i64) {
    const TWO_64: f64 = (1_u128 << 64) as f64;
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    let (normal, shift) = if x.is_subnormal() { (x * TWO_64, -64) } else { (x, 0) };
    let bits = normal.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i64 - 1023;
    let mantissa = f64::from_bits(bits & !(0x7ff << 52) | (1023 << 52));
    (mantissa, exponent + shift)
}

/// The smallest cell: infinity of none, NaN when there is a NaN.
#[derive(Clone, Copy, Debug)]
pub struct Min(f64);

impl Accumulator for Min {
    #[inline(always)]
    fn new() -> Min {
        Min(f64::INFINITY)
    }

    #[inline(always)]
    fn push(&mut self, x: f64) {
        self.0 = smaller(self.0, x);
    }

    fn push_slice(&mut self, xs: &[f64]) {
        let (least, has_nan) = lanes::extreme(xs, Smallest);
        self.push(if has_nan { f64::NAN } else { least });
    }

    fn push_zeros(&mut self, count: u64) {
        if count > 0 {
            self.push(0.0);
        }
    }

    fn merge(&mut self, other: &Min) {
        self.push(other.0);
    }

    fn finish(&self) -> f64 {
        self.0
    }
}

/// The largest cell: minus infinity of none, NaN when there is a NaN.
#[derive(Clone, Copy, Debug)]
pub struct Max(f64);

impl Accumulator for Max {
    #[inline(always)]
    fn new() -> Max {
        Max(f64::NEG_INFINITY)
    }

    #[inline(always)]
    fn push(&mut self, x: f64) {
        self.0 = larger(self.0, x);
    }

    fn push_slice(&mut self, xs: &[f64]) {
        let (most, has_nan) = lanes::extreme(xs, Largest);
        self.push(if has_nan { f64::NAN } else { most });
    }

    fn push_zeros(&mut self, count: u64) {
        if count > 0 {
            self.push(0.0);
        }
    }

    fn merge(&mut self, other: &Max) {
        self.push(other.0);
    }

    fn finish(&self) -> f64 {
        self.0
    }
}

/// The smaller of two, NaN when either is: a NaN on the left stays since it compares with nothing.
#[inline(always)]
fn smaller(best: f64, x: f64) -> f64 {
    if (x < best) | x.is_nan() { x } else { best }
}

/// The larger of two, NaN when either is.
#[inline(always)]
fn larger(best: f64, x: f64) -> f64 {
    if (x > best) | x.is_nan() { x } else { best }
}

/// The sample variance (divisor n - 1); 0 of one cell, NaN of none.
///
/// States merge by the formula of Chan, Golub and LeVeque (1979); single cells are the case of Welford (1962).
#[derive(Clone, Copy, Debug)]
pub struct Variance {
    count: u64,
    mean: f64,
    /// The sum of the squared deviations from `mean`.
    squares: f64,
}

impl Variance {
    /// Slices are taken in pieces of this length, which stay in the first-level cache between two passes.
    const PIECE: usize = 2048;

    /// As [`Variance::PIECE`], for strips: a part of the second-level cache.
    const STRIP: usize = 1 << 14;

    /// Rows in a piece of a strip at least, so that few states are merged.
    const ROWS: usize = 16;

    /// The state of a slice that is not empty, in two passes. Distances from the first cell keep constant data exact.
    fn of(xs: &[f64]) -> Variance {
        let (count, first) = (xs.len() as u64, xs[0]);
        let (sum, low) = lanes::sum_of(xs, Distance(first));
        let mean = first + (sum + low) / count as f64;
        let (squares, low) = lanes::sum_of(xs, SquaredDistance(mean));
        Variance { count, mean, squares: squares + low }
    }

    /// As [`Variance::of`], for every column of a strip that is not empty: `take(j, state)` for each.
    fn of_strip(strip: Strip<'_>, mut take: impl FnMut(usize, Variance)) {
        let count = strip.height as u64;
        for start in (0..strip.width).step_by(COLUMNS) {
            let piece = strip.columns(start, COLUMNS);
            let (first, mut sums) = (piece.row(0), ColumnSums::default());
            sums.add(piece, first, FromCentre);
            let mut means = [0.0; COLUMNS];
            for (j, first) in first.iter().enumerate() {
                means[j] = first + (sums.sum[j] + sums.low[j]) / count as f64;
            }
            let mut squares = ColumnSums::default();
            squares.add(piece, &means, SquareFromCentre);
            for (j, mean) in means[..piece.width].iter().enumerate() {
                take(start + j, Variance { count, mean: *mean, squares: squares.sum[j] + squares.low[j] });
            }
        }
    }
}

impl Accumulator for Variance {
    #[inline(always)]
    fn new() -> Variance {
        Variance { count: 0, mean: 0.0, squares: 0.0 }
    }

    #[inline(always)]
    fn push(&mut self, x: f64) {
        self.count += 1;
        let distance = x - self.mean;
        self.mean += distance / self.count as f64;
        self.squares += distance * (x - self.mean);
    }

    fn push_slice(&mut self, xs: &[f64]) {
        for piece in xs.chunks(Variance::PIECE) {
            self.merge(&Variance::of(piece));
        }
    }

    fn push_strip(states: &mut [Variance], strip: Strip<'_>) {
        if strip.height < LOW {
            return push_rows(states, strip);
        }
        for piece in strip.pieces((Variance::STRIP / strip.width.max(1)).max(Variance::ROWS)) {
            Variance::of_strip(piece, |j, other| states[j].merge(&other));
        }
    }

    fn push_zeros(&mut self, count: u64) {
        self.merge(&Variance { count, mean: 0.0, squares: 0.0 });
    }

    fn merge(&mut self, other: &Variance) {
        if self.count == 0 || other.count == 0 {
            if self.count == 0 {
                *self = *other;
            }
            return;
        }
        let count = self.count + other.count;
        let share = other.count as f64 / count as f64;
        let distance = other.mean - self.mean;
        self.squares += other.squares + distance * distance * (self.count as f64 * share);
        self.mean += distance * share;
        self.count = count;
    }

    fn finish(&self) -> f64 {
        if self.count == 0 { f64::NAN } else { self.squares / self.count.saturating_sub(1).max(1) as f64 }
    }
}

/// The square root of the sample variance; 0 of one cell, NaN of none.
#[derive(Clone, Copy, Debug)]
pub struct StandardDeviation(Variance);

impl Accumulator for StandardDeviation {
    #[inline(always)]
    fn new() -> StandardDeviation {
        StandardDeviation(Variance::new())
    }

    #[inline(always)]
    fn push(&mut self, x: f64) {
        self.0.push(x);
    }

    fn push_slice(&mut self, xs: &[f64]) {
        self.0.push_slice(xs);
    }

    fn push_strip(states: &mut [StandardDeviation], strip: Strip<'_>) {
        let mut inner: Vec<Variance> = states.iter().map(|state| state.0).collect();
        Variance::push_strip(&mut inner, strip);
        states.iter_mut().zip(inner).for_each(|(state, inner)| state.0 = inner);
    }

    fn push_zeros(&mut self, count: u64) {
        self.0.push_zeros(count);
    }

    fn merge(&mut self, other: &StandardDeviation) {
        self.0.merge(&other.0);
    }

    fn finish(&self) -> f64 {
        self.0.finish().sqrt()
    }
}

/// The number of cells that are not zero (NaN counts).
#[derive(Clone, Copy, Debug)]
pub struct CountNonzero(u64);

impl Accumulator for CountNonzero {
    #[inline(always)]
    fn new() -> CountNonzero {
        CountNonzero(0)
    }

    #[inline(always)]
    fn push(&mut self, x: f64) {
        self.0 += u64::from(x != 0.0);
    }

    fn push_slice(&mut self, xs: &[f64]) {
        self.0 += lanes::count_nonzero(xs);
    }

    fn push_zeros(&mut self, _count: u64) {}

    fn merge(&mut self, other: &CountNonzero) {
        self.0 += other.0;
    }

    fn finish(&self) -> f64 {
        self.0 as f64
    }
}

/// Takes in the rows of a strip, cell by cell.
fn push_rows<A: Accumulator>(states: &mut [A], strip: Strip<'_>) {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for k in 0..strip.height {
                for (state, &x) in states.iter_mut().zip(strip.row(k)) {
                    state.push(x);
                }
            }
        },
    );
}

/// Strips with fewer rows are taken in cell by cell: a table of sums would cost more.
const LOW: usize = 4;

/// Below this length a slice is pushed cell by cell: merging lanes would cost more.
const SHORT: usize = 32;
