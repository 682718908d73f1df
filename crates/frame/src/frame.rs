//! Columns of one length, with names.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use tilewright_base::number::count;
use tilewright_base::{Outcome, bail, fault, nearest};

use crate::{Cell, Column, ColumnType};

/// The rows that one task of a parallel pass goes over.
pub(crate) const CHUNK: usize = 1 << 15;

/// A table of typed columns; cloning it copies no cells.
#[derive(Debug, Clone)]
pub struct Frame {
    rows: usize,
    names: Arc<Vec<String>>,
    columns: Arc<Vec<Column>>,
}

/// The names `C1`, `C2`, ... of columns that were given none.
pub fn default_names(cols: usize) -> Vec<String> {
    (1..=cols).map(|column| format!("C{column}")).collect()
}

impl Frame {
    /// From columns, named `C1`, `C2`, ...; `rows` is how many there are, even without columns.
    ///
    /// # Errors
    /// When a column has another length.
    pub fn new(rows: usize, columns: Vec<Column>) -> Outcome<Frame> {
        if let Some(at) = columns.iter().position(|column| column.len() != rows) {
            let cells = count(columns[at].len(), "cell");
            bail!(Shape, "column {} has {cells}, the frame has {}", at + 1, count(rows, "row"));
        }
        let names = Arc::new(default_names(columns.len()));
        Ok(Frame { rows, names, columns: Arc::new(columns) })
    }

    /// From columns of `rows` cells and as many names.
    pub(crate) fn from_parts(rows: usize, names: Vec<String>, columns: Vec<Column>) -> Frame {
        Frame { rows, names: Arc::new(names), columns: Arc::new(columns) }
    }

    /// One value in every cell.
    ///
    /// # Errors
    /// When a type of the schema cannot hold it.
    pub fn filled(cell: &Cell, rows: usize, schema: &[ColumnType]) -> Outcome<Frame> {
        let column = |(at, kind): (usize, &ColumnType)| match cell.clone().fit(*kind) {
            Some(fitting) => Ok(Column::from_cells(*kind, std::iter::repeat_n(fitting, rows))),
            None => bail!(Value, "{cell} does not fit column {}, which is {kind}", at + 1),
        };
        Frame::new(rows, schema.iter().enumerate().map(column).collect::<Outcome<_>>()?)
    }

    /// From all cells, row by row.
    ///
    /// # Errors
    /// When the type of its column cannot hold a cell, or the last row is incomplete.
    pub fn from_cells(cells: &[Cell], schema: &[ColumnType]) -> Outcome<Frame> {
        let cols = schema.len();
        if cols == 0 || !cells.len().is_multiple_of(cols) {
            bail!(Shape, "{} do not fill rows of {}", count(cells.len(), "cell"), count(cols, "column"));
        }
        let fitting = |(at, cell): (usize, &Cell)| {
            let kind = schema[at % cols];
            cell.clone().fit(kind).ok_or_else(|| {
                fault!(
                    Value,
                    "{cell} in row {} does not fit column {}, which is {kind}",
                    at / cols + 1,
                    at % cols + 1
                )
            })
        };
        let cells = cells.iter().enumerate().map(fitting).collect::<Outcome<Vec<_>>>()?;
        let column = |(j, kind): (usize, &ColumnType)| {
            Column::from_cells(*kind, cells.iter().skip(j).step_by(cols).cloned())
        };
        Frame::new(cells.len() / cols, schema.iter().enumerate().map(column).collect())
    }

    /// The same columns under other names.
    ///
    /// # Errors
    /// When there are not as many names as columns.
    pub fn named(self, names: Vec<String>) -> Outcome<Frame> {
        if names.len() != self.cols() {
            bail!(Shape, "{} for {}", count(names.len(), "name"), count(self.cols(), "column"));
        }
        Ok(Frame { names: Arc::new(names), ..self })
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn cols(&self) -> usize {
        self.columns.len()
    }

    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// True where the columns have names of their own, not just `C1`, `C2`, ...
    pub fn is_named(&self) -> bool {
        *self.names != default_names(self.cols())
    }

    /// The types of the columns.
    pub fn schema(&self) -> Vec<ColumnType> {
        self.columns.iter().map(Column::kind).collect()
    }

    /// All columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The 0-based position of a column.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn position(&self, name: &str) -> Outcome<usize> {
        self.names.iter().position(|own| own == name).ok_or_else(|| {
            let fault = fault!(Name, "the frame has no column \"{name}\"");
            match nearest(name, self.names.iter().map(String::as_str)) {
                Some(meant) => fault.hint(format!("did you mean \"{meant}\"?")),
                None => fault.hint(format!("its columns are {}", listed(&self.names))),
            }
        })
    }

    /// The cell at 0-based `(i, j)`.
    pub fn cell(&self, i: usize, j: usize) -> Cell {
        self.columns[j].cell(i)
    }

    /// The bytes it occupies in memory.
    pub fn bytes(&self) -> usize {
        self.columns.iter().map(Column::bytes).sum()
    }

    /// Consecutive rows, shared with this frame.
    pub fn slice_rows(&self, rows: Range<usize>) -> Frame {
        self.with_rows(rows.len(), |column| column.slice(rows.clone()))
    }

    /// The rows at 0-based positions, in their order.
    pub fn take_rows(&self, rows: &[usize]) -> Frame {
        self.with_rows(rows.len(), |column| column.take(rows))
    }

    /// The columns at 0-based positions, in their order, shared with this frame; columns without names of their own, or
    /// chosen more than once, are named anew.
    pub fn take_cols(&self, cols: &[usize]) -> Frame {
        let names = names_of(self, cols);
        let columns = Arc::new(cols.iter().map(|&j| self.columns[j].clone()).collect());
        Frame { rows: self.rows, names: Arc::new(names), columns }
    }

    /// The columns to change, copied only if they are shared.
    pub(crate) fn columns_mut(&mut self) -> &mut Vec<Column> {
        Arc::make_mut(&mut self.columns)
    }

    fn with_rows(&self, rows: usize, part: impl Fn(&Column) -> Column) -> Frame {
        let columns = Arc::new(self.columns.iter().map(part).collect());
        Frame { rows, names: Arc::clone(&self.names), columns }
    }
}

/// The names of some columns of a frame.
pub(crate) fn names_of(frame: &Frame, cols: &[usize]) -> Vec<String> {
    if *frame.names == default_names(frame.cols()) {
        return default_names(cols.len());
    }
    distinct(cols.iter().map(|&j| frame.names[j].clone()).collect())
}

/// The names, or `C1`, `C2`, ... when two of them are equal.
pub(crate) fn distinct(names: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    if names.iter().all(|name| seen.insert(name.as_str())) { names } else { default_names(names.len()) }
}

pub(crate) fn listed(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("\"{name}\"")).collect();
    let more = if names.len() > SHOWN { ", ..." } else { "" };
    format!("{}{more}", shown.join(", "))
}
