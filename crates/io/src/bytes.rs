//! The bytes of a file: a vector, or for large files memory that matrices recycle, which is made of large pages.

use std::ops::Deref;

use tilewright_matrix::Dense;

/// Bytes that are read as a slice.
#[derive(Debug)]
pub struct Bytes {
    memory: Memory,
    start: usize,
    end: usize,
}

#[derive(Debug)]
enum Memory {
    Vector(Vec<u8>),
    /// Doubles whose bytes are meant.
    Pages(Dense),
}

impl Bytes {
    /// So many bytes of recycled memory, which `fill` has to write.
    ///
    /// # Errors
    /// Those of `fill`.
    pub fn filled<E>(length: usize, fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Bytes, E> {
        let mut cells = Dense::unset(1, length.div_ceil(size_of::<f64>()));
        fill(&mut bytemuck::cast_slice_mut(cells.cells_mut())[..length])?;
        Ok(Bytes { memory: Memory::Pages(cells), start: 0, end: length })
    }

    /// Without the first bytes.
    pub fn without(self, length: usize) -> Bytes {
        Bytes { start: (self.start + length).min(self.end), ..self }
    }

    /// As a vector, copied where they are none.
    pub fn into_vec(self) -> Vec<u8> {
        match self.memory {
            Memory::Vector(bytes) if (self.start, self.end) == (0, bytes.len()) => bytes,
            _ => self.to_vec(),
        }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let all = match &self.memory {
            Memory::Vector(bytes) => bytes,
            Memory::Pages(cells) => bytemuck::cast_slice(cells.cells()),
        };
        &all[self.start..self.end]
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Bytes {
        Bytes { start: 0, end: bytes.len(), memory: Memory::Vector(bytes) }
    }
}
