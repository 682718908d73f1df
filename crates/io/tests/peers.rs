//! Other libraries read the files that are written here, where they are installed: the Python of the variable
//! `TILEWRIGHT_PYTHON`, of `target/bench-venv` or of the search path runs `peers.py`.

#![allow(clippy::unwrap_used)]

mod folder;
mod samples;

use std::path::{Path, PathBuf};
use std::process::Command;

use folder::Folder;
use samples::{frames, matrices};
use tilewright_io::*;
use tilewright_matrix::Dense;
use tilewright_value::Block;

fn python() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench-venv/bin/python");
    let named = std::env::var_os("TILEWRIGHT_PYTHON").map(PathBuf::from);
    named.unwrap_or_else(|| if own.exists() { own } else { "python3".into() })
}

#[test]
fn other_libraries_read_our_files() {
    let folder = Folder::new();
    let options = WriteOptions::default();
    let matrix = matrices().into_iter().find(|(name, _)| *name == "sparse").unwrap().1;
    for name in ["m.npy", "m.npz", "m.parquet", "m.arrow"] {
        write_matrix(&folder.path(name), &matrix, &options).unwrap();
    }
    let of = |data_set: Option<&str>, compress| WriteOptions {
        data_set: data_set.map(String::from),
        compress,
        ..WriteOptions::default()
    };
    if cfg!(feature = "hdf5") {
        let written = [
            ("m.h5", of(None, false)),
            ("named.h5", of(Some("/a group/größe/数"), false)),
            ("compressed.h5", of(None, true)),
            ("compressed-named.h5", of(Some("g/h/Y"), true)),
        ];
        for (name, options) in written {
            write_matrix(&folder.path(name), &matrix, &options).unwrap();
        }
        for (name, rows, cols) in [("empty.h5", 0, 3), ("empty-rows.h5", 2, 0)] {
            let empty = Block::Dense(Dense::zeros(rows, cols));
            write_matrix(&folder.path(name), &empty, &of(None, true)).unwrap();
        }
    }
    for name in ["f.parquet", "f.arrow"] {
        write_frame(&folder.path(name), &frames()[0].1, &options).unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers.py");
    let Ok(output) = Command::new(python()).arg(script).arg(folder.as_path()).output() else {
        println!("skipped: there is no Python");
        return;
    };
    let (read, problems) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{problems}");
    println!("read by: {read}");
    if read.trim().is_empty() {
        println!("skipped: Python has none of NumPy, SciPy, h5py, pyarrow, polars and pandas");
    }
}
