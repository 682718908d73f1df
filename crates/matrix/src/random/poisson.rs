//! Poisson numbers: by a Poisson process below a mean of 40, else by rejection (Devroye 1981, "The computer
//! generation of Poisson random variables", Computing 26), over a [`Well1024a`].

use std::f64::consts::{LN_2, PI};

use super::well1024a::Well1024a;

/// The largest mean of the process method.
const PIVOT: f64 = 40.0;
/// Table size of logarithms of factorials; beyond it Stirling's series is exact to double precision.
const TABLE: usize = 4096;

/// A stream of Poisson numbers.
pub(super) struct Poisson {
    source: Source,
    method: Method,
}

enum Method {
    Process { lambda: f64 },
    Rejection(Box<Rejection>),
}

/// What does not change between the draws of one mean, by the names of the paper.
struct Rejection {
    lambda: f64,
    fraction: f64,
    log_lambda: f64,
    log_lambda_factorial: f64,
    delta: f64,
    two_lambda_delta: f64,
    p1: f64,
    p2: f64,
    c1: f64,
    log_factorials: Vec<f64>,
}

impl Poisson {
    /// Of mean `lambda`, seeded.
    ///
    /// # Panics
    /// When `lambda` is not above 0.
    pub(super) fn new(lambda: f64, seed: i64) -> Poisson {
        assert!(lambda > 0.0, "the mean {lambda} of a Poisson distribution is above 0");
        let method = if lambda < PIVOT {
            Method::Process { lambda }
        } else {
            Method::Rejection(Box::new(Rejection::new(lambda)))
        };
        Poisson { source: Source::new(seed), method }
    }

    /// The next number.
    pub(super) fn next(&mut self) -> f64 {
        match &self.method {
            Method::Process { lambda } => process(&mut self.source, *lambda),
            Method::Rejection(rejection) => rejection.next(&mut self.source),
        }
    }
}

/// Counts the arrivals of a Poisson process in one unit of time.
fn process(source: &mut Source, lambda: f64) -> f64 {
    let limit = (-lambda).exp();
    let (mut n, mut product) = (0.0, 1.0);
    while n < 1000.0 * lambda {
        product *= source.uniform.next_f64();
        if product < limit {
            break;
        }
        n += 1.0;
    }
    n
}

impl Rejection {
    fn new(mean: f64) -> Rejection {
        let lambda = mean.floor();
        let log_factorials = log_factorials();
        let delta = (lambda * (32.0 * lambda / PI + 1.0).ln()).sqrt();
        let two_lambda_delta = 2.0 * lambda + delta;
        let c1 = 1.0 / (8.0 * lambda);
        let a1 = (PI * two_lambda_delta).sqrt() * c1.exp();
        let a2 = (two_lambda_delta / delta) * (-delta * (1.0 + delta) / two_lambda_delta).exp();
        let sum = a1 + a2 + 1.0;
        Rejection {
            lambda,
            fraction: mean - lambda,
            log_lambda: lambda.ln(),
            log_lambda_factorial: log_factorial(&log_factorials, lambda),
            delta,
            two_lambda_delta,
            p1: a1 / sum,
            p2: a2 / sum,
            c1,
            log_factorials,
        }
    }

    fn next(&self, source: &mut Source) -> f64 {
        let rest = if self.fraction < f64::MIN_POSITIVE { 0.0 } else { process(source, self.fraction) };
        loop {
            let u = source.uniform.next_f64();
            if u > self.p1 + self.p2 {
                return rest + self.lambda;
            }
            let Some((x, y, v)) = self.propose(source, u) else { continue };
            if self.accepts(x, y, v) {
                return rest + self.lambda + y;
            }
        }
    }

    /// A candidate `y` (the number less lambda), the `x` it is rounded from, and the level `v` to beat.
    fn propose(&self, source: &mut Source, u: f64) -> Option<(f64, f64, f64)> {
        if u <= self.p1 {
            let n = source.normal();
            let x = n * (self.lambda + self.delta / 2.0).sqrt() - 0.5;
            if x > self.delta || x < -self.lambda {
                return None;
            }
            let y = if x < 0.0 { x.floor() } else { x.ceil() };
            return Some((x, y, -source.exponential() - n * n / 2.0 + self.c1));
        }
        let x = self.delta + (self.two_lambda_delta / self.delta) * source.exponential();
        let v = -source.exponential() - self.delta * (x + 1.0) / self.two_lambda_delta;
        Some((x, x.ceil(), v))
    }

    fn accepts(&self, x: f64, y: f64, v: f64) -> bool {
        let left = f64::from(u8::from(x < 0.0));
        let t = y * (y + 1.0) / (2.0 * self.lambda);
        if v < -t && left == 0.0 {
            return true;
        }
        let upper = t * ((2.0 * y + 1.0) / (6.0 * self.lambda) - 1.0);
        let lower = upper - (t * t) / (3.0 * (self.lambda + left * (y + 1.0)));
        if v < lower {
            return true;
        }
        let exact = || {
            y * self.log_lambda - log_factorial(&self.log_factorials, y + self.lambda)
                + self.log_lambda_factorial
        };
        v <= upper && v < exact()
    }
}

/// ln(n!) for n below the table size: of the factorial itself while that is exact, then as a sum.
fn log_factorials() -> Vec<f64> {
    let (mut factorial, mut sum) = (1u64, 0.0);
    let after_one = (2..TABLE as u64).map(|n| {
        sum += (n as f64).ln();
        if n > 20 {
            return sum;
        }
        factorial *= n;
        (factorial as f64).ln()
    });
    [0.0, 0.0].into_iter().chain(after_one).collect()
}

fn log_factorial(table: &[f64], n: f64) -> f64 {
    if let Some(&value) = table.get(n as usize) {
        return value;
    }
    let inverse = 1.0 / n;
    (n + 0.5) * n.ln() - n + 0.5 * (2.0 * PI).ln() + inverse / 12.0 - inverse.powi(3) / 360.0
}

/// The uniform, normal and exponential numbers that the rejection draws, from one generator.
struct Source {
    uniform: Well1024a,
    sine: Option<f64>,
    /// `levels[k]` is the sum of ln(2)^i / i! for i from 1 to k + 1.
    levels: [f64; 16],
}

impl Source {
    fn new(seed: i64) -> Source {
        let (mut term, mut sum) = (1.0, 0.0);
        let levels = std::array::from_fn(|k| {
            term *= LN_2 / (k + 1) as f64;
            sum += term;
            sum
        });
        Source { uniform: Well1024a::from_seed(seed), sine: None, levels }
    }

    /// A standard normal (Box, Muller 1958): the angle is drawn before the radius.
    fn normal(&mut self) -> f64 {
        if let Some(sine) = self.sine.take() {
            return sine;
        }
        let angle = 2.0 * PI * self.uniform.next_f64();
        let radius = (-2.0 * self.uniform.next_f64().ln()).sqrt();
        self.sine = Some(radius * angle.sin());
        radius * angle.cos()
    }

    /// A standard exponential (Ahrens, Dieter 1972, "Computer methods for sampling from the exponential and
    /// normal distributions", algorithm SA).
    fn exponential(&mut self) -> f64 {
        let mut whole = 0.0;
        let mut u = self.uniform.next_f64();
        while u < 0.5 && u > 0.0 {
            whole += LN_2;
            u *= 2.0;
        }
        u += u - 1.0;
        if u <= LN_2 {
            return whole + u;
        }
        let mut least = self.uniform.next_f64();
        for level in &self.levels[1..] {
            least = least.min(self.uniform.next_f64());
            if u <= *level {
                break;
            }
        }
        whole + least * LN_2
    }
}
