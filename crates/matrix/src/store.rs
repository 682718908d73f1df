//! The memory of the stored cells of sparse blocks: vectors while small, recycled large pages when large.

#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ops::Deref;
use std::panic::resume_unwind;
use std::ptr::NonNull;

use rayon::prelude::*;

use crate::pages::{self, Piece};

/// From this many bytes on memory comes from [`pages`](crate::pages).
const LARGE: usize = 1 << 19;

/// Values that one task copies.
const CHUNK: usize = 1 << 16;

/// What a store holds: any bits are a value.
pub trait Plain: Copy + Send + Sync + 'static {}

impl Plain for u32 {}
impl Plain for f64 {}

/// Values in one piece of memory, which grows when it is told to.
pub struct Store<T: Plain> {
    memory: Memory<T>,
    /// The values before this are written.
    len: usize,
}

enum Memory<T> {
    Vector(Vec<T>),
    Pages { piece: Option<Piece>, start: NonNull<T>, capacity: usize },
}

// SAFETY: a store owns its memory alone, and plain values may be read and sent from any thread.
unsafe impl<T: Plain> Send for Store<T> {}
// SAFETY: as above; shared access only reads.
unsafe impl<T: Plain> Sync for Store<T> {}

impl<T: Plain> Store<T> {
    /// No values, with room for some.
    pub(crate) fn with_capacity(capacity: usize) -> Store<T> {
        let bytes = capacity.saturating_mul(size_of::<T>());
        if bytes < LARGE {
            return Store { memory: Memory::Vector(Vec::with_capacity(capacity)), len: 0 };
        }
        let (mut piece, _) = pages::take(bytes).unwrap_or_else(|lack| resume_unwind(Box::new(lack)));
        let start = NonNull::from(piece.bytes()).cast::<T>();
        assert!(piece.bytes().len() >= bytes && start.is_aligned(), "invariant: pieces are as asked for");
        Store { memory: Memory::Pages { piece: Some(piece), start, capacity }, len: 0 }
    }

    /// How many values there is room for.
    pub(crate) fn capacity(&self) -> usize {
        match &self.memory {
            Memory::Vector(vector) => vector.capacity(),
            Memory::Pages { capacity, .. } => *capacity,
        }
    }

    /// The room behind the values.
    pub(crate) fn spare(&mut self) -> &mut [MaybeUninit<T>] {
        let len = self.len;
        match &mut self.memory {
            Memory::Vector(vector) => vector.spare_capacity_mut(),
            Memory::Pages { start, capacity, .. } => {
                // SAFETY: the piece has `capacity` places, and the store is borrowed exclusively.
                unsafe { std::slice::from_raw_parts_mut(start.as_ptr().add(len).cast(), *capacity - len) }
            }
        }
    }

    /// Tells how many values are written.
    ///
    /// # Safety
    /// They are, and there is room for as many.
    pub(crate) unsafe fn set_len(&mut self, len: usize) {
        debug_assert!(len <= self.capacity());
        if let Memory::Vector(vector) = &mut self.memory {
            // SAFETY: as of this function.
            unsafe { vector.set_len(len) };
        }
        self.len = len;
    }

    /// Moves the values to memory with room for `capacity` of them.
    pub(crate) fn resize(&mut self, capacity: usize) {
        let mut larger = Store::with_capacity(capacity.max(self.len));
        larger.append(self);
        *self = larger;
    }

    /// Writes values behind the others, in parallel when they are many.
    ///
    /// # Panics
    /// When there is not enough room.
    pub(crate) fn append(&mut self, values: &[T]) {
        let room = &mut self.spare()[..values.len()];
        if values.len() <= CHUNK {
            room.write_copy_of_slice(values);
        } else {
            room.par_chunks_mut(CHUNK).zip(values.par_chunks(CHUNK)).for_each(|(to, from)| {
                to.write_copy_of_slice(from);
            });
        }
        // SAFETY: the room behind the values was just written.
        unsafe { self.set_len(self.len + values.len()) };
    }

    /// The values as a vector, copied when they lie in pages.
    pub(crate) fn into_vec(mut self) -> Vec<T> {
        match &mut self.memory {
            Memory::Vector(vector) => std::mem::take(vector),
            Memory::Pages { .. } => self.to_vec(),
        }
    }
}

impl<T: Plain> Drop for Store<T> {
    fn drop(&mut self) {
        if let Memory::Pages { piece, .. } = &mut self.memory
            && let Some(piece) = piece.take()
        {
            pages::give(piece);
        }
    }
}

impl<T: Plain> Deref for Store<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match &self.memory {
            Memory::Vector(vector) => vector,
            // SAFETY: the first `len` places are written.
            Memory::Pages { start, .. } => unsafe { std::slice::from_raw_parts(start.as_ptr(), self.len) },
        }
    }
}

impl<T: Plain> From<Vec<T>> for Store<T> {
    fn from(vector: Vec<T>) -> Store<T> {
        let len = vector.len();
        Store { memory: Memory::Vector(vector), len }
    }
}

impl<T: Plain> From<&[T]> for Store<T> {
    fn from(values: &[T]) -> Store<T> {
        let mut store = Store::with_capacity(values.len());
        store.append(values);
        store
    }
}

impl<T: Plain> Clone for Store<T> {
    fn clone(&self) -> Store<T> {
        Store::from(&**self)
    }
}

impl<T: Plain + PartialEq> PartialEq for Store<T> {
    fn eq(&self, other: &Store<T>) -> bool {
        **self == **other
    }
}

impl<T: Plain + std::fmt::Debug> std::fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_growth_and_copies() {
        for len in [0, 1, 1000, LARGE / 8 - 1, LARGE / 8, LARGE] {
            let values: Vec<f64> = (0..len).map(|k| k as f64 - 3.5).collect();
            let mut store = Store::with_capacity(len);
            store.append(&values[..len / 3]);
            store.resize(len + 7);
            store.append(&values[len / 3..]);
            assert!(store.capacity() >= len + 7 && *store == values[..]);
            let copy = store.clone();
            drop(store);
            assert!(copy == Store::from(values.clone()) && copy.into_vec() == values);
        }
    }

    #[test]
    #[should_panic(expected = "out of range")]
    fn more_than_there_is_room_for_is_refused() {
        Store::with_capacity(LARGE).append(&vec![0_u32; LARGE + 1]);
    }
}
