//! Matrices in memory and what CPUs do to them: dense and sparse blocks, kernels, random streams.
//!
//! Kernels know nothing of scripts: shapes are checked by the caller (the operator catalogue), a kernel asserts
//! them. Results never depend on the number of threads: work is cut by shape, partial results are merged in order.

pub mod bind;
pub mod buffer;
mod build;
pub mod csr;
pub mod dense;
pub mod factor;
pub mod order;
pub mod product;
pub mod quantile;
pub mod reference;
pub mod reorg;
pub mod replace;
pub mod select;
pub mod sequence;
pub mod slice;
pub mod sparse_product;
pub mod table;
pub mod transpose;

pub use csr::Csr;
pub use dense::Dense;
