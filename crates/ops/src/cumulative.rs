//! Running sums, products and extremes down each column or along each row.

use tilewright_base::{Outcome, bail};
use tilewright_matrix::{Dense, Scratch, cumulative, reference};
use tilewright_value::{Block, Value};

use crate::facts::{Dim, Facts};
use crate::locality::Locality;
use crate::row::{Named, RowRef};

/// A cumulative operator.
pub struct CumulativeRow {
    name: &'static str,
    doc: &'static str,
    run: fn(&Dense) -> Dense,
    reference: fn(&Dense) -> Dense,
    panel: Option<Panel>,
    shape: Shape,
}

/// Kernels over some rows after the other.
pub enum Panel {
    /// Down the rows.
    Down {
        /// Continues behind the last row before, which is empty at first and the last one afterwards.
        run: fn(&mut Vec<f64>, &[f64], usize, &mut [f64]),
        /// Makes the last row of what started from nothing that of what started behind the first one.
        join: fn(&[f64], &mut [f64]),
    },
    /// Along each row.
    Along(fn(&[f64], usize, &mut [f64])),
}

enum Shape {
    /// Down the columns, as the input.
    Down,
    /// Along the rows, as the input.
    Along,
    /// Two columns to one.
    Pairs,
}

/// A row of [`TABLE`].
pub type CumulativeOp = RowRef<CumulativeRow>;

impl Named for CumulativeRow {
    fn name(&self) -> &'static str {
        self.name
    }

    fn doc(&self) -> &'static str {
        self.doc
    }
}

macro_rules! down {
    ($name:literal, $doc:literal, $step:expr) => {
        CumulativeRow {
            name: $name,
            doc: $doc,
            run: |x| cumulative::cumulate($step, x),
            reference: |x| reference::aggregate::cumulate($step, x),
            panel: Some(Panel::Down {
                run: |last, x, cols, out| cumulative::continue_down($step, last, x, cols, out),
                join: |before, last| cumulative::join_down($step, before, last),
            }),
            shape: Shape::Down,
        }
    };
}

fn smaller(a: f64, b: f64) -> f64 {
    if a < b || a.is_nan() { a } else { b }
}

fn larger(a: f64, b: f64) -> f64 {
    if a > b || a.is_nan() { a } else { b }
}

/// All cumulative operators.
pub static TABLE: &[CumulativeRow] = &[
    down!("cumsum", "The running sum down each column.", |a, b| a + b),
    down!("cumprod", "The running product down each column.", |a, b| a * b),
    down!("cummin", "The running minimum down each column.", smaller),
    down!("cummax", "The running maximum down each column.", larger),
    CumulativeRow {
        name: "rowcumsum",
        doc: "The running sum along each row.",
        run: |x| cumulative::cumulate_rows(|a, b| a + b, x),
        reference: |x| reference::aggregate::cumulate_rows(|a, b| a + b, x),
        panel: Some(Panel::Along(|x, cols, out| cumulative::along(|a, b| a + b, x, cols, out))),
        shape: Shape::Along,
    },
    CumulativeRow {
        name: "cumsumprod",
        doc: "The recurrence y[i] = X[i,1] + X[i,2] * y[i-1] of a matrix with two columns.",
        run: cumulative::cumsumprod,
        reference: reference::aggregate::cumsumprod,
        panel: None,
        shape: Shape::Pairs,
    },
];

/// The operator of a name.
pub fn find(name: &str) -> Option<CumulativeOp> {
    TABLE.iter().find(|row| row.name == name).map(RowRef)
}

impl CumulativeRow {
    /// Down the columns needs the rows above, along the rows does not.
    pub fn locality(&self) -> Locality {
        match self.shape {
            Shape::Down | Shape::Pairs => Locality::Scan,
            Shape::Along => Locality::RowLocal,
        }
    }

    /// Its kernels over some rows after the other, if it has them.
    pub fn panel(&self) -> Option<&Panel> {
        self.panel.as_ref()
    }

    /// Computes the running values.
    ///
    /// # Errors
    /// When the operand is no matrix.
    pub fn run(&self, x: &Value) -> Outcome<Value> {
        Ok(Block::Dense((self.run)(&x.as_matrix()?.pin().dense())).into())
    }

    /// What the operator needs beside its operand and the result.
    pub fn scratch(&self, x: &Facts) -> Option<Scratch> {
        let x = x.shape()?;
        Some(x.densified().and(match self.shape {
            Shape::Down => cumulative::cumulate_scratch(x.rows, x.cols),
            Shape::Along | Shape::Pairs => cumulative::cumulate_rows_scratch(),
        }))
    }

    /// The definition: one cell after the other.
    ///
    /// # Errors
    /// As [`CumulativeRow::run`].
    pub fn reference(&self, x: &Value) -> Outcome<Value> {
        Ok(Block::Dense((self.reference)(&x.as_matrix()?.pin().dense())).into())
    }

    /// What is known of the result.
    ///
    /// # Errors
    /// When the operand is no matrix or has the wrong number of columns.
    pub fn infer(&self, x: &Facts) -> Outcome<Facts> {
        let (rows, cols) = x.expect_matrix(&format!("the argument of `{}`", self.name))?;
        if let Shape::Pairs = self.shape {
            if cols.conflicts(Dim::Known(2)) {
                bail!(Shape, "`{}` needs two columns, found {}", self.name, x.describe());
            }
            return Ok(Facts::matrix(rows, Dim::Known(1)));
        }
        Ok(Facts::matrix(rows, cols))
    }
}
