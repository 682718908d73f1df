//! One-hot codes: where they only count or choose rows, their columns stand for them and no cell is written.

use tilewright_matrix::Dense;
use tilewright_ops::Op;
use tilewright_ops::aggregate::{self, AggregateOp, Over};
use tilewright_ops::product::Product;

use crate::domain::Domain;
use crate::functions::{self, Kind};
use crate::pipeline::{Pipeline, Source};

/// For each step, whether it is one-hot and its codes are all that is read of it: by sums, by products in which its
/// transpose is on the left, and by products with a side whose rows it chooses.
pub(crate) fn coded(pipeline: &Pipeline, domains: &[Domain]) -> Vec<bool> {
    let is_one_hot = |at: usize| functions::kind(&pipeline.steps[at].op) == Some(Kind::OneHot);
    let is_coded = |at: usize| {
        let own = Source::Step(at);
        let mut readers = pipeline.steps.iter().zip(domains).filter(|(step, _)| step.args.contains(&own));
        let reads_codes = readers.all(|(step, domain)| match step.op {
            Op::Aggregate(row, Over::All | Over::Columns) => is_sum(row),
            Op::Product(Product::TransposedLeft) => step.args[0] == own && step.args[1] != own,
            Op::Product(Product::Plain | Product::TransposedRight) => {
                step.args[0] == own && step.args[1] != own && *domain == Domain::Dense
            }
            _ => false,
        });
        reads_codes && !pipeline.results.contains(&at)
    };
    (0..pipeline.steps.len()).map(|at| is_one_hot(at) && is_coded(at)).collect()
}

fn is_sum(row: AggregateOp) -> bool {
    aggregate::find("colSums").is_some_and(|(sum, _)| sum == row)
}

/// Whether all codes are columns, missing or beyond the last one.
pub(super) fn are_codes(codes: &[f64]) -> bool {
    !codes.iter().any(|code| *code < 1.0)
}

/// Writes rows of `width` cells.
pub(super) fn rows(codes: &[f64], width: usize, out: &mut [f64]) {
    out.fill(0.0);
    for (code, out) in codes.iter().zip(out.chunks_exact_mut(width)) {
        if let Some(one) = column(*code).and_then(|at| out.get_mut(at)) {
            *one = 1.0;
        }
    }
}

/// The rows of a side that codes choose; a missing one is zero.
pub(super) fn choose(codes: &[f64], side: &Dense, out: &mut [f64]) {
    for (code, out) in codes.iter().zip(out.chunks_exact_mut(side.cols())) {
        match column(*code).filter(|at| *at < side.rows()) {
            Some(at) => out.copy_from_slice(side.row(at)),
            None => out.fill(0.0),
        }
    }
}

/// The columns of the codes among `width` ones.
pub(super) fn columns(codes: &[f64], width: usize) -> Vec<u32> {
    codes.iter().filter_map(|code| column(*code).filter(|at| *at < width)).map(|at| at as u32).collect()
}

/// `out[code - 1, ] += row` for each code and its sparse row, which ends where `ends` says.
pub(super) fn add_stored(codes: &[f64], (columns, ends): (&[u32], &[usize]), cells: &[f64], out: &mut Dense) {
    let mut start = 0;
    for (code, end) in codes.iter().zip(ends) {
        if let Some(at) = column(*code).filter(|at| *at < out.rows()) {
            let row = out.row_mut(at);
            let stored = columns[start..*end].iter().zip(&cells[start..*end]);
            stored.for_each(|(column, cell)| row[*column as usize] += cell);
        }
        start = *end;
    }
}

/// A missing code is 0 as an integer.
fn column(code: f64) -> Option<usize> {
    (code as usize).checked_sub(1)
}
