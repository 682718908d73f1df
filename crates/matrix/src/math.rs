//! Elementary functions: exponentials, logarithms, powers, circular and hyperbolic functions.
//!
//! Each function is written once, for one cell and without branches, so that the loops of `map.rs` compile it to the
//! widest registers there are. A scalar runs the same operations, fused multiply-adds included, so that scalars, dense
//! loops and stored cells agree bit for bit on every instruction set. What no branch-free form covers (huge angles,
//! powers of zero) is left to [`UnaryCell::rare`](crate::map::UnaryCell::rare), which the loops call for such cells alone.
//! Bounds of errors are in ulp, units in the last place of the exact result, and are tested against 128-bit arithmetic.
//!
//! Coefficients: minimax polynomials, fitted in 300-bit arithmetic by Remez exchange with the weight that makes the
//! error relative to the function, then rounded to doubles; each names what it approximates and the error that is left.
//! Reductions of the argument follow Cody and Waite, "Software Manual for the Elementary Functions" (1980), with fused
//! multiply-adds as in Muller et al., "Handbook of Floating-Point Arithmetic" (2018), chapter 10.

pub mod circular;
pub mod exp;
pub mod hyperbolic;
pub mod log;
pub mod power;
#[cfg(test)]
mod precise;
pub mod sigmoid;

/// Added to a double below 2^51 in magnitude, it leaves the nearest whole number in the low bits.
const WHOLE: f64 = 6_755_399_441_055_744.0;

/// The bit of the sign.
const SIGN: u64 = 1 << 63;

/// `c[0] + c[1] x + c[2] x^2 + ...`
#[inline(always)]
fn polynomial<const N: usize>(x: f64, c: &[f64; N]) -> f64 {
    let mut value = c[N - 1];
    let mut k = N - 1;
    while k > 0 {
        k -= 1;
        value = value.mul_add(x, c[k]);
    }
    value
}

/// `a + b` rounded, and what the rounding lost, where `a` is zero or the larger in magnitude (Dekker 1971).
#[inline(always)]
fn fast_two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    (sum, b - (sum - a))
}
