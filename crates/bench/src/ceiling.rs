//! The ceilings of the machine: what memory delivers and what the arithmetic units do, at one and at all threads.
//!
//! Bandwidths count the bytes of the loop as it is written, as STREAM does (McCalpin, "Memory bandwidth and machine
//! balance in current high performance computers", 1995): what a store reads first is not counted. The arrays are large
//! enough that nothing is left of them in a cache: the sides of a case evict each other's data, too. They lie in large
//! pages, as those of NumPy do.

use std::time::{Duration, Instant};

use memmap2::MmapMut;
use pulp::{Arch, Simd, WithSimd, bytemuck};
use serde::Serialize;

use crate::kernel::Side;

/// Cells of an array: more than caches keep.
const CELLS: usize = 50_000_000;

/// More threads than any machine has.
const MOST_THREADS: usize = 1 << 12;

/// How often each loop runs; the best counts.
const TIMES: usize = 7;

/// Registers that hold sums: enough to hide the latency of two units, few enough for AVX2.
const SUMS: usize = 12;

/// Multiply-adds of a register in one run.
const STEPS: usize = 4_000_000;

/// The ceilings at one and at all threads.
#[derive(Default, Serialize)]
pub struct Ceilings(pub Vec<Ceiling>);

/// Bytes per second of memory and operations per second.
#[derive(Serialize)]
pub struct Ceiling {
    /// How many threads work.
    pub threads: usize,
    /// Reading: a sum.
    pub read: f64,
    /// As many bytes read as written: `a = b`.
    pub copy: f64,
    /// More bytes read than written: `a = b + s * c`.
    pub triad: f64,
    /// Writing: `a = s`.
    pub write: f64,
    /// Fused multiply-adds in registers.
    pub flops: f64,
}

/// Bytes that a kernel reads and writes.
pub struct Mix {
    /// Bytes read.
    pub reads: f64,
    /// Bytes written.
    pub writes: f64,
}

impl Ceilings {
    /// Measures them.
    ///
    /// # Errors
    /// When there is not enough memory for the arrays.
    pub fn measure(threads: usize) -> Result<Ceilings, String> {
        let mut arrays = Arrays::of([CELLS; 3])?;
        let mut counts = vec![1, threads];
        counts.dedup();
        Ok(Ceilings(counts.into_iter().map(|threads| arrays.ceiling(threads)).collect()))
    }

    /// That of a number of threads; of the largest if absent.
    pub fn of(&self, threads: Option<usize>) -> Option<&Ceiling> {
        match threads {
            Some(threads) => self.0.iter().find(|ceiling| ceiling.threads == threads),
            None => self.0.last(),
        }
    }
}

impl Mix {
    /// The loop of a mix: reading, as many bytes read as written, more read than written, or writing.
    fn work(&self) -> Loop {
        if self.writes < self.reads / 10.0 {
            Loop::Read
        } else if self.reads < self.writes / 10.0 {
            Loop::Write
        } else if self.reads > 1.5 * self.writes {
            Loop::Triad
        } else {
            Loop::Copy
        }
    }
}

impl Ceiling {
    /// The bandwidth for a mix.
    pub fn bandwidth(&self, mix: &Mix) -> f64 {
        match mix.work() {
            Loop::Write => self.write,
            Loop::Triad => self.triad,
            Loop::Copy => self.copy,
            Loop::Read | Loop::Fma => self.read,
        }
    }
}

/// The bytes of one case, moved by the plainest loop in its turns: what ours could reach beside the same peers.
pub struct Roof {
    arrays: Arrays,
    work: Loop,
    threads: usize,
}

impl Roof {
    /// A loop for a mix.
    ///
    /// # Errors
    /// When there is not enough memory for the arrays.
    pub fn start(mix: &Mix, threads: usize) -> Result<Roof, String> {
        let cells = ((mix.reads + mix.writes) / size_of::<f64>() as f64) as usize;
        let work = mix.work();
        let cells = match work {
            Loop::Triad => [cells / 3; 3],
            Loop::Copy => [cells / 2, cells / 2, 0],
            Loop::Write => [cells, 0, 0],
            Loop::Read | Loop::Fma => [0, cells, 0],
        };
        Ok(Roof { arrays: Arrays::of(cells)?, work, threads })
    }
}

impl Side for Roof {
    fn turn(&mut self) -> Result<String, String> {
        Ok(format!("ns {}", self.arrays.run(self.work, self.threads).as_nanos()))
    }
}

struct Arrays([MmapMut; 3]);

/// Numbers in memory of their own.
fn array(cells: usize) -> Result<MmapMut, String> {
    let mut bytes = memory(size_of::<f64>() * cells)?;
    bytemuck::cast_slice_mut::<u8, f64>(&mut bytes).fill(1.0);
    Ok(bytes)
}

/// Memory that nobody wrote to yet, in large pages where the system has them.
///
/// # Errors
/// When there is not enough.
pub fn memory(bytes: usize) -> Result<MmapMut, String> {
    let map = MmapMut::map_anon(bytes).map_err(|error| format!("memory for the ceilings: {error}"))?;
    #[cfg(target_os = "linux")]
    if let Err(error) = map.advise(memmap2::Advice::HugePage) {
        eprintln!("no large pages for the ceilings: {error}");
    }
    Ok(map)
}

/// What the loops do to a chunk of each array.
#[derive(Clone, Copy)]
enum Loop {
    Read,
    Copy,
    Triad,
    Write,
    Fma,
}

impl Arrays {
    /// Arrays of so many cells, some for each thread.
    fn of(cells: [usize; 3]) -> Result<Arrays, String> {
        let [a, b, c] = cells.map(|cells| cells.max(MOST_THREADS));
        Ok(Arrays([array(a)?, array(b)?, array(c)?]))
    }

    fn ceiling(&mut self, threads: usize) -> Ceiling {
        let lanes = Arch::new().dispatch(Lanes) as f64;
        let array = (8 * CELLS) as f64;
        let mut rate = |work, amount: f64| amount / self.best(work, threads);
        Ceiling {
            threads,
            read: rate(Loop::Read, array),
            copy: rate(Loop::Copy, 2.0 * array),
            triad: rate(Loop::Triad, 3.0 * array),
            write: rate(Loop::Write, array),
            flops: rate(Loop::Fma, 2.0 * lanes * (SUMS * STEPS * threads) as f64),
        }
    }

    /// Seconds of the best of some runs on all chunks at once.
    fn best(&mut self, work: Loop, threads: usize) -> f64 {
        (0..TIMES).map(|_| self.run(work, threads).as_secs_f64()).fold(f64::INFINITY, f64::min)
    }

    fn run(&mut self, work: Loop, threads: usize) -> Duration {
        let [a, b, c] = self.0.each_mut().map(|array| bytemuck::cast_slice_mut::<u8, f64>(array));
        let part = |cells: &[f64]| cells.len().div_ceil(threads);
        let (part_a, part_b, part_c) = (part(a), part(b), part(c));
        let chunks = a.chunks_mut(part_a).zip(b.chunks(part_b).zip(c.chunks(part_c)));
        let start = Instant::now();
        std::thread::scope(|scope| {
            for (a, (b, c)) in chunks {
                scope.spawn(move || Arch::new().dispatch(Chunk { work, a, b, c }));
            }
        });
        start.elapsed()
    }
}

/// Numbers in a register.
struct Lanes;

impl WithSimd for Lanes {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> usize {
        S::F64_LANES
    }
}

struct Chunk<'a> {
    work: Loop,
    a: &'a mut [f64],
    b: &'a [f64],
    c: &'a [f64],
}

impl WithSimd for Chunk<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (a, _) = S::as_mut_simd_f64s(self.a);
        let (b, _) = S::as_simd_f64s(self.b);
        let (c, _) = S::as_simd_f64s(self.c);
        let s = simd.splat_f64s(1e-3);
        match self.work {
            Loop::Read => {
                let mut sums = [simd.splat_f64s(0.0); SUMS];
                for cells in b.chunks_exact(SUMS) {
                    for (sum, cell) in sums.iter_mut().zip(cells) {
                        *sum = simd.add_f64s(*sum, *cell);
                    }
                }
                std::hint::black_box(sums);
            }
            Loop::Copy => a.copy_from_slice(b),
            Loop::Triad => {
                for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
                    *a = simd.mul_add_e_f64s(s, *c, *b);
                }
            }
            Loop::Write => {
                for a in a.iter_mut() {
                    *a = s;
                }
            }
            Loop::Fma => {
                let mut sums = [s; SUMS];
                for _ in 0..STEPS {
                    for sum in &mut sums {
                        *sum = simd.mul_add_e_f64s(*sum, s, s);
                    }
                }
                std::hint::black_box(sums);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_has_the_ceiling_of_its_loop() {
        let ceiling = Ceiling { threads: 1, read: 1.0, copy: 2.0, triad: 3.0, write: 4.0, flops: 5.0 };
        let bandwidth = |reads, writes| ceiling.bandwidth(&Mix { reads, writes });
        assert_eq!(bandwidth(8e8, 8e6), 1.0);
        assert_eq!(bandwidth(8e7, 8e7), 2.0);
        assert_eq!(bandwidth(16e7, 8e7), 3.0);
        assert_eq!(bandwidth(0.0, 8e7), 4.0);
    }

    #[test]
    fn ceilings_are_found_by_threads() {
        let of = |threads| Ceiling { threads, read: 0.0, copy: 0.0, triad: 0.0, write: 0.0, flops: 0.0 };
        let ceilings = Ceilings(vec![of(1), of(8)]);
        assert_eq!(ceilings.of(None).map(|ceiling| ceiling.threads), Some(8));
        assert_eq!(ceilings.of(Some(1)).map(|ceiling| ceiling.threads), Some(1));
        assert!(ceilings.of(Some(2)).is_none());
    }
}
