//! Products of rows with what stands at the stored cells of a sparse row: sampled, or gathered.

use pulp::{Arch, Simd, WithSimd};

use super::has_nan;
use crate::csr::Csr;
use crate::dense::Dense;
use crate::prefetch::prefetch_cells;
use crate::product::lanes::Lanes;
use crate::product::repair::absorbing_dot;

/// Stored cells ahead of which memory is asked for.
const AHEAD: usize = 6;

/// Cells of `left %*% t(vectors)` at some columns of each row, whose places end at `ends`: `out[p] = left[i, ] .
/// vectors[columns[p], ]` for the row `i` that `p` belongs to. A zero absorbs.
///
/// # Panics
/// When lengths differ, or a column is not there.
pub fn dots_at(left: &[f64], vectors: &Dense, (columns, ends): (&[u32], &[usize]), out: &mut [f64]) {
    let depth = vectors.cols();
    assert!(left.len() == depth * ends.len() && columns.len() == out.len(), "lengths of a sampled product");
    Arch::new().dispatch(DotsAt { left, vectors, columns, ends, out: &mut *out });
    if has_nan(out) {
        let mut start = 0;
        for (i, end) in ends.iter().enumerate() {
            let cells = out[start..*end].iter_mut().zip(&columns[start..*end]);
            for (out, column) in cells.filter(|(out, _)| out.is_nan()) {
                let row = vectors.row(*column as usize).iter().copied();
                *out = absorbing_dot(left[i * depth..][..depth].iter().copied().zip(row));
            }
            start = *end;
        }
    }
}

struct DotsAt<'a> {
    left: &'a [f64],
    vectors: &'a Dense,
    columns: &'a [u32],
    ends: &'a [usize],
    out: &'a mut [f64],
}

impl WithSimd for DotsAt<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.vectors.cols() / S::F64_LANES {
            0 => self.in_registers::<0, S>(simd),
            1 => self.in_registers::<1, S>(simd),
            2 => self.in_registers::<2, S>(simd),
            3 => self.in_registers::<3, S>(simd),
            4 => self.in_registers::<4, S>(simd),
            5 => self.in_registers::<5, S>(simd),
            6 => self.in_registers::<6, S>(simd),
            7 => self.in_registers::<7, S>(simd),
            _ => self.in_registers::<8, S>(simd),
        }
    }
}

impl DotsAt<'_> {
    /// The dots, of whose left sides the first `R` registers are kept from one column to the next.
    #[inline(always)]
    #[expect(clippy::manual_memcpy, reason = "a copy of a slice of registers would keep all in memory")]
    fn in_registers<const R: usize, S: Simd>(self, simd: S) {
        let DotsAt { left, vectors, columns, ends, out } = self;
        let (depth, cells) = (vectors.cols(), vectors.cells());
        let whole = depth / S::F64_LANES;
        let lanes = Lanes::new(simd, depth % S::F64_LANES);
        let mut p = 0;
        for i in 0..ends.len() {
            let (heads, tail) = S::as_simd_f64s(&left[i * depth..][..depth]);
            let tail = lanes.load(tail);
            let mut kept = [tail; R];
            for r in 0..R {
                kept[r] = heads[r];
            }
            while p < ends[i] {
                if p + AHEAD < columns.len() {
                    prefetch_cells(&cells[columns[p + AHEAD] as usize * depth..][..depth]);
                }
                let (row, rest) = S::as_simd_f64s(&cells[columns[p] as usize * depth..][..depth]);
                let zero = simd.splat_f64s(0.0);
                let mut sums = [simd.mul_add_e_f64s(tail, lanes.load(rest), zero), zero];
                for r in 0..R {
                    sums[r % 2] = simd.mul_add_e_f64s(kept[r], row[r], sums[r % 2]);
                }
                for r in R..whole {
                    sums[0] = simd.mul_add_e_f64s(heads[r], row[r], sums[0]);
                }
                out[p] = simd.reduce_sum_f64s(simd.add_f64s(sums[0], sums[1]));
                p += 1;
            }
        }
    }
}

/// `out = Σ scale[p] * rows[columns[p], ]`: a sparse row times a matrix; a zero absorbs.
///
/// # Panics
/// When lengths differ, or a column is not there.
pub fn times_stored(columns: &[u32], scale: &[f64], rows: &Dense, out: &mut [f64]) {
    assert!(out.len() == rows.cols() && columns.len() == scale.len(), "lengths of a product");
    if let [out] = out {
        let rows = rows.cells();
        *out = columns.iter().zip(scale).map(|(column, scale)| scale * rows[*column as usize]).sum();
    } else {
        out.fill(0.0);
        columns
            .iter()
            .zip(scale)
            .for_each(|(column, scale)| add_scaled(*scale, rows.row(*column as usize), out));
    }
    if has_nan(out) {
        for (j, out) in out.iter_mut().enumerate().filter(|(_, out)| out.is_nan()) {
            let pairs = columns.iter().map(|column| rows.get(*column as usize, j)).zip(scale.iter().copied());
            *out = absorbing_dot(pairs);
        }
    }
}

/// `out += scale * row`, IEEE.
///
/// # Panics
/// When lengths differ.
pub fn add_scaled(scale: f64, row: &[f64], out: &mut [f64]) {
    assert_eq!(row.len(), out.len(), "lengths of rows");
    Arch::new().dispatch(AddScaled { scale, row, out });
}

struct AddScaled<'a> {
    scale: f64,
    row: &'a [f64],
    out: &'a mut [f64],
}

impl WithSimd for AddScaled<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let AddScaled { scale, row, out } = self;
        let (row, rest) = S::as_simd_f64s(row);
        let (out, out_rest) = S::as_mut_simd_f64s(out);
        let scales = simd.splat_f64s(scale);
        for k in 0..row.len() {
            out[k] = simd.mul_add_f64s(scales, row[k], out[k]);
        }
        if !rest.is_empty() {
            let sum =
                simd.mul_add_f64s(scales, simd.partial_load_f64s(rest), simd.partial_load_f64s(out_rest));
            simd.partial_store_f64s(out_rest, sum);
        }
    }
}

/// `out[code - 1, ] += row` for each code and its row, for rows as long as those of `out`. Codes are whole numbers from 1;
/// those that are missing or beyond the rows of `out` do nothing.
///
/// # Panics
/// When lengths differ.
pub fn add_rows_at(codes: &[f64], rows: &[f64], out: &mut Dense) {
    assert_eq!(codes.len() * out.cols(), rows.len(), "a row for each code");
    Arch::new().dispatch(AddRowsAt { codes, rows, out });
}

struct AddRowsAt<'a> {
    codes: &'a [f64],
    rows: &'a [f64],
    out: &'a mut Dense,
}

impl WithSimd for AddRowsAt<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let AddRowsAt { codes, rows, out } = self;
        let (height, width) = (out.rows(), out.cols());
        for i in 0..codes.len() {
            // A missing code is 0 as an integer, and wraps around.
            let at = (codes[i] as usize).wrapping_sub(1);
            if at >= height {
                continue;
            }
            let (row, rest) = S::as_simd_f64s(&rows[i * width..][..width]);
            let (out, out_rest) = S::as_mut_simd_f64s(out.row_mut(at));
            for k in 0..row.len() {
                out[k] = simd.add_f64s(out[k], row[k]);
            }
            if !rest.is_empty() {
                let sum = simd.add_f64s(simd.partial_load_f64s(out_rest), simd.partial_load_f64s(rest));
                simd.partial_store_f64s(out_rest, sum);
            }
        }
    }
}

/// Rows this many times as long as what is asked of them are searched, not gone through.
const SEARCHED: usize = 16;

/// Cells of `csr` at some columns of each row from `first` on, whose places end at `ends`; the columns of a row ascend.
///
/// # Panics
/// When lengths differ, or a row is not there.
pub fn stored_at(csr: &Csr, first: usize, (columns, ends): (&[u32], &[usize]), out: &mut [f64]) {
    assert_eq!(columns.len(), out.len(), "a cell for each column");
    let mut start = 0;
    for (i, end) in ends.iter().enumerate() {
        let ((own, values), wanted) = (csr.row(first + i), &columns[start..*end]);
        let is_searched = own.len() / SEARCHED > wanted.len();
        let mut at = 0;
        for (out, column) in out[start..*end].iter_mut().zip(wanted) {
            at += match is_searched {
                true => own[at..].partition_point(|own| own < column),
                false => own[at..].iter().take_while(|own| *own < column).count(),
            };
            *out = if own.get(at) == Some(column) { values[at] } else { 0.0 };
        }
        start = *end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::any_dense;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cells_are_found_at_columns(x in any_dense(), modulus in 1..5_usize, from in 0..3_usize) {
            let csr = Csr::from_dense(&x);
            let first = from.min(x.rows());
            let (mut columns, mut ends, mut expected) = (Vec::new(), Vec::new(), Vec::new());
            for i in first..x.rows() {
                for j in (0..x.cols()).filter(|j| (i + j) % modulus == 0) {
                    columns.push(j as u32);
                    expected.push(x.get(i, j));
                }
                ends.push(columns.len());
            }
            let mut out = vec![f64::NAN; columns.len()];
            stored_at(&csr, first, (&columns, &ends), &mut out);
            prop_assert!(out.iter().zip(&expected).all(|(a, b)| a == b || a.is_nan() && b.is_nan()));
        }
    }

    #[test]
    fn long_rows_are_searched() {
        let x = Dense::from_fn(2, 1000, |i, j| if j % 3 == i { j as f64 + 1.0 } else { 0.0 });
        let mut out = [f64::NAN; 4];
        stored_at(&Csr::from_dense(&x), 0, (&[3, 4, 999, 998], &[3, 4]), &mut out);
        assert_eq!(out, [4.0, 0.0, 1000.0, 0.0]);
    }
}
