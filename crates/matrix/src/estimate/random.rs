//! Numbers that look random and are the same in every run: hashes of places.

/// Mixes all bits of a word (SplitMix64; Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
pub(super) fn mixed(word: u64) -> u64 {
    let mut word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// The hash of a place, one of many functions.
pub(super) fn hash(at: usize, seed: u64) -> u64 {
    mixed(mixed(at as u64) ^ seed)
}

/// A number in the open unit interval.
pub(super) fn uniform(at: usize, seed: u64) -> f64 {
    ((hash(at, seed) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
}

/// `x` rounded down or up at random, such that the mean is `x`: counts far below one do not all vanish.
pub(super) fn rounded(x: f64, at: usize, seed: u64) -> u32 {
    let down = x.floor();
    down as u32 + u32::from(uniform(at, seed) < x - down)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_keeps_the_mean() {
        for x in [0.0, 0.01, 0.5, 3.0, 7.25] {
            let sum: f64 = (0..100_000).map(|at| f64::from(rounded(x, at, 5))).sum();
            // Five standard errors of a fair coin.
            assert!((sum / 1e5 - x).abs() < 5.0 * 0.5 / 1e5_f64.sqrt(), "{x}: {sum}");
        }
    }
}
