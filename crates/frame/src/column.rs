//! The cells of a column, in an Arrow array of its type.

use std::ops::Range;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Float32Array, Float64Array, Int32Array, Int64Array, LargeStringArray,
    UInt64Array,
};
use arrow_select::concat::concat;
use arrow_select::take::take;
use tilewright_base::{Outcome, fault};

use crate::cell::{self, Cell};
use crate::column_type::ColumnType;

/// The cells of a column; cloning it copies none.
#[derive(Debug, Clone)]
pub enum Column {
    /// Truth values.
    Boolean(BooleanArray),
    /// Integers of 32 bits.
    Int32(Int32Array),
    /// Integers of 64 bits.
    Int64(Int64Array),
    /// Floating point of 32 bits.
    Fp32(Float32Array),
    /// Floating point of 64 bits.
    Fp64(Float64Array),
    /// Texts, with offsets of 64 bits.
    String(LargeStringArray),
}

/// The same expression over the array of any type.
macro_rules! each {
    ($column:expr, $cells:ident => $body:expr) => {
        match $column {
            Column::Boolean($cells) => $body,
            Column::Int32($cells) => $body,
            Column::Int64($cells) => $body,
            Column::Fp32($cells) => $body,
            Column::Fp64($cells) => $body,
            Column::String($cells) => $body,
        }
    };
}

impl Column {
    /// From cells; each must have the form that [`Cell::fit`] gives it for the type.
    pub fn from_cells(kind: ColumnType, cells: impl Iterator<Item = Cell>) -> Column {
        let number = |cell: Cell| if cell == Cell::Missing { None } else { cell.number() };
        let integer = |cell: Cell| match cell {
            Cell::Integer(value) => Some(value),
            _ => None,
        };
        match kind {
            ColumnType::Boolean => Column::Boolean(
                cells.map(|cell| if let Cell::Boolean(value) = cell { Some(value) } else { None }).collect(),
            ),
            ColumnType::Int32 => {
                Column::Int32(cells.map(|cell| integer(cell).map(|value| value as i32)).collect())
            }
            ColumnType::Int64 => Column::Int64(cells.map(integer).collect()),
            ColumnType::Fp32 => {
                Column::Fp32(cells.map(|cell| number(cell).map(|value| value as f32)).collect())
            }
            ColumnType::Fp64 => Column::Fp64(cells.map(number).collect()),
            ColumnType::String => Column::String(cells.map(|cell| cell.text()).collect()),
        }
    }

    /// From texts, `None` where one is missing.
    pub fn from_texts<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Column {
        Column::String(texts.collect())
    }

    /// Its type.
    pub fn kind(&self) -> ColumnType {
        match self {
            Column::Boolean(_) => ColumnType::Boolean,
            Column::Int32(_) => ColumnType::Int32,
            Column::Int64(_) => ColumnType::Int64,
            Column::Fp32(_) => ColumnType::Fp32,
            Column::Fp64(_) => ColumnType::Fp64,
            Column::String(_) => ColumnType::String,
        }
    }

    /// The number of cells.
    pub fn len(&self) -> usize {
        each!(self, cells => cells.len())
    }

    /// True without cells.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes it occupies in memory.
    pub fn bytes(&self) -> usize {
        each!(self, cells => cells.get_array_memory_size())
    }

    /// True when the cell at a 0-based position has no value.
    pub fn is_missing(&self, at: usize) -> bool {
        each!(self, cells => cells.is_null(at))
    }

    /// True when the cell at a 0-based position is missing, NaN or an empty text: it counts as no value where values are
    /// encoded, replaced or cut into tokens.
    pub fn lacks_value(&self, at: usize) -> bool {
        match self {
            Column::Fp32(cells) => cells.is_null(at) || cells.value(at).is_nan(),
            Column::Fp64(cells) => cells.is_null(at) || cells.value(at).is_nan(),
            Column::String(cells) => cells.is_null(at) || cells.value(at).is_empty(),
            other => other.is_missing(at),
        }
    }

    /// The cell at a 0-based position.
    pub fn cell(&self, at: usize) -> Cell {
        if self.is_missing(at) {
            return Cell::Missing;
        }
        match self {
            Column::Boolean(cells) => Cell::Boolean(cells.value(at)),
            Column::Int32(cells) => Cell::Integer(cells.value(at).into()),
            Column::Int64(cells) => Cell::Integer(cells.value(at)),
            Column::Fp32(cells) => Cell::Double(cell::decimal(cells.value(at))),
            Column::Fp64(cells) => Cell::Double(cells.value(at)),
            Column::String(cells) => Cell::Text(cells.value(at).into()),
        }
    }

    /// The text at a 0-based position, without a copy; `None` for missing cells and other types.
    pub fn str(&self, at: usize) -> Option<&str> {
        match self {
            Column::String(cells) if cells.is_valid(at) => Some(cells.value(at)),
            _ => None,
        }
    }

    /// The cell at a 0-based position as it would be in a column of a type, see [`Cell::fit`].
    pub fn fitted(&self, at: usize, kind: ColumnType) -> Option<Cell> {
        match self.str(at) {
            Some(text) => cell::fit_text(text, kind),
            None => self.cell(at).fit(kind),
        }
    }

    /// All cells.
    pub fn cells(&self) -> impl Iterator<Item = Cell> + '_ {
        (0..self.len()).map(|at| self.cell(at))
    }

    /// Consecutive cells, shared with this column.
    pub fn slice(&self, at: Range<usize>) -> Column {
        Column::from_array(self.kind(), &self.array().slice(at.start, at.len()))
    }

    /// The cells at 0-based positions, in their order.
    pub fn take(&self, positions: &[usize]) -> Column {
        let positions: UInt64Array = positions.iter().map(|&at| at as u64).collect::<Vec<_>>().into();
        let taken = take(&*self.array(), &positions, None).expect("invariant: positions are inside");
        Column::from_array(self.kind(), &taken)
    }

    /// The cells of columns of one type, one after the other.
    pub fn concat(kind: ColumnType, parts: &[Column]) -> Column {
        match parts {
            [] => Column::from_cells(kind, std::iter::empty()),
            [only] => only.clone(),
            _ => {
                let arrays: Vec<ArrayRef> = parts.iter().map(Column::array).collect();
                let arrays: Vec<&dyn Array> = arrays.iter().map(|array| &**array).collect();
                Column::from_array(kind, &concat(&arrays).expect("invariant: parts have one type"))
            }
        }
    }

    /// The same cells in another type.
    ///
    /// # Errors
    /// Names the first cell that the type cannot hold.
    pub fn cast(&self, kind: ColumnType) -> Outcome<Column> {
        if self.kind() == kind {
            return Ok(self.clone());
        }
        let fit = |(at, cell): (usize, Cell)| {
            let shown = cell.to_string();
            cell.fit(kind).ok_or_else(|| fault!(Value, "row {} is {shown}, which is no {kind}", at + 1))
        };
        let cells = self.cells().enumerate().map(fit).collect::<Outcome<Vec<_>>>()?;
        Ok(Column::from_cells(kind, cells.into_iter()))
    }

    fn array(&self) -> ArrayRef {
        each!(self, cells => std::sync::Arc::new(cells.clone()))
    }

    fn from_array(kind: ColumnType, array: &ArrayRef) -> Column {
        fn typed<A: Clone + 'static>(array: &ArrayRef) -> A {
            array
                .as_any()
                .downcast_ref::<A>()
                .expect("invariant: a kernel keeps the type of its input")
                .clone()
        }
        match kind {
            ColumnType::Boolean => Column::Boolean(typed(array)),
            ColumnType::Int32 => Column::Int32(typed(array)),
            ColumnType::Int64 => Column::Int64(typed(array)),
            ColumnType::Fp32 => Column::Fp32(typed(array)),
            ColumnType::Fp64 => Column::Fp64(typed(array)),
            ColumnType::String => Column::String(typed(array)),
        }
    }
}
