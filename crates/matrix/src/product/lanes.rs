//! The incomplete last register of a row: loads and stores under a mask.
//!
//! Invariant: no cell outside of the given slice is read or written.

#![allow(unsafe_code)]

use pulp::{MemMask, Simd};

/// A mask for the first `len` lanes of a register.
#[derive(Clone, Copy)]
pub(crate) struct Lanes<S: Simd> {
    simd: S,
    mask: MemMask<S::m64s>,
    len: usize,
}

impl<S: Simd> Lanes<S> {
    /// For rests of `len` cells, at most one register.
    #[inline(always)]
    pub(crate) fn new(simd: S, len: usize) -> Lanes<S> {
        assert!(len <= S::F64_LANES);
        Lanes { simd, mask: MemMask::new(simd.mask_between_m64s(0, len as u64).mask()), len }
    }

    /// The number of cells.
    #[inline(always)]
    pub(crate) fn len(self) -> usize {
        self.len
    }

    /// The cells, and zeros in the other lanes.
    #[inline(always)]
    pub(crate) fn load(self, cells: &[f64]) -> S::f64s {
        assert!(cells.len() == self.len);
        // SAFETY: the mask enables exactly the lanes of `cells`.
        unsafe { self.simd.mask_load_ptr_f64s(self.mask, cells.as_ptr()) }
    }

    /// Overwrites the cells.
    #[inline(always)]
    pub(crate) fn store(self, cells: &mut [f64], value: S::f64s) {
        assert!(cells.len() == self.len);
        // SAFETY: the mask enables exactly the lanes of `cells`.
        unsafe { self.simd.mask_store_ptr_f64s(self.mask, cells.as_mut_ptr(), value) }
    }
}
