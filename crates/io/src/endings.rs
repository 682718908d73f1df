//! Endings of file names that promise what is not written: whoever opens such a file expects something else in it.

use std::path::Path;

use tilewright_base::{Outcome, bail};

use crate::format::{extension_of, names};

/// Endings of compressions and archives, and what they stand for; no format comes in them, whatever it is.
const PACKED: [(&[&str], &str); 9] = [
    (&["bz2", "bz", "tbz2"], "bzip2"),
    (&["xz", "lzma", "txz"], "xz"),
    (&["lz4"], "LZ4"),
    (&["br"], "Brotli"),
    (&["sz", "snappy"], "Snappy"),
    (&["z"], "compress"),
    (&["7z"], "7z"),
    (&["zip", "rar"], "an archive"),
    (&["tar", "tgz"], "an archive"),
];

/// Endings of other formats, and what they stand for.
const OTHERS: [(&[&str], &str); 16] = [
    (&["xlsx", "xls", "xlsm", "xlsb"], "Excel"),
    (&["ods"], "OpenDocument"),
    (&["json", "geojson"], "JSON"),
    (&["he5", "nc"], "data of other layouts in HDF5"),
    (&["orc"], "ORC"),
    (&["avro"], "Avro"),
    (&["xml", "html", "htm"], "XML or HTML"),
    (&["yaml", "yml", "toml"], "YAML or TOML"),
    (&["db", "sqlite", "sqlite3", "duckdb"], "a database"),
    (&["rds", "rdata", "rda"], "data of R"),
    (&["mat"], "data of MATLAB"),
    (&["sas7bdat", "xpt", "dta", "sav", "por"], "SAS, Stata or SPSS"),
    (&["pkl", "pickle", "pt", "pth", "joblib"], "Python's pickle"),
    (&["safetensors", "onnx", "gguf", "tfrecord", "proto", "pb"], "a model or its data"),
    (&["png", "jpg", "jpeg", "gif", "tif", "tiff", "bmp", "pdf", "svg"], "a picture or a document"),
    (&["py", "r", "dml", "ipynb", "md"], "a program or notes"),
];

/// Refuses a name that promises a compression which is not made.
///
/// # Errors
/// Names the ending.
pub fn check_compression(path: &Path) -> Outcome<()> {
    let Some((ending, what)) = promise(path, &PACKED) else { return Ok(()) };
    bail!(Argument, "cannot write {}: .{ending} promises {what}, which is not written", path.display(); hint: "text formats are compressed as .gz or .zst: x.csv.gz")
}

/// Refuses a name that promises a format which is not written.
///
/// # Errors
/// Names the ending, and what would be written.
pub fn check_format(path: &Path, otherwise: &str) -> Outcome<()> {
    let Some((ending, what)) = promise(path, &OTHERS) else { return Ok(()) };
    let names = names(|_| true);
    bail!(Argument, "cannot write {}: .{ending} promises {what}, which is not written", path.display(); hint: "`format=` says what to write ({names}); without an ending it is {otherwise}")
}

fn promise<'a>(path: &Path, endings: &[(&[&'a str], &'a str)]) -> Option<(&'a str, &'a str)> {
    let own = extension_of(path);
    endings.iter().find_map(|(endings, what)| {
        endings.iter().find(|ending| **ending == own).map(|ending| (*ending, *what))
    })
}
