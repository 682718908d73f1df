//! Matrices in memory and what CPUs do to them: dense and sparse blocks, kernels, random streams.
//!
//! Kernels know nothing of scripts: shapes are checked by the caller (the operator catalogue), a kernel asserts
//! them. Results never depend on the number of threads: work is cut by shape, partial results are merged in order.

pub mod buffer;
pub mod csr;
pub mod dense;

pub use csr::Csr;
pub use dense::Dense;
