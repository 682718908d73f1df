//! Naive kernels that define the right answer: plain loops in textbook order.

pub mod aggregate;
pub mod cell;
pub mod factor;
pub mod product;
pub mod quantile;
pub mod reorg;
