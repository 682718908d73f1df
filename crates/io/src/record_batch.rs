//! Frames and matrices as Arrow's batches of rows, and back.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, Field, Schema};
use rayon::prelude::*;
use tilewright_base::{Outcome, fault};
use tilewright_frame::frame::default_names;
use tilewright_frame::{Column, Frame};
use tilewright_matrix::Dense;

use crate::arrow_column;

fn malformed(error: ArrowError) -> tilewright_base::Fault {
    fault!(File, "a malformed batch of rows: {error}")
}

/// A frame as one batch; cells are shared.
///
/// # Errors
/// When Arrow refuses it.
pub fn of_frame(frame: &Frame) -> Outcome<RecordBatch> {
    batch(frame.rows(), frame.names(), frame.columns().iter().map(array).collect())
}

/// Rows of a matrix as one batch of columns named `C1`, `C2`, ...
///
/// # Errors
/// When Arrow refuses it.
pub fn of_dense(dense: &Dense, rows: std::ops::Range<usize>) -> Outcome<RecordBatch> {
    let cols = dense.cols();
    let column = |j: usize| -> ArrayRef {
        Arc::new(Float64Array::from_iter_values(rows.clone().map(|i| dense.get(i, j))))
    };
    batch(rows.len(), &default_names(cols), (0..cols).into_par_iter().map(column).collect())
}

fn batch(rows: usize, names: &[String], arrays: Vec<ArrayRef>) -> Outcome<RecordBatch> {
    let field = |(name, array): (&String, &ArrayRef)| Field::new(name, array.data_type().clone(), true);
    let schema = Schema::new(names.iter().zip(&arrays).map(field).collect::<Vec<_>>());
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::new(schema), arrays, &options).map_err(malformed)
}

fn array(column: &Column) -> ArrayRef {
    match column {
        Column::Boolean(cells) => Arc::new(cells.clone()),
        Column::Int32(cells) => Arc::new(cells.clone()),
        Column::Int64(cells) => Arc::new(cells.clone()),
        Column::Fp32(cells) => Arc::new(cells.clone()),
        Column::Fp64(cells) => Arc::new(cells.clone()),
        Column::String(cells) => Arc::new(cells.clone()),
    }
}

/// Batches of one schema, one after the other, as a frame.
///
/// # Errors
/// Names a column whose type frames do not have.
pub fn to_frame(schema: &Schema, batches: &[RecordBatch]) -> Outcome<Frame> {
    let rows = batches.iter().map(RecordBatch::num_rows).sum();
    let columns = columns(schema, batches)?;
    Frame::new(rows, columns)?.named(names(schema))
}

/// What a schema calls its columns.
pub fn names(schema: &Schema) -> Vec<String> {
    schema.fields().iter().map(|field| field.name().clone()).collect()
}

fn columns(schema: &Schema, batches: &[RecordBatch]) -> Outcome<Vec<Column>> {
    let column = |(j, field): (usize, &Arc<Field>)| -> Outcome<Column> {
        if batches.is_empty() {
            return arrow_column::column(field.name(), &arrow_array::new_empty_array(field.data_type()));
        }
        let part = |batch: &RecordBatch| arrow_column::column(field.name(), batch.column(j));
        let parts = batches.iter().map(part).collect::<Outcome<Vec<_>>>()?;
        Ok(Column::concat(parts[0].kind(), &parts))
    };
    let columns: Vec<Outcome<Column>> = schema.fields().par_iter().enumerate().map(column).collect();
    columns.into_iter().collect()
}

/// A batch of numbers as rows of a dense matrix.
///
/// # Errors
/// Names a column that holds no numbers.
pub fn to_cells(batch: &RecordBatch, cells: &mut [f64]) -> Outcome<()> {
    let schema = batch.schema();
    let names = || schema.fields().iter().map(|field| field.name());
    let columns = names().zip(batch.columns()).map(|(name, array)| arrow_column::column(name, array));
    let columns = columns.collect::<Outcome<Vec<_>>>()?;
    let doubles = names().zip(&columns).map(|(name, column)| arrow_column::doubles(name, column));
    arrow_column::interleave(&doubles.collect::<Outcome<Vec<_>>>()?, cells);
    Ok(())
}
