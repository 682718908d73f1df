//! Parquet: frames, and matrices whose columns are numbers; read on all threads, by row groups and columns.

use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, new_empty_array};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, ArrowWriter, compute_leaves};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{ChunkReader, Length};
use rayon::prelude::*;
use tilewright_base::{Fault, Outcome, bail, fault};
use tilewright_frame::{Column, Frame};
use tilewright_matrix::Dense;
use tilewright_value::Block;

use crate::arrow_column;
use crate::arrow_file::check_numbers;
use crate::format::Format;
use crate::metadata::Metadata;
use crate::output::Draft;
use crate::pieces::Pieces;
use crate::record_batch::{self, names};
use crate::{guard, joined};

/// The row of the table of formats.
pub static FORMAT: Format = Format {
    name: "parquet",
    extensions: &["parquet", "pq"],
    is_text: false,
    sniff: |_, head| head.starts_with(b"PAR1"),
    peek,
    read_matrix: Some(|path, known, _| {
        let read = joined::named_matrix(path, |file| guard::malformed(file, || read_matrix(file)))?;
        // Without columns there is nothing that tells rows.
        Ok(match (read.block.cols(), known.rows) {
            (0, Some(rows)) => Dense::zeros(rows, 0).into(),
            _ => read,
        })
    }),
    write_matrix: Some(|draft, block, _| write_matrix(draft, block)),
    read_frame: Some(|path, known, _| {
        let frame = joined::frame(path, |file| guard::malformed(file, || read_frame(file)))?;
        match (frame.cols(), known.rows) {
            (0, Some(rows)) => Frame::new(rows, Vec::new()),
            _ => Ok(frame),
        }
    }),
    write_frame: Some(|draft, frame, _| write_frame(draft, frame)),
    read_arguments: &[],
    write_arguments: &[],
    describe: Some(|_| Vec::new()),
};

/// The rows of a row group that is written.
const GROUP_ROWS: usize = 1 << 18;

/// The chunks of columns that are decoded at once, at least, where there are as many.
const AT_ONCE: usize = 16;

/// The looks into a row group that read its columns, at most.
const LOOKS: usize = 64;

/// What a dictionary takes of memory before there is a value in it.
const DICTIONARY_BYTES: usize = 100 << 10;

/// The most columns whose dictionaries are made without a look at their memory.
const NARROW: usize = 1000;

/// How many times larger than the file a matrix may claim to be before it is believed.
const BELIEVED: u64 = 64;

/// A file that threads read at their own places.
#[derive(Clone)]
struct Chunks(Arc<Pieces>);

/// What of a file begins at a place.
struct Tail {
    file: Arc<Pieces>,
    at: u64,
}

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl ChunkReader for Chunks {
    type T = io::BufReader<Tail>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(io::BufReader::new(Tail { file: Arc::clone(&self.0), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let bytes = self.0.bytes(start, length as u64);
        bytes.map(Bytes::from).map_err(|fault| ParquetError::General(fault.message().to_string()))
    }
}

impl Read for Tail {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let len = bytes.len().min(self.file.len().saturating_sub(self.at) as usize);
        self.file.read_raw(self.at, &mut bytes[..len])?;
        self.at += len as u64;
        Ok(len)
    }
}

/// An open file and what its footer says.
struct Source {
    chunks: Chunks,
    metadata: ArrowReaderMetadata,
}

impl Source {
    fn open(path: &Path) -> Outcome<Source> {
        let chunks = Chunks(Arc::new(Pieces::open(path)?));
        let metadata = guard::malformed(path, || {
            let found = ArrowReaderMetadata::load(&chunks, ArrowReaderOptions::new());
            let found = found.map_err(|error| wrong(&chunks.0, error))?;
            let options = ArrowReaderOptions::new().with_schema(with_large_texts(found.schema()));
            // Types that cannot be read as asked for are converted later.
            Ok(ArrowReaderMetadata::try_new(Arc::clone(found.metadata()), options).unwrap_or(found))
        })?;
        let source = Source { chunks, metadata };
        source.check_compression()?;
        Ok(source)
    }

    /// Refuses files that only other programs decompress.
    fn check_compression(&self) -> Outcome<()> {
        let path = self.chunks.0.path.display();
        let columns = self.metadata.metadata().row_groups().iter().flat_map(RowGroupMetaData::columns);
        for column in columns {
            let name = match column.compression() {
                Compression::BROTLI(_) => "Brotli",
                Compression::LZO => "LZO",
                _ => continue,
            };
            bail!(Unsupported, "{path} is compressed by {name}, which is not read"; hint: "write it anew with zstd, Snappy, gzip or LZ4: `compression=\"zstd\"` in pyarrow and pandas");
        }
        Ok(())
    }

    fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    fn groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    fn group_rows(&self, group: usize) -> Outcome<usize> {
        let rows = self.metadata.metadata().row_group(group).num_rows();
        usize::try_from(rows).map_err(|_| self.chunks.0.fault("a row group has a negative number of rows"))
    }

    /// The number of rows in row groups.
    fn rows(&self, mut groups: Range<usize>) -> Outcome<usize> {
        let sum = groups.try_fold(0, |sum: usize, group| Ok(sum.saturating_add(self.group_rows(group)?)));
        sum.map_err(|fault: Fault| fault)
    }

    /// Whether the file may hold as many rows: what claims to hold much more than it has bytes for is decoded before
    /// memory is taken for it.
    fn believes(&self, rows: usize) -> bool {
        let cells = (rows as u64).saturating_mul(self.schema().fields().len() as u64);
        cells.saturating_mul(8) <= self.chunks.len().saturating_mul(BELIEVED)
    }

    /// The cells of neighbouring columns in row groups.
    fn some_columns(&self, groups: Range<usize>, columns: Range<usize>) -> Outcome<Vec<Column>> {
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), columns.clone());
        let (rows, file) = (self.rows(groups.clone())?, &self.chunks.0);
        let batch = if self.believes(rows) { rows } else { rows.min(GROUP_ROWS) };
        let reader =
            ParquetRecordBatchReaderBuilder::new_with_metadata(self.chunks.clone(), self.metadata.clone())
                .with_row_groups(groups.collect())
                .with_projection(mask)
                .with_batch_size(batch.max(1))
                .build()
                .map_err(|error| wrong(file, error))?;
        let mut parts: Vec<Vec<Column>> = vec![Vec::new(); columns.len()];
        for batch in reader {
            let batch = batch.map_err(|error| wrong(file, error.into()))?;
            for ((column, parts), array) in columns.clone().zip(&mut parts).zip(batch.columns()) {
                parts.push(self.typed(column, array)?);
            }
        }
        columns.zip(&parts).map(|(column, parts)| self.whole(column, parts, rows)).collect()
    }

    /// A column of its parts, which have all its cells.
    fn whole(&self, column: usize, parts: &[Column], rows: usize) -> Outcome<Column> {
        let field = self.schema().field(column);
        let found: usize = parts.iter().map(Column::len).sum();
        if found != rows {
            let name = field.name();
            return Err(self
                .chunks
                .0
                .fault(format!("column \"{name}\" has {found} cells, and {rows} rows are said")));
        }
        match parts.first().map(Column::kind) {
            Some(kind) => Ok(Column::concat(kind, parts)),
            None => self.typed(column, &new_empty_array(field.data_type())),
        }
    }

    fn typed(&self, column: usize, array: &ArrayRef) -> Outcome<Column> {
        let name = self.schema().field(column).name();
        arrow_column::column(name, array).map_err(|fault| fault.of(self.chunks.0.path.display()))
    }

    /// Columns of numbers as rows of cells.
    fn interleave(&self, columns: &[Column], cells: &mut [f64]) -> Outcome<()> {
        let names = self.schema().fields().iter().map(|field| field.name());
        let doubles = names.zip(columns).map(|(name, column)| arrow_column::doubles(name, column));
        arrow_column::interleave(&doubles.collect::<Outcome<Vec<_>>>()?, cells);
        Ok(())
    }

    /// The columns of runs of row groups, a list for each run.
    fn columns(&self, runs: &[Range<usize>]) -> Outcome<Vec<Vec<Column>>> {
        let cols = self.schema().fields().len();
        let path = &self.chunks.0.path;
        // Each look into the file costs time for all its columns.
        let width = cols.div_ceil(LOOKS).max(1);
        let starts = || (0..cols).step_by(width);
        let job = |run: &Range<usize>, start: usize| (run.clone(), start..cols.min(start + width));
        let jobs: Vec<_> = runs.iter().flat_map(|run| starts().map(move |start| job(run, start))).collect();
        let read = |(run, columns)| guard::malformed(path, || self.some_columns(run, columns));
        let columns: Vec<Outcome<Vec<Column>>> = jobs.into_par_iter().map(read).collect();
        let mut columns = columns.into_iter();
        let run = |_| {
            let parts = columns.by_ref().take(starts().len()).collect::<Outcome<Vec<_>>>()?;
            Ok(parts.into_iter().flatten().collect())
        };
        runs.iter().map(run).collect()
    }
}

/// A schema whose texts have offsets of 64 bits, as those of frames.
fn with_large_texts(schema: &Schema) -> SchemaRef {
    fn is_text(kind: &DataType) -> bool {
        match kind {
            DataType::Utf8 | DataType::Utf8View => true,
            DataType::Dictionary(_, values) => is_text(values) || **values == DataType::LargeUtf8,
            _ => false,
        }
    }
    let field = |field: &FieldRef| match is_text(field.data_type()) {
        true => Arc::new(field.as_ref().clone().with_data_type(DataType::LargeUtf8)),
        false => Arc::clone(field),
    };
    Arc::new(Schema::new_with_metadata(
        schema.fields().iter().map(field).collect::<Vec<_>>(),
        schema.metadata().clone(),
    ))
}

fn wrong(file: &Pieces, error: ParquetError) -> Fault {
    file.fault(format!("a malformed Parquet file: {error}"))
}

fn peek(path: &Path, known: &mut Metadata) -> Outcome<()> {
    let (rows, cols) = joined::size(path, |file| {
        let source = Source::open(file)?;
        let rows = source.rows(0..source.groups())?;
        Ok((rows, source.schema().fields().len()))
    })?;
    known.rows.get_or_insert(rows);
    known.cols.get_or_insert(cols);
    Ok(())
}

fn read_frame(path: &Path) -> Outcome<Frame> {
    let source = Source::open(path)?;
    let (groups, fields) = (source.groups(), source.schema().fields());
    let runs = (AT_ONCE / fields.len().max(1)).clamp(1, groups.max(1));
    let runs: Vec<Range<usize>> =
        (0..runs).map(|run| groups * run / runs..groups * (run + 1) / runs).collect();
    let parts = source.columns(&runs)?;
    let rows = source.rows(0..groups)?;
    let column = |j: usize| -> Outcome<Column> {
        let parts: Vec<Column> = parts.iter().map(|columns| columns[j].clone()).collect();
        Ok(Column::concat(parts[0].kind(), &parts))
    };
    let columns: Vec<Outcome<Column>> = (0..fields.len()).into_par_iter().map(column).collect();
    Frame::new(rows, columns.into_iter().collect::<Outcome<_>>()?)?.named(names(source.schema()))
}

fn read_matrix(path: &Path) -> Outcome<(Vec<String>, Dense)> {
    let source = Source::open(path)?;
    check_numbers(path, source.schema())?;
    let (groups, cols) = (source.groups(), source.schema().fields().len());
    let heights = (0..groups).map(|group| source.group_rows(group)).collect::<Outcome<Vec<_>>>()?;
    let single = |groups: Range<usize>| groups.map(|group| group..group + 1).collect::<Vec<_>>();
    let rows = source.rows(0..groups)?;
    let mut decoded = match source.believes(rows) {
        true => None,
        false => Some(source.columns(&single(0..groups))?.into_iter()),
    };
    let mut dense = Dense::unset(rows, cols);
    let mut rest = dense.cells_mut();
    let at_once = (AT_ONCE / cols.max(1)).max(1);
    for start in (0..groups).step_by(at_once) {
        let some = start..groups.min(start + at_once);
        let columns = match &mut decoded {
            Some(decoded) => decoded.by_ref().take(some.len()).collect(),
            None => source.columns(&single(some.clone()))?,
        };
        for (columns, rows) in columns.iter().zip(&heights[some]) {
            let (cells, after) = std::mem::take(&mut rest).split_at_mut(rows * cols);
            rest = after;
            source.interleave(columns, cells)?;
        }
    }
    Ok((names(source.schema()), dense))
}

fn cannot(error: ParquetError) -> Fault {
    match error {
        ParquetError::External(error) => fault!(File, "cannot write a Parquet file: {error}"),
        error => fault!(File, "cannot write a Parquet file: {error}"),
    }
}

fn write_matrix(draft: &mut Draft, block: &Block) -> Outcome<()> {
    let dense = block.dense();
    let schema = record_batch::of_dense(&dense, 0..0)?.schema();
    write(draft, schema, dense.rows(), |rows| record_batch::of_dense(&dense, rows))
}

fn write_frame(draft: &mut Draft, frame: &Frame) -> Outcome<()> {
    let schema = record_batch::of_frame(&frame.slice_rows(0..0))?.schema();
    write(draft, schema, frame.rows(), |rows| record_batch::of_frame(&frame.slice_rows(rows)))
}

/// Writes a row group after the other, each with its columns on all threads.
fn write(
    draft: &mut Draft,
    schema: SchemaRef,
    rows: usize,
    batch: impl Fn(Range<usize>) -> Outcome<RecordBatch>,
) -> Outcome<()> {
    let level = ZstdLevel::try_new(1).map_err(cannot)?;
    // Dictionaries of many short columns would take much more memory than their cells.
    let cells = rows.min(GROUP_ROWS).saturating_mul(size_of::<f64>());
    let has_dictionaries = schema.fields().len() <= NARROW || cells >= DICTIONARY_BYTES;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_dictionary_enabled(has_dictionaries)
        .build();
    let writer = ArrowWriter::try_new(draft, schema.clone(), Some(properties)).map_err(cannot)?;
    let (mut file, factory) = writer.into_serialized_writer().map_err(cannot)?;
    for (group, start) in (0..rows).step_by(GROUP_ROWS).enumerate() {
        let batch = batch(start..rows.min(start + GROUP_ROWS))?;
        let writers = factory.create_column_writers(group).map_err(cannot)?;
        let chunks: Vec<Result<ArrowColumnChunk, ParquetError>> = writers
            .into_par_iter()
            .enumerate()
            .map(|(j, writer)| encoded(writer, schema.field(j), batch.column(j)))
            .collect();
        let mut group = file.next_row_group().map_err(cannot)?;
        for chunk in chunks {
            chunk.and_then(|chunk| chunk.append_to_row_group(&mut group)).map_err(cannot)?;
        }
        group.close().map_err(cannot)?;
    }
    file.close().map(drop).map_err(cannot)
}

fn encoded(
    mut writer: ArrowColumnWriter,
    field: &Field,
    array: &ArrayRef,
) -> Result<ArrowColumnChunk, ParquetError> {
    compute_leaves(field, array)?.iter().try_for_each(|leaf| writer.write(leaf))?;
    writer.close()
}
