//! NumPy's `.npy` format: a header in the syntax of Python, then the cells, by rows or by columns.
//!
//! Layout: "A Simple File Format for NumPy Arrays", NEP 1, versions 1 to 3. Vectors are columns.

use std::io::{self, Read};

use tilewright_base::{Outcome, bail};
use tilewright_matrix::Dense;
use tilewright_value::Block;

use crate::format::Format;
use crate::npy_header::{Header, MAGIC, Type};
use crate::output::Draft;
use crate::pieces::Pieces;

/// The row of the table of formats.
pub static FORMAT: Format = Format {
    name: "npy",
    extensions: &["npy"],
    sniff: |_, head| head.starts_with(MAGIC),
    peek: |path, known| {
        let header = open(&Pieces::open(path)?)?.0;
        known.rows.get_or_insert(header.rows);
        known.cols.get_or_insert(header.cols);
        Ok(())
    },
    read_matrix: Some(|path, _, _| read_matrix(&Pieces::open(path)?).map(Block::Dense)),
    write_matrix: Some(|draft, block, _| write_matrix(draft, block)),
    read_frame: None,
    write_frame: None,
    describe: Some(|_| Vec::new()),
};
