//! The header of NumPy's `.npy` format: `{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }`.

use crate::cells::CellType;

/// How files begin.
pub const MAGIC: &[u8] = b"\x93NUMPY";

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The type of the cells.
    pub cells: CellType,
    /// True when the cells stand column by column.
    pub by_columns: bool,
    /// The sizes of the array.
    pub shape: Vec<usize>,
}

impl Header {
    /// The number of rows and columns: a number is 1x1, a vector a column; `None` for arrays of more dimensions.
    pub fn rows_and_cols(&self) -> Option<(usize, usize)> {
        match self.shape[..] {
            [] => Some((1, 1)),
            [rows] => Some((rows, 1)),
            [rows, cols] => Some((rows, cols)),
            _ => None,
        }
    }

    /// The bytes of all cells; `None` when they are more than memory can address.
    pub fn bytes(&self) -> Option<usize> {
        let bytes = self.shape.iter().try_fold(self.cells.bytes, |bytes, size| bytes.checked_mul(*size))?;
        (bytes <= isize::MAX as usize).then_some(bytes)
    }

    /// Reads the text of a header; the message says what is wrong with it.
    ///
    /// # Errors
    /// When it is malformed, or the type of the cells is none of numbers and texts.
    pub fn parse(text: &str) -> Result<Header, String> {
        let malformed = || format!("the header of the array is malformed: {}", text.trim_end());
        let descr = entry(text, "descr").ok_or_else(malformed)?;
        let quoted = descr.strip_prefix(['\'', '"']).and_then(|rest| rest.split(['\'', '"']).next());
        let Some(descr) = quoted else { return Err("records are not read, arrays of numbers are".into()) };
        let by_columns = match entry(text, "fortran_order") {
            Some(value) if value.starts_with("True") => true,
            Some(value) if value.starts_with("False") => false,
            _ => return Err(malformed()),
        };
        let shape = entry(text, "shape").and_then(|value| value.strip_prefix('(')?.split_once(')'));
        let sizes = shape.ok_or_else(malformed)?.0.split(',').map(str::trim).filter(|size| !size.is_empty());
        let shape: Option<Vec<usize>> = sizes.map(|size| size.trim_end_matches('L').parse().ok()).collect();
        Ok(Header { cells: cell_type(descr)?, by_columns, shape: shape.ok_or_else(malformed)? })
    }

    /// The text that `.npy` files of version 1 begin with.
    pub fn encode(&self) -> Vec<u8> {
        const ALIGNMENT: usize = 64;
        let CellType { kind, bytes, .. } = self.cells;
        let order = if bytes == 1 || kind == b'S' { '|' } else { '<' };
        let sizes: String = match &self.shape[..] {
            [one] => format!("{one},"),
            sizes => sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(", "),
        };
        let by_columns = if self.by_columns { "True" } else { "False" };
        let mut text = format!(
            "{{'descr': '{order}{}{bytes}', 'fortran_order': {by_columns}, 'shape': ({sizes}), }}",
            kind as char
        );
        let before = MAGIC.len() + 4;
        let padded = (before + text.len() + 1).next_multiple_of(ALIGNMENT);
        text.push_str(&" ".repeat(padded - before - text.len() - 1));
        text.push('\n');
        let mut out = MAGIC.to_vec();
        out.extend([1, 0]);
        out.extend((text.len() as u16).to_le_bytes());
        out.extend(text.as_bytes());
        out
    }
}

/// What stands behind a key of the dictionary.
fn entry<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let at = text.find(&format!("'{key}'")).or_else(|| text.find(&format!("\"{key}\"")))?;
    Some(text[at + key.len() + 2..].trim_start().strip_prefix(':')?.trim_start())
}

fn cell_type(descr: &str) -> Result<CellType, String> {
    let unknown = || format!("cells of type \"{descr}\" are not read; numbers and truth values are");
    let (big, rest) = match descr.as_bytes() {
        [b'>', rest @ ..] => (true, rest),
        [b'<' | b'|' | b'=', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let [kind, size @ ..] = rest else { return Err(unknown()) };
    let size: usize =
        std::str::from_utf8(size).ok().and_then(|size| size.parse().ok()).ok_or_else(unknown)?;
    let bytes = match (kind, size) {
        (b'f', 2 | 4 | 8) | (b'i' | b'u', 1 | 2 | 4 | 8) | (b'b', 1) => size,
        (b'S', size) => size,
        (b'U', size) => size.checked_mul(4).ok_or_else(unknown)?,
        _ => return Err(unknown()),
    };
    Ok(CellType { kind: *kind, bytes, big })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_read_and_are_written_as_numpy_writes_them() {
        let text = "{'descr': '>i4', 'fortran_order': True, 'shape': (3, 20), }   \n";
        let cells = CellType { kind: b'i', bytes: 4, big: true };
        assert_eq!(Header::parse(text), Ok(Header { cells, by_columns: true, shape: vec![3, 20] }));
        let cells = CellType { kind: b'f', bytes: 8, big: false };
        for (shape, written) in [(vec![], "()"), (vec![5], "(5,)"), (vec![0, 7], "(0, 7)")] {
            let header = Header { cells, by_columns: false, shape };
            let bytes = header.encode();
            assert_eq!(bytes.len() % 64, 0);
            let text = String::from_utf8_lossy(&bytes[10..]);
            let expected = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {written}, }}");
            assert_eq!(text.trim_end(), expected);
            assert_eq!(Header::parse(&text), Ok(header));
        }
    }

    #[test]
    fn what_is_no_matrix_of_numbers_is_refused() {
        let cases = [
            "",
            "{}",
            "{'descr': '<c16', 'fortran_order': False, 'shape': (2,), }",
            "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,), }",
            "{'descr': '<f8', 'fortran_order': 0, 'shape': (2,), }",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (-2,), }",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (2",
        ];
        for text in cases {
            assert!(Header::parse(text).is_err(), "{text}");
        }
        let huge = "{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 8), }";
        assert_eq!(Header::parse(huge).unwrap().bytes(), None);
    }
}
