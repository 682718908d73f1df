//! Cutting text into chunks of whole lines, which threads parse on their own.

use std::fmt::Display;
use std::ops::{ControlFlow, Range};
use std::path::Path;

use rayon::prelude::*;
use tilewright_base::{Fault, Outcome};

/// The bytes of a chunk, before it is extended to the end of its last line.
pub const CHUNK: usize = 1 << 20;

/// A text that threads parse in chunks of whole lines, whether it is in memory or read in pieces.
pub trait Lines: Sync {
    /// Where it was read from, for messages.
    fn path(&self) -> &Path;

    /// A fault at a byte of the text: `file:line:column: message`.
    fn fault(&self, offset: usize, message: impl Display) -> Fault;

    /// Parses chunks of about `bytes` from byte `start` on, where a line starts. `parse` gets the place of a chunk and
    /// its lines; `take` gets what came out in the order of the text, each with how much of the text has come by
    /// then, from 0 to 1, and may end it all.
    ///
    /// # Errors
    /// When the text cannot be read, and those of `take`.
    fn in_order<T: Send>(
        &self,
        at: (usize, usize),
        parse: impl Fn(usize, &[u8]) -> T + Sync,
        take: impl FnMut(T, f64) -> Outcome<ControlFlow<()>> + Send,
    ) -> Outcome<()>;
}

/// Chunks that a thread parses between two that are handed over, about.
const WAVE: usize = 4;

/// Parses chunks on all threads and hands over what comes out in their order, wave by wave, so that only that of few
/// chunks waits:
///
/// ```text
/// read     wave 0 | wave 1 | wave 2 | ...
/// parse             wave 0 | wave 1 | wave 2 | ...
/// take                       wave 0 | wave 1 | wave 2 | ...
/// ```
///
/// # Errors
/// The first one in the order of the chunks.
pub fn in_order<C: Send, T: Send>(
    chunks: impl Iterator<Item = Outcome<C>> + Send,
    parse: impl Fn(C) -> Outcome<T> + Sync,
    mut take: impl FnMut(T) -> Outcome<ControlFlow<()>> + Send,
) -> Outcome<()> {
    let mut chunks = chunks.fuse();
    let wave = WAVE * rayon::current_num_threads();
    let mut read: Vec<Outcome<C>> = chunks.by_ref().take(wave).collect();
    let mut parsed: Vec<Outcome<T>> = Vec::new();
    while !(read.is_empty() && parsed.is_empty()) {
        let (taken, (results, following)) = rayon::join(
            || take_all(parsed, &mut take),
            || {
                rayon::join(
                    || read.into_par_iter().map(|chunk| chunk.and_then(&parse)).collect(),
                    || chunks.by_ref().take(wave).collect(),
                )
            },
        );
        if taken?.is_break() {
            break;
        }
        (parsed, read) = (results, following);
    }
    Ok(())
}

fn take_all<T>(
    parsed: Vec<Outcome<T>>,
    take: &mut impl FnMut(T) -> Outcome<ControlFlow<()>>,
) -> Outcome<ControlFlow<()>> {
    for result in parsed {
        if take(result?)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

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
