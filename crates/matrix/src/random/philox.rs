//! Philox4x64-10, a generator without state (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy
//! as 1, 2, 3"): the n-th four numbers are a keyed hash of n.

const MULTIPLIERS: [u64; 2] = [0xD2E7_470E_E14C_6C93, 0xCA5A_8263_9512_1157];
const WEYL: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xBB67_AE85_84CA_A73B];
const ROUNDS: usize = 10;

/// The four numbers at `counter`, keyed by `key` twice.
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

    /// The next double: a signed 64-bit number scaled by 2^-64 and moved up by 1/2.
    pub fn next_f64(&mut self) -> f64 {
        if self.used == 4 {
            self.ready = philox(self.counter, self.key);
            self.counter = self.counter.wrapping_add(1);
            self.used = 0;
        }
        let number = self.ready[self.used] as i64;
        self.used += 1;
        number as f64 * 2f64.powi(-64) + 0.5
    }
}
