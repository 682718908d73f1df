//! The fields of a directory: numbers in little-endian order, and texts after their lengths.

use tilewright_base::{Fault, Outcome};

use crate::pieces::Pieces;

/// Appends a size as 64 bits.
pub fn push_u64(out: &mut Vec<u8>, value: usize) {
    out.extend((value as u64).to_le_bytes());
}

/// Appends 32 bits.
pub fn push_u32(out: &mut Vec<u8>, value: u32) {
    out.extend(value.to_le_bytes());
}

/// Appends a text after its length.
pub fn push_text(out: &mut Vec<u8>, text: &str) {
    push_u64(out, text.len());
    out.extend(text.as_bytes());
}

/// What of a directory is not read yet. Nothing is allocated for what it has no bytes for.
pub struct Fields<'a> {
    file: &'a Pieces,
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// All fields of the directory of a file.
    pub fn new(file: &'a Pieces, directory: &'a [u8]) -> Fields<'a> {
        Fields { file, rest: directory }
    }

    /// The bytes of the file.
    pub fn file_len(&self) -> u64 {
        self.file.len()
    }

    /// Why the directory is refused.
    pub fn wrong(&self, expected: &str) -> Fault {
        self.file.fault(format!("the directory at the end of the file is malformed: expected {expected}"))
    }

    fn array<const N: usize>(&mut self) -> Outcome<[u8; N]> {
        let Some((array, rest)) = self.rest.split_first_chunk() else {
            return Err(self.wrong("more fields"));
        };
        self.rest = rest;
        Ok(*array)
    }

    /// The next byte.
    ///
    /// # Errors
    /// When the directory ends.
    pub fn byte(&mut self) -> Outcome<u8> {
        self.array().map(|[byte]| byte)
    }

    /// A truth value in a byte.
    ///
    /// # Errors
    /// When the directory ends, or the byte is neither 0 nor 1.
    pub fn flag(&mut self) -> Outcome<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.wrong("a truth value")),
        }
    }

    /// The next 32 bits.
    ///
    /// # Errors
    /// When the directory ends.
    pub fn u32(&mut self) -> Outcome<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// The next 64 bits.
    ///
    /// # Errors
    /// When the directory ends.
    pub fn u64(&mut self) -> Outcome<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// A number of rows, columns or cells.
    ///
    /// # Errors
    /// When the directory ends, or the number is too large.
    pub fn size(&mut self) -> Outcome<usize> {
        let size = self.u64()?;
        usize::try_from(size)
            .ok()
            .filter(|size| *size <= isize::MAX as usize)
            .ok_or_else(|| self.wrong("a size"))
    }

    /// The number of items that follow, each of `least` bytes at least.
    ///
    /// # Errors
    /// When the directory has no bytes for them.
    pub fn count(&mut self, least: usize) -> Outcome<usize> {
        let count = self.size()?;
        if count > self.rest.len() / least {
            return Err(self.wrong("more fields"));
        }
        Ok(count)
    }

    /// A text after its length.
    ///
    /// # Errors
    /// When the directory ends, or the bytes are not UTF-8.
    pub fn text(&mut self) -> Outcome<String> {
        let len = self.count(1)?;
        let (text, rest) = self.rest.split_at(len);
        self.rest = rest;
        std::str::from_utf8(text).map(String::from).map_err(|_| self.wrong("text in UTF-8"))
    }

    /// Nothing may follow.
    ///
    /// # Errors
    /// When something does.
    pub fn end(&self) -> Outcome<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.wrong("its end")) }
    }
}
