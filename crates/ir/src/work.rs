//! What an operator does, in bytes and operations, whatever the machine: the one place that counts them.
//!
//! - [`Work::of`]: all there is to know of an operator, from the facts of its inputs and results
//! - [`Work::moved`]: the same without memory, which takes less to find: for decisions that only time makes
//! - [`Work::product`]: a product of matrices of which so many pairs of cells meet, where a sketch tells their number
//! - [`Work::streaming`]: several operators in one pass
//!
//! Bytes are those of the format of fewer bytes by the bounds of the non-zeros: `8rc` dense, `12nnz + 8(r + 1)` sparse.
//! Memory decisions need these worst cases. [`crate::Machine::time`] makes seconds of work, [`crate::Machine::cost`] what
//! alternatives are compared by.

use serde::{Deserialize, Serialize};
use tilewright_ops::row::Named;
use tilewright_ops::statement::Statement;
use tilewright_ops::{Facts, Kind, Op};
use tilewright_value::block::sparse_bytes;

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

    /// Work of which only the flow counts: bytes read and written, and operations. What one pass over some data does:
    /// of operators in a pipeline, `read` and `written` are those of its ends, `flops` the sum over all of them.
    pub fn streaming(class: Class, read: f64, written: f64, flops: f64) -> Work {
        Work { class, read, written, flops, ..Work::SCALAR }
    }

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
        let work = Work::moved(op, inputs, results)?;
        if inputs.iter().all(|facts| facts.is_scalar()) && results.iter().all(Facts::is_scalar) {
            return Some(work);
        }
        let held: f64 = inputs.iter().map(|facts| bytes(facts)).sum::<Option<f64>>()?;
        let made: f64 = results.iter().map(bytes).sum::<Option<f64>>()?;
        let scratch = if only_looks(op) {
            0.0
        } else {
            let owned: Vec<Facts> = inputs.iter().map(|facts| (*facts).clone()).collect();
            op.scratch(&owned, results.first()?)?
        };
        Some(Work { inputs: held, results: made, scratch, ..work })
    }

    /// What an operator moves and computes, if the sizes that tell it are known; of memory it says nothing. Lists are
    /// handed on as they are.
    pub fn moved(op: &Op, inputs: &[&Facts], results: &[Facts]) -> Option<Work> {
        let scalars = inputs.iter().all(|facts| facts.is_scalar()) && results.iter().all(Facts::is_scalar);
        if scalars || only_looks(op) {
            return Some(Work::SCALAR);
        }
        let result = results.first()?;
        let moved = |facts: &Facts| if facts.kind == Kind::List { Some(0.0) } else { bytes(facts) };
        let sum = |inputs: &[&Facts]| inputs.iter().map(|facts| moved(facts)).sum::<Option<f64>>();
        let made: f64 = results.iter().map(moved).sum::<Option<f64>>()?;
        let (read, written) = match op {
            Op::Index(_) => (made, made),
            // The rest of the first input stays where it is.
            Op::Assign(form) if inputs[0].is_matrix() => (sum(&inputs[1..])?, 8.0 * form.assigned(inputs)?),
            Op::Assign(_) => (sum(&inputs[1..])?, sum(&inputs[1..])?),
            op if inputs.first().is_some_and(|x| reads_diagonal(op, x)) => (diagonal(inputs[0])?, made),
            _ => (sum(inputs)?, made),
        };
        let class = Class::of(op, inputs, result);
        Some(Work::streaming(class, read, written, op.flops(inputs, result)?))
    }

    /// What the product of two matrices moves and computes, of whose cells `multiply_adds` pairs meet. The result has no
    /// more non-zeros than that.
    pub fn product(left: Size, right: Size, multiply_adds: f64) -> Work {
        let result = Size { rows: left.rows, cols: right.cols, nnz: multiply_adds };
        let is_sparse = left.is_sparse() || right.is_sparse() || result.is_sparse();
        let class = if is_sparse { Class::SparseProduct } else { Class::Product };
        Work::streaming(class, left.bytes() + right.bytes(), result.bytes(), 2.0 * multiply_adds)
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
        let (read, scratch, flops) = (estimate.read, estimate.scratch, estimate.flops);
        Some(Work { class, inputs: held, results: made, scratch, read, written: made, flops })
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

/// The size of a matrix that is only estimated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// Its rows.
    pub rows: f64,
    /// Its columns.
    pub cols: f64,
    /// Its cells that are not zero.
    pub nnz: f64,
}

impl Size {
    fn dense(self) -> f64 {
        8.0 * self.rows * self.cols
    }

    /// Bytes in the format of fewer bytes.
    fn bytes(self) -> f64 {
        if self.cols == 1.0 { self.dense() } else { self.dense().min(sparse_bytes(self.rows, self.nnz)) }
    }

    fn is_sparse(self) -> bool {
        self.bytes() < self.dense()
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
            Statement::Print | Statement::Stop | Statement::Warning | Statement::Assert | Statement::Conform,
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

/// Whether an operator reads nothing but the diagonal of a matrix.
fn reads_diagonal(op: &Op, x: &Facts) -> bool {
    match op {
        Op::Aggregate(row, _) => row.reads_diagonal(),
        Op::Function(function, _) => function.name() == "diag" && !x.dims().1.is(1),
        _ => false,
    }
}

/// Bytes that reading a diagonal moves: a cache line for each cell, or all there is.
fn diagonal(x: &Facts) -> Option<f64> {
    let all = bytes(x)?;
    Some(all.min(64.0 * x.dims().0.known()? as f64))
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
        // A number is written to a quarter of the rows; the rest stays where it is.
        let [from, to] = [1, 25].map(|at| Facts::constant(tilewright_value::Scalar::Integer(at)));
        let rows = Op::Assign(Form { rows: Side::Range, cols: Side::All });
        check(rows, &[x.clone(), Facts::DOUBLE, from, to], (Class::Reorganise, 32e3, 4e3, 500.0));
        // A line of cells for each cell of the diagonal.
        let trace = Op::Aggregate(
            tilewright_ops::aggregate::find("trace").unwrap().0,
            tilewright_ops::aggregate::Over::All,
        );
        check(trace, &[Facts::shaped(100, 100)], (Class::Aggregate, 80e3, 6400.0, 100.0));
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
