//! A number per channel, added to or multiplied with all cells of the channel.

use crate::build::dense_rows;
use crate::product::repair::absorbing_product;
use crate::{Csr, Dense, Scratch};

/// Adds `bias[k]` to channel k: N x (K*P*Q) and K numbers.
///
/// # Panics
/// When the columns are no multiple of the numbers of channels.
pub fn add(input: &Dense, bias: &[f64]) -> Dense {
    per_channel(input, bias, |x, bias| x + bias)
}

/// Multiplies channel k by `bias[k]`, where zeros absorb: N x (K*P*Q) and K numbers.
///
/// # Panics
/// When the columns are no multiple of the number of channels.
pub fn multiply(input: &Dense, bias: &[f64]) -> Dense {
    per_channel(input, bias, absorbing_product)
}

/// As [`multiply`], of the cells that are not zero.
///
/// # Panics
/// When the columns are no multiple of the number of channels.
pub fn multiply_sparse(input: &Csr, bias: &[f64]) -> Csr {
    let plane = plane(input.cols(), bias);
    let mut row_ptr = Vec::with_capacity(input.rows() + 1);
    let (mut col, mut val) = (Vec::with_capacity(input.nnz()), Vec::with_capacity(input.nnz()));
    row_ptr.push(0);
    for i in 0..input.rows() {
        let (columns, values) = input.row(i);
        for (&j, &x) in columns.iter().zip(values) {
            let product = absorbing_product(x, bias[j as usize / plane]);
            if product != 0.0 {
                col.push(j);
                val.push(product);
            }
        }
        row_ptr.push(col.len());
    }
    Csr::from_parts(input.rows(), input.cols(), row_ptr, col, val)
}

/// What the functions of this module need: nothing, whatever the shape.
pub fn bias_scratch() -> Scratch {
    Scratch::NONE
}

fn per_channel(input: &Dense, bias: &[f64], f: impl Fn(f64, f64) -> f64 + Sync) -> Dense {
    let (rows, cols, plane) = (input.rows(), input.cols(), plane(input.cols(), bias));
    let channels = bias.len();
    let out = dense_rows(rows * channels, plane, |at, out| {
        let (bias, cells) = (bias[at % channels], &input.cells()[at * plane..(at + 1) * plane]);
        out.iter_mut().zip(cells).for_each(|(out, &x)| *out = f(x, bias));
    });
    out.reshaped(rows, cols)
}

/// The cells of a channel.
fn plane(cols: usize, bias: &[f64]) -> usize {
    assert!(cols.is_multiple_of(bias.len()), "columns of {} channels", bias.len());
    cols / bias.len().max(1)
}
