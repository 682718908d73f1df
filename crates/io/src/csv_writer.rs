//! Writing comma-separated values.

use tilewright_base::Outcome;
use tilewright_value::Block;

use crate::number;
use crate::options::WriteOptions;
use crate::output::Draft;

/// Appends a matrix, one line per row.
///
/// # Errors
/// When the disk is full or fails.
pub fn write(draft: &mut Draft, block: &Block, separator: &str, options: &WriteOptions) -> Outcome<()> {
    if block.cols() == 0 {
        return Ok(());
    }
    if options.header {
        let names: Vec<String> = (1..=block.cols()).map(|column| format!("C{column}")).collect();
        draft.append(format!("{}\n", names.join(separator)).as_bytes())?;
    }
    // An empty line would not count as a row at the end of the file, so a single column keeps its zeros.
    let zeros = !options.sparse || block.cols() == 1;
    draft.append_rows(block.rows(), block.cols(), |row, text| {
        match block {
            Block::Dense(dense) => {
                push_row(text, separator, dense.row(row).iter().copied(), zeros);
            }
            Block::Sparse(csr) => {
                let (col, val) = csr.row(row);
                let mut stored = col.iter().zip(val).peekable();
                let cell =
                    |j: usize| stored.next_if(|(at, _)| **at as usize == j).map_or(0.0, |(_, value)| *value);
                push_row(text, separator, (0..csr.cols()).map(cell), zeros);
            }
        }
        text.push(b'\n');
    })
}

fn push_row(text: &mut Vec<u8>, separator: &str, cells: impl Iterator<Item = f64>, zeros: bool) {
    for (j, value) in cells.enumerate() {
        if j > 0 {
            text.extend_from_slice(separator.as_bytes());
        }
        if zeros || value != 0.0 {
            number::push(text, value);
        }
    }
}
