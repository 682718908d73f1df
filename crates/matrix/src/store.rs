//! The memory of the stored cells of sparse blocks: vectors while small, recycled large pages when large.

#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ops::Deref;
use std::panic::resume_unwind;
use std::ptr::NonNull;

use rayon::prelude::*;

use crate::pages::{self, Piece};

/// From this many bytes on memory comes from [`pages`](crate::pages).
const LARGE: usize = pages::LEAST;

/// Values that one task copies.
const CHUNK: usize = 1 << 16;

/// What a store holds: any bits are a value.
pub trait Plain: Copy + Default + Send + Sync + 'static {}

impl Plain for u32 {}
impl Plain for f64 {}

/// Values in one piece of memory, which grows when it is told to.
pub struct Store<T: Plain> {
    /// Where the values begin, whichever memory they lie in.
    start: NonNull<T>,
    /// The values before this are written.
    len: usize,
    capacity: usize,
    memory: Memory<T>,
}

enum Memory<T> {
    /// Allocated by a vector, which holds no values itself.
    Vector(Vec<T>),
    Pages(Option<Piece>),
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
            return Store::from(Vec::with_capacity(capacity));
        }
        let (mut piece, _) = pages::take(bytes).unwrap_or_else(|lack| resume_unwind(Box::new(lack)));
        let start = NonNull::from(piece.bytes()).cast::<T>();
        assert!(piece.bytes().len() >= bytes && start.is_aligned(), "invariant: pieces are as asked for");
        Store { start, len: 0, capacity, memory: Memory::Pages(Some(piece)) }
    }

    /// As many values, of which each is any one.
    pub(crate) fn unset(len: usize) -> Store<T> {
        if len.saturating_mul(size_of::<T>()) < LARGE {
            return Store::from(vec![T::default(); len]);
        }
        let mut store = Store::with_capacity(len);
        // SAFETY: every byte of a piece has some value, any bits are a plain value, and there is room for as many.
        unsafe { store.set_len(len) };
        store
    }

    /// The values, to write.
    pub(crate) fn values_mut(&mut self) -> &mut [T] {
        // SAFETY: the first `len` places are written, and the store is borrowed exclusively.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }

    /// The room behind the values.
    pub(crate) fn spare(&mut self) -> &mut [MaybeUninit<T>] {
        // SAFETY: the memory has `capacity` places, and the store is borrowed exclusively.
        unsafe {
            let end = self.start.as_ptr().add(self.len).cast();
            std::slice::from_raw_parts_mut(end, self.capacity - self.len)
        }
    }

    /// Tells how many values are written.
    ///
    /// # Safety
    /// They are, and there is room for as many.
    pub(crate) unsafe fn set_len(&mut self, len: usize) {
        debug_assert!(len <= self.capacity);
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
            Memory::Vector(vector) => {
                let mut vector = std::mem::take(vector);
                // SAFETY: the store wrote that many values to the memory of the vector.
                unsafe { vector.set_len(self.len) };
                vector
            }
            Memory::Pages(_) => self.to_vec(),
        }
    }
}

impl<T: Plain> Drop for Store<T> {
    fn drop(&mut self) {
        if let Memory::Pages(piece) = &mut self.memory
            && let Some(piece) = piece.take()
        {
            pages::give(piece);
        }
    }
}

impl<T: Plain> Deref for Store<T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        // SAFETY: the first `len` places are written.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl<T: Plain> From<Vec<T>> for Store<T> {
    fn from(mut vector: Vec<T>) -> Store<T> {
        let (len, capacity) = (vector.len(), vector.capacity());
        vector.clear();
        let start = NonNull::new(vector.as_mut_ptr()).expect("invariant: a vector has no null pointer");
        Store { start, len, capacity, memory: Memory::Vector(vector) }
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
            assert!(store.spare().len() >= 7 && *store == values[..]);
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
