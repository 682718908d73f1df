//! Matrices in memory and what CPUs do to them: dense and sparse blocks, kernels, random streams.
//!
//! Kernels know nothing of scripts: shapes are checked by the caller (the operator catalogue), a kernel asserts
//! them. Results never depend on the number of threads: work is cut by shape, partial results are merged in order.

pub mod aggregate;
mod assemble;
pub mod bind;
pub mod broadcast;
pub mod buffer;
mod build;
pub mod chain;
pub mod classes;
mod compress;
pub mod csr;
pub mod cumulative;
pub mod dense;
pub mod distinct;
pub mod einsum;
pub mod estimate;
pub mod factor;
pub mod fourier;
pub mod grouped;
pub mod map;
pub mod math;
pub mod moments;
pub mod network;
pub mod order;
pub mod pages;
pub mod panel;
mod prefetch;
pub mod product;
pub mod quantile;
pub mod random;
pub mod reference;
pub mod reorg;
pub mod replace;
pub mod scratch;
pub mod select;
pub mod sequence;
pub mod sketch;
pub mod slice;
pub mod sparse_aggregate;
pub mod sparse_map;
pub mod sparse_product;
mod store;
mod stream;
pub mod table;
#[cfg(test)]
mod testing;
pub mod transpose;

pub use aggregate::lanes::count_nonzero;
pub use assemble::Room;
pub use csr::Csr;
pub use dense::Dense;
pub use scratch::Scratch;
