//! What is packed next, brought near while tiles are computed: packing itself waits for memory otherwise.

use faer::MatRef;

use crate::prefetch::prefetch_line;

/// Doubles in a cache line.
const LINE: usize = 8;

/// Lines that are asked for at a time at most: a processor waits for about twice as many at once.
const MOST: usize = 8;

/// Runs of cells in memory, of which a few cache lines are asked for at a time.
pub(super) struct Ahead {
    /// The next line.
    line: *const f64,
    /// Lines that are left of the run.
    left: usize,
    /// Lines of a run.
    lines: usize,
    /// Runs that are left.
    runs: usize,
    /// From the end of a run to the start of the next, in cells.
    skip: isize,
    /// Lines that are asked for at a time.
    many: usize,
}

impl Ahead {
    /// All cells of a part of an operand that is contiguous one way or the other, within a number of steps.
    pub(super) fn new(part: MatRef<'_, f64>, steps: usize) -> Ahead {
        let rows = if part.col_stride() == 1 { part } else { part.transpose() };
        let lines = rows.ncols().div_ceil(LINE);
        let runs = if lines == 0 { 0 } else { rows.nrows() };
        Ahead {
            line: rows.as_ptr(),
            left: lines,
            lines,
            runs,
            skip: rows.row_stride() - (lines * LINE) as isize,
            many: (runs * lines).div_ceil(steps.max(1)).min(MOST),
        }
    }

    /// Asks for the next lines, if there are any.
    #[inline(always)]
    pub(super) fn step(&mut self) {
        for _ in 0..self.many {
            if self.runs == 0 {
                return;
            }
            prefetch_line(self.line);
            self.line = self.line.wrapping_add(LINE);
            self.left -= 1;
            if self.left == 0 {
                self.runs -= 1;
                self.left = self.lines;
                self.line = self.line.wrapping_offset(self.skip);
            }
        }
    }
}
