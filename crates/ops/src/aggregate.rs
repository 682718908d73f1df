//! Aggregates over all cells, over each row, over each column.

use tilewright_base::{Outcome, bail};
use tilewright_matrix::aggregate::{
    self,
    accumulator::{self, Accumulator},
};
use tilewright_matrix::panel::{self, Running};
use tilewright_matrix::{Csr, Dense, Scratch, reference, sparse_aggregate};
use tilewright_value::{Block, Scalar, Value};

use crate::facts::{Dim, Facts, Kind, Nnz};
use crate::locality::Locality;
use crate::row::{Named, RowRef};

/// What is aggregated into one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Over {
    /// All cells: a scalar.
    All,
    /// Each row: a column.
    Rows,
    /// Each column: a row.
    Columns,
}

/// The kernels of an aggregate.
struct Kernels {
    all: fn(&Dense) -> f64,
    rows: fn(&Dense) -> Dense,
    columns: fn(&Dense) -> Dense,
    sparse_all: fn(&Csr) -> f64,
    sparse_rows: fn(&Csr) -> Dense,
    sparse_columns: fn(&Csr) -> Dense,
    all_scratch: fn(usize) -> Scratch,
    columns_scratch: fn(usize, usize) -> Scratch,
    sparse_columns_scratch: fn(usize, usize, usize) -> Scratch,
    panel: PanelKernels,
}

/// A kernel on the stored cells of rows: where those of each row end, the columns, and a cell for each row.
pub type StoredRows = fn(&[f64], &[usize], usize, &mut [f64]);

/// The kernels on panels of rows, as pipelines run them.
#[derive(Clone, Copy)]
pub struct PanelKernels {
    /// Of each row of so many cells.
    pub rows: fn(&[f64], usize, &mut [f64]),
    /// Of each row of so many cells, of which the stored ones end where the second argument says.
    pub stored_rows: Option<StoredRows>,
    /// Of all rows of so many cells.
    pub full: fn(usize) -> Box<dyn Running>,
    /// Of each of so many columns.
    pub columns: fn(usize) -> Box<dyn Running>,
}

const fn panel_kernels<A: Accumulator + 'static>() -> PanelKernels {
    PanelKernels {
        rows: panel::rows::<A>,
        stored_rows: Some(panel::stored_rows::<A>),
        full: panel::full::<A>,
        columns: panel::columns::<A>,
    }
}

const fn kernels<A: Accumulator + 'static>() -> Kernels {
    Kernels {
        all: aggregate::full::<A>,
        rows: aggregate::rows::<A>,
        columns: aggregate::cols::<A>,
        sparse_all: sparse_aggregate::full::<A>,
        sparse_rows: sparse_aggregate::rows::<A>,
        sparse_columns: sparse_aggregate::cols::<A>,
        all_scratch: aggregate::full_scratch::<A>,
        columns_scratch: aggregate::cols_scratch::<A>,
        sparse_columns_scratch: sparse_aggregate::cols_scratch::<A>,
        panel: panel_kernels::<A>(),
    }
}

/// An aggregate with its up to three names.
pub struct AggregateRow {
    names: [&'static str; 3],
    doc: &'static str,
    kernels: Kernels,
    slice: fn(&[f64]) -> f64,
    flops: f64,
}

/// A row of [`TABLE`].
pub type AggregateOp = RowRef<AggregateRow>;

impl Named for AggregateRow {
    fn name(&self) -> &'static str {
        self.names.into_iter().find(|name| !name.is_empty()).unwrap_or_default()
    }

    fn doc(&self) -> &'static str {
        self.doc
    }
}

impl AggregateRow {
    /// With the kernels of sums on panels.
    const fn summing_panels(mut self) -> AggregateRow {
        self.kernels.panel.full = panel::full_sum;
        self.kernels.panel.columns = panel::column_sums;
        self
    }
}

macro_rules! row {
    ([$all:literal, $rows:literal, $columns:literal], $doc:literal, $flops:literal, $accumulator:ident, $slice:path) => {
        AggregateRow {
            names: [$all, $rows, $columns],
            doc: $doc,
            kernels: kernels::<accumulator::$accumulator>(),
            slice: $slice,
            flops: $flops,
        }
    };
}

/// All aggregates: names over all cells, over rows, over columns (empty where there is none), and the definition on
/// a slice of cells.
pub static TABLE: &[AggregateRow] = &[
    row!(["sum", "rowSums", "colSums"], "The sum, compensated.", 4.0, Sum, reference::aggregate::sum)
        .summing_panels(),
    row!(["mean", "rowMeans", "colMeans"], "The arithmetic mean.", 5.0, Mean, reference::aggregate::mean),
    row!(
        ["min", "rowMins", "colMins"],
        "The smallest value; NaN if one is.",
        1.0,
        Min,
        reference::aggregate::min
    ),
    row!(
        ["max", "rowMaxs", "colMaxs"],
        "The largest value; NaN if one is.",
        1.0,
        Max,
        reference::aggregate::max
    ),
    row!(["prod", "rowProds", "colProds"], "The product.", 1.0, Product, reference::aggregate::product),
    row!(
        ["var", "rowVars", "colVars"],
        "The sample variance (divisor n - 1); 0 of one cell.",
        10.0,
        Variance,
        reference::aggregate::variance
    ),
    row!(
        ["sd", "rowSds", "colSds"],
        "The sample standard deviation; 0 of one cell.",
        10.0,
        StandardDeviation,
        reference::aggregate::standard_deviation
    ),
    AggregateRow {
        names: ["trace", "", ""],
        doc: "The sum of the diagonal of a square matrix.",
        kernels: Kernels {
            all: aggregate::trace,
            sparse_all: sparse_aggregate::trace,
            ..kernels::<accumulator::Sum>()
        },
        slice: reference::aggregate::sum,
        flops: 1.0,
    },
    AggregateRow {
        names: ["", "rowIndexMax", ""],
        doc: "The column of the largest value of each row; of equal ones the last.",
        kernels: Kernels {
            rows: aggregate::row_index_max,
            sparse_rows: sparse_aggregate::row_index_max,
            panel: PanelKernels {
                rows: aggregate::row_index_max_of,
                stored_rows: None,
                ..panel_kernels::<accumulator::Max>()
            },
            ..kernels::<accumulator::Max>()
        },
        slice: reference::aggregate::index_max,
        flops: 1.0,
    },
    AggregateRow {
        names: ["", "rowIndexMin", ""],
        doc: "The column of the smallest value of each row; of equal ones the last.",
        kernels: Kernels {
            rows: aggregate::row_index_min,
            sparse_rows: sparse_aggregate::row_index_min,
            panel: PanelKernels {
                rows: aggregate::row_index_min_of,
                stored_rows: None,
                ..panel_kernels::<accumulator::Min>()
            },
            ..kernels::<accumulator::Min>()
        },
        slice: reference::aggregate::index_min,
        flops: 1.0,
    },
];

/// The aggregate of a name.
pub fn find(name: &str) -> Option<(AggregateOp, Over)> {
    let over = [Over::All, Over::Rows, Over::Columns];
    TABLE.iter().find_map(|row| {
        let at = row.names.iter().position(|own| *own == name && !own.is_empty())?;
        Some((RowRef(row), over[at]))
    })
}

impl AggregateRow {
    /// The name over all cells, rows or columns; empty where there is none.
    pub fn name_over(&self, over: Over) -> &'static str {
        self.names[over as usize]
    }

    /// All names that exist.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.names.iter().copied().filter(|name| !name.is_empty())
    }

    /// Floating-point operations per cell.
    pub fn flops(&self) -> f64 {
        self.flops
    }

    /// Whether it reads nothing but the diagonal.
    pub fn reads_diagonal(&self) -> bool {
        self.name() == TRACE
    }

    /// The kernels on panels; none for what looks at the places of cells in the whole matrix.
    pub fn panel(&self) -> Option<PanelKernels> {
        (self.name() != TRACE).then_some(self.kernels.panel)
    }

    /// Row-wise aggregates are row-local, others merge partial results.
    pub fn locality(&self, over: Over) -> Locality {
        match over {
            Over::Rows => Locality::RowLocal,
            Over::All | Over::Columns => Locality::Partial,
        }
    }

    /// Computes the aggregate.
    ///
    /// # Errors
    /// When the operand is neither a matrix nor a number.
    pub fn run(&self, over: Over, x: &Value) -> Outcome<Value> {
        let block = crate::operand::as_block(x)?;
        let kernels = &self.kernels;
        Ok(match (over, &*block) {
            (Over::All, Block::Dense(x)) => (kernels.all)(x).into(),
            (Over::All, Block::Sparse(x)) => (kernels.sparse_all)(x).into(),
            (Over::Rows, Block::Dense(x)) => Block::Dense((kernels.rows)(x)).into(),
            (Over::Rows, Block::Sparse(x)) => Block::Dense((kernels.sparse_rows)(x)).into(),
            (Over::Columns, Block::Dense(x)) => Block::Dense((kernels.columns)(x)).into(),
            (Over::Columns, Block::Sparse(x)) => Block::Dense((kernels.sparse_columns)(x)).into(),
        })
    }

    /// What the aggregate needs beside its operand and the result.
    pub fn scratch(&self, over: Over, x: &Facts) -> Option<Scratch> {
        let (kernels, x) = (&self.kernels, x.shape()?);
        Some(match (over, x.stored) {
            (Over::All, stored) => (kernels.all_scratch)(stored.unwrap_or(x.cells())),
            (Over::Rows, None) => aggregate::rows_scratch(),
            (Over::Rows, Some(_)) => sparse_aggregate::rows_scratch(),
            (Over::Columns, None) => (kernels.columns_scratch)(x.rows, x.cols),
            (Over::Columns, Some(stored)) => (kernels.sparse_columns_scratch)(x.rows, x.cols, stored),
        })
    }

    /// The definition: the slice function on all cells, each row or each column.
    ///
    /// # Errors
    /// As [`AggregateRow::run`].
    pub fn reference(&self, over: Over, x: &Value) -> Outcome<Value> {
        let block = crate::operand::as_block(x)?;
        let x = block.dense();
        let column = |j: usize| (0..x.rows()).map(|i| x.get(i, j)).collect::<Vec<_>>();
        let diagonal = || (0..x.rows()).map(|i| x.get(i, i)).collect::<Vec<_>>();
        Ok(match over {
            Over::All if self.name() == TRACE => (self.slice)(&diagonal()).into(),
            Over::All => (self.slice)(x.cells()).into(),
            Over::Rows => Block::Dense(Dense::from_fn(x.rows(), 1, |i, _| (self.slice)(x.row(i)))).into(),
            Over::Columns => {
                Block::Dense(Dense::from_fn(1, x.cols(), |_, j| (self.slice)(&column(j)))).into()
            }
        })
    }

    /// What is known of the result.
    ///
    /// # Errors
    /// When the operand is no matrix, or for `trace` not square.
    pub fn infer(&self, over: Over, x: &Facts) -> Outcome<Facts> {
        let name = self.name_over(over);
        if let Kind::Scalar(_) = x.kind {
            bail!(Type, "`{name}` needs a matrix, found {}", x.describe());
        }
        let (rows, cols) = x.expect_matrix(&format!("the argument of `{name}`"))?;
        if name == TRACE && rows.conflicts(cols) {
            bail!(Shape, "`{name}` needs a square matrix, found {}", x.describe());
        }
        let empty = x.nnz.bound() == Some(0) && name == TABLE[0].name_over(over);
        Ok(match over {
            Over::All if empty => Facts::constant(Scalar::Double(0.0)),
            Over::All => Facts::DOUBLE,
            Over::Rows => Facts::matrix(rows, Dim::Known(1)),
            Over::Columns => Facts::matrix(Dim::Known(1), cols),
        }
        .with_nnz(if empty && over != Over::All { Nnz::Exact(0) } else { Nnz::Unknown }))
    }
}

const TRACE: &str = "trace";
