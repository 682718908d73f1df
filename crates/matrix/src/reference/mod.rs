//! Naive kernels that define the right answer: plain loops in textbook order.

pub mod aggregate;
pub mod cell;
pub mod classes;
pub mod distinct;
pub mod einsum;
pub mod estimate;
pub mod factor;
pub mod fourier;
pub mod grouped;
pub mod moments;
pub mod network;
pub mod product;
pub mod quantile;
pub mod reorg;
pub mod sketch;
