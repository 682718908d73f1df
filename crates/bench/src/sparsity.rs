//! `cargo xtask bench sparsity`: estimators of the number of non-zero cells on fifteen expressions.
//!
//! The expressions are those of SparsEst, the benchmark of Sommer et al. 2019: operations that can be solved exactly
//! (B1), operations on real structures (B2), chains (B3). Matrices are drawn; the ones that stand in for data sets have
//! their density and skew at a smaller size, which the table tells.
//!
//! - [`cases`]: the expressions; [`draw`]: their matrices; [`truth`]: what is counted
//!
//! A case has an error for each estimator, `max(estimate / truth, truth / estimate)`, and two times: sketching its
//! matrices, and estimating from the sketches.

mod cases;
mod draw;
mod truth;

use std::fmt::Write;
use std::time::Instant;

use serde::Serialize;
use tilewright_matrix::estimate::Leaf;
use tilewright_matrix::estimate::method::Method;
use tilewright_matrix::estimate::workspace::Node;

use crate::measure::median;
use cases::Case;

/// The name of the topic.
pub const NAME: &str = "sparsity";

/// How often times are taken.
const TIMES: usize = 3;

/// The error of counts relative to the average of sizes alone that is asked for.
const ASKED: f64 = 1.05;

/// What was found of one case.
#[derive(Serialize)]
pub struct Outcome {
    case: &'static str,
    what: &'static str,
    matrices: String,
    nnz: f64,
    estimates: Vec<Estimated>,
}

/// What one estimator said, and how long it took.
#[derive(Serialize)]
struct Estimated {
    estimator: &'static str,
    nnz: f64,
    error: f64,
    build_seconds: f64,
    estimate_seconds: f64,
}

/// Measures all cases.
pub fn measure() -> Vec<Outcome> {
    let told = |make: &cases::Make| {
        let case = make(1.0);
        eprintln!("{} ...", case.name);
        outcome(&case, TIMES)
    };
    cases::ALL.iter().map(told).collect()
}

fn outcome(case: &Case, times: usize) -> Outcome {
    let nnz = truth::nnz(case);
    let estimates = Method::ALL.iter().map(|&method| estimated(case, method, nnz, times)).collect();
    Outcome { case: case.name, what: case.what, matrices: case.matrices(), nnz, estimates }
}

fn estimated(case: &Case, method: Method, truth: f64, times: usize) -> Estimated {
    let (mut build, mut estimate, mut nnz) = (Vec::new(), Vec::new(), 0.0);
    for _ in 0..times {
        let mut workspace = method.workspace();
        let mut nodes: Vec<Node> = Vec::new();
        nodes.extend(case.leaves.iter().map(|(_, leaf)| workspace.leaf(Leaf::Sparse(leaf))));
        let start = Instant::now();
        (0..nodes.len()).for_each(|leaf| workspace.sketch(nodes[leaf]));
        build.push(start.elapsed().as_secs_f64());
        for (op, inputs) in &case.steps {
            let inputs: Vec<Node> = inputs.iter().map(|&input| nodes[input]).collect();
            nodes.push(workspace.apply(*op, &inputs));
        }
        let start = Instant::now();
        nnz = nodes.last().map_or(0.0, |&last| workspace.estimate(last).nnz);
        estimate.push(start.elapsed().as_secs_f64());
    }
    Estimated {
        estimator: method.name(),
        nnz,
        error: error(nnz, truth),
        build_seconds: median(&build),
        estimate_seconds: median(&estimate),
    }
}

/// How many times too much or too little; 1 is right.
fn error(estimate: f64, truth: f64) -> f64 {
    if estimate == truth { 1.0 } else { (estimate / truth).max(truth / estimate) }
}

impl Outcome {
    fn error_of(&self, method: Method) -> f64 {
        let found = self.estimates.iter().find(|estimated| estimated.estimator == method.name());
        found.map_or(f64::NAN, |estimated| estimated.error)
    }

    /// What is asked of the counts and not reached.
    fn shortfall(&self) -> Option<String> {
        let (counts, average) = (self.error_of(Method::Mnc), self.error_of(Method::MetadataAverage));
        if self.case.starts_with("B1.") && counts > 1.0 + 1e-9 {
            return Some(format!("- `{}`: the error of mnc is {counts:.4}, not 1", self.case));
        }
        let most = ASKED * average;
        (counts > most)
            .then(|| format!("- `{}`: the error of mnc is {counts:.4}, above {most:.4}", self.case))
    }
}

/// The tables.
pub fn markdown(outcomes: &[Outcome]) -> String {
    if outcomes.is_empty() {
        return String::new();
    }
    let mut out =
        "\n| case | what | matrices: rows x columns, density | non-zeros |\n|---|---|---|--:|\n".to_string();
    for outcome in outcomes {
        let Outcome { case, what, matrices, nnz, .. } = outcome;
        let _ = writeln!(out, "| {case} | `{what}` | {matrices} | {nnz} |");
    }
    out.push_str(&table("error", outcomes, |estimated| factor(estimated.error)));
    out.push_str(&table("build", outcomes, |estimated| time(estimated.build_seconds)));
    out.push_str(&table("estimate", outcomes, |estimated| time(estimated.estimate_seconds)));
    let short: Vec<String> = outcomes.iter().filter_map(Outcome::shortfall).collect();
    if !short.is_empty() {
        let _ = write!(out, "\nFalls short:\n\n{}\n", short.join("\n"));
    }
    out
}

/// A row for each case, a column for each estimator.
fn table(what: &str, outcomes: &[Outcome], cell: impl Fn(&Estimated) -> String) -> String {
    let names: Vec<&str> = Method::ALL.iter().map(|method| method.name()).collect();
    let mut out = format!("\n| {what} | {} |\n|---|{}\n", names.join(" | "), "--:|".repeat(names.len()));
    for outcome in outcomes {
        let cells: Vec<String> = outcome.estimates.iter().map(&cell).collect();
        let _ = writeln!(out, "| {} | {} |", outcome.case, cells.join(" | "));
    }
    out
}

fn factor(error: f64) -> String {
    if error < 1000.0 { format!("{error:.2}") } else { format!("{error:.1e}") }
}

fn time(seconds: f64) -> String {
    match seconds {
        s if s < 1e-4 => format!("{:.1} us", s * 1e6),
        s if s < 1e-3 => format!("{:.0} us", s * 1e6),
        s if s < 1.0 => format!("{:.1} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is asked holds for small matrices of the same kind too.
    #[test]
    fn counts_solve_what_is_exact_and_are_no_worse_than_sizes() {
        for make in cases::ALL {
            let outcome = outcome(&make(0.1), 1);
            assert!(outcome.nnz > 0.0, "{}", outcome.case);
            assert_eq!(outcome.shortfall(), None);
            assert_eq!(outcome.error_of(Method::Bitset), 1.0, "{}", outcome.case);
        }
    }

    #[test]
    fn what_falls_short_is_told() {
        let estimated = |method: Method, error: f64| Estimated {
            estimator: method.name(),
            nnz: 1.0,
            error,
            build_seconds: 0.5,
            estimate_seconds: 2e-6,
        };
        let outcome = |case: &'static str, counts: f64, average: f64| Outcome {
            case,
            what: "A B",
            matrices: "A 2 x 2, 0.5".into(),
            nnz: 1.0,
            estimates: vec![estimated(Method::Mnc, counts), estimated(Method::MetadataAverage, average)],
        };
        assert_eq!(outcome("B2.1", 1.04, 1.0).shortfall(), None);
        assert!(outcome("B2.1", 1.06, 1.0).shortfall().is_some());
        assert!(outcome("B1.1", 1.01, 5.0).shortfall().is_some());
        let text = markdown(&[outcome("B2.2", 2000.0, 1.0)]);
        assert!(text.contains("| B2.2 | 2.0e3 | 1.00 |"), "{text}");
        assert!(text.contains("| B2.2 | 500.0 ms | 500.0 ms |"), "{text}");
        assert!(
            text.ends_with("Falls short:\n\n- `B2.2`: the error of mnc is 2000.0000, above 1.0500\n"),
            "{text}"
        );
        assert_eq!(markdown(&[]), "");
    }
}
