//! `out += t(A) %*% B` for thin operands, read in place: tall grams, few columns, few right-hand sides.
//!
//! A library product copies its operands into packed buffers first, which costs more than the product when one
//! side is thin. Here a tile of the output lives in registers while rows of `B` stream through:
//!
//! ```text
//!              B.row(l)  b b b | b b b        registers of B
//! A[l, i  ]  x           c c c                c: V registers by M rows of the output,
//! A[l, i+1]  x           c c c                   kept over all l
//! ```

#![allow(unsafe_code)]

use pulp::{Simd, WithSimd};

use super::lanes::Lanes;

/// Registers of a tile side by side; with 8 rows, 24 of the 32 registers of AVX-512 hold sums.
const ACROSS: usize = 3;

/// `out += t(left) %*% right`, all row-major and contiguous.
pub(super) struct AddProduct<'a> {
    /// `depth x m`.
    pub left: &'a [f64],
    /// `depth x n`.
    pub right: &'a [f64],
    /// Columns of `left` and rows of `out`.
    pub m: usize,
    /// Columns of `right` and `out`.
    pub n: usize,
    /// The inner dimension: rows of both operands.
    pub depth: usize,
    /// Whether cells above the diagonal may be left out.
    pub lower: bool,
    /// `m x n`.
    pub out: &'a mut [f64],
}

impl WithSimd for AddProduct<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let rows = if S::F64_LANES >= 8 { 8 } else { 4 };
        for j in (0..self.n).step_by(ACROSS * S::F64_LANES) {
            let mut i = if self.lower { j } else { 0 };
            while i < self.m {
                i += match self.m - i {
                    8.. if rows == 8 => self.tiles::<8, S>(simd, i, j),
                    4.. => self.tiles::<4, S>(simd, i, j),
                    2.. => self.tiles::<2, S>(simd, i, j),
                    _ => self.tiles::<1, S>(simd, i, j),
                };
            }
        }
    }
}

impl AddProduct<'_> {
    /// The tile of `M` rows at `(i, j)`, as wide as it needs to be; answers `M`.
    #[inline(always)]
    fn tiles<const M: usize, S: Simd>(&mut self, simd: S, i: usize, j: usize) -> usize {
        let end = if self.lower { self.n.min((i + M).next_multiple_of(S::F64_LANES)) } else { self.n };
        let width = (end - j).min(ACROSS * S::F64_LANES);
        match width.div_ceil(S::F64_LANES) {
            1 => self.tile::<M, 1, S>(simd, i, j, width),
            2 => self.tile::<M, 2, S>(simd, i, j, width),
            _ => self.tile::<M, ACROSS, S>(simd, i, j, width),
        }
        M
    }

    #[inline(always)]
    fn tile<const M: usize, const V: usize, S: Simd>(&mut self, simd: S, i: usize, j: usize, width: usize) {
        let lanes = Lanes::new(simd, width - (V - 1) * S::F64_LANES);
        let right = Strided { cells: self.right, start: j, stride: self.n };
        let left = Strided { cells: self.left, start: i, stride: self.m };
        let sums = sum::<M, V, S>(simd, lanes, self.depth, left, right);
        for (r, sums) in sums.iter().enumerate() {
            let out = &mut self.out[(i + r) * self.n + j..][..width];
            let (whole, rest) = out.split_at_mut((V - 1) * S::F64_LANES);
            for (out, &sum) in S::as_mut_simd_f64s(whole).0.iter_mut().zip(sums) {
                *out = simd.add_f64s(*out, sum);
            }
            lanes.store(rest, simd.add_f64s(lanes.load(rest), sums[V - 1]));
        }
    }
}

/// Some columns of an operand, from `start` on.
#[derive(Clone, Copy)]
struct Strided<'a> {
    cells: &'a [f64],
    start: usize,
    stride: usize,
}

impl Strided<'_> {
    /// Whether `len` cells of each of `depth` rows lie inside.
    #[inline(always)]
    fn holds(&self, depth: usize, len: usize) -> bool {
        depth == 0 || self.start + (depth - 1) * self.stride + len <= self.cells.len()
    }
}

/// The sums of a tile.
///
/// Plain loops: closures that standard combinators call are not compiled for the instruction set of `S`.
#[inline(always)]
#[expect(
    clippy::needless_range_loop,
    reason = "iterators over registers are not inlined into dispatched code"
)]
#[expect(clippy::manual_memcpy, reason = "a copy of a slice of registers would keep all sums in memory")]
fn sum<const M: usize, const V: usize, S: Simd>(
    simd: S,
    lanes: Lanes<S>,
    depth: usize,
    left: Strided<'_>,
    right: Strided<'_>,
) -> [[S::f64s; V]; M] {
    let body = (V - 1) * S::F64_LANES;
    assert!(left.holds(depth, M) && right.holds(depth, body + lanes.len()));
    let mut sums = [[simd.splat_f64s(0.0); V]; M];
    let mut registers = [simd.splat_f64s(0.0); V];
    for l in 0..depth {
        let at = right.start + l * right.stride;
        // SAFETY: `right` holds `body` and the rest of the row in every step.
        let (whole, rest) = unsafe {
            (
                right.cells.get_unchecked(at..at + body),
                right.cells.get_unchecked(at + body..at + body + lanes.len()),
            )
        };
        let (whole, _) = S::as_simd_f64s(whole);
        for v in 0..V - 1 {
            registers[v] = whole[v];
        }
        registers[V - 1] = lanes.load(rest);
        for r in 0..M {
            // SAFETY: `left` holds `M` cells in every step.
            let x = unsafe { *left.cells.get_unchecked(left.start + l * left.stride + r) };
            let x = simd.splat_f64s(x);
            for v in 0..V {
                sums[r][v] = simd.mul_add_e_f64s(x, registers[v], sums[r][v]);
            }
        }
    }
    sums
}
