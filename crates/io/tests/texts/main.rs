//! Text formats as people, other programs and accidents leave them.

#![allow(clippy::unwrap_used)]

#[path = "../folder/mod.rs"]
mod folder;

mod compressed;
mod damaged;
mod json_lines;
mod libsvm;
mod parts;
mod wild_csv;

use folder::Folder;
use std::fs;
use std::path::Path;
use tilewright_base::Outcome;
use tilewright_frame::{Cell, Column, ColumnType, Frame};
use tilewright_io::*;

/// The message and the hints of a fault, without the folder's own path.
fn told<T: std::fmt::Debug>(folder: &Folder, outcome: Outcome<T>) -> String {
    let diagnostic = outcome.unwrap_err().nowhere();
    let hints: String = diagnostic.hints.iter().map(|hint| format!(" | {hint}")).collect();
    format!("{}{hints}", diagnostic.message).replace(&format!("{}/", folder.as_path().display()), "")
}

fn plain() -> ReadOptions {
    ReadOptions::default()
}

fn header() -> ReadOptions {
    ReadOptions { header: Some(true), ..plain() }
}

/// A folder with files of these names and texts.
fn files(texts: &[(&str, &[u8])]) -> Folder {
    let folder = Folder::new();
    for (name, text) in texts {
        let path = folder.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The rows of a matrix.
fn rows(path: &Path, options: &ReadOptions) -> Vec<Vec<f64>> {
    let dense = read_matrix(path, options).unwrap().block.dense().into_owned();
    (0..dense.rows()).map(|i| dense.row(i).to_vec()).collect()
}

/// The cells of a frame as text, row by row; missing ones are `-`.
fn cells(frame: &Frame) -> Vec<Vec<String>> {
    let cell = |i, j| frame.cell(i, j).text().unwrap_or_else(|| "-".into());
    (0..frame.rows()).map(|i| (0..frame.cols()).map(|j| cell(i, j)).collect()).collect()
}
