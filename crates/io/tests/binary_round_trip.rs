//! What is written in a binary format reads back as it was.

#![allow(clippy::unwrap_used)]

mod folder;
mod samples;

use folder::Folder;
use samples::{assert_same_cells, assert_same_frames, binary_formats, frames, matrices};
use tilewright_io::*;
use tilewright_matrix::Dense;
use tilewright_value::Block;

fn options(format: &str, compress: bool) -> WriteOptions {
    let compress = compress && format == "binary";
    WriteOptions { format: Some(Format::from_name(format).unwrap()), compress, ..WriteOptions::default() }
}

#[test]
fn matrices_read_back_from_every_format() {
    let folder = Folder::new();
    for (name, block) in matrices() {
        for format in binary_formats() {
            for compress in [false, true] {
                let path = folder.path("m");
                write_matrix(&path, &block, &options(format, compress)).unwrap();
                let what = format!("{format}, {name}");
                let known = metadata(&path, &ReadOptions::default()).unwrap().unwrap();
                assert_eq!((known.rows, known.cols), (Some(block.rows()), Some(block.cols())), "{what}");
                let read = read_matrix(&path, &ReadOptions::default()).unwrap();
                assert_same_cells(&read.block, &block, format != "npz", &what);
                assert_eq!(read.warnings, Vec::<String>::new(), "{what}");
                // The first bytes tell the format where there is no metadata.
                std::fs::remove_file(metadata::mtd_path(&path)).unwrap();
                let read = read_matrix(&path, &ReadOptions::default()).unwrap();
                assert_same_cells(&read.block, &block, format != "npz", &what);
            }
        }
    }
}

#[test]
fn frames_read_back_from_every_format() {
    let folder = Folder::new();
    for (name, frame) in frames() {
        for format in ["arrow", "binary", "parquet"] {
            for compress in [false, true] {
                let path = folder.path("f");
                write_frame(&path, &frame, &options(format, compress)).unwrap();
                let read = read_frame(&path, &ReadOptions::default()).unwrap();
                assert_same_frames(&read.frame, &frame, &format!("{format}, {name}"));
                std::fs::remove_file(metadata::mtd_path(&path)).unwrap();
                let read = read_frame(&path, &ReadOptions::default()).unwrap();
                assert_same_frames(&read.frame, &frame, &format!("{format}, {name}"));
            }
        }
    }
}

#[test]
fn arrays_hold_no_frames() {
    let folder = Folder::new();
    let frame = &frames()[0].1;
    for format in ["hdf5", "npy", "npz"] {
        let fault = write_frame(&folder.path("f"), frame, &options(format, false)).unwrap_err();
        assert_eq!(fault.message(), format!("{format} files hold matrices, not frames"));
    }
    write_frame(&folder.path("f"), frame, &options("parquet", false)).unwrap();
    let read = ReadOptions { format: Some(&parquet_file::FORMAT), ..ReadOptions::default() };
    std::fs::remove_file(metadata::mtd_path(&folder.path("f"))).unwrap();
    let fault = read_matrix(&folder.path("f"), &read).unwrap_err();
    assert!(fault.message().ends_with("f: column \"name\" holds texts, not numbers"), "{fault}");
}

#[test]
fn parts_in_a_folder_follow_each_other() {
    let folder = Folder::new();
    let (_, dense) = matrices().remove(0);
    let (_, frame) = frames().remove(0);
    for format in binary_formats() {
        for part in ["part-2", "part-10"] {
            let name = folder.path(format).join(format!("{part}.{format}"));
            write_matrix(&name, &dense, &options(format, false)).unwrap();
        }
        let read = ReadOptions { format: Some(Format::from_name(format).unwrap()), ..ReadOptions::default() };
        let twice = read_matrix(&folder.path(format), &read).unwrap().block;
        assert_eq!((twice.rows(), twice.cols()), (2 * dense.rows(), dense.cols()), "{format}");
        assert_eq!(twice.get(dense.rows() + 3, 2), dense.get(3, 2), "{format}");
        if !["hdf5", "npy", "npz"].contains(&format) {
            for part in ["part-2", "part-10"] {
                write_frame(&folder.path(&format!("f-{format}")).join(part), &frame, &options(format, false))
                    .unwrap();
            }
            let twice = read_frame(&folder.path(&format!("f-{format}")), &read).unwrap().frame;
            assert_same_frames(&twice.slice_rows(frame.rows()..twice.rows()), &frame, format);
        }
    }
    let narrow = Block::Dense(Dense::zeros(1, 1));
    write_matrix(&folder.path("parquet/part-11"), &narrow, &options("parquet", false)).unwrap();
    let read = ReadOptions { format: Some(&parquet_file::FORMAT), ..ReadOptions::default() };
    let fault = read_matrix(&folder.path("parquet"), &read).unwrap_err();
    assert!(fault.message().contains("part-11 has 1 column, and "), "{fault}");
}
