//! What an operator does, in bytes and operations, whatever the machine.
//!
//! Bytes are those of the format of fewer bytes by the bounds of the non-zeros: `8rc` dense, `12nnz + 8(r + 1)` sparse.
//! Memory decisions need these worst cases; [`crate::machine`] makes seconds of them.

use serde::{Deserialize, Serialize};
use tilewright_ops::row::Named;
use tilewright_ops::statement::Statement;
use tilewright_ops::{Facts, Kind, Op};

use tilewright_pipeline::Pipeline;

use crate::dag::{Dag, Node, NodeKind};

/// Operators that take time alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Scalars in, scalars out, or only a look at the head of a matrix.
    Scalar,
    /// Cell by cell on dense matrices.
    Cellwise,
    /// Aggregates, also running ones, of dense matrices.
    Aggregate,
    /// Products of dense matrices.
    Product,
    /// Products with a sparse operand.
    SparseProduct,
    /// All else on sparse matrices.
    Sparse,
    /// Cells moved or made: transposes, parts, binding, filling.
    Reorganise,
    /// Factorisations, layers of networks: functions that count their own operations.
    Factor,
}

impl Class {
    /// All of them.
    pub const ALL: [Class; 8] = [
        Class::Scalar,
        Class::Cellwise,
        Class::Aggregate,
        Class::Product,
        Class::SparseProduct,
        Class::Sparse,
        Class::Reorganise,
        Class::Factor,
    ];

    /// As tables show it.
    pub fn word(self) -> &'static str {
        match self {
            Class::Scalar => "scalar",
            Class::Cellwise => "cellwise",
            Class::Aggregate => "aggregate",
            Class::Product => "product",
            Class::SparseProduct => "sparse product",
            Class::Sparse => "sparse",
            Class::Reorganise => "reorganise",
            Class::Factor => "factor",
        }
    }

    fn of(op: &Op, inputs: &[&Facts], result: &Facts) -> Class {
        let is_product = matches!(op, Op::Product(_));
        if inputs.iter().any(|facts| is_sparse(facts)) || is_sparse(result) {
            return if is_product { Class::SparseProduct } else { Class::Sparse };
        }
        match op {
            Op::Unary(_) | Op::Binary(_) | Op::Select => Class::Cellwise,
            Op::Aggregate(..) | Op::Cumulative(_) => Class::Aggregate,
            Op::Product(_) => Class::Product,
            Op::Index(_) | Op::Assign(_) => Class::Reorganise,
            Op::Function(function, _) if function.flops.is_some() => Class::Factor,
            Op::Function(..) => Class::Reorganise,
        }
    }
}

/// What an operator does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Work {
    /// What it takes time like.
    pub class: Class,
    /// Bytes of its inputs.
    pub inputs: f64,
    /// Bytes of its results.
    pub results: f64,
    /// Bytes that it needs beside both.
    pub scratch: f64,
    /// Bytes that it reads.
    pub read: f64,
    /// Bytes that it writes.
    pub written: f64,
    /// Floating-point operations.
    pub flops: f64,
}

impl Work {
    /// An instruction on scalars.
    pub const SCALAR: Work = Work {
        class: Class::Scalar,
        inputs: 0.0,
        results: 0.0,
        scratch: 0.0,
        read: 0.0,
        written: 0.0,
        flops: 0.0,
    };

    /// The work of an operator of which some inputs are the same as earlier ones, and count once.
    pub fn of_distinct(
        op: &Op,
        inputs: &[&Facts],
        results: &[Facts],
        is_repeated: impl Fn(usize) -> bool,
    ) -> Option<Work> {
        let work = Work::of(op, inputs, results)?;
        let repeated = (1..inputs.len()).filter(|at| is_repeated(*at));
        let twice: f64 = repeated.map(|at| bytes(inputs[at])).sum::<Option<f64>>()?;
        Some(Work { inputs: work.inputs - twice, read: (work.read - twice).max(0.0), ..work })
    }

    /// The work of an operator, if all sizes are known.
    pub fn of(op: &Op, inputs: &[&Facts], results: &[Facts]) -> Option<Work> {
        let is_scalar = |facts: &&Facts| facts.is_scalar();
        if inputs.iter().all(is_scalar) && results.iter().all(|facts| facts.is_scalar()) {
            return Some(Work::SCALAR);
        }
        let result = results.first()?;
        let held: f64 = inputs.iter().map(|facts| bytes(facts)).sum::<Option<f64>>()?;
        let made: f64 = results.iter().map(bytes).sum::<Option<f64>>()?;
        if only_looks(op) {
            return Some(Work { inputs: held, results: made, ..Work::SCALAR });
        }
        let owned: Vec<Facts> = inputs.iter().map(|facts| (*facts).clone()).collect();
        let (read, written) = match op {
            Op::Index(_) => (made, made),
            // The rest of the first input stays where it is.
            Op::Assign(_) => (held - bytes(inputs[0])?, held - bytes(inputs[0])?),
            _ => (held, made),
        };
        Some(Work {
            class: Class::of(op, inputs, result),
            inputs: held,
            results: made,
            scratch: op.scratch(&owned, result)?,
            read,
            written,
            flops: op.flops(&owned, result)?,
        })
    }

    /// The work of a pipeline, of which each input is a value of its own: it reads them once and writes results.
    pub fn of_pipeline(pipeline: &Pipeline, inputs: &[&Facts], results: &[Facts]) -> Option<Work> {
        let owned: Vec<Facts> = inputs.iter().map(|facts| (*facts).clone()).collect();
        let estimate = pipeline.estimate(&owned)?;
        let held: f64 = inputs.iter().map(|facts| bytes(facts)).sum::<Option<f64>>()?;
        let made: f64 = results.iter().map(bytes).sum::<Option<f64>>()?;
        let has_product = pipeline.steps.iter().any(|step| matches!(step.op, Op::Product(_)));
        let class = match (estimate.at_stored.contains(&true), has_product) {
            (true, true) => Class::SparseProduct,
            (true, false) => Class::Sparse,
            (false, true) => Class::Product,
            (false, false) => Class::Cellwise,
        };
        let (scratch, flops) = (estimate.scratch, estimate.flops);
        Some(Work { class, inputs: held, results: made, scratch, read: held, written: made, flops })
    }

    /// Bytes of inputs, results and what is needed beside them.
    pub fn memory(&self) -> f64 {
        self.inputs + self.results + self.scratch
    }

    /// Bytes that are read or written.
    pub fn bytes(&self) -> f64 {
        self.read + self.written
    }
}

/// The work of a node; an input that stands twice is read once. Nothing is known of calls and files.
pub fn of_node(dag: &Dag, node: &Node) -> Option<Work> {
    let inputs: Vec<&Facts> = node.inputs.iter().map(|input| dag.fact(*input)).collect();
    match &node.kind {
        NodeKind::Op(op) => {
            let is_repeated = |at: usize| node.inputs[..at].contains(&node.inputs[at]);
            Work::of_distinct(op, &inputs, &node.facts, is_repeated)
        }
        NodeKind::Pipeline(pipeline) => Work::of_pipeline(pipeline, &inputs, &node.facts),
        // Values are handed on as they are.
        NodeKind::Exists(_) | NodeKind::Scatter(..) | NodeKind::Accumulate(_) => Some(Work::SCALAR),
        NodeKind::Statement(
            Statement::Print | Statement::Stop | Statement::Assert | Statement::Conform,
            _,
        ) => Some(Work::SCALAR),
        NodeKind::Statement(..) | NodeKind::Call(_) => None,
        NodeKind::Literal(_) | NodeKind::Variable(_) | NodeKind::Result(_) => Some(Work::SCALAR),
    }
}

/// Bytes of a value; a scalar has none that count, of a list of unknown length nothing is known.
pub fn bytes(facts: &Facts) -> Option<f64> {
    match facts.kind {
        Kind::Scalar(_) => Some(0.0),
        Kind::Matrix { .. } => facts.least_bytes(),
        Kind::Frame { .. } => facts.dense_bytes(),
        Kind::List => facts.elements.as_ref()?.iter().map(|element| bytes(&element.facts)).sum(),
        Kind::Unknown => None,
    }
}

/// Whether the sparse format takes fewer bytes.
fn is_sparse(facts: &Facts) -> bool {
    facts.is_matrix()
        && facts.least_bytes().zip(facts.dense_bytes()).is_some_and(|(least, dense)| least < dense)
}

/// Sizes and casts of one cell.
fn only_looks(op: &Op) -> bool {
    matches!(op, Op::Function(function, _) if
        ["nrow", "ncol", "length", "as.scalar", "as.matrix"].contains(&function.name()))
}

#[cfg(test)]
mod tests {
    use tilewright_ops::catalogue::{Entry, find};
    use tilewright_ops::function::Present;
    use tilewright_ops::index::{Form, Side};
    use tilewright_ops::product::Product;
    use tilewright_ops::{Nnz, binary};

    use super::*;

    fn plus() -> Op {
        Op::Binary(binary::find("+").unwrap())
    }

    fn function(name: &str, inputs: usize) -> Op {
        match find(name, inputs) {
            Some(Entry::Function(op)) => Op::Function(op, Present::new(vec![true; inputs])),
            other => panic!("{other:?}"),
        }
    }

    /// Class, bytes held, bytes moved, operations.
    fn check(op: Op, inputs: &[Facts], expected: (Class, f64, f64, f64)) {
        let results = op.infer(inputs).unwrap();
        let inputs: Vec<&Facts> = inputs.iter().collect();
        let work = Work::of(&op, &inputs, &results).unwrap();
        let held = work.inputs + work.results;
        assert_eq!((work.class, held, work.bytes(), work.flops), expected, "{}", op.name());
    }

    #[test]
    fn dense_operators_move_their_cells() {
        let x = Facts::shaped(100, 20);
        // Three matrices of 16 kB, an addition a cell.
        check(plus(), &[x.clone(), x.clone()], (Class::Cellwise, 48e3, 48e3, 2e3));
        // 100 x 20 times 20 x 5: 16 kB, 800 B, 4 kB, and 2 * 100 * 20 * 5 operations.
        let y = Facts::shaped(20, 5);
        check(Op::Product(Product::Plain), &[x.clone(), y], (Class::Product, 20_800.0, 20_800.0, 2e4));
        // A quarter of the rows is read and written.
        let rows = Op::Index(Form { rows: Side::Range, cols: Side::All });
        let [from, to] = [1, 25].map(|at| Facts::constant(tilewright_value::Scalar::Integer(at)));
        check(rows, &[x.clone(), from, to], (Class::Reorganise, 20e3, 8e3, 500.0));
        // 2/3 n^3 + 2 n^2 for one right side.
        let (a, b) = (Facts::shaped(30, 30), Facts::shaped(30, 1));
        check(function("solve", 2), &[a, b], (Class::Factor, 7680.0, 7680.0, 19_800.0));
        check(function("nrow", 1), &[x], (Class::Scalar, 16e3, 0.0, 0.0));
    }

    #[test]
    fn few_non_zeros_are_few_bytes_and_operations() {
        // 12 bytes for each of 50 cells and 8 for each of 100 rows.
        let x = Facts::shaped(100, 200).with_nnz(Nnz::Exact(50));
        let v = Facts::shaped(200, 1);
        let product = (Class::SparseProduct, 1400.0 + 1600.0 + 800.0, 3800.0, 100.0);
        check(Op::Product(Product::Plain), &[x.clone(), v], product);
        check(plus(), &[x, Facts::DOUBLE], (Class::Sparse, 161_400.0, 161_400.0, 2e4));
    }

    #[test]
    fn the_same_input_counts_once() {
        let x = Facts::shaped(100, 20);
        let results = plus().infer(&[x.clone(), x.clone()]).unwrap();
        let work = Work::of_distinct(&plus(), &[&x, &x], &results, |at| at == 1).unwrap();
        assert_eq!((work.inputs, work.read, work.written), (16e3, 16e3, 16e3));
    }

    #[test]
    fn without_sizes_nothing_is_known() {
        let x = Facts::matrix(tilewright_ops::facts::Dim::Unknown, tilewright_ops::facts::Dim::Known(3));
        assert_eq!(Work::of(&plus(), &[&x, &Facts::DOUBLE], std::slice::from_ref(&x)), None);
        assert_eq!(Work::of(&plus(), &[&Facts::DOUBLE], &[Facts::DOUBLE]), Some(Work::SCALAR));
    }
}
