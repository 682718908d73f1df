//! Arrow arrays of any type as columns of frames, and as doubles.
//!
//! | type of the array | column |
//! |---|---|
//! | boolean, int32, int64, float, double, string (any offsets, views) | as it is |
//! | int8, int16, uint8, uint16 | `INT32` |
//! | uint32, uint64 (up to 2^63 - 1) | `INT64` |
//! | half float | `FP32` |
//! | decimal | `FP64`, the nearest double |
//! | date, time, timestamp | `STRING` as of ISO 8601; timestamps with a zone in UTC, with a `Z` |
//! | dictionary | as its values |
//! | null | `STRING`, all missing |

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::temporal_conversions::{as_date, as_datetime, as_time};
use arrow_array::types::{
    ArrowPrimitiveType, ArrowTemporalType, Date32Type, Date64Type, Decimal32Type, Decimal64Type,
    Decimal128Type, Decimal256Type, DecimalType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, Time32MillisecondType, Time32SecondType, Time64MicrosecondType,
    Time64NanosecondType, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, Float64Array, LargeStringArray, PrimitiveArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, TimeUnit};
use arrow_select::take::take;
use rayon::prelude::*;
use tilewright_base::{Outcome, bail, fault};
use tilewright_frame::Column;

/// An array as a column.
///
/// # Errors
/// Names the column and its type when frames have no such type, and the row of an integer that is too large.
pub fn column(name: &str, array: &ArrayRef) -> Outcome<Column> {
    Ok(match array.data_type() {
        DataType::Boolean => Column::Boolean(array.as_boolean().clone()),
        DataType::Int32 => Column::Int32(array.as_primitive().clone()),
        DataType::Int64 => Column::Int64(array.as_primitive().clone()),
        DataType::Float32 => Column::Fp32(array.as_primitive().clone()),
        DataType::Float64 => Column::Fp64(array.as_primitive().clone()),
        DataType::Int8 => Column::Int32(array.as_primitive::<Int8Type>().unary(i32::from)),
        DataType::Int16 => Column::Int32(array.as_primitive::<Int16Type>().unary(i32::from)),
        DataType::UInt8 => Column::Int32(array.as_primitive::<UInt8Type>().unary(i32::from)),
        DataType::UInt16 => Column::Int32(array.as_primitive::<UInt16Type>().unary(i32::from)),
        DataType::UInt32 => Column::Int64(array.as_primitive::<UInt32Type>().unary(i64::from)),
        DataType::UInt64 => Column::Int64(unsigned(name, array.as_primitive())?),
        DataType::Float16 => Column::Fp32(array.as_primitive::<Float16Type>().unary(|half| half.to_f32())),
        DataType::Decimal32(..) => decimals::<Decimal32Type>(array),
        DataType::Decimal64(..) => decimals::<Decimal64Type>(array),
        DataType::Decimal128(..) => decimals::<Decimal128Type>(array),
        DataType::Decimal256(..) => decimals::<Decimal256Type>(array),
        DataType::LargeUtf8 => Column::String(array.as_string::<i64>().clone()),
        DataType::Utf8 => large_texts(name, array)?,
        DataType::Utf8View => texts(array.as_string_view().iter()),
        DataType::Null => texts(std::iter::repeat_n(None::<&str>, array.len())),
        DataType::Dictionary(..) => return dictionary(name, array),
        _ => return temporal(name, array),
    })
}

fn texts<T: AsRef<str>>(texts: impl Iterator<Item = Option<T>>) -> Column {
    Column::String(texts.collect::<LargeStringArray>())
}

/// The same bytes behind offsets of 64 bits.
fn large_texts(name: &str, array: &ArrayRef) -> Outcome<Column> {
    let (offsets, bytes, nulls) = array.as_string::<i32>().clone().into_parts();
    let offsets: ScalarBuffer<i64> = offsets.iter().map(|offset| i64::from(*offset)).collect();
    let texts = LargeStringArray::try_new(OffsetBuffer::new(offsets), bytes, nulls);
    texts.map(Column::String).map_err(|error| fault!(File, "column \"{name}\" is malformed: {error}"))
}

fn unsigned(name: &str, array: &PrimitiveArray<UInt64Type>) -> Outcome<PrimitiveArray<Int64Type>> {
    let too_large = |value: &Option<u64>| value.is_some_and(|value| value > i64::MAX as u64);
    if let Some(row) = array.iter().position(|value| too_large(&value)) {
        let value = array.value(row);
        bail!(
            Value,
            "column \"{name}\" is of type UInt64, and its value {value} is beyond 64-bit integers with a sign"
        );
    }
    Ok(array.unary(|value| value as i64))
}

/// Through decimal text, so that each is the double nearest to it.
fn decimals<T: DecimalType>(array: &ArrayRef) -> Column {
    let array = array.as_primitive::<T>();
    let cell = |row: usize| {
        if array.is_valid(row) { array.value_as_string(row).parse().ok() } else { None }
    };
    Column::Fp64((0..array.len()).map(cell).collect::<Float64Array>())
}

fn dictionary(name: &str, array: &ArrayRef) -> Outcome<Column> {
    let dictionary = array.as_any_dictionary();
    let cells = take(&**dictionary.values(), dictionary.keys(), None)
        .map_err(|error| fault!(File, "column \"{name}\" is a malformed dictionary: {error}"))?;
    column(name, &cells)
}

fn temporal(name: &str, array: &ArrayRef) -> Outcome<Column> {
    let utc = |zone: &Option<_>| if zone.is_some() { "Z" } else { "" };
    Ok(match array.data_type() {
        DataType::Date32 => dates::<Date32Type>(array),
        DataType::Date64 => dates::<Date64Type>(array),
        DataType::Time32(TimeUnit::Second) => times::<Time32SecondType>(array),
        DataType::Time32(_) => times::<Time32MillisecondType>(array),
        DataType::Time64(TimeUnit::Microsecond) => times::<Time64MicrosecondType>(array),
        DataType::Time64(_) => times::<Time64NanosecondType>(array),
        DataType::Timestamp(TimeUnit::Second, zone) => moments::<TimestampSecondType>(array, utc(zone)),
        DataType::Timestamp(TimeUnit::Millisecond, zone) => {
            moments::<TimestampMillisecondType>(array, utc(zone))
        }
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            moments::<TimestampMicrosecondType>(array, utc(zone))
        }
        DataType::Timestamp(TimeUnit::Nanosecond, zone) => {
            moments::<TimestampNanosecondType>(array, utc(zone))
        }
        other => {
            bail!(Unsupported, "column \"{name}\" is of type {other}, which frames do not have"; hint: "write it as columns of numbers or texts")
        }
    })
}

/// The cells that `text` can write; a moment outside of the calendar is missing.
fn written<T: ArrowPrimitiveType>(array: &ArrayRef, text: impl Fn(i64) -> Option<String>) -> Column
where
    i64: From<T::Native>,
{
    texts(array.as_primitive::<T>().iter().map(|cell| text(i64::from(cell?))))
}

fn dates<T: ArrowTemporalType>(array: &ArrayRef) -> Column
where
    i64: From<T::Native>,
{
    written::<T>(array, |value| as_date::<T>(value).map(|date| date.to_string()))
}

fn times<T: ArrowTemporalType>(array: &ArrayRef) -> Column
where
    i64: From<T::Native>,
{
    written::<T>(array, |value| as_time::<T>(value).map(|time| time.to_string()))
}

fn moments<T: ArrowTemporalType>(array: &ArrayRef, zone: &str) -> Column
where
    i64: From<T::Native>,
{
    written::<T>(array, |value| as_datetime::<T>(value).map(|moment| format!("{moment:?}{zone}")))
}

/// The cells of a column of numbers as doubles, missing ones as NaN.
///
/// # Errors
/// Names a column of texts.
pub fn doubles<'a>(name: &str, column: &'a Column) -> Outcome<Cow<'a, [f64]>> {
    fn widened<'a, T: ArrowPrimitiveType>(
        cells: &PrimitiveArray<T>,
        double: impl Fn(T::Native) -> f64,
    ) -> Cow<'a, [f64]> {
        let mut values: Vec<f64> = cells.values().iter().map(|value| double(*value)).collect();
        if let Some(nulls) = cells.nulls() {
            values.iter_mut().zip(nulls).filter(|(_, valid)| !valid).for_each(|(value, _)| *value = f64::NAN);
        }
        Cow::Owned(values)
    }
    Ok(match column {
        Column::Fp64(cells) if cells.null_count() == 0 => Cow::Borrowed(cells.values()),
        Column::Fp64(cells) => widened::<Float64Type>(cells, |value| value),
        Column::Fp32(cells) => widened::<Float32Type>(cells, f64::from),
        Column::Int32(cells) => widened::<Int32Type>(cells, f64::from),
        Column::Int64(cells) => widened::<Int64Type>(cells, |value| value as f64),
        Column::Boolean(cells) => {
            Cow::Owned(cells.iter().map(|cell| cell.map_or(f64::NAN, |is| f64::from(u8::from(is)))).collect())
        }
        Column::String(_) => {
            bail!(Type, "column \"{name}\" holds texts, not numbers"; hint: "`data_type=\"frame\"` in `read` reads it as a frame")
        }
    })
}

/// Rows that are written at once, so that they stay in the cache while all columns come by.
const TILE: usize = 256;

/// Columns of doubles as the rows of a dense matrix.
pub fn interleave(columns: &[Cow<'_, [f64]>], cells: &mut [f64]) {
    let cols = columns.len();
    cells.par_chunks_mut(TILE * cols.max(1)).enumerate().for_each(|(at, tile)| {
        for (j, column) in columns.iter().enumerate() {
            let values = &column[at * TILE..];
            tile.iter_mut().skip(j).step_by(cols).zip(values).for_each(|(cell, value)| *cell = *value);
        }
    });
}
