//! The ceiling of cases that read a file: its bytes, by plain calls of the system.
//!
//! They go into memory that was written to before, as what ours reads goes where an earlier result was. Of a program that
//! reads a file when it starts the system first clears the pages: that takes about as long again.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Instant;

use memmap2::MmapMut;

use crate::ceiling::memory;
use crate::kernel::Side;

/// Bytes that a call asks for.
const CALL: usize = 1 << 20;

/// A file, of which each thread reads a part.
pub struct PageCache {
    path: PathBuf,
    bytes: MmapMut,
    threads: usize,
}

impl PageCache {
    /// The file at `path`.
    ///
    /// # Errors
    /// When there is none, or not enough memory for its bytes.
    pub fn start(path: &Path, threads: usize) -> Result<PageCache, String> {
        let len = std::fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?.len();
        let mut bytes = memory(len as usize)?;
        bytes.fill(1);
        Ok(PageCache { path: path.to_path_buf(), bytes, threads })
    }

    fn read(&mut self) -> std::io::Result<()> {
        let part = self.bytes.len().div_ceil(self.threads).max(1);
        std::thread::scope(|scope| {
            let path = &self.path;
            let parts: Vec<_> = self.bytes.chunks_mut(part).enumerate().collect();
            let readers: Vec<_> = parts
                .into_iter()
                .map(|(at, bytes)| scope.spawn(move || read_part(path, (at * part) as u64, bytes)))
                .collect();
            readers
                .into_iter()
                .try_for_each(|reader| reader.join().expect("invariant: reading does not panic"))
        })
    }
}

fn read_part(path: &Path, start: u64, bytes: &mut [u8]) -> std::io::Result<()> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    bytes.chunks_mut(CALL).try_for_each(|piece| file.read_exact(piece))
}

impl Side for PageCache {
    fn turn(&mut self) -> Result<String, String> {
        let start = Instant::now();
        self.read().map_err(|error| format!("{}: {error}", self.path.display()))?;
        Ok(format!("ns {}", start.elapsed().as_nanos()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bytes_are_read() {
        let path = std::env::temp_dir().join(format!("tilewright-page-cache-{}", std::process::id()));
        let content: Vec<u8> = (0..3_000_001u32).map(|at| (at % 251) as u8).collect();
        std::fs::write(&path, &content).expect("a temporary file");
        for threads in [1, 2, 7] {
            let mut cache = PageCache::start(&path, threads).expect("a file");
            assert!(cache.turn().expect("a file").starts_with("ns "));
            assert!(cache.bytes[..] == content[..]);
        }
        std::fs::remove_file(path).expect("the temporary file");
    }
}
