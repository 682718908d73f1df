//! What a message of Arrow's interprocess format says of its buffers, checked before it is believed: they lie inside of
//! its body, and compressed ones do not claim to hold more than they can.

use arrow_ipc::{Buffer, Message, MessageHeader, root_as_message};

/// The most that a byte can stand for: LZ4 reaches 255, zstd repeats a byte 128 KiB long in a block of four bytes.
const LARGEST_RATIO: u64 = 1 << 15;

/// Before the bytes of a message stands this, then their number.
const CONTINUATION: [u8; 4] = [0xFF; 4];

/// The message at the beginning of bytes, and where its body begins; `None` at the end of a stream.
///
/// # Errors
/// What is wrong with it.
pub fn parse(bytes: &[u8]) -> Result<Option<(Message<'_>, usize)>, String> {
    let word = |at: usize| bytes.get(at..at + 4).and_then(|word| <[u8; 4]>::try_from(word).ok());
    let Some(first) = word(0) else { return Ok(None) };
    let (len, start) = if first == CONTINUATION { (word(4), 8) } else { (Some(first), 4) };
    let len = i32::from_le_bytes(len.ok_or("a message is truncated")?);
    if len == 0 {
        return Ok(None);
    }
    let end = usize::try_from(len).ok().and_then(|len| len.checked_add(start));
    let message = end.and_then(|end| bytes.get(start..end)).ok_or("a message is truncated")?;
    let message = root_as_message(message).map_err(|error| format!("a message is malformed: {error}"))?;
    Ok(Some((message, start + len as usize)))
}

/// Checks the buffers of a message against its body.
///
/// # Errors
/// What is wrong with them.
pub fn check(message: &Message<'_>, body: &[u8]) -> Result<(), String> {
    let batch = match message.header_type() {
        MessageHeader::RecordBatch => message.header_as_record_batch(),
        MessageHeader::DictionaryBatch => message.header_as_dictionary_batch().and_then(|batch| batch.data()),
        _ => return Ok(()),
    };
    let Some(batch) = batch else { return Err("a batch is malformed".into()) };
    let (rows, bits) = (batch.length(), 8 * body.len() as u64);
    let is_compressed = batch.compression().is_some();
    let can_hold = if is_compressed { bits.saturating_mul(LARGEST_RATIO) } else { bits };
    for buffer in batch.buffers().iter().flatten() {
        let bytes = inside(buffer, body).ok_or("a buffer lies outside of its batch")?;
        if is_compressed && !bytes.is_empty() {
            check_compressed(bytes)?;
        }
    }
    let has_buffers = batch.buffers().is_some_and(|buffers| !buffers.is_empty());
    let is_long = |count: i64| u64::try_from(count).map_or(true, |count| count > can_hold);
    let nodes = batch.nodes();
    // A column of nulls has rows without buffers; they take memory, so they are bounded too.
    let is_wrong = nodes.iter().flatten().any(|node| node.length() < 0 || node.null_count() < 0);
    if is_wrong || rows < 0 || has_buffers && is_long(rows) {
        return Err("a batch claims more rows than it has bytes for".into());
    }
    Ok(())
}

fn inside<'a>(buffer: &Buffer, body: &'a [u8]) -> Option<&'a [u8]> {
    let (offset, len) = (usize::try_from(buffer.offset()).ok()?, usize::try_from(buffer.length()).ok()?);
    body.get(offset..offset.checked_add(len)?)
}

/// Compressed buffers begin with the number of bytes that they hold; -1 says that they are plain.
fn check_compressed(bytes: &[u8]) -> Result<(), String> {
    let claimed = bytes.first_chunk().map(|len| i64::from_le_bytes(*len));
    let most = (bytes.len() as u64).saturating_mul(LARGEST_RATIO);
    match claimed {
        Some(-1) => Ok(()),
        Some(claimed) if u64::try_from(claimed).is_ok_and(|claimed| claimed <= most) => Ok(()),
        _ => Err("a compressed buffer claims to hold more than it can".into()),
    }
}
