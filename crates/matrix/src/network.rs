//! Primitives of neural networks: convolution, pooling, biases, batch normalisation, LSTM, and their gradients.
//!
//! A batch of N images is an N x (C*H*W) matrix: an image per row, channel after channel, each channel row-major.
//!
//! ```text
//!   row n:  | channel 1: row 1, row 2, ... row H | channel 2 | ... | channel C |
//! ```
//!
//! - [`window`]: the window that convolution and pooling slide over an image
//! - [`images`]: rows of a dense or sparse matrix, read one image or channel at a time
//! - [`convolution`], [`pooling`], [`bias`], [`batch_norm`], [`lstm`]: the primitives
//!
//! Work is cut by shape over images, channels or strips of an image. Products absorb, as everywhere: zero times NaN
//! or infinity is zero. The naive definitions are in [`crate::reference::network`].

pub mod batch_norm;
pub mod bias;
pub mod convolution;
pub mod images;
pub mod lstm;
pub mod pooling;
mod unroll;
pub mod window;

pub use images::Images;
pub use window::Window;
