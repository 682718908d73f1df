//! Large pieces of memory, recycled: what one result gives back serves the next one of about its size.
//!
//! A fresh page costs a fault and zeroing, for a large result several times the arithmetic that fills it. So pieces
//! that nobody holds stay here, most recent last, and large ones ask for large pages. Invariant: the idle bytes exceed
//! the bytes in use by a quarter at most (or are no more than [`SPARE`]): a result gives back what the next one of
//! about its size takes, and a process needs little more than twice its data.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use memmap2::MmapMut;

/// Pieces are multiples of this many bytes.
const UNIT: usize = 1 << 16;

/// Pieces of this size and above begin at a multiple of it, which is a large page of x86-64 and aarch64.
const LARGE_PAGE: usize = 1 << 21;

/// Blocks from this many bytes on are pieces of their own.
pub(crate) const LEAST: usize = 1 << 19;

/// Idle bytes that are kept in any case.
const SPARE: usize = 1 << 26;

/// Why a kernel gave up: the system has no memory for a block of so many bytes. Unwinds like a panic,
/// since kernels return results, not errors; whoever runs them turns it into an error.
#[derive(Debug, Clone, Copy)]
pub struct OutOfMemory {
    /// The bytes that were asked for.
    pub bytes: usize,
}

/// A piece of memory, every byte of which has some value.
pub(crate) struct Piece {
    map: MmapMut,
    /// Where the aligned part begins.
    start: usize,
    /// The bytes of the aligned part.
    len: usize,
}

/// What a fresh look at a piece finds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Zeros that no processor has touched yet.
    Zeros,
    /// Whatever the last holder left.
    Leftovers,
}

/// All pieces of the process.
struct Pool {
    idle: VecDeque<Piece>,
    idle_bytes: usize,
}

static POOL: Mutex<Pool> = Mutex::new(Pool { idle: VecDeque::new(), idle_bytes: 0 });

/// Bytes of the pieces that are held now.
static USED: AtomicUsize = AtomicUsize::new(0);

/// See [`observe`].
static OBSERVER: OnceLock<fn()> = OnceLock::new();

fn pool() -> MutexGuard<'static, Pool> {
    // No code that can panic runs while the pool is locked.
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A piece of at least `bytes`.
///
/// # Errors
/// When the system has no more memory.
pub(crate) fn take(bytes: usize) -> Result<(Piece, Content), OutOfMemory> {
    try_take(bytes).map_err(|_| OutOfMemory { bytes })
}

fn try_take(bytes: usize) -> io::Result<(Piece, Content)> {
    let bytes = bytes.checked_next_multiple_of(unit(bytes)).ok_or(io::ErrorKind::OutOfMemory)?;
    let recycled = pool().recycle(bytes);
    let (piece, content) = match recycled {
        Some(piece) => (piece, Content::Leftovers),
        None => (Piece::new(bytes)?, Content::Zeros),
    };
    USED.fetch_add(piece.len, Ordering::Relaxed);
    if let Some(observer) = OBSERVER.get() {
        observer();
    }
    Ok((piece, content))
}

fn unit(bytes: usize) -> usize {
    if bytes < LARGE_PAGE { UNIT } else { LARGE_PAGE }
}

/// What a block of so many bytes takes: whole pages when it is large.
pub(crate) fn footprint(bytes: usize) -> usize {
    if bytes < LEAST { bytes } else { bytes.checked_next_multiple_of(unit(bytes)).unwrap_or(usize::MAX) }
}

/// Gives a piece back.
pub(crate) fn give(piece: Piece) {
    let surplus = pool().keep(piece);
    // Unmapping takes a while: nobody else has to wait for it.
    drop(surplus);
}

/// Bytes of the pieces that are held now.
pub fn bytes_in_use() -> usize {
    USED.load(Ordering::Relaxed)
}

/// Has `observer` called whenever a piece was taken: memory lies here and with the allocator, and the most of both
/// together is seen only by who looks each time. The first one stays.
pub fn observe(observer: fn()) {
    OBSERVER.get_or_init(|| observer);
}

impl Pool {
    /// The most recent idle piece of about this size.
    fn recycle(&mut self, bytes: usize) -> Option<Piece> {
        let fits = |piece: &Piece| (bytes..=bytes + bytes / 4).contains(&piece.len);
        let at = self.idle.iter().rposition(fits)?;
        let piece = self.idle.remove(at)?;
        self.idle_bytes -= piece.len;
        Some(piece)
    }

    /// Keeps a piece and returns what is then too much, the longest idle first.
    fn keep(&mut self, piece: Piece) -> Vec<Piece> {
        let used = USED.fetch_sub(piece.len, Ordering::Relaxed) - piece.len;
        self.idle_bytes += piece.len;
        self.idle.push_back(piece);
        let mut surplus = Vec::new();
        while self.idle_bytes > (used + used / 4).max(SPARE) {
            let Some(oldest) = self.idle.pop_front() else { break };
            self.idle_bytes -= oldest.len;
            surplus.push(oldest);
        }
        surplus
    }
}

impl Piece {
    fn new(bytes: usize) -> io::Result<Piece> {
        if bytes < LARGE_PAGE {
            return Ok(Piece { map: MmapMut::map_anon(bytes)?, start: 0, len: bytes });
        }
        let reserved = bytes.checked_add(LARGE_PAGE).ok_or(io::ErrorKind::OutOfMemory)?;
        let map = MmapMut::map_anon(reserved)?;
        let start = map.as_ptr().align_offset(LARGE_PAGE);
        // A system without large pages serves small ones.
        #[cfg(target_os = "linux")]
        let _ = map.advise_range(memmap2::Advice::HugePage, start, bytes);
        Ok(Piece { map, start, len: bytes })
    }

    /// The bytes.
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        &mut self.map[self.start..self.start + self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pool is one per process, and other tests use it meanwhile: sizes here are like no other's.
    const ODD: usize = 37 * LARGE_PAGE;

    #[test]
    fn a_piece_serves_the_next_of_about_its_size() {
        let (mut piece, content) = take(ODD - 5).unwrap();
        assert!(content == Content::Zeros && piece.bytes().len() == ODD);
        assert_eq!(piece.bytes().as_ptr().align_offset(LARGE_PAGE), 0);
        let holder = take(ODD * 3).unwrap().0;
        piece.bytes()[ODD - 1] = 7;
        give(piece);
        let (mut again, content) = take(ODD * 9 / 10).unwrap();
        assert!(content == Content::Leftovers && again.bytes()[ODD - 1] == 7);
        assert!(take(ODD / 2).unwrap().1 == Content::Zeros);
        give(again);
        give(holder);
    }

    #[test]
    fn impossible_sizes_are_errors() {
        assert!(take(usize::MAX).is_err());
        assert!(take(1 << 60).is_err());
    }

    #[test]
    fn what_is_held_counts_as_in_use() {
        let (piece, _) = take(51 * LARGE_PAGE).unwrap();
        assert!(bytes_in_use() >= 51 * LARGE_PAGE);
        give(piece);
    }
}
