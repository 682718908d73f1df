//! Copies to memory that is not read again soon: they leave the cache to what is at work.

#![allow(unsafe_code)]

use std::mem::MaybeUninit;

use crate::store::Plain;

/// Copies values, past the cache where the processor can.
///
/// # Panics
/// When the lengths differ.
pub(crate) fn copy<T: Plain>(to: &mut [MaybeUninit<T>], from: &[T]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512f") {
        // SAFETY: the instructions are there.
        return unsafe { x86::copy(to, from) };
    }
    to.write_copy_of_slice(from);
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;
    use std::mem::MaybeUninit;

    use crate::store::Plain;

    /// Bytes of a register and of a cache line.
    const LINE: usize = 64;

    /// Whole cache lines past the cache, what is before and behind them as usual.
    ///
    /// # Safety
    /// The processor has AVX-512.
    #[target_feature(enable = "avx512f")]
    pub(super) unsafe fn copy<T: Plain>(to: &mut [MaybeUninit<T>], from: &[T]) {
        assert_eq!(to.len(), from.len(), "copies have the length of what is copied");
        let head = to.as_ptr().align_offset(LINE).min(to.len());
        let lanes = LINE / size_of::<T>();
        let (to_head, to) = to.split_at_mut(head);
        let (from_head, from) = from.split_at(head);
        to_head.write_copy_of_slice(from_head);
        let body = to.len() / lanes * lanes;
        for at in (0..body).step_by(lanes) {
            let (to, from) = (&mut to[at..at + lanes], &from[at..at + lanes]);
            // SAFETY: both have the bytes of a register, and `to` begins at a cache line.
            unsafe { _mm512_stream_si512(to.as_mut_ptr().cast(), _mm512_loadu_si512(from.as_ptr().cast())) };
        }
        to[body..].write_copy_of_slice(&from[body..]);
        // Such stores are not ordered with others: they are to be done when another thread is told.
        _mm_sfence();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_stretch_is_copied_and_nothing_else() {
        let from: Vec<f64> = (0..100).map(f64::from).collect();
        for start in 0..9 {
            for len in [0, 1, 7, 8, 9, 31, 64, 90] {
                let mut to = vec![-1.0; 100];
                // SAFETY: doubles are written to initialised doubles.
                let places: &mut [MaybeUninit<f64>] =
                    unsafe { std::mem::transmute(&mut to[start..start + len]) };
                copy(places, &from[..len]);
                assert!(to[..start].iter().chain(&to[start + len..]).all(|&x| x == -1.0));
                assert_eq!(to[start..start + len], from[..len]);
            }
        }
    }
}
