//! What the packed product needs of the type in which it multiplies: doubles, or singles at twice the speed.
//!
//! Operands and results are doubles in memory. Cells become elements when they are packed, and sums of elements become
//! doubles again when they are added to the result.

use pulp::bytemuck::{Pod, cast_slice, cast_slice_mut};
use pulp::{Simd, WithSimd};

use super::block::Multiply;

/// A type of floating-point numbers with registers of several.
pub(crate) trait Element: Pod + Send + Sync {
    /// Side by side numbers.
    type Register<S: Simd>: Pod;

    /// Steps of the inner dimension that are packed together: a panel of each operand fits the first-level cache.
    const DEPTH: usize;

    /// The sum of nothing.
    const ZERO: Self;

    /// The nearest number; beyond the range an infinity.
    fn of(cell: f64) -> Self;

    /// The number as a cell of the result, exactly.
    fn cell(self) -> f64;

    /// A register full of one number.
    fn splat<S: Simd>(simd: S, x: Self) -> Self::Register<S>;

    /// `x * y + sum`, rounded once where the processor can.
    fn multiply_add<S: Simd>(
        simd: S,
        x: Self::Register<S>,
        y: Self::Register<S>,
        sum: Self::Register<S>,
    ) -> Self::Register<S>;

    /// Runs a product with the tile that fits the registers of `S`.
    fn multiply<S: Simd>(simd: S, task: Multiply<'_, Self>);
}

/// Numbers in a register.
#[inline(always)]
pub(super) fn lanes<E: Element, S: Simd>() -> usize {
    size_of::<E::Register<S>>() / size_of::<E>()
}

/// Cells as registers.
#[inline(always)]
pub(super) fn registers<E: Element, S: Simd>(cells: &[E]) -> &[E::Register<S>] {
    cast_slice(cells)
}

/// Cells to write as registers.
#[inline(always)]
pub(super) fn registers_mut<E: Element, S: Simd>(cells: &mut [E]) -> &mut [E::Register<S>] {
    cast_slice_mut(cells)
}

impl Element for f64 {
    type Register<S: Simd> = S::f64s;

    const DEPTH: usize = 192;

    const ZERO: f64 = 0.0;

    #[inline(always)]
    fn of(cell: f64) -> f64 {
        cell
    }

    #[inline(always)]
    fn cell(self) -> f64 {
        self
    }

    #[inline(always)]
    fn splat<S: Simd>(simd: S, x: f64) -> S::f64s {
        simd.splat_f64s(x)
    }

    #[inline(always)]
    fn multiply_add<S: Simd>(simd: S, x: S::f64s, y: S::f64s, sum: S::f64s) -> S::f64s {
        simd.mul_add_e_f64s(x, y, sum)
    }

    #[inline(always)]
    fn multiply<S: Simd>(simd: S, task: Multiply<'_, f64>) {
        match S::F64_LANES {
            8 => task.run::<8, 24, S>(simd),
            4 => task.run::<4, 12, S>(simd),
            2 => task.run::<8, 6, S>(simd),
            _ => task.run::<4, 3, S>(simd),
        }
    }
}

impl Element for f32 {
    type Register<S: Simd> = S::f32s;

    const DEPTH: usize = 384;

    const ZERO: f32 = 0.0;

    #[inline(always)]
    fn of(cell: f64) -> f32 {
        cell as f32
    }

    #[inline(always)]
    fn cell(self) -> f64 {
        f64::from(self)
    }

    #[inline(always)]
    fn splat<S: Simd>(simd: S, x: f32) -> S::f32s {
        simd.splat_f32s(x)
    }

    #[inline(always)]
    fn multiply_add<S: Simd>(simd: S, x: S::f32s, y: S::f32s, sum: S::f32s) -> S::f32s {
        simd.mul_add_e_f32s(x, y, sum)
    }

    #[inline(always)]
    fn multiply<S: Simd>(simd: S, task: Multiply<'_, f32>) {
        match S::F32_LANES {
            16 => task.run::<8, 48, S>(simd),
            8 => task.run::<4, 24, S>(simd),
            4 => task.run::<8, 12, S>(simd),
            _ => task.run::<4, 3, S>(simd),
        }
    }
}

impl<E: Element> WithSimd for Multiply<'_, E> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        E::multiply(simd, self);
    }
}
