//! The machine that plans are made for: cores, caches, and how long work takes on it.
//!
//! The analytic model is the roofline (Williams, Waterman, Patterson, "Roofline: an insightful visual performance model
//! for multicore architectures", 2009): the longer of moving the bytes and doing the operations, plus what an operator
//! takes in any case. Where a class of operators was fitted to measurements on the machine, the fitted line replaces
//! it. Nothing is measured here: a machine is the nominal one, or is described by whoever measured it.
//!
//! There are two questions, with two answers: how long work takes ([`Machine::time`]), and which of two ways to do
//! something is less work ([`Machine::cost`]).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::work::{Class, Work};

/// Work on fewer bytes than this is done by one thread: dividing it costs more than it saves.
pub const PARALLEL_FROM: f64 = 1_048_576.0;

/// Sparse products jump between rows: of the operations per second they reach this part.
const SPARSE_PART: f64 = 1.0 / 16.0;

/// A machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// Threads that run at a time.
    pub cores: usize,
    /// Bytes of the caches: of the first two levels per core, of the last one for all.
    pub caches: [f64; 3],
    /// Seconds that an operator on matrices takes in any case.
    pub overhead: f64,
    /// Seconds of an instruction on scalars.
    pub scalar: f64,
    /// What one thread reaches.
    pub one: Rates,
    /// What all threads reach together.
    pub all: Rates,
}

/// What threads reach.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// Bytes read per second from memory.
    pub read: f64,
    /// Bytes written per second to memory.
    pub write: f64,
    /// Bytes per second, read or written, of what stays in a core's second cache.
    pub cached: f64,
    /// Floating-point operations per second of dense products.
    pub flops: f64,
    /// Lines fitted to measurements, by class of operators.
    #[serde(default)]
    pub fitted: BTreeMap<Class, Fit>,
}

/// A fitted line: `overhead + near * (bytes that stay in cache) + far * (bytes beyond) + flop * (operations)`, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fit {
    /// Seconds in any case.
    pub overhead: f64,
    /// Seconds per byte up to the size of the second cache.
    pub near: f64,
    /// Seconds per further byte.
    pub far: f64,
    /// Seconds per floating-point operation.
    pub flop: f64,
}

impl Default for Machine {
    /// A nominal machine of four cores.
    fn default() -> Machine {
        Machine::nominal(4, [32_768.0, 1_048_576.0, 33_554_432.0], 16.0)
    }
}

impl Machine {
    /// A machine of so many cores and bytes of cache, whose cores do `per_cycle` operations in a cycle, with what is
    /// usual elsewhere: 2.5 GHz, and memory that three cores keep busy.
    pub fn nominal(cores: usize, caches: [f64; 3], per_cycle: f64) -> Machine {
        let one =
            Rates { read: 10e9, write: 8e9, cached: 40e9, flops: 2.5e9 * per_cycle, fitted: BTreeMap::new() };
        let busy = cores.min(3) as f64;
        let all = Rates {
            read: one.read * busy,
            write: one.write * busy,
            cached: one.cached * cores as f64,
            flops: one.flops * cores as f64,
            fitted: BTreeMap::new(),
        };
        Machine { cores, caches, overhead: 1e-6, scalar: 5e-8, one, all }
    }

    /// The same with no more than so many threads.
    pub fn limited(&self, threads: usize) -> Machine {
        let threads = threads.clamp(1, self.cores.max(1));
        if threads == self.cores {
            return self.clone();
        }
        let (one, all, n) = (&self.one, &self.all, threads as f64);
        let scaled = |one: f64, all: f64| all.min(one * n);
        let limited = Rates {
            read: scaled(one.read, all.read),
            write: scaled(one.write, all.write),
            cached: scaled(one.cached, all.cached),
            flops: scaled(one.flops, all.flops),
            // Between one and all threads nothing was measured.
            fitted: BTreeMap::new(),
        };
        let all = if threads == 1 { one.clone() } else { limited };
        Machine { cores: threads, all, ..self.clone() }
    }

    /// The same without what was fitted.
    pub fn analytic(&self) -> Machine {
        let mut machine = self.clone();
        machine.one.fitted.clear();
        machine.all.fitted.clear();
        machine
    }

    /// Bytes that the second caches of the cores in use hold together.
    pub fn near(&self) -> f64 {
        self.caches[1] * self.cores as f64
    }

    /// Seconds that work takes.
    pub fn time(&self, work: &Work) -> f64 {
        if work.class == Class::Scalar {
            return self.scalar;
        }
        if let Some(fit) = self.all.fitted.get(&work.class) {
            return fit.time(work, self.near());
        }
        self.overhead + self.roofline(work)
    }

    /// Seconds that work keeps the whole machine busy: what alternatives are compared by.
    ///
    /// Unlike [`Machine::time`] it grows with bytes and operations alike, without steps: there is no overhead, which would
    /// hide all else of small matrices, and no size from which on threads share the work. Scalars cost nothing. What was
    /// fitted does not count.
    pub fn cost(&self, work: &Work) -> f64 {
        if work.class == Class::Scalar { 0.0 } else { self.ceilings(work.class).time(work) }
    }

    /// What bounds much work of a class.
    pub fn ceilings(&self, class: Class) -> Ceilings {
        let rates = &self.all;
        let part = if class == Class::SparseProduct { SPARSE_PART } else { 1.0 };
        let (near, read, write) = (1.0 / rates.cached, 1.0 / rates.read, 1.0 / rates.write);
        let spared = self.near() * (read - near).max(0.0);
        Ceilings { flop: 1.0 / (rates.flops * part), near, read, write, spared }
    }

    /// The longer of moving the bytes and doing the operations.
    fn roofline(&self, work: &Work) -> f64 {
        let parallel = work.bytes().max(work.flops) >= PARALLEL_FROM;
        let rates = if parallel { &self.all } else { &self.one };
        let near = if parallel { self.near() } else { self.caches[1] };
        let moving = if work.bytes() <= near {
            work.bytes() / rates.cached
        } else {
            work.read / rates.read + work.written / rates.write
        };
        let part = if work.class == Class::SparseProduct { SPARSE_PART } else { 1.0 };
        moving.max(work.flops / (rates.flops * part))
    }
}

/// What bounds much work: operations, the caches, or memory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ceilings {
    /// Seconds of a floating-point operation.
    pub flop: f64,
    /// Seconds of a byte that is read or written in the caches.
    pub near: f64,
    /// Seconds of a byte that is read from memory.
    pub read: f64,
    /// Seconds of a byte that is written to memory.
    pub write: f64,
    /// Seconds that the caches spare those bytes that they hold.
    pub spared: f64,
}

impl Ceilings {
    /// The longest of the times of operations, of bytes in the caches and of bytes in memory.
    pub fn time(&self, work: &Work) -> f64 {
        let far = work.read * self.read + work.written * self.write - self.spared;
        (work.flops * self.flop).max(work.bytes() * self.near).max(far)
    }
}

impl Fit {
    /// Seconds of work on a machine whose caches hold `near` bytes.
    pub fn time(&self, work: &Work, near: f64) -> f64 {
        let features = Fit::features(work, near);
        self.terms().iter().zip(features).map(|(term, feature)| term * feature).sum()
    }

    /// What the terms are multiplied by.
    pub fn features(work: &Work, near: f64) -> [f64; 4] {
        let bytes = work.bytes();
        [1.0, bytes.min(near), (bytes - near).max(0.0), work.flops]
    }

    /// The terms in the order of the features.
    pub fn terms(&self) -> [f64; 4] {
        [self.overhead, self.near, self.far, self.flop]
    }

    /// The line of these terms.
    pub fn of([overhead, near, far, flop]: [f64; 4]) -> Fit {
        Fit { overhead, near, far, flop }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Figures with which one can calculate in the head.
    fn machine() -> Machine {
        let rates = |read, flops| Rates {
            read,
            write: read / 2.0,
            cached: 8.0 * read,
            flops,
            fitted: BTreeMap::new(),
        };
        Machine {
            cores: 2,
            caches: [1e4, 1e6, 1e7],
            overhead: 1e-6,
            scalar: 1e-7,
            one: rates(1e9, 1e10),
            all: rates(2e9, 2e10),
        }
    }

    fn work(class: Class, read: f64, written: f64, flops: f64) -> Work {
        Work { class, inputs: read, results: written, scratch: 0.0, read, written, flops }
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-12 * b.abs(), "{a} is not {b}");
    }

    #[test]
    fn large_work_is_bound_by_memory_or_arithmetic() {
        // 4e8 bytes read at 2e9/s and 2e8 written at 1e9/s.
        close(machine().time(&work(Class::Cellwise, 4e8, 2e8, 1e6)), 0.4 + 1e-6);
        close(machine().time(&work(Class::Product, 4e8, 2e8, 1e11)), 5.0 + 1e-6);
        close(machine().time(&work(Class::SparseProduct, 4e8, 2e8, 1e11)), 80.0 + 1e-6);
    }

    #[test]
    fn costs_grow_with_work() {
        let cost = |class, read, written, flops| machine().cost(&work(class, read, written, flops));
        // In the caches 16e9 bytes a second; 2e6 bytes are the caches' own, which spares them 7/16e9 s each.
        close(cost(Class::Cellwise, 8e3, 8e3, 1e3), 1e-6);
        close(cost(Class::Cellwise, 4e8, 2e8, 1e6), 0.4 - 2e6 * 7.0 / 16e9);
        close(cost(Class::Product, 8e3, 8e3, 1e6), 5e-5);
        close(cost(Class::SparseProduct, 8e3, 8e3, 1e6), 8e-4);
        assert_eq!(cost(Class::Scalar, 0.0, 0.0, 0.0), 0.0);
        let mut last = 0.0;
        for bytes in 1..1000 {
            let next = cost(Class::Cellwise, 4e4 * f64::from(bytes), 0.0, 0.0);
            assert!(next > last, "{bytes}");
            last = next;
        }
    }

    #[test]
    fn small_work_stays_in_the_cache_of_one_core() {
        close(machine().time(&work(Class::Cellwise, 8e3, 8e3, 1e3)), 16e3 / 8e9 + 1e-6);
        close(machine().time(&work(Class::Scalar, 0.0, 0.0, 0.0)), 1e-7);
    }

    #[test]
    fn one_thread_reaches_what_one_thread_reaches() {
        let one = machine().limited(1);
        close(one.time(&work(Class::Cellwise, 4e8, 2e8, 1e6)), 0.8 + 1e-6);
        assert_eq!(machine().limited(9), machine());
    }

    #[test]
    fn a_fitted_line_replaces_the_roofline_of_its_class() {
        let mut fitted = machine();
        fitted.all.fitted.insert(Class::Cellwise, Fit { overhead: 1.0, near: 1e-6, far: 1e-5, flop: 2.0 });
        // Two caches of 1e6 bytes: 2e6 near, 1e6 beyond.
        close(fitted.time(&work(Class::Cellwise, 2e6, 1e6, 3.0)), 1.0 + 2.0 + 10.0 + 6.0);
        close(fitted.time(&work(Class::Product, 4e8, 2e8, 0.0)), 0.4 + 1e-6);
        assert_eq!(fitted.analytic(), machine());
    }
}
