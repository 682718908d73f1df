//! More rows for a file: its panels stay where they are, the new ones and a new directory follow, and the head, written
//! last, makes them part of the file. Until then the file holds what it held.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use tilewright_base::number::count;
use tilewright_base::{Outcome, bail};
use tilewright_frame::Frame;

use super::Contents;
use super::directory::{self, FrameNode, Node};
use super::encode::{self, Sink};
use super::head::Head;
use crate::by_name::{self, Names};
use crate::output::cannot_write;
use crate::pieces::Pieces;

/// Appends the rows of a matrix or frame to the matrix or frame in a file; gives the new number of rows.
///
/// # Errors
/// When the file holds something else or columns of other types, or cannot be written; it then holds what it held.
pub fn append(path: &Path, more: &Contents<'_>, compress: bool) -> Outcome<usize> {
    let file = Pieces::open(path)?;
    let (head, bytes) = Head::read(&file)?;
    let mut node = directory::parse(&file, &bytes)?;
    let ordered;
    let more = match (&node, more) {
        (Node::Frame(there), Contents::Frame(frame)) => {
            ordered = as_there(path, there, frame)?;
            Contents::Frame(&ordered)
        }
        _ => *more,
    };
    check_columns(path, &node, &more)?;
    let cannot = |error: io::Error| cannot_write(path, &error);
    let end = head.offset + head.len;
    let mut out = File::options().read(true).write(true).open(path).map_err(cannot)?;
    let appended = (|| {
        // What an interrupted writer left behind the end goes.
        out.set_len(end).map_err(cannot)?;
        out.seek(SeekFrom::Start(end)).map_err(cannot)?;
        let mut write = |bytes: &[u8]| out.write_all(bytes).map_err(cannot);
        let mut sink = Sink { append: &mut write, at: end, compress };
        let rows = add_panels(&mut sink, &mut node, &more)?;
        let directory = directory::encode(&node)?;
        let (offset, len) = (sink.at, directory.len() as u64);
        sink.push(&directory)?;
        out.sync_data().map_err(cannot)?;
        Ok((rows, Head { offset, len, crc: crc32fast::hash(&directory) }))
    })();
    let (rows, head) = match appended {
        Ok(appended) => appended,
        Err(fault) => {
            // The error that stopped the append is the one to tell.
            let _ = out.set_len(end);
            return Err(fault);
        }
    };
    out.seek(SeekFrom::Start(0)).map_err(cannot)?;
    out.write_all(&head.encode()).map_err(cannot)?;
    Ok(rows)
}

/// A frame with its columns in the order of those in a file.
fn as_there(path: &Path, there: &FrameNode, frame: &Frame) -> Outcome<Frame> {
    if there.fields.len() != frame.cols() {
        let (name, own) = (path.display(), count(there.fields.len(), "column"));
        bail!(Shape, "{name} holds a frame of {own}, and the rows to append have {}", frame.cols());
    }
    let names: Vec<String> = there.fields.iter().map(|(name, _)| name.clone()).collect();
    by_name::ordered(Path::new("the frame to append"), frame.clone(), &Names { path, names: &names })
}

fn check_columns(path: &Path, node: &Node, more: &Contents<'_>) -> Outcome<()> {
    let name = path.display();
    match (node, more) {
        (Node::Matrix(there), Contents::Matrix(block, _)) if there.cols != block.cols() => {
            let (own, other) = (count(there.cols, "column"), count(block.cols(), "column"));
            bail!(Shape, "{name} holds a matrix of {own}, and the rows to append have {other}")
        }
        (Node::Frame(there), Contents::Frame(frame)) => {
            let types = there.fields.iter().zip(frame.schema());
            if let Some(((column, there), own)) = types.into_iter().find(|((_, there), own)| there != own) {
                bail!(Type, "column \"{column}\" of the frame in {name} is {there}, and that of the rows to append is {own}"; hint: "`applySchema` changes the types of columns");
            }
            Ok(())
        }
        (Node::Matrix(_), Contents::Matrix(..)) => Ok(()),
        _ => bail!(
            Type,
            "rows are appended to a matrix or a frame by one of its kind; {name} holds something else"
        ),
    }
}

fn add_panels(sink: &mut Sink<'_>, node: &mut Node, more: &Contents<'_>) -> Outcome<usize> {
    match (node, more) {
        (Node::Matrix(there), Contents::Matrix(block, logical)) => {
            there.panels.extend(encode::matrix(sink, block)?);
            there.rows += block.rows();
            there.logical &= logical;
            Ok(there.rows)
        }
        (Node::Frame(there), Contents::Frame(frame)) => {
            there.panels.extend(encode::frame(sink, frame)?);
            there.rows += frame.rows();
            Ok(there.rows)
        }
        _ => Ok(0),
    }
}
