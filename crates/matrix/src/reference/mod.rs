//! Naive kernels that define the right answer: plain loops in textbook order.

pub mod aggregate;
pub mod cell;
pub mod distinct;
pub mod factor;
pub mod grouped;
pub mod moments;
pub mod network;
pub mod product;
pub mod quantile;
pub mod reorg;
