//! The bytes of a panel, one after the other, as they were before they were compressed, and their checksum.

use std::io::{self, Read};

use super::directory::Panel;
use crate::pieces::Pieces;

/// How much is read at once, so that the checksum finds it in the cache.
pub const PIECE: usize = 1 << 18;

/// The bytes of a panel that are not read yet.
pub enum Raw<'a> {
    /// Those that stand in the file as they are.
    Plain(Plain<'a>),
    /// Those that zstd gives back.
    Compressed(Box<zstd::stream::read::Decoder<'static, io::BufReader<Plain<'a>>>>),
}

/// Bytes in the file, summed as they are read.
pub struct Plain<'a> {
    file: &'a Pieces,
    at: u64,
    left: u64,
    sum: crc32fast::Hasher,
    expected: u32,
}

impl Plain<'_> {
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        if bytes.len() as u64 > self.left {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        for piece in bytes.chunks_mut(PIECE) {
            self.file.read_raw(self.at, piece)?;
            self.sum.update(piece);
            self.at += piece.len() as u64;
        }
        self.left -= bytes.len() as u64;
        Ok(())
    }

    fn is_right(&self) -> bool {
        self.left == 0 && self.sum.clone().finalize() == self.expected
    }
}

impl Read for Plain<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let len = bytes.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        self.fill(&mut bytes[..len])?;
        Ok(len)
    }
}

impl<'a> Raw<'a> {
    /// From the first byte of a panel on.
    ///
    /// # Errors
    /// When there is no memory to decompress.
    pub fn open(file: &'a Pieces, panel: &Panel) -> io::Result<Raw<'a>> {
        let (sum, expected) = (crc32fast::Hasher::new(), panel.crc);
        let plain = Plain { file, at: panel.offset, left: panel.stored, sum, expected };
        if !panel.compressed {
            return Ok(Raw::Plain(plain));
        }
        let decoder = zstd::stream::read::Decoder::with_buffer(io::BufReader::with_capacity(PIECE, plain))?;
        Ok(Raw::Compressed(Box::new(decoder)))
    }

    /// The next bytes.
    ///
    /// # Errors
    /// When there are not as many, or they cannot be read or decompressed.
    pub fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        match self {
            Raw::Plain(plain) => plain.fill(bytes),
            Raw::Compressed(decoder) => decoder.read_exact(bytes),
        }
    }

    /// All bytes are read and have the checksum of the panel.
    ///
    /// # Errors
    /// When there are more, or the checksum differs.
    pub fn finish(self) -> io::Result<()> {
        let is_right = match self {
            Raw::Plain(plain) => plain.is_right(),
            Raw::Compressed(mut decoder) => {
                decoder.read(&mut [0])? == 0 && decoder.finish().into_inner().is_right()
            }
        };
        if is_right {
            Ok(())
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidData, "its checksum differs"))
        }
    }
}
