//! What a machine reaches, measured with the operators themselves, and lines fitted to what they take.
//!
//! - `recipes`: the operators and shapes that are measured
//! - `fit`: least squares of relative errors

mod fit;
mod recipes;

use std::time::Instant;

use tilewright_base::{Code, Fault, Outcome, bail};
use tilewright_ir::machine::Fit;
use tilewright_ir::{Class, Machine, Rates, Work};
use tilewright_ops::{Context, Facts, Op};
use tilewright_value::Value;

use recipes::{Given, Recipe};

/// An operator is repeated for so many seconds, and so many times at least.
const SECONDS: f64 = 0.03;
const TIMES: usize = 3;

/// A class needs so many samples for a line of its own.
const SAMPLES: usize = 6;

/// One operator on inputs of one shape.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The operator and its inputs.
    pub name: String,
    /// What it does.
    pub work: Work,
    /// What it took, the median of its runs.
    pub seconds: f64,
    /// What the analytic model says.
    pub analytic: f64,
    /// What a line says that was fitted to the other samples of its class; none of too few.
    pub fitted: Option<f64>,
}

/// A machine with what was measured on it.
pub struct Calibration {
    /// The machine.
    pub machine: Machine,
    /// With all threads.
    pub samples: Vec<Sample>,
}

/// Measures ceilings and operators at one and at all threads; what is known of cores and caches stays.
///
/// # Errors
/// When threads cannot be started.
pub fn calibrate(machine: Machine) -> Outcome<Calibration> {
    let mut machine = machine.analytic();
    let one = pool(1)?;
    let all = pool(machine.cores)?;
    machine.overhead = one.install(|| recipes::overhead().seconds())?;
    machine.one = one.install(|| rates(&machine))?;
    machine.all = all.install(|| rates(&machine))?;
    machine.one.cached = one.install(|| cached(&machine))?;
    machine.all.cached = machine.one.cached * machine.cores as f64;
    let single = one.install(|| samples(&machine.limited(1)))?;
    let samples = all.install(|| samples(&machine))?;
    machine.one.fitted = fit::lines(&single, machine.limited(1).near());
    machine.all.fitted = fit::lines(&samples, machine.near());
    Ok(Calibration { machine, samples })
}

fn pool(threads: usize) -> Outcome<rayon::ThreadPool> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| Fault::new(Code::Value, format!("{threads} threads cannot be started: {error}")))
}

/// Memory and arithmetic, by a sum, a sum of two, and a product that is bound by arithmetic.
fn rates(machine: &Machine) -> Outcome<Rates> {
    let (read, both, product) = (recipes::read(), recipes::read_and_write(), recipes::arithmetic());
    let reading = read.work()?.read / read.seconds()?;
    let work = both.work()?;
    // What is left of the time after reading is writing, at least a tenth of it.
    let seconds = both.seconds()?;
    let writing = (seconds - work.read / reading).max(seconds / 10.0);
    Ok(Rates {
        read: reading,
        write: work.written / writing,
        cached: machine.one.cached,
        flops: product.work()?.flops / product.seconds()?,
        fitted: std::collections::BTreeMap::new(),
    })
}

/// Bytes per second of what stays in the second cache of a core.
fn cached(machine: &Machine) -> Outcome<f64> {
    let recipe = recipes::within(machine.caches[1]);
    Ok(recipe.work()?.bytes() / (recipe.seconds()? - machine.overhead).max(1e-9))
}

/// Measures all recipes in the pool that it is called in.
fn samples(machine: &Machine) -> Outcome<Vec<Sample>> {
    let sample = |recipe: Recipe| {
        let work = recipe.work()?;
        let (seconds, analytic) = (recipe.seconds()?, machine.time(&work));
        Ok(Sample { name: recipe.to_string(), work, seconds, analytic, fitted: None })
    };
    let mut samples = recipes::all().into_iter().map(sample).collect::<Outcome<Vec<_>>>()?;
    let near = machine.near();
    for at in 0..samples.len() {
        samples[at].fitted = fit::without(&samples, at, near).map(|fit| fit.time(&samples[at].work, near));
    }
    Ok(samples)
}

impl Recipe {
    fn values(&self) -> Outcome<Vec<Value>> {
        self.inputs.iter().map(Given::value).collect()
    }

    fn work(&self) -> Outcome<Work> {
        let facts: Vec<Facts> = self.values()?.iter().map(Facts::of).collect();
        let results = self.op.infer(&facts)?;
        let inputs: Vec<&Facts> = facts.iter().collect();
        match Work::of(&self.op, &inputs, &results) {
            Some(work) => Ok(work),
            None => bail!(Internal, "the sizes of {self} are known"),
        }
    }

    /// The median of some runs.
    fn seconds(&self) -> Outcome<f64> {
        let values = self.values()?;
        run(&self.op, &values)?;
        let (started, mut seconds) = (Instant::now(), Vec::new());
        while seconds.len() < TIMES || started.elapsed().as_secs_f64() < SECONDS {
            let clock = Instant::now();
            run(&self.op, &values)?;
            seconds.push(clock.elapsed().as_secs_f64());
        }
        Ok(quantile(seconds, 0.5))
    }
}

/// Runs an operator; the inputs are kept, so that it writes in place of none.
fn run(op: &Op, values: &[Value]) -> Outcome<Vec<Value>> {
    let mut context = Context::new(1);
    op.run(values.to_vec(), &mut context)
}

impl Calibration {
    /// Median and 90th percentile of `|estimated / measured - 1|` by the analytic model and by fitted lines, of a class
    /// or of all.
    pub fn errors(&self, class: Option<Class>) -> Option<[(f64, f64); 2]> {
        let chosen = || {
            let samples =
                self.samples.iter().filter(|sample| class.is_none_or(|class| sample.work.class == class));
            samples.filter_map(|sample| Some((sample.seconds, sample.analytic, sample.fitted?)))
        };
        let errors = |estimate: fn((f64, f64, f64)) -> f64| -> Vec<f64> {
            chosen().map(|sample| (estimate(sample) / sample.0 - 1.0).abs()).collect()
        };
        let summary = |errors: Vec<f64>| (quantile(errors.clone(), 0.5), quantile(errors, 0.9));
        chosen().next()?;
        Some([summary(errors(|sample| sample.1)), summary(errors(|sample| sample.2))])
    }
}

/// A quantile, by linear interpolation; not a number of nothing.
fn quantile(mut values: Vec<f64>, part: f64) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    values.sort_by(f64::total_cmp);
    let at = part * (values.len() - 1) as f64;
    let (low, high) = (values[at.floor() as usize], values[at.ceil() as usize]);
    low + (high - low) * at.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate() {
        assert_eq!(quantile(vec![3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(quantile(vec![1.0, 2.0], 0.5), 1.5);
        assert!((quantile((0..=10).map(f64::from).collect(), 0.9) - 9.0).abs() < 1e-12);
    }

    #[test]
    fn errors_are_relative_to_what_was_measured() {
        let sample = |seconds, analytic, fitted| Sample {
            name: String::new(),
            work: Work { class: Class::Product, ..Work::SCALAR },
            seconds,
            analytic,
            fitted,
        };
        let samples = vec![sample(2.0, 1.0, Some(2.5)), sample(2.0, 4.0, Some(2.0)), sample(2.0, 9.0, None)];
        let calibration = Calibration { machine: Machine::default(), samples };
        let [analytic, fitted] = calibration.errors(Some(Class::Product)).unwrap();
        assert_eq!((analytic.0, fitted.0), (0.75, 0.125));
        assert_eq!(calibration.errors(Some(Class::Sparse)), None);
    }

    #[test]
    fn recipes_run_and_have_known_work() {
        let classes: Vec<Class> = recipes::all().iter().map(|recipe| recipe.work().unwrap().class).collect();
        for class in Class::ALL.iter().filter(|class| **class != Class::Scalar) {
            let count = classes.iter().filter(|other| *other == class).count();
            assert!(count >= SAMPLES, "{count} recipes of {}", class.word());
        }
        for recipe in recipes::all() {
            if recipe.work().unwrap().flops < 1e6 {
                run(&recipe.op, &recipe.values().unwrap()).unwrap();
            }
        }
    }
}
