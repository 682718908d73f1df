//! Arrow's interprocess format: files (also called Feather, version 2) and streams, plain or compressed by LZ4 or zstd.
//!
//! Files are read batch by batch on all threads. Places and lengths of batches are checked before they are read.

use std::io::{Cursor, Write};
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::{FileDecoder, StreamReader, read_footer_length};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_ipc::{Block as Place, root_as_footer};
use arrow_schema::{ArrowError, Schema, SchemaRef};
use rayon::prelude::*;
use tilewright_base::{Fault, Outcome, bail, fault};
use tilewright_frame::Frame;
use tilewright_matrix::Dense;
use tilewright_value::Block;

use crate::format::{Format, extension};
use crate::output::Draft;
use crate::pieces::Pieces;
use crate::{arrow_message, guard, joined, record_batch};

/// The row of the table of formats.
pub static FORMAT: Format = Format {
    name: "arrow",
    extensions: &["arrow", "arrows", "feather", "ipc"],
    is_text: false,
    sniff: |_, head| head.starts_with(MAGIC),
    peek: |_, _| Ok(()),
    read_matrix: Some(|path, _, _| joined::named_matrix(path, read_matrix)),
    write_matrix: Some(|draft, block, _| write_matrix(draft, block)),
    read_frame: Some(|path, _, _| joined::frame(path, read_frame)),
    write_frame: Some(|draft, frame, _| write_frame(draft, frame)),
    read_arguments: &[],
    write_arguments: &[],
    describe: Some(|_| Vec::new()),
};

/// How files begin and end; streams begin otherwise.
const MAGIC: &[u8] = b"ARROW1";

/// The bytes at the end of a file that tell where its footer stands.
const TRAILER: u64 = 10;

/// The rows of a batch that is written.
const BATCH_ROWS: usize = 1 << 16;

fn read(path: &Path) -> Outcome<(SchemaRef, Vec<RecordBatch>)> {
    let file = Pieces::open(path)?;
    guard::malformed(path, || {
        let head = file.bytes(0, file.len().min(MAGIC.len() as u64))?;
        match &head[..] {
            MAGIC => read_file(&file),
            [b'F', b'E', b'A', b'1', ..] => {
                bail!(Unsupported, "{} is of version 1 of Feather", path.display(); hint: "write it anew, in version 2")
            }
            _ => read_stream(&file),
        }
    })
}

fn read_stream(file: &Pieces) -> Outcome<(SchemaRef, Vec<RecordBatch>)> {
    let wrong = |error: ArrowError| file.fault(format!("not an Arrow file: {error}"));
    let bytes = file.bytes(0, file.len())?;
    check_stream(&bytes).map_err(|message| file.fault(message))?;
    let reader = StreamReader::try_new(Cursor::new(bytes), None).map_err(wrong)?;
    let schema = reader.schema();
    Ok((schema, reader.collect::<Result<_, _>>().map_err(wrong)?))
}

/// Checks all messages of a stream.
fn check_stream(mut bytes: &[u8]) -> Result<(), String> {
    while let Some((message, start)) = arrow_message::parse(bytes)? {
        let len = usize::try_from(message.bodyLength()).map_err(|_| "a message has a negative length")?;
        let body = bytes[start..].get(..len).ok_or("a message is truncated")?;
        arrow_message::check(&message, body)?;
        bytes = &bytes[start + len..];
    }
    Ok(())
}

fn read_file(file: &Pieces) -> Outcome<(SchemaRef, Vec<RecordBatch>)> {
    let wrong = |error: ArrowError| file.fault(format!("a malformed Arrow file: {error}"));
    let end = file.len().checked_sub(TRAILER).ok_or_else(|| file.fault("the Arrow file is truncated"))?;
    let trailer = file.bytes(end, TRAILER)?;
    let trailer = trailer.try_into().map_err(|_| file.fault("the Arrow file is truncated"))?;
    let len = read_footer_length(trailer)
        .map_err(|_| file.fault("the Arrow file is truncated: it does not end as one"))? as u64;
    let start =
        end.checked_sub(len).ok_or_else(|| file.fault("the footer of the Arrow file is malformed"))?;
    let footer = file.bytes(start, len)?;
    let footer = root_as_footer(&footer)
        .map_err(|error| file.fault(format!("the footer of the Arrow file is malformed: {error}")))?;
    let schema = footer.schema().ok_or_else(|| file.fault("the Arrow file has no schema"))?;
    let schema = SchemaRef::new(try_fb_to_schema(schema).map_err(wrong)?);
    let mut decoder = FileDecoder::new(schema.clone(), footer.version());
    for place in footer.dictionaries().iter().flatten() {
        decoder.read_dictionary(place, &bytes(file, place)?).map_err(wrong)?;
    }
    let places: Vec<&Place> = footer.recordBatches().iter().flatten().collect();
    let batch = |place: &&Place| decoder.read_record_batch(place, &bytes(file, place)?).map_err(wrong);
    let batches: Vec<Outcome<Option<RecordBatch>>> = places.par_iter().map(batch).collect();
    let batches = batches.into_iter().collect::<Outcome<Vec<_>>>()?;
    Ok((schema, batches.into_iter().flatten().collect()))
}

/// The bytes of a batch, when they are inside of the file.
fn bytes(file: &Pieces, place: &Place) -> Outcome<Buffer> {
    let sizes = [place.offset(), i64::from(place.metaDataLength()), place.bodyLength()];
    let [Ok(offset), Ok(head), Ok(body)] = sizes.map(u64::try_from) else {
        return Err(file.fault("a batch of the Arrow file has a negative length"));
    };
    let len = head.checked_add(body).ok_or_else(|| file.fault("a batch of the Arrow file is too long"))?;
    let bytes = file.bytes(offset, len)?;
    let message = arrow_message::parse(&bytes).map_err(|message| file.fault(message))?;
    let (message, _) = message.ok_or_else(|| file.fault("a batch of the Arrow file is empty"))?;
    arrow_message::check(&message, &bytes[head as usize..]).map_err(|message| file.fault(message))?;
    Ok(Buffer::from_vec(bytes))
}

fn read_frame(path: &Path) -> Outcome<Frame> {
    let (schema, batches) = read(path)?;
    record_batch::to_frame(&schema, &batches).map_err(|fault| fault.of(path.display()))
}

fn read_matrix(path: &Path) -> Outcome<(Vec<String>, Dense)> {
    let (schema, batches) = read(path)?;
    let (rows, cols) = (batches.iter().map(RecordBatch::num_rows).sum(), schema.fields().len());
    check_numbers(path, &schema)?;
    let mut dense = Dense::unset(rows, cols);
    let mut rest = dense.cells_mut();
    for batch in &batches {
        let (cells, after) = std::mem::take(&mut rest).split_at_mut(batch.num_rows() * cols);
        rest = after;
        record_batch::to_cells(batch, cells).map_err(|fault| fault.of(path.display()))?;
    }
    Ok((record_batch::names(&schema), dense))
}

/// No column of texts is read as a matrix, even without rows.
///
/// # Errors
/// Names the first such column.
pub fn check_numbers(path: &Path, schema: &Schema) -> Outcome<()> {
    let empty = RecordBatch::new_empty(SchemaRef::new(schema.clone()));
    record_batch::to_cells(&empty, &mut []).map_err(|fault| fault.of(path.display()))
}

fn cannot(error: ArrowError) -> Fault {
    fault!(File, "cannot write an Arrow file: {error}")
}

fn write_matrix(draft: &mut Draft, block: &Block) -> Outcome<()> {
    let dense = block.dense();
    let starts = (0..dense.rows().max(1)).step_by(BATCH_ROWS);
    write(
        draft,
        starts.map(|start| record_batch::of_dense(&dense, start..dense.rows().min(start + BATCH_ROWS))),
    )
}

fn write_frame(draft: &mut Draft, frame: &Frame) -> Outcome<()> {
    let starts = (0..frame.rows().max(1)).step_by(BATCH_ROWS);
    let batch =
        |start: usize| record_batch::of_frame(&frame.slice_rows(start..frame.rows().min(start + BATCH_ROWS)));
    write(draft, starts.map(batch))
}

/// Writes batches, of which there is one at least: as a stream where the name promises one, else as a file.
fn write(draft: &mut Draft, mut batches: impl Iterator<Item = Outcome<RecordBatch>>) -> Outcome<()> {
    let Some(first) = batches.next().transpose()? else { return Ok(()) };
    if extension(draft.path()) == "arrows" {
        let mut writer = StreamWriter::try_new(draft, &first.schema()).map_err(cannot)?;
        for batch in std::iter::once(Ok(first)).chain(batches) {
            writer.write(&batch?).map_err(cannot)?;
        }
        return writer.finish().map_err(cannot);
    }
    let mut writer = FileWriter::try_new(draft, &first.schema()).map_err(cannot)?;
    writer.write(&first).map_err(cannot)?;
    for batch in batches {
        writer.write(&batch?).map_err(cannot)?;
    }
    writer.finish().map_err(cannot)?;
    writer.get_mut().flush().map_err(|error| fault!(File, "cannot write an Arrow file: {error}"))
}
