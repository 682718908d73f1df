//! A column repeated along narrow rows.

use pulp::{Arch, Simd, WithSimd};

/// Rows of `width` cells, each the cell of `column` in its row.
///
/// # Panics
/// When `out` has not as many rows.
pub(super) fn spread(column: &[f64], width: usize, out: &mut [f64]) {
    assert_eq!(out.len(), column.len() * width, "a row for each cell");
    Arch::new().dispatch(Spread { column, width, out });
}

struct Spread<'a> {
    column: &'a [f64],
    width: usize,
    out: &'a mut [f64],
}

impl WithSimd for Spread<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Spread { column, width, out } = self;
        let whole = width.div_ceil(S::F64_LANES) * S::F64_LANES;
        let mut i = 0;
        // Whole registers reach into the next rows, which are written after that.
        while i < column.len() && i * width + whole <= out.len() {
            let cell = simd.splat_f64s(column[i]);
            let (row, _) = S::as_mut_simd_f64s(&mut out[i * width..][..whole]);
            for register in row {
                *register = cell;
            }
            i += 1;
        }
        while i < column.len() {
            out[i * width..][..width].fill(column[i]);
            i += 1;
        }
    }
}
