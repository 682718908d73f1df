//! The sparse inputs at whose stored cells a run computes.

use std::borrow::Cow;

use tilewright_matrix::{Csr, sparse_map};

use crate::domain::{Domain, Shapes, domains};
use crate::pipeline::Pipeline;

/// The cells that a run computes.
pub(crate) struct Driver<'a> {
    /// A matrix that has them stored. Its values say nothing.
    pub(crate) cells: Cow<'a, Csr>,
    /// For each input, whether it has the same cells stored.
    pub(crate) is_aligned: Vec<bool>,
}

impl<'a> Driver<'a> {
    /// The cells that some of the sparse inputs have stored.
    pub(crate) fn new(drivers: &[usize], sparse: &[Option<&'a Csr>]) -> Option<Driver<'a>> {
        let mut found: Option<Cow<'a, Csr>> = None;
        for csr in drivers.iter().filter_map(|at| sparse[*at]) {
            found = Some(match found {
                None => Cow::Borrowed(csr),
                Some(cells) if csr.has_cells_of(&cells) => cells,
                Some(cells) => Cow::Owned(sparse_map::binary_both(|_, _| 1.0, &cells, csr)),
            });
        }
        let cells = found?;
        let is_aligned = sparse.iter().map(|csr| csr.is_some_and(|csr| csr.has_cells_of(&cells))).collect();
        Some(Driver { cells, is_aligned })
    }
}

/// The sparse inputs at whose stored cells a pipeline can be computed, and where each step's values are then: the first
/// one that suffices alone, or else as few of the widest ones as possible. `sparse` has those of fewest cells first.
pub(crate) fn drivers(
    pipeline: &Pipeline,
    sparse: &[usize],
    shapes: Shapes<'_>,
) -> Option<(Vec<usize>, Vec<Domain>)> {
    let mut alone = sparse.iter().map(|at| vec![*at]);
    let found = alone.find_map(|driver| Some((domains(pipeline, &driver, shapes)?, driver)));
    if let Some((domains, driver)) = found {
        return Some((driver, domains));
    }
    let width = sparse.iter().map(|at| shapes.inputs[*at]).max()?;
    let mut chosen: Vec<usize> = sparse.iter().copied().filter(|at| shapes.inputs[*at] == width).collect();
    if chosen.len() < 2 {
        return None;
    }
    let mut found = domains(pipeline, &chosen, shapes)?;
    for at in chosen.clone().into_iter().rev() {
        let fewer: Vec<usize> = chosen.iter().copied().filter(|own| *own != at).collect();
        if let Some(domains) = domains(pipeline, &fewer, shapes) {
            (chosen, found) = (fewer, domains);
        }
    }
    Some((chosen, found))
}
