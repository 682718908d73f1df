//! The first 64 bytes of a file: what it is, and where its directory stands.
//!
//! They are the last that a writer writes, so a writer that was interrupted leaves what the file held before.

use tilewright_base::{Outcome, bail};

use crate::pieces::Pieces;

/// How a file begins. The bytes after the letters change when a file is transferred as if it were text.
pub const MAGIC: &[u8; 8] = b"\x93TWB\r\n\x1a\n";

/// The version that is written, and the latest that is read.
const VERSION: u32 = 1;

/// The bytes of the head.
pub const BYTES: usize = 64;

/// Where its checksum stands; it covers all before.
const CHECKED: usize = BYTES - 4;

/// Where the directory of a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its first byte.
    pub offset: u64,
    /// Its bytes.
    pub len: u64,
    /// The checksum of them.
    pub crc: u32,
}

impl Head {
    /// The bytes that stand at the beginning of the file.
    pub fn encode(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.offset.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.len.to_le_bytes());
        bytes[32..36].copy_from_slice(&self.crc.to_le_bytes());
        let crc = crc32fast::hash(&bytes[..CHECKED]);
        bytes[CHECKED..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The head of a file, and the bytes of its directory.
    ///
    /// # Errors
    /// When the file is of another format or version, truncated or corrupted.
    pub fn read(file: &Pieces) -> Outcome<(Head, Vec<u8>)> {
        let name = file.path.display();
        let start = file.bytes(0, file.len().min(BYTES as u64))?;
        if !start.starts_with(MAGIC) {
            bail!(File, "{name} is not a file of format \"binary\""; hint: "`format=` in `read` says of which format it is");
        }
        let bytes = file.bytes(0, BYTES as u64)?;
        let version = u32_at(&bytes, 8);
        if version != VERSION {
            bail!(
                Unsupported,
                "{name} is of version {version} of the format \"binary\"; this build reads version {VERSION}"
            );
        }
        if crc32fast::hash(&bytes[..CHECKED]) != u32_at(&bytes, CHECKED) {
            bail!(
                File,
                "{name}: the head of the file (bytes 1 to {BYTES}) is corrupted: its checksum differs"
            );
        }
        let head = Head { offset: u64_at(&bytes, 16), len: u64_at(&bytes, 24), crc: u32_at(&bytes, 32) };
        let directory = file.bytes(head.offset, head.len)?;
        if crc32fast::hash(&directory) != head.crc {
            bail!(File, "{name}: the directory at the end of the file is corrupted: its checksum differs");
        }
        Ok((head, directory))
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
