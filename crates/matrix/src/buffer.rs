//! The memory of dense blocks: 64-byte aligned doubles.

#![allow(unsafe_code)]

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// The alignment of every buffer: a cache line, and the widest SIMD register.
const ALIGNMENT: usize = 64;

/// A fixed number of doubles, 64-byte aligned.
pub struct Buffer {
    start: NonNull<f64>,
    len: usize,
}

// SAFETY: a buffer owns its memory alone, and doubles may be read and sent from any thread.
unsafe impl Send for Buffer {}
// SAFETY: as above; shared access only reads.
unsafe impl Sync for Buffer {}

fn layout(len: usize) -> Layout {
    let bytes = len.checked_mul(size_of::<f64>()).expect("invariant: admission checked the size");
    Layout::from_size_align(bytes, ALIGNMENT).expect("invariant: admission checked the size")
}

impl Buffer {
    /// `len` zeros. Large buffers come as untouched zero pages from the operating system.
    pub fn zeroed(len: usize) -> Buffer {
        if len == 0 {
            return Buffer { start: NonNull::dangling(), len };
        }
        let layout = layout(len);
        // SAFETY: the layout has a size above zero.
        let start = unsafe { alloc_zeroed(layout) }.cast::<f64>();
        let Some(start) = NonNull::new(start) else { handle_alloc_error(layout) };
        Buffer { start, len }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.len > 0 {
            // SAFETY: `start` was allocated in `zeroed` with this layout and is freed once.
            unsafe { dealloc(self.start.as_ptr().cast(), layout(self.len)) }
        }
    }
}

impl Deref for Buffer {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        // SAFETY: `start` is valid for `len` initialised doubles (dangling but aligned when `len` is 0).
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f64] {
        // SAFETY: as in `deref`, and `self` is borrowed exclusively.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Buffer {
        let mut copy = Buffer::zeroed(self.len);
        copy.copy_from_slice(self);
        copy
    }
}

impl PartialEq for Buffer {
    fn eq(&self, other: &Buffer) -> bool {
        **self == **other
    }
}
