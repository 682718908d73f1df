//! Buckets of hashed values.

use rayon::prelude::*;

use super::CHUNK;
use crate::Column;

/// The bucket of a text among `buckets`, counted from 1: the polynomial of its UTF-16 units at 31, in 32 bits with a sign, as
/// many systems hash texts, so that buckets are the same everywhere and in every version.
pub fn bucket(text: &str, buckets: usize) -> u32 {
    let hash =
        text.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    i64::from(hash).rem_euclid(buckets as i64) as u32 + 1
}

/// The bucket of each row, 0 for missing cells.
pub fn apply(column: &Column, buckets: usize) -> Vec<u32> {
    let code = |at: usize| {
        if column.lacks_value(at) {
            return 0;
        }
        match column.str(at) {
            Some(text) => bucket(text, buckets),
            None => bucket(&column.cell(at).text().unwrap_or_default(), buckets),
        }
    };
    let mut codes = vec![0; column.len()];
    codes.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, codes)| {
        codes.iter_mut().zip(chunk * CHUNK..).for_each(|(to, at)| *to = code(at));
    });
    codes
}
