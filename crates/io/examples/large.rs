//! Ten million rows with two cells each go to a file of each format and come back, bit for bit; how long it took, and
//! the memory beyond the matrix while reading: `cargo run --release -p tilewright-io --example large [NAME...]`.

use std::fs;
use std::path::Path;
use std::time::Instant;

use tilewright_base::{Outcome, fault};
use tilewright_io::{ReadOptions, WriteOptions, read_matrix, write_matrix};
use tilewright_matrix::{Csr, Dense};
use tilewright_value::Block;

const ROWS: usize = 10_000_000;

/// The columns of the sparse matrix.
const WIDE: usize = 1000;

const NAMES: [&str; 8] = ["x.csv", "x.csv.gz", "x.tw", "x.npy", "x.npz", "x.h5", "x.parquet", "x.arrow"];

/// Formats that name the columns of cells get them from a wide matrix.
const SPARSE: [&str; 4] = ["x.ijv", "x.mtx", "x.libsvm", "x.libsvm.zst"];

fn main() -> Outcome<()> {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let folder = std::env::temp_dir().join(format!("tilewright-large-{}", std::process::id()));
    println!(
        "{:12} {:>9} {:>9} {:>9} {:>12} {:>12}",
        "file", "size", "write", "read", "matrix", "more memory"
    );
    let outcome = NAMES
        .iter()
        .chain(&SPARSE)
        .filter(|name| asked.is_empty() || asked.iter().any(|asked| asked == *name))
        .try_for_each(|name| round_trip(&folder.join(name)));
    // The folder is among the temporary ones, so it does not stay for ever in any case.
    let _ = fs::remove_dir_all(folder);
    outcome
}

/// About 10 digits, as measured values have, and some that take 17.
fn cell(i: usize, j: usize) -> f64 {
    let number = (i * 2 + j) as f64;
    if i.is_multiple_of(16) { number.sqrt() } else { number * 0.0625 - 1000.0 }
}

/// The column of the first cell of a row; the second is in the last one.
fn column(i: usize) -> usize {
    i * 7919 % (WIDE - 1)
}

fn matrix(is_sparse: bool) -> Block {
    if !is_sparse {
        return Block::Dense(Dense::from_fn(ROWS, 2, cell));
    }
    let col = (0..ROWS).flat_map(|i| [column(i) as u32, WIDE as u32 - 1]).collect();
    // No cell of a sparse matrix is a zero.
    let val = (0..ROWS).flat_map(|i| [cell(i, 0) - 0.01, cell(i, 1) - 0.01]).collect();
    Block::Sparse(Csr::from_parts(ROWS, WIDE, (0..=ROWS).map(|i| 2 * i).collect(), col, val))
}

/// The first row that is not as it was written.
fn wrong_row(block: &Block) -> Option<usize> {
    (0..ROWS).find(|&i| match block {
        Block::Dense(dense) => [0, 1].iter().any(|&j| dense.get(i, j).to_bits() != cell(i, j).to_bits()),
        Block::Sparse(csr) => {
            let (col, val) = csr.row(i);
            let bits = |j: usize| (cell(i, j) - 0.01).to_bits();
            let is_same = |j: usize| val[j].to_bits() == bits(j);
            col != [column(i) as u32, WIDE as u32 - 1] || !(is_same(0) && is_same(1))
        }
    })
}

fn round_trip(path: &Path) -> Outcome<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_sparse = SPARSE.contains(&&*name);
    let started = Instant::now();
    write_matrix(path, &matrix(is_sparse), &WriteOptions::default())?;
    let written = started.elapsed().as_secs_f64();
    let size = fs::metadata(path).map_or(0, |file| file.len());
    let before = resident("VmRSS:");
    // Linux forgets the peak so far; elsewhere nothing is known of it.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let started = Instant::now();
    let sizes = ReadOptions {
        rows: Some(ROWS),
        cols: Some(if is_sparse { WIDE } else { 2 }),
        ..ReadOptions::default()
    };
    let block = read_matrix(path, &sizes)?.block;
    let read = started.elapsed().as_secs_f64();
    let more = (resident("VmHWM:") - before).max(0.0);
    if let Some(i) = wrong_row(&block) {
        return Err(fault!(File, "{}: row {} is another one", path.display(), i + 1));
    }
    let matrix = match &block {
        Block::Dense(dense) => size_of_val(dense.cells()),
        Block::Sparse(csr) => size_of_val(csr.row_ptr()) + size_of_val(csr.col()) + size_of_val(csr.val()),
    } as f64
        / MEGA;
    println!(
        "{name:12} {:6.0} MB {written:7.2} s {read:7.2} s {matrix:9.0} MB {:9.0} MB",
        size as f64 / MEGA,
        more - matrix
    );
    fs::remove_file(path).map_err(|error| fault!(File, "cannot delete {}: {error}", path.display()))
}

const MEGA: f64 = 1e6;

/// A line of what Linux says about the memory of this process, in megabytes.
fn resident(line: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kibibytes =
        status.lines().find_map(|text| text.strip_prefix(line)?.split_whitespace().next()?.parse().ok());
    kibibytes.unwrap_or(0.0) * 1024.0 / MEGA
}
