//! Copies to memory that is not read again soon: they leave the cache to what is at work.

#![allow(unsafe_code)]

use std::mem::MaybeUninit;

use crate::store::Plain;

/// Copies past the cache, where the processor can. They are not ordered with other stores: another thread may be told
/// of them when this is dropped.
#[derive(Default)]
pub struct Copies(());

impl Copies {
    /// Whether the processor can copy past the cache.
    pub fn go_past_the_cache() -> bool {
        #[cfg(target_arch = "x86_64")]
        let can = is_x86_feature_detected!("avx512f");
        #[cfg(not(target_arch = "x86_64"))]
        let can = false;
        can
    }

    /// Copies values.
    ///
    /// # Panics
    /// When the lengths differ.
    pub(crate) fn copy<T: Plain>(&mut self, to: &mut [MaybeUninit<T>], from: &[T]) {
        #[cfg(target_arch = "x86_64")]
        if Copies::go_past_the_cache() {
            // SAFETY: the instructions are there, and the stores are ordered when `self` is dropped.
            return unsafe { x86::copy(to, from) };
        }
        to.write_copy_of_slice(from);
    }

    /// As [`Copies::copy`], over numbers that are there.
    ///
    /// # Panics
    /// When the lengths differ.
    pub fn copy_over(&mut self, to: &mut [f64], from: &[f64]) {
        // SAFETY: numbers are places of numbers, and only numbers are written to them.
        let to =
            unsafe { std::slice::from_raw_parts_mut(to.as_mut_ptr().cast::<MaybeUninit<f64>>(), to.len()) };
        self.copy(to, from);
    }
}

impl Drop for Copies {
    fn drop(&mut self) {
        #[cfg(target_arch = "x86_64")]
        if Copies::go_past_the_cache() {
            x86::fence();
        }
    }
}

/// Copies values, past the cache where the processor can.
///
/// # Panics
/// When the lengths differ.
pub(crate) fn copy<T: Plain>(to: &mut [MaybeUninit<T>], from: &[T]) {
    Copies::default().copy(to, from);
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
    /// The processor has AVX-512, and a fence stands before another thread is told.
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
    }

    /// Waits until the copies are done.
    pub(super) fn fence() {
        // SAFETY: every processor of this architecture has it.
        unsafe { _mm_sfence() };
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
                Copies::default().copy_over(&mut to[start..start + len], &from[..len]);
                assert!(to[..start].iter().chain(&to[start + len..]).all(|&x| x == -1.0));
                assert_eq!(to[start..start + len], from[..len]);
            }
        }
    }
}
