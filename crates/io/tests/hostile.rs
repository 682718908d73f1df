//! Random and changed files are read or refused: no panic gets out, and no memory is taken on the word of a header.

#![allow(clippy::unwrap_used, unsafe_code)]

mod bodies;
mod folder;
mod samples;

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use folder::Folder;
use proptest::prelude::*;
use samples::{binary_formats, frames, matrices};
use tilewright_io::*;

/// The allocator of the system; it notes the largest piece that is asked for.
struct Noting;

static LARGEST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: all is done by the allocator of the system; noting allocates nothing.
unsafe impl GlobalAlloc for Noting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        // SAFETY: as of the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        // SAFETY: as of the caller.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: as of the caller.
        unsafe { System.dealloc(start, layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LARGEST.fetch_max(size, Ordering::Relaxed);
        // SAFETY: as of the caller.
        unsafe { System.realloc(start, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Noting = Noting;

/// No file of these tests has as many bytes; buffers of libraries have some.
const ALLOWED: usize = 64 << 20;

/// Runs a body and sees what it asks for.
fn within_limits(format: &str, body: impl FnOnce()) {
    LARGEST.store(0, Ordering::Relaxed);
    body();
    let largest = LARGEST.load(Ordering::Relaxed);
    assert!(largest < ALLOWED, "{format}: {largest} bytes at once");
}

fn read_all(bytes: &[u8], format: &str) {
    within_limits(format, || match format {
        "binary" => bodies::binary(bytes),
        "npy" => bodies::npy(bytes),
        _ => bodies::read_as(bytes, format),
    });
}

/// What is done with bytes.
type Body = fn(&[u8]);

/// Valid texts and what reads them; the first byte chooses how.
const TEXTS: [(&str, Body, &[&str]); 3] = [
    ("csv", bodies::csv, &["\x001,2.5\n-3,1e5\n", "\x01a,\"b\nc\"\n\"1\",\n,NA\r\n", "\x0c1,5;2\n3;\"4\"\n"]),
    (
        "mm",
        bodies::matrix_market,
        &[
            "%%MatrixMarket matrix coordinate real general\n% x\n3 2 2\n1 1 2.5\n3 2 -1\n",
            "%%MatrixMarket matrix array real symmetric\n2 2\n1\n2\n3\n",
            "%%MatrixMarket matrix coordinate pattern skew-symmetric\n2 2 1\n2 1\n",
        ],
    ),
    ("libsvm", bodies::libsvm, &["\u{7f}1 1:2.5 3:4\n-1 2:1 # x\n", "\x051 qid:3 1:1\n0\n"]),
];

/// Valid files of a format, small ones.
fn valid(format: &str) -> &'static [Vec<u8>] {
    static FILES: [OnceLock<Vec<Vec<u8>>>; 6] = [const { OnceLock::new() }; 6];
    let at = binary_formats().iter().position(|of| *of == format).unwrap();
    FILES[at].get_or_init(|| made(format))
}

fn made(format: &str) -> Vec<Vec<u8>> {
    let folder = Folder::new();
    let path = folder.path("x");
    let mut files = Vec::new();
    for compress in [false, true] {
        let options = WriteOptions {
            format: Some(Format::from_name(format).unwrap()),
            compress: compress && format == "binary",
            ..WriteOptions::default()
        };
        for (_, block) in matrices().iter().filter(|(name, _)| !name.contains("wide")) {
            write_matrix(&path, block, &options).unwrap();
            files.push(fs::read(&path).unwrap());
        }
        for (_, frame) in frames().iter().take(3) {
            if write_frame(&path, frame, &options).is_ok() {
                files.push(fs::read(&path).unwrap());
            }
        }
    }
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    for entry in fs::read_dir(data).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_of = match format {
            "arrow" => name.contains(".arrow") || name.ends_with(".feather"),
            "hdf5" => name.ends_with(".h5"),
            _ => name.ends_with(&format!(".{format}")),
        };
        if is_of {
            files.push(fs::read(entry.path()).unwrap());
        }
    }
    files
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn changed_files_are_read_or_refused(
        format in prop::sample::select(binary_formats()),
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        (cut, keep) in (any::<bool>(), any::<prop::sample::Index>()),
    ) {
        let files = valid(format);
        let mut bytes = which.get(files).clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cut {
            bytes.truncate(keep.index(bytes.len()));
        }
        read_all(&bytes, format);
    }

    #[test]
    fn changed_texts_are_read_or_refused(
        which in 0usize..3,
        text in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(b"0179,;.:\"\n\r -+eN%#\xff\0".to_vec()), any::<bool>()), 1..8),
    ) {
        let (format, body, texts) = TEXTS[which];
        let mut bytes = text.get(texts).as_bytes().to_vec();
        for (at, byte, is_new) in changes {
            let at = at.index(bytes.len());
            if is_new { bytes.insert(at, byte) } else { bytes[at] = byte }
        }
        within_limits(format, || body(&bytes));
    }

    #[test]
    fn random_bytes_are_refused(
        format in prop::sample::select(binary_formats()),
        magic in 0usize..8,
        bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let magics: [&[u8]; 8] =
            [b"", b"ARROW1\0\0", b"\x93TWB\r\n\x1a\n\x01\0\0\0", b"\x93NUMPY\x01\0", b"PK\x03\x04", b"PAR1", b"\xFF\xFF\xFF\xFF", b"\x89HDF\r\n\x1a\n"];
        let end: &[u8] = match magic { 1 => b"ARROW1", 5 => b"PAR1", _ => b"" };
        read_all(&[magics[magic], &bytes, end].concat(), format);
    }

    /// Checksums do not help against a directory that was made to mislead.
    #[test]
    fn a_misleading_directory_is_refused(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(vec![0u8, 1, 2, 127, 128, 255])), 1..4),
    ) {
        let files = valid("binary");
        let mut bytes = which.get(files).clone();
        let offset = u64::from_le_bytes(bytes[16..24].try_into().unwrap()) as usize;
        for (at, byte) in changes {
            let at = offset + at.index(bytes.len() - offset);
            bytes[at] = byte;
        }
        let crc = crc32fast::hash(&bytes[offset..]);
        bytes[32..36].copy_from_slice(&crc.to_le_bytes());
        let crc = crc32fast::hash(&bytes[..60]);
        bytes[60..64].copy_from_slice(&crc.to_le_bytes());
        read_all(&bytes, "binary");
    }
}
