//! Ten million rows and two columns go to a file of each format and come back, bit for bit; how long it took, and the
//! memory beyond the matrix while reading: `cargo run --release -p tilewright-io --example large [NAME...]`.

use std::fs;
use std::path::Path;
use std::time::Instant;

use tilewright_base::{Outcome, fault};
use tilewright_io::{ReadOptions, WriteOptions, read_matrix, write_matrix};
use tilewright_matrix::Dense;
use tilewright_value::Block;

const ROWS: usize = 10_000_000;

const NAMES: [&str; 7] = ["x.csv", "x.tw", "x.npy", "x.npz", "x.h5", "x.parquet", "x.arrow"];

fn main() -> Outcome<()> {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let folder = std::env::temp_dir().join(format!("tilewright-large-{}", std::process::id()));
    println!(
        "{:10} {:>9} {:>9} {:>9} {:>12} {:>12}",
        "file", "size", "write", "read", "matrix", "more memory"
    );
    let outcome = NAMES
        .iter()
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

fn round_trip(path: &Path) -> Outcome<()> {
    let started = Instant::now();
    {
        let block = Block::Dense(Dense::from_fn(ROWS, 2, cell));
        write_matrix(path, &block, &WriteOptions::default())?;
    }
    let written = started.elapsed().as_secs_f64();
    let size = fs::metadata(path).map_or(0, |file| file.len());
    let before = resident("VmRSS:");
    // Linux forgets the peak so far; elsewhere nothing is known of it.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let started = Instant::now();
    let block = read_matrix(path, &ReadOptions::default())?.block;
    let read = started.elapsed().as_secs_f64();
    let more = (resident("VmHWM:") - before).max(0.0);
    let dense = block.dense();
    let wrong = (0..ROWS)
        .flat_map(|i| [(i, 0), (i, 1)])
        .find(|(i, j)| dense.row(*i)[*j].to_bits() != cell(*i, *j).to_bits());
    if let Some((i, j)) = wrong {
        return Err(fault!(File, "{}: another value in row {} of column {}", path.display(), i + 1, j + 1));
    }
    let (matrix, name) =
        ((ROWS * 2 * 8) as f64 / MEGA, path.file_name().unwrap_or_default().to_string_lossy());
    println!(
        "{name:10} {:6.0} MB {written:7.2} s {read:7.2} s {matrix:9.0} MB {:9.0} MB",
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
