//! Philox4x64-10, a generator without state (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy
//! as 1, 2, 3"): the n-th four numbers are a keyed hash of n.

const MULTIPLIERS: [u64; 2] = [0xD2E7_470E_E14C_6C93, 0xCA5A_8263_9512_1157];
const WEYL: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xBB67_AE85_84CA_A73B];
const ROUNDS: usize = 10;

/// The four numbers at `counter`, keyed by `key` twice.
#[inline]
pub fn philox(counter: u64, key: u64) -> [u64; 4] {
    let mut x = [counter, 0, 0, 0];
    let mut keys = [key; 2];
    for _ in 0..ROUNDS {
        let left = u128::from(MULTIPLIERS[0]) * u128::from(x[0]);
        let right = u128::from(MULTIPLIERS[1]) * u128::from(x[2]);
        let high = |product: u128| (product >> 64) as u64;
        x = [high(right) ^ x[1] ^ keys[0], right as u64, high(left) ^ x[3] ^ keys[1], left as u64];
        keys = [keys[0].wrapping_add(WEYL[0]), keys[1].wrapping_add(WEYL[1])];
    }
    x
}

/// A signed 64-bit number scaled by 2^-64 and moved up by 1/2.
fn double(number: u64) -> f64 {
    const SCALE: f64 = 1.0 / (1_u128 << 64) as f64;
    number as i64 as f64 * SCALE + 0.5
}

/// Doubles in [0, 1] from ascending counters.
#[derive(Debug, Clone)]
pub struct Philox {
    key: u64,
    counter: u64,
    ready: [u64; 4],
    used: usize,
}

impl Philox {
    /// Keyed by `seed`, from `counter` on.
    pub fn new(seed: i64, counter: u64) -> Philox {
        Philox { key: seed as u64, counter, ready: [0; 4], used: 4 }
    }

    /// The next double.
    pub fn next_f64(&mut self) -> f64 {
        if self.used == 4 {
            self.ready = philox(self.counter, self.key);
            self.counter = self.counter.wrapping_add(1);
            self.used = 0;
        }
        self.used += 1;
        double(self.ready[self.used - 1])
    }

    /// Fills `out` with `min + range * u` of the next doubles `u`.
    pub fn fill(&mut self, out: &mut [f64], min: f64, range: f64) {
        let (ready, rest) = out.split_at_mut((4 - self.used).min(out.len()));
        ready.iter_mut().for_each(|cell| *cell = min + range * self.next_f64());
        let (fours, last) = rest.as_chunks_mut::<4>();
        for four in fours {
            let numbers = philox(self.counter, self.key);
            self.counter = self.counter.wrapping_add(1);
            *four = numbers.map(|number| min + range * double(number));
        }
        last.iter_mut().for_each(|cell| *cell = min + range * self.next_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filling_equals_drawing_one_by_one() {
        for (before, len) in [(0, 0), (0, 9), (1, 2), (1, 3), (3, 100), (4, 31)] {
            let (mut filled, mut drawn) = (Philox::new(-5, 77), Philox::new(-5, 77));
            (0..before).for_each(|_| assert_eq!(filled.next_f64(), drawn.next_f64()));
            let mut out = vec![0.0; len];
            filled.fill(&mut out, -1.0, 3.0);
            let expected: Vec<f64> = (0..len).map(|_| -1.0 + 3.0 * drawn.next_f64()).collect();
            assert_eq!(out, expected);
            assert_eq!(filled.next_f64(), drawn.next_f64());
        }
    }
}
