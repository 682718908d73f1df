//! What is packed next, brought near while tiles are computed: packing itself waits for memory otherwise.

use faer::MatRef;

use crate::prefetch::prefetch_line;

/// Doubles in a cache line.
const LINE: usize = 8;

/// Runs of cells in memory, of which one cache line is asked for at a time.
#[derive(Clone, Copy)]
pub(super) struct Ahead {
    /// The next line.
    line: *const f64,
    /// Lines that are left of the run.
    left: usize,
    /// Lines of a run.
    lines: usize,
    /// Runs that are left.
    runs: usize,
    /// From the last line of a run to the first one of the next, in cells.
    skip: isize,
}

impl Ahead {
    /// All cells of a part of an operand that is contiguous one way or the other.
    pub(super) fn new(part: MatRef<'_, f64>) -> Ahead {
        let rows = if part.col_stride() == 1 { part } else { part.transpose() };
        let lines = rows.ncols().div_ceil(LINE);
        let skip = rows.row_stride() - (lines * LINE) as isize;
        Ahead {
            line: rows.as_ptr(),
            left: lines,
            lines,
            runs: if lines == 0 { 0 } else { rows.nrows() },
            skip,
        }
    }

    /// Asks for the next line, if there is one.
    #[inline(always)]
    pub(super) fn step(&mut self) {
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
