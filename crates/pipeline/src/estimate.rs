//! What a pipeline takes, by what is known of its inputs: operations, memory to work in, and the bytes that single
//! operators would move.

use tilewright_ops::product::Product;
use tilewright_ops::{Facts, Op};

use crate::domain::{Domain, Shapes};
use crate::driver::drivers;
use crate::layout;
use crate::pipeline::{Made, Pipeline, Role, Source, Step};
use crate::run::PANEL;

/// An estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Floating-point operations.
    pub flops: f64,
    /// Bytes of inputs that are read: of some columns, theirs.
    pub read: f64,
    /// Bytes of registers and partial results of all threads.
    pub scratch: f64,
    /// Bytes that the steps would read and write as operators of their own.
    pub unfused: f64,
    /// For each step, whether it is about the stored cells of a driver alone.
    pub at_stored: Vec<bool>,
}

impl Pipeline {
    /// What it takes on inputs of known sizes; `None` if some are not known.
    pub fn estimate(&self, inputs: &[Facts]) -> Option<Estimate> {
        let facts = self.infer(inputs).ok()?;
        let (driver, widths) = self.stored_drivers(inputs, &facts)?;
        let mut estimate = Estimate {
            flops: 0.0,
            read: self.read(inputs, &facts)?,
            scratch: 0.0,
            unfused: 0.0,
            at_stored: Vec::new(),
        };
        let (mut registers, mut partials) = (0, 0.0);
        for (at, step) in self.steps.iter().enumerate() {
            let args: Vec<Facts> = step.args.iter().map(|arg| of(*arg, inputs, &facts)).collect();
            let reads = |arg: &Source, driver: &Stored| match arg {
                Source::Step(read) => driver.domains[*read] == Domain::Stored,
                Source::Input(input) => driver.inputs.contains(input),
                Source::Number(_) => false,
            };
            let is_at = |driver: &&Stored| {
                driver.domains[at] == Domain::Stored || step.args.iter().any(|arg| reads(arg, driver))
            };
            let stored = driver.as_ref().filter(is_at);
            estimate.at_stored.push(stored.is_some());
            estimate.flops += match stored {
                Some(driver) => flops_of_cell(step, &args) * driver.cells,
                None => step.op.flops(&args.iter().collect::<Vec<_>>(), &facts[at])?,
            };
            let matrices = args.iter().chain([&facts[at]]).filter(|facts| facts.is_matrix());
            estimate.unfused += matrices.map(Facts::least_bytes).sum::<Option<f64>>()?;
            match self.made(at) {
                Made::Panel => registers += widths[at].max(1).div_ceil(PANEL) * PANEL.max(widths[at]),
                Made::Partial => partials += facts[at].dense_bytes().unwrap_or(8.0),
            }
        }
        let threads = rayon::current_num_threads() as f64;
        estimate.scratch = threads * (8.0 * registers as f64 + partials);
        // Several drivers have their cells put together: a column and a value each.
        let joined = driver.filter(|driver| driver.inputs.len() > 1);
        estimate.scratch += joined.map_or(0.0, |driver| 12.0 * driver.cells);
        Some(estimate)
    }

    /// Bytes of inputs that steps of such facts read.
    fn read(&self, inputs: &[Facts], facts: &[Facts]) -> Option<f64> {
        let bytes = |facts: &Facts| if facts.is_matrix() { facts.least_bytes() } else { Some(0.0) };
        let mut read = vec![0.0; inputs.len()];
        for (step, made) in self.steps.iter().zip(facts) {
            for arg in &step.args {
                let Source::Input(at) = *arg else { continue };
                let whole = bytes(&inputs[at])?;
                let part = if matches!(step.op, Op::Index(_)) { bytes(made)? } else { whole };
                read[at] = f64::min(whole, read[at] + part);
            }
        }
        Some(read.into_iter().sum())
    }

    /// The drivers at whose stored cells alone it is computed, if there are such, and the widths of the steps.
    fn stored_drivers(&self, inputs: &[Facts], facts: &[Facts]) -> Option<(Option<Stored>, Vec<usize>)> {
        let size = |facts: &Facts| {
            let (rows, cols) = facts.dims();
            Some((rows.known()? as usize, cols.known()? as usize))
        };
        let sizes = inputs.iter().map(size).collect::<Option<Vec<_>>>()?;
        let chosen = |at: usize, _: usize| Some(facts[at].dims().1.known()? as usize);
        let widths = layout::widths(self, &sizes, chosen)?;
        let input_widths: Vec<usize> = sizes.iter().map(|size| size.1).collect();
        let numbers: Vec<Option<f64>> = inputs.iter().map(Facts::number).collect();
        let shapes = Shapes { inputs: &input_widths, steps: &widths, numbers: &numbers };
        let is_sparse = |facts: &Facts| facts.least_bytes() < facts.dense_bytes();
        let mut sparse: Vec<usize> = (0..inputs.len())
            .filter(|at| self.inputs[*at] == Role::Panel && is_sparse(&inputs[*at]))
            .collect();
        sparse.sort_by_key(|at| (inputs[*at].nnz.bound(), *at));
        let Some((inputs_at, domains)) = drivers(self, &sparse, shapes) else { return Some((None, widths)) };
        let cells = inputs_at.iter().map(|at| inputs[*at].stored()).sum::<Option<f64>>();
        let all = sizes[inputs_at[0]].0 as f64 * sizes[inputs_at[0]].1 as f64;
        let stored = cells.map(|cells| Stored { inputs: inputs_at, cells: cells.min(all), domains });
        Some((stored, widths))
    }
}

/// The drivers at whose stored cells alone a pipeline is computed.
struct Stored {
    inputs: Vec<usize>,
    /// Their cells together, at most.
    cells: f64,
    domains: Vec<Domain>,
}

fn of(source: Source, inputs: &[Facts], steps: &[Facts]) -> Facts {
    match source {
        Source::Input(at) => inputs[at].clone(),
        Source::Step(at) => steps[at].clone(),
        Source::Number(number) => Facts::constant(tilewright_value::Scalar::Double(number)),
    }
}

/// Operations for one cell of the drivers.
fn flops_of_cell(step: &Step, args: &[Facts]) -> f64 {
    match &step.op {
        Op::Unary(op) => op.flops(),
        Op::Binary(op) => op.flops(),
        // A cell of a product with a whole right side is a sum over its rows, or meets a row of it.
        Op::Product(Product::Plain | Product::TransposedRight) => {
            let (rows, cols) = args[1].dims();
            2.0 * rows.known().unwrap_or(1).min(cols.known().unwrap_or(1)) as f64
        }
        Op::Product(_) => {
            let width = |facts: &Facts| facts.dims().1.known().unwrap_or(1);
            2.0 * args.iter().map(width).min().unwrap_or(1) as f64
        }
        _ => 1.0,
    }
}
