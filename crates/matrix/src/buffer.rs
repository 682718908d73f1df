//! The memory of dense blocks: 64-byte aligned doubles.
//!
//! Small buffers come from the allocator of the process, large ones from [`pages`](crate::pages), which recycles them. Shared
//! ones lie in memory that another part of the process owns (aligned as it is there); they are copied before they are written.

#![allow(unsafe_code)]

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ops::{Deref, DerefMut};
use std::panic::resume_unwind;
use std::ptr::NonNull;
use std::sync::Arc;

use rayon::prelude::*;

use crate::pages::{self, Content, Piece};

/// The alignment of every buffer: a cache line, and the widest SIMD register.
const ALIGNMENT: usize = 64;

/// From this many doubles on (512 KiB) a buffer is a piece of its own.
pub(crate) const LARGE: usize = pages::LEAST / size_of::<f64>();

/// Doubles that one task fills or copies: 1 MiB.
const CHUNK: usize = 1 << 17;

/// Doubles that somebody owns: a vector, an array of another language, a mapped file.
pub type Owner = Arc<dyn AsRef<[f64]> + Send + Sync>;

/// A fixed number of doubles, 64-byte aligned unless they are shared.
pub struct Buffer {
    start: NonNull<f64>,
    len: usize,
    home: Home,
}

/// Where the doubles of a buffer lie.
enum Home {
    /// In memory of the allocator; nowhere when there are none.
    Heap,
    /// In a large piece.
    Pages(Piece),
    /// In memory that others may read at the same time.
    Shared(Owner),
}

// SAFETY: a buffer owns its memory alone or shares it with an owner that may be sent and read by all; doubles may be read
// and sent from any thread.
unsafe impl Send for Buffer {}
// SAFETY: as above; shared access only reads.
unsafe impl Sync for Buffer {}

fn layout(len: usize) -> Layout {
    let bytes = len.checked_mul(size_of::<f64>()).expect("invariant: admission checked the size");
    Layout::from_size_align(bytes, ALIGNMENT).expect("invariant: admission checked the size")
}

impl Buffer {
    /// `len` zeros.
    pub fn zeroed(len: usize) -> Buffer {
        if len < LARGE {
            return Buffer::small(len);
        }
        let (mut buffer, content) = Buffer::large(len);
        if content == Content::Leftovers {
            buffer.fill_all(0.0);
        }
        buffer
    }

    /// `len` doubles of any value, for results that are written as a whole. Saves a pass over large ones.
    pub fn unset(len: usize) -> Buffer {
        let mut buffer = if len < LARGE { Buffer::small(len) } else { Buffer::large(len).0 };
        if cfg!(debug_assertions) {
            // A cell that is not written after all is to show in tests.
            buffer.fill_all(f64::NAN);
        }
        buffer
    }

    /// The doubles of an owner, where they are. They are only read: writing to the buffer copies them first.
    pub fn shared(owner: Owner) -> Buffer {
        let cells = (*owner).as_ref();
        let (start, len) = (NonNull::from(cells).cast::<f64>(), cells.len());
        Buffer { start, len, home: Home::Shared(owner) }
    }

    /// Moves shared doubles into memory of their own.
    #[cold]
    fn detach(&mut self) {
        *self = Buffer::copy_of(self);
    }

    /// The same cells in memory of their own.
    pub fn copy_of(cells: &[f64]) -> Buffer {
        let mut copy = Buffer::unset(cells.len());
        if cells.len() < LARGE {
            copy.copy_from_slice(cells);
        } else {
            copy.par_chunks_mut(CHUNK).zip(cells.par_chunks(CHUNK)).for_each(|(to, from)| {
                to.copy_from_slice(from);
            });
        }
        copy
    }

    /// Writes `value` everywhere.
    pub fn fill_all(&mut self, value: f64) {
        if self.len < LARGE {
            self.fill(value);
        } else {
            self.par_chunks_mut(CHUNK).for_each(|chunk| chunk.fill(value));
        }
    }

    fn small(len: usize) -> Buffer {
        if len == 0 {
            return Buffer { start: NonNull::dangling(), len, home: Home::Heap };
        }
        let layout = layout(len);
        // SAFETY: the layout has a size above zero.
        let start = unsafe { alloc_zeroed(layout) }.cast::<f64>();
        let Some(start) = NonNull::new(start) else { handle_alloc_error(layout) };
        Buffer { start, len, home: Home::Heap }
    }

    fn large(len: usize) -> (Buffer, Content) {
        let layout = layout(len);
        let (mut piece, content) =
            pages::take(layout.size()).unwrap_or_else(|lack| resume_unwind(Box::new(lack)));
        let bytes = piece.bytes();
        assert!(bytes.len() >= layout.size(), "invariant: a piece is as large as asked for");
        let start = NonNull::from(bytes).cast::<f64>();
        assert!(start.is_aligned(), "invariant: pieces begin at pages");
        (Buffer { start, len, home: Home::Pages(piece) }, content)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        match std::mem::replace(&mut self.home, Home::Heap) {
            Home::Pages(piece) => pages::give(piece),
            Home::Heap if self.len > 0 => {
                // SAFETY: `start` was allocated in `small` with this layout and is freed once.
                unsafe { dealloc(self.start.as_ptr().cast(), layout(self.len)) }
            }
            Home::Heap => {}
            Home::Shared(owner) => drop(owner),
        }
    }
}

impl Deref for Buffer {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        // Shared doubles are a slice of an owner, which is not changed as long as this buffer holds its `Arc`.
        // SAFETY: `start` is valid for `len` doubles (dangling but aligned when `len` is 0) that are initialised: the
        // allocator gave zeros, a piece is zeros of the system or what an earlier holder wrote. The memory of a piece
        // does not move with the piece.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f64] {
        if matches!(self.home, Home::Shared(_)) {
            self.detach();
        }
        // SAFETY: as in `deref`, the memory is not shared, and `self` is borrowed exclusively.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl Clone for Buffer {
    /// Shared doubles stay shared, all others are copied.
    fn clone(&self) -> Buffer {
        match &self.home {
            Home::Shared(owner) => {
                Buffer { start: self.start, len: self.len, home: Home::Shared(Arc::clone(owner)) }
            }
            Home::Heap | Home::Pages(_) => Buffer::copy_of(self),
        }
    }
}

impl PartialEq for Buffer {
    fn eq(&self, other: &Buffer) -> bool {
        **self == **other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_aligned_and_zeroed_even_when_recycled() {
        for len in [0, 1, 7, LARGE - 1, LARGE, 3 * LARGE + 5, 1 << 20] {
            for _ in 0..2 {
                let mut buffer = Buffer::zeroed(len);
                assert_eq!(buffer.len(), len);
                assert!(len == 0 || buffer.as_ptr().align_offset(ALIGNMENT) == 0);
                assert!(buffer.iter().all(|&x| x == 0.0));
                buffer.fill_all(3.0);
                assert!(buffer.iter().all(|&x| x == 3.0));
                assert!(buffer.clone() == buffer);
            }
        }
    }

    #[test]
    fn shared_doubles_stay_where_they_are_until_they_are_written() {
        for len in [0, 1, 7, LARGE + 5] {
            let owner: Arc<[f64]> = (0..len).map(|i| i as f64).collect();
            let mut buffer = Buffer::shared(Arc::new(Arc::clone(&owner)));
            assert_eq!((buffer.as_ptr(), buffer.len()), (owner.as_ptr(), len));
            assert_eq!(buffer.clone().as_ptr(), owner.as_ptr());
            buffer.fill_all(-1.0);
            assert!(buffer.iter().all(|&x| x == -1.0));
            assert!(owner.iter().enumerate().all(|(i, &x)| x == i as f64));
            assert_eq!(Arc::strong_count(&owner), 1, "given back when it was copied");
        }
        let owner: Arc<[f64]> = vec![2.0].into();
        let buffer = Buffer::shared(Arc::new(Arc::clone(&owner)));
        drop(owner);
        assert_eq!(*buffer, [2.0]);
    }

    #[test]
    fn what_is_not_set_shows() {
        let buffer = Buffer::unset(5);
        assert_eq!(buffer.iter().all(|x| x.is_nan()), cfg!(debug_assertions));
    }
}
