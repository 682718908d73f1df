//! The WELL1024a generator (Panneton, L'Ecuyer, Matsumoto 2006, "Improved long-period generators based on linear
//! recurrences modulo 2").

const WORDS: usize = 32;

/// The generator: 1024 bits of state.
#[derive(Debug, Clone)]
pub struct Well1024a {
    state: [u32; WORDS],
    at: usize,
}

impl Well1024a {
    /// With all of its state given.
    pub fn new(state: [u32; WORDS]) -> Well1024a {
        Well1024a { state, at: 0 }
    }

    /// With its state expanded from 64 bits, upper half first, by the recurrence of the Mersenne twister's
    /// initialisation (signed words, as the reference computes it).
    pub fn from_seed(seed: i64) -> Well1024a {
        let mut state = [0; WORDS];
        (state[0], state[1]) = ((seed as u64 >> 32) as u32, seed as u32);
        for i in 2..WORDS {
            let before = i64::from(state[i - 2] as i32);
            let mixed = 1_812_433_253_i64.wrapping_mul(before ^ (before >> 30));
            state[i] = mixed.wrapping_add(i as i64) as u32;
        }
        Well1024a::new(state)
    }

    /// The next 32 bits.
    pub fn next_u32(&mut self) -> u32 {
        let i = self.at;
        let word = |ahead: usize| self.state[(i + ahead) % WORDS];
        let (before, here, m1, m2, m3) = (word(31), word(0), word(3), word(24), word(10));
        let z1 = here ^ m1 ^ (m1 >> 8);
        let z2 = m2 ^ (m2 << 19) ^ m3 ^ (m3 << 14);
        let z3 = z1 ^ z2;
        let z4 = before ^ (before << 11) ^ z1 ^ (z1 << 7) ^ z2 ^ (z2 << 13);
        self.state[i] = z3;
        self.at = (i + 31) % WORDS;
        self.state[self.at] = z4;
        z4
    }

    /// The next 64 bits, upper half first.
    pub fn next_i64(&mut self) -> i64 {
        let high = self.next_u32();
        (u64::from(high) << 32 | u64::from(self.next_u32())) as i64
    }

    /// The next double in [0, 1): 52 bits.
    pub fn next_f64(&mut self) -> f64 {
        let high = u64::from(self.next_u32() >> 6) << 26;
        let low = u64::from(self.next_u32() >> 6);
        (high | low) as f64 / (1u64 << 52) as f64
    }
}
