//! The distributions: streams of values of one block.

use std::f64::consts::PI;

use super::java_random::JavaRandom;
use super::philox::Philox;
use super::poisson::Poisson;

/// What the values of a random matrix follow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Distribution {
    /// Uniform on [min, max).
    Uniform {
        /// The lower bound.
        min: f64,
        /// The upper bound.
        max: f64,
    },
    /// Standard normal.
    Normal,
    /// Poisson.
    Poisson {
        /// The mean, above 0.
        lambda: f64,
    },
    /// Uniform on [min, max], from a counter-based generator.
    CounterUniform {
        /// The lower bound.
        min: f64,
        /// The upper bound.
        max: f64,
    },
    /// Standard normal, from a counter-based generator.
    CounterNormal,
}

/// The values of one block.
pub(super) enum Stream {
    Uniform { source: JavaRandom, min: f64, range: f64 },
    Normal(Pairs<JavaRandom>),
    Poisson(Box<Poisson>),
    CounterUniform { source: Philox, min: f64, range: f64 },
    CounterNormal(Pairs<Philox>),
}

impl Stream {
    /// Seeded by the seed of a block; `counter` is where a counter-based generator starts.
    pub(super) fn new(distribution: Distribution, seed: i64, counter: u64) -> Stream {
        match distribution {
            Distribution::Uniform { min, max } => {
                Stream::Uniform { source: JavaRandom::new(seed), min, range: max - min }
            }
            Distribution::Normal => Stream::Normal(Pairs::new(JavaRandom::new(seed))),
            Distribution::Poisson { lambda } => Stream::Poisson(Box::new(Poisson::new(lambda, seed))),
            Distribution::CounterUniform { min, max } => {
                Stream::CounterUniform { source: Philox::new(seed, counter), min, range: max - min }
            }
            Distribution::CounterNormal => Stream::CounterNormal(Pairs::new(Philox::new(seed, counter))),
        }
    }

    /// True when the stream depends on where in the matrix its block lies.
    pub(super) fn is_counter_based(&self) -> bool {
        matches!(self, Stream::CounterUniform { .. } | Stream::CounterNormal(_))
    }

    /// The first draw, which seeds the choice of cells: before `min` and `max` apply.
    pub(super) fn draw(&mut self) -> f64 {
        match self {
            Stream::Uniform { source, .. } => source.next_f64(),
            other => other.next(),
        }
    }

    /// The next value.
    pub(super) fn next(&mut self) -> f64 {
        match self {
            Stream::Uniform { source, min, range } => *min + *range * source.next_f64(),
            Stream::Normal(pairs) => pairs.next(),
            Stream::Poisson(poisson) => poisson.next(),
            Stream::CounterUniform { source, min, range } => *min + *range * source.next_f64(),
            Stream::CounterNormal(pairs) => pairs.next(),
        }
    }

    /// Fills `out` with the next values.
    pub(super) fn fill(&mut self, out: &mut [f64]) {
        match self {
            Stream::Uniform { source, min, range } => source.fill(out, *min, *range),
            Stream::Normal(pairs) => out.fill_with(|| pairs.next()),
            Stream::Poisson(poisson) => out.fill_with(|| poisson.next()),
            Stream::CounterUniform { source, min, range } => source.fill(out, *min, *range),
            Stream::CounterNormal(pairs) => out.fill_with(|| pairs.next()),
        }
    }
}

/// Uniform doubles in the unit interval.
pub(super) trait Uniform {
    fn next_f64(&mut self) -> f64;
}

impl Uniform for JavaRandom {
    fn next_f64(&mut self) -> f64 {
        JavaRandom::next_f64(self)
    }
}

impl Uniform for Philox {
    fn next_f64(&mut self) -> f64 {
        Philox::next_f64(self)
    }
}

/// Standard normals in pairs, of the cosine and then of the sine (Box, Muller 1958).
pub(super) struct Pairs<S> {
    source: S,
    sine: Option<f64>,
}

impl<S: Uniform> Pairs<S> {
    fn new(source: S) -> Pairs<S> {
        Pairs { source, sine: None }
    }

    fn next(&mut self) -> f64 {
        if let Some(sine) = self.sine.take() {
            return sine;
        }
        let radius = (-2.0 * self.source.next_f64().ln()).sqrt();
        let (sin, cos) = (2.0 * PI * self.source.next_f64()).sin_cos();
        self.sine = Some(radius * sin);
        radius * cos
    }
}
