//! Cutting text into chunks of whole lines, which threads parse on their own.

use std::ops::Range;

/// The bytes of a chunk, before it is extended to the end of its last line.
pub const CHUNK: usize = 1 << 20;

/// The chunks of `text`: ranges that cover it, each ending behind a line end or at the end of the text.
pub fn chunks(text: &[u8], bytes: usize) -> Vec<Range<usize>> {
    let mut chunks = Vec::with_capacity(text.len() / bytes.max(1) + 1);
    let mut start = 0;
    while start < text.len() {
        let from = (start + bytes.max(1)).min(text.len()) - 1;
        let end = memchr::memchr(b'\n', &text[from..]).map_or(text.len(), |at| from + at + 1);
        chunks.push(start..end);
        start = end;
    }
    chunks
}

/// The number of lines; the last may lack its line end.
pub fn count(text: &[u8]) -> usize {
    let ends = memchr::memchr_iter(b'\n', text).count();
    ends + usize::from(text.last().is_some_and(|&last| last != b'\n'))
}

/// Where each line starts, and the line without its end (`\n` or `\r\n`).
pub fn lines(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut start = 0;
    std::iter::from_fn(move || {
        if start == text.len() {
            return None;
        }
        let rest = &text[start..];
        let end = memchr::memchr(b'\n', rest);
        let line = &rest[..end.unwrap_or(rest.len())];
        let at = start;
        start += end.map_or(rest.len(), |end| end + 1);
        Some((at, line.strip_suffix(b"\r").unwrap_or(line)))
    })
}

/// The text without the line ends at its end.
pub fn without_trailing(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |at| at + 1);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_cover_the_text_in_whole_lines() {
        let text = b"ab\ncdefgh\n\nij";
        for bytes in 1..20 {
            let chunks = chunks(text, bytes);
            let joined: Vec<u8> = chunks.iter().flat_map(|chunk| text[chunk.clone()].to_vec()).collect();
            assert_eq!(joined, text);
            assert_eq!(chunks.iter().map(|chunk| count(&text[chunk.clone()])).sum::<usize>(), 4);
        }
        assert_eq!(lines(b"a\r\n\nb").collect::<Vec<_>>(), [(0, &b"a"[..]), (3, b""), (4, b"b")]);
        assert_eq!(without_trailing(b"a\r\n\n"), b"a");
    }
}
