//! How much memory kernels need beside their inputs and their result.
//!
//! A kernel `name` has a function `name_scratch` next to it that tells this for a shape and, for sparse operands, their
//! stored cells. It is the most that the data can make it; where only some data does, the function says so. What is
//! left out is small: lists of chunks, a state per chunk, less than one byte in a thousand. A test of the operators
//! compares all of it with what is allocated.
//!
//! Tasks hold memory of their own, so it grows with the threads of the pool in which the function is called.

use std::ops::Mul;

use crate::pages;

/// Bytes that are held at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Scratch {
    bytes: u64,
}

impl Scratch {
    /// None.
    pub const NONE: Scratch = Scratch { bytes: 0 };

    /// So many bytes.
    pub fn of_bytes(bytes: usize) -> Scratch {
        Scratch { bytes: bytes as u64 }
    }

    /// Values in a vector.
    pub fn vector<T>(len: usize) -> Scratch {
        Scratch::of_bytes(len) * size_of::<T>()
    }

    /// Values in memory that comes in pages when it is large: those of dense and sparse blocks.
    pub fn paged<T>(len: usize) -> Scratch {
        Scratch::of_bytes(pages::footprint(len.saturating_mul(size_of::<T>())))
    }

    /// A dense block.
    pub fn dense(rows: usize, cols: usize) -> Scratch {
        Scratch::paged::<f64>(rows.saturating_mul(cols))
    }

    /// A sparse block.
    pub fn csr(rows: usize, stored: usize) -> Scratch {
        let cells = Scratch::paged::<f64>(stored).and(Scratch::paged::<u32>(stored));
        Scratch::vector::<usize>(rows.saturating_add(1)).and(cells)
    }

    /// The bytes.
    pub fn bytes(self) -> u64 {
        self.bytes
    }

    /// Both at the same time.
    #[must_use]
    pub fn and(self, other: Scratch) -> Scratch {
        Scratch { bytes: self.bytes.saturating_add(other.bytes) }
    }

    /// One after the other.
    #[must_use]
    pub fn or(self, other: Scratch) -> Scratch {
        self.max(other)
    }

    /// This if `condition` holds, else none.
    #[must_use]
    pub fn only_if(self, condition: bool) -> Scratch {
        if condition { self } else { Scratch::NONE }
    }
}

impl Mul<usize> for Scratch {
    type Output = Scratch;

    fn mul(self, times: usize) -> Scratch {
        Scratch { bytes: self.bytes.saturating_mul(times as u64) }
    }
}

/// Of `tasks`, those that run at the same time.
pub(crate) fn at_once(tasks: usize) -> usize {
    tasks.min(rayon::current_num_threads())
}

/// Partial results of a tree of `leaves` tasks (or of each of several `trees`) that are held at the same time.
///
/// An inner node holds one until both of its sides are done. A thread goes depth first and holds one per level; threads
/// that steal hold no more than each of them alone (Blumofe, Leiserson 1999, "Scheduling multithreaded computations
/// by work stealing"), and all together never more than there are inner nodes.
pub(crate) fn partials(trees: usize, leaves: usize) -> usize {
    let levels = leaves.max(1).next_power_of_two().trailing_zeros() as usize;
    let nodes = trees.saturating_mul(leaves.saturating_sub(1));
    nodes.min(levels.saturating_mul(rayon::current_num_threads()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_nothing_holds_are_the_largest_number() {
        let most = Scratch::dense(usize::MAX, usize::MAX);
        assert!(most.and(Scratch::vector::<f64>(usize::MAX)) * 3 >= most);
        assert_eq!(Scratch::csr(usize::MAX, usize::MAX).bytes(), u64::MAX);
    }

    #[test]
    fn a_tree_holds_a_partial_result_per_level_and_thread() {
        let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let held = |threads: usize, leaves| pool(threads).install(|| partials(1, leaves));
        assert_eq!([held(1, 0), held(1, 1), held(1, 2), held(1, 5), held(1, 64)], [0, 0, 1, 3, 6]);
        assert_eq!([held(3, 2), held(3, 5), held(3, 64)], [1, 4, 18]);
    }
}
