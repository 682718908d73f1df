//! The number of non-zero cells of an expression, by computing its structure cell by cell.

use crate::estimate::{Op, Shape};

/// The structure of a matrix: which cells are not zero, row by row.
#[derive(Clone, PartialEq, Debug)]
pub struct Structure {
    /// Rows and columns.
    pub shape: Shape,
    /// The cells.
    pub cells: Vec<bool>,
}

impl Structure {
    /// By a function of 0-based row and column.
    pub fn from_fn(shape: Shape, cell: impl Fn(usize, usize) -> bool) -> Structure {
        let cell = &cell;
        let cells = (0..shape.rows).flat_map(|i| (0..shape.cols).map(move |j| cell(i, j))).collect();
        Structure { shape, cells }
    }

    fn get(&self, i: usize, j: usize) -> bool {
        self.cells[i * self.shape.cols + j]
    }

    /// The number of cells that are not zero.
    pub fn nnz(&self) -> usize {
        self.cells.iter().filter(|cell| **cell).count()
    }
}

/// The structure of the result of an operation on inputs that it takes.
pub fn apply(op: Op, inputs: &[&Structure]) -> Option<Structure> {
    let shapes: Vec<Shape> = inputs.iter().map(|input| input.shape).collect();
    let shape = op.shape(&shapes)?;
    let (a, b) = (*inputs.first()?, *inputs.last()?);
    Some(Structure::from_fn(shape, |i, j| match op {
        Op::Product => (0..a.shape.cols).any(|k| a.get(i, k) && b.get(k, j)),
        Op::Plus => a.get(i, j) || b.get(i, j),
        Op::Times => a.get(i, j) && b.get(i, j),
        Op::Transpose => a.get(j, i),
        Op::Cbind => {
            if j < a.shape.cols {
                a.get(i, j)
            } else {
                b.get(i, j - a.shape.cols)
            }
        }
        Op::Rbind => {
            if i < a.shape.rows {
                a.get(i, j)
            } else {
                b.get(i - a.shape.rows, j)
            }
        }
        Op::DiagMatrix => i == j && a.get(i, 0),
        Op::DiagVector => a.get(i, i),
        Op::Reshape(to) => a.cells[i * to.cols + j],
        Op::NotZero => a.get(i, j),
        Op::EqualsZero => !a.get(i, j),
    }))
}
