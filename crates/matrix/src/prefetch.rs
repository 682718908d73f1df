//! Asking for memory before it is needed.
//!
//! Processors run ahead of a loop by some hundred instructions. A long body fills that with few cells, and then waits
//! for each cache line; loops of a few instructions per cell need nothing of this.

#![allow(unsafe_code)]

/// Cells between those in work and those that are asked for: a page.
const AHEAD: usize = 512;

/// Doubles in a cache line.
const LINE: usize = 8;

/// Brings the cache line at an address, which may be any, into the second-level cache.
#[inline(always)]
pub(crate) fn prefetch_line(line: *const f64) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        // SAFETY: a prefetch is a hint that reads nothing and may name any address.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(line.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = line;
}

/// Brings the cache line at an address, which may be any, into the first-level cache.
#[inline(always)]
pub(crate) fn prefetch_near<T>(line: *const T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch is a hint that reads nothing and may name any address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = line;
}

/// Brings cells that are to be changed soon into the first-level cache.
#[inline(always)]
pub(crate) fn prefetch_cells(cells: &[f64]) {
    for line in (0..cells.len()).step_by(LINE) {
        prefetch_near(cells.as_ptr().wrapping_add(line));
    }
}

/// Brings the cells that lie [`AHEAD`] behind the start of `cells` into the first-level cache, as many as it has.
#[inline(always)]
pub(crate) fn prefetch_behind(cells: &[f64]) {
    #[cfg(target_arch = "x86_64")]
    for line in (0..cells.len()).step_by(LINE) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch is a hint that reads nothing and may name any address; the pointer is not followed.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(cells.as_ptr().wrapping_add(AHEAD + line).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = cells;
}
