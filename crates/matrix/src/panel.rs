//! Kernels on panels: some neighbouring rows of a matrix, row-major in a slice, worked on by the calling thread.
//!
//! They are what pipelines are made of (`tilewright-pipeline`): panels stay in the caches of a core from one kernel to the
//! next. Who calls them cuts the rows, starts the threads and merges what is [`Running`].

mod running;
mod spread;
mod stored;

use pulp::Arch;

pub use running::{Running, column_sums, columns, full, full_sum};
pub use stored::{add_rows_at, add_scaled, dots_at, stored_at, times_stored};

use crate::aggregate::accumulator::Accumulator;
use crate::binary_loops;
use crate::buffer::Buffer;
use crate::dense::Dense;
use crate::map::{Absorbing, BinaryLoops, UnaryLoop};
use crate::prefetch::prefetch_line;
pub use crate::product::narrow::Right;
use crate::product::{self, repair};
pub use crate::stream::Copies;

/// Rows of this many columns or more are taken one by one where an operand repeats along them.
const WIDE: usize = 48;

/// Doubles in a cache line.
const LINE: usize = 8;

/// An operand of an element-wise kernel, seen from a result of `width` columns.
#[derive(Debug, Clone, Copy)]
pub enum Cells<'a> {
    /// As many cells as the result.
    Full(&'a [f64]),
    /// A cell for each row.
    Column(&'a [f64]),
    /// A cell for each column.
    Row(&'a [f64]),
    /// One for all.
    Number(f64),
}

impl<'a> Cells<'a> {
    /// All cells, in `space` where they are not there yet.
    fn full<'s>(self, width: usize, len: usize, space: &'s mut Buffer) -> &'s [f64]
    where
        'a: 's,
    {
        if let Cells::Full(cells) = self {
            return cells;
        }
        if space.len() < len {
            *space = Buffer::unset(len);
        }
        let space = &mut space[..len];
        match self {
            Cells::Full(_) => {}
            Cells::Column(column) => spread::spread(column, width, space),
            Cells::Row(row) => space.chunks_exact_mut(width).for_each(|to| to.copy_from_slice(row)),
            Cells::Number(number) => space.fill(number),
        }
        space
    }

    /// The operand beside row `i`.
    fn at(self, i: usize, width: usize) -> Cells<'a> {
        match self {
            Cells::Full(cells) => Cells::Full(&cells[i * width..][..width]),
            Cells::Column(column) => Cells::Number(column[i]),
            Cells::Row(row) => Cells::Full(row),
            number => number,
        }
    }

    fn repeats(self) -> bool {
        matches!(self, Cells::Column(_) | Cells::Row(_))
    }
}

/// Room that kernels of a thread use again and again.
pub struct Space([Buffer; 3]);

impl Default for Space {
    fn default() -> Space {
        Space([0; 3].map(Buffer::unset))
    }
}

/// `out = f(a)` cell by cell; `out` has rows of `width` cells.
pub fn unary(map: UnaryLoop, a: Cells<'_>, width: usize, out: &mut [f64], space: &mut Space) {
    map(a.full(width, out.len(), &mut space.0[0]), out);
}

/// `out = f(a, b)` cell by cell; `out` has rows of `width` cells.
pub fn binary(
    loops: &BinaryLoops,
    a: Cells<'_>,
    b: Cells<'_>,
    width: usize,
    out: &mut [f64],
    space: &mut Space,
) {
    if (a.repeats() || b.repeats()) && width >= WIDE {
        for (i, out) in out.chunks_exact_mut(width).enumerate() {
            flat(loops, a.at(i, width), b.at(i, width), width, out, space);
        }
    } else {
        flat(loops, a, b, width, out, space);
    }
}

fn flat(loops: &BinaryLoops, a: Cells<'_>, b: Cells<'_>, width: usize, out: &mut [f64], space: &mut Space) {
    let [left, right, _] = &mut space.0;
    match (a, b) {
        (Cells::Number(a), b) => (loops.sv)(a, b.full(width, out.len(), right), out),
        (a, Cells::Number(b)) => (loops.vs)(a.full(width, out.len(), left), b, out),
        (a, b) => (loops.vv)(a.full(width, out.len(), left), b.full(width, out.len(), right), out),
    }
}

/// The loops of the product in which a zero absorbs.
pub static ABSORBING: BinaryLoops = binary_loops!(Absorbing);

/// `a` where `condition` is not zero, else `b`.
pub fn select([condition, a, b]: [Cells<'_>; 3], width: usize, out: &mut [f64], space: &mut Space) {
    let (len, [first, second, third]) = (out.len(), &mut space.0);
    let condition = condition.full(width, len, first);
    crate::broadcast::select_cells(condition, a.full(width, len, second), b.full(width, len, third), out);
}

/// The aggregate of each row of `width` cells.
pub fn rows<A: Accumulator>(cells: &[f64], width: usize, out: &mut [f64]) {
    crate::aggregate::rows_of::<A>(cells, width, out);
}

/// The aggregate of each row of `width` cells, of which some are stored: those of row `i` end at `ends[i]`.
pub fn stored_rows<A: Accumulator>(stored: &[f64], ends: &[usize], width: usize, out: &mut [f64]) {
    let mut start = 0;
    for (out, end) in out.iter_mut().zip(ends) {
        let mut state = A::new();
        state.push_slice(&stored[start..*end]);
        state.push_zeros((width - (end - start)) as u64);
        *out = state.finish();
        start = *end;
    }
}

/// Asks for the memory of cells that are read soon.
pub fn prefetch(cells: &[f64]) {
    for line in (0..cells.len()).step_by(LINE) {
        prefetch_line(cells.as_ptr().wrapping_add(line));
    }
}

/// Whether a cell is NaN.
pub fn has_nan(cells: &[f64]) -> bool {
    Arch::new().dispatch(
        #[inline(always)]
        || repair::has_nan(cells),
    )
}

/// `out = x %*% t(vectors)` for a panel of rows as long as each of the few `vectors`; a zero absorbs.
pub fn times(x: &[f64], vectors: &Dense, out: &mut [f64]) {
    product::panel::times(x, vectors, out);
    if has_nan(out) {
        let (depth, k) = (vectors.cols(), vectors.rows());
        for (at, out) in out.iter_mut().enumerate().filter(|(_, out)| out.is_nan()) {
            let row = &x[at / k * depth..][..depth];
            *out = repair::absorbing_dot(row.iter().copied().zip(vectors.row(at % k).iter().copied()));
        }
    }
}

/// `out = x %*% right` for a panel of rows as long as `right` has rows; a zero absorbs.
pub fn times_narrow(x: &[f64], right: &Right, out: &mut [f64]) {
    product::narrow::times_narrow(x, right, out);
    if has_nan(out) {
        let (depth, k) = (right.rows(), right.cols());
        for (at, out) in out.iter_mut().enumerate().filter(|(_, out)| out.is_nan()) {
            let row = x[at / k * depth..][..depth].iter().copied();
            *out = repair::absorbing_dot(row.zip((0..depth).map(|l| right.get(l, at % k))));
        }
    }
}

/// `out += t(left) %*% right`, panels of `m` and `n` columns with as many rows, IEEE; `m <= n` is faster.
pub fn add_product((left, m): (&[f64], usize), (right, n): (&[f64], usize), out: &mut [f64]) {
    product::panel::add_product((left, m), (right, n), out);
}

/// As [`add_product`], where a zero absorbs.
pub fn add_absorbing_product((left, m): (&[f64], usize), (right, n): (&[f64], usize), out: &mut [f64]) {
    for (left, right) in left.chunks_exact(m).zip(right.chunks_exact(n)) {
        for (x, out) in left.iter().zip(out.chunks_exact_mut(n)) {
            out.iter_mut().zip(right).for_each(|(out, y)| *out += repair::absorbing_product(*x, *y));
        }
    }
}
