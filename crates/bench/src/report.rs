//! The files of results: everything that was measured as JSON, and the table as Markdown.

use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::ceiling::Ceilings;
use crate::machine::Machine;
use crate::mean::Mean;
use crate::measure::Measure;
use crate::sparsity::Outcome;

/// Writes both to `bench/results`; the path of the table.
///
/// # Errors
/// When a file cannot be written.
pub fn write(
    machine: &Machine,
    ceilings: &Ceilings,
    (measures, means, sparsity): (&[Measure], &[Mean], &[Outcome]),
    table: &str,
) -> Result<PathBuf, String> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let value = serde_json::json!({
        "time": seconds, "machine": machine, "ceilings": ceilings, "measures": measures, "means": means,
        "sparsity": sparsity,
    });
    let folder = PathBuf::from("bench/results");
    let path = folder.join(format!("{seconds}.md"));
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(path.with_extension("json"), format!("{value:#}\n")))
        .and_then(|()| fs::write(&path, table))
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}
