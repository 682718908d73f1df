//! Running results down the rows: what each chunk takes over from the rows before it.
//!
//! Chunks run side by side, so what a chunk starts from has to be known before. A first pass computes what each chunk but
//! the last adds, of the steps that a running result depends on and nothing else; what chunks start from follows in
//! order. A running result of running results needs a pass of its own.
//!
//! Invariant: what a chunk starts from depends on the cut into chunks only.

use rayon::prelude::*;
use tilewright_ops::Op;
use tilewright_ops::cumulative::{CumulativeOp, Panel};

use crate::panel::Worker;
use crate::pipeline::Pipeline;
use crate::run::Run;

/// The running results of a pipeline, by the cut of a run.
#[derive(Default)]
pub(crate) struct Scans {
    scans: Vec<Scan>,
    /// The first row of each chunk.
    starts: Vec<usize>,
}

struct Scan {
    step: usize,
    op: CumulativeOp,
    /// How many running results it depends on, one of the other, with itself.
    level: usize,
    /// The row before each chunk, empty before the first.
    before: Vec<Vec<f64>>,
}

/// The step's operator, if it runs down the rows.
fn down(op: &Op) -> Option<CumulativeOp> {
    match op {
        Op::Cumulative(op) if matches!(op.panel(), Some(Panel::Down { .. })) => Some(*op),
        _ => None,
    }
}

/// The steps that are running results down the rows.
pub(crate) fn steps(pipeline: &Pipeline) -> impl Iterator<Item = usize> {
    (0..pipeline.steps.len()).filter(|step| down(&pipeline.steps[*step].op).is_some())
}

/// For each step, how many running results down the rows it depends on, one of the other.
pub(crate) fn levels(pipeline: &Pipeline) -> Vec<usize> {
    let mut levels: Vec<usize> = Vec::with_capacity(pipeline.steps.len());
    for step in &pipeline.steps {
        let read = step.args.iter().filter_map(|arg| arg.step());
        let before = read.map(|at| levels[at]).max().unwrap_or(0);
        levels.push(before + usize::from(down(&step.op).is_some()));
    }
    levels
}

impl Scans {
    /// For a run in chunks between cuts, all of which start from nothing.
    fn new(pipeline: &Pipeline, cuts: &[usize]) -> Scans {
        let levels = levels(pipeline);
        let starts = cuts[..cuts.len() - 1].to_vec();
        let scan = |(step, level): (usize, usize)| {
            let op = down(&pipeline.steps[step].op)?;
            Some(Scan { step, op, level, before: vec![Vec::new(); starts.len()] })
        };
        Scans { scans: levels.into_iter().enumerate().filter_map(scan).collect(), starts }
    }

    /// What each running result starts from in the chunk that begins with a row.
    pub(crate) fn before(&self, row: usize) -> Vec<(usize, Vec<f64>)> {
        let chunk = self.starts.partition_point(|start| *start <= row).saturating_sub(1);
        self.scans.iter().map(|scan| (scan.step, scan.before[chunk].clone())).collect()
    }

    /// Takes what chunks add to the running results of a level, in the order of the chunks.
    fn join(&mut self, level: usize, totals: Vec<Vec<(usize, Vec<f64>)>>) {
        for scan in self.scans.iter_mut().filter(|scan| scan.level == level) {
            let Some(Panel::Down { join, .. }) = scan.op.panel() else { continue };
            for (chunk, totals) in totals.iter().enumerate() {
                let total = totals.iter().find(|(step, _)| *step == scan.step);
                let mut row = total.map_or_else(Vec::new, |(_, row)| row.clone());
                if !scan.before[chunk].is_empty() {
                    join(&scan.before[chunk], &mut row);
                }
                scan.before[chunk + 1] = row;
            }
        }
    }
}

impl Run<'_> {
    /// What chunks start from, if there are running results.
    pub(crate) fn scan(&mut self, cuts: &[usize]) {
        self.scans = Scans::new(self.layout.pipeline, cuts);
        let depth = self.scans.scans.iter().map(|scan| scan.level).max().unwrap_or(0);
        for level in 1..=depth {
            let wanted = self.wanted(level);
            let chunk = |pair: &[usize]| Worker::new(self).totals(pair[0]..pair[1], &wanted);
            let all: Vec<&[usize]> = cuts.windows(2).collect();
            let totals = all[..all.len() - 1].par_iter().map(|pair| chunk(pair)).collect();
            self.scans.join(level, totals);
        }
    }

    /// The steps that the running results of a level depend on, with them.
    fn wanted(&self, level: usize) -> Vec<bool> {
        let steps = &self.layout.pipeline.steps;
        let mut wanted = vec![false; steps.len()];
        self.scans.scans.iter().filter(|scan| scan.level == level).for_each(|scan| wanted[scan.step] = true);
        for at in (0..steps.len()).rev() {
            let args = steps[at].args.iter().filter(|_| wanted[at]);
            let read: Vec<usize> = args.filter_map(|arg| arg.step()).collect();
            read.into_iter().for_each(|read| wanted[read] = true);
        }
        wanted
    }
}
