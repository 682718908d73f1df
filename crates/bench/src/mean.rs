//! Geometric means of the ratios over suites of kernels, a line for each suite and peer.

use std::fmt::Write;

use serde::Serialize;

use crate::case::{Asked, Topic};
use crate::measure::{Measure, median};

/// How many times less ours takes than a peer over a suite.
#[derive(Serialize)]
pub struct Mean {
    /// The name of the suite.
    pub suite: String,
    /// The name of the peer.
    pub peer: String,
    /// Cases that were measured.
    pub cases: usize,
    /// The geometric mean of their medians.
    pub ratio: f64,
    /// What is asked of it.
    pub asked: Option<f64>,
}

/// The means over the suites of some topics.
pub fn means(topics: &[Topic], measures: &[Measure]) -> Vec<Mean> {
    let asked = topics.iter().flat_map(|topic| &topic.mean);
    asked.flat_map(|(suite, asked)| of_suite(suite, asked, measures)).collect()
}

fn of_suite(suite: &str, asked: &Asked, measures: &[Measure]) -> Vec<Mean> {
    let mut means: Vec<(Mean, f64)> = Vec::new();
    for measure in measures.iter().filter(|measure| measure.suite.as_deref() == Some(suite)) {
        let (Some(peer), false) = (&measure.peer, measure.theirs.is_empty()) else { continue };
        let at = means.iter().position(|(mean, _)| mean.peer == *peer).unwrap_or_else(|| {
            let (suite, peer, asked) = (suite.to_string(), peer.clone(), asked.named(peer));
            means.push((Mean { suite, peer, cases: 0, ratio: 1.0, asked }, 0.0));
            means.len() - 1
        });
        let (mean, logs) = &mut means[at];
        mean.cases += 1;
        *logs += median(&measure.ratios()).ln();
    }
    let finished = |(mean, logs): (Mean, f64)| Mean { ratio: (logs / mean.cases as f64).exp(), ..mean };
    means.into_iter().map(finished).collect()
}

/// A list in Markdown; empty without means.
pub fn markdown(means: &[Mean]) -> String {
    if means.is_empty() {
        return String::new();
    }
    let mut out = "\nGeometric means:\n\n".to_string();
    for Mean { suite, peer, cases, ratio, asked } in means {
        let asked = match asked {
            Some(asked) if ratio < asked => format!(", **below {asked:.2}**"),
            Some(asked) => format!(", asked {asked:.2}"),
            None => String::new(),
        };
        let _ = writeln!(out, "- `{suite}` against {peer}, {cases} cases: {ratio:.2}{asked}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Unit;

    fn measure(suite: Option<&str>, peer: &str, theirs: f64) -> Measure {
        Measure {
            suite: suite.map(Into::into),
            peer: Some(peer.into()),
            ours: vec![1.0],
            theirs: vec![theirs],
            ..Measure::new("a", "b", Unit::Seconds)
        }
    }

    #[test]
    fn each_peer_has_the_geometric_mean_of_its_ratios() {
        let asked: Asked = toml::from_str("numpy = 5.0").unwrap();
        let measures = [
            measure(Some("s"), "numpy", 2.0),
            measure(Some("s"), "ours, unfused", 3.0),
            measure(Some("s"), "numpy", 8.0),
            measure(None, "numpy", 100.0),
        ];
        let means = of_suite("s", &asked, &measures);
        assert_eq!(
            markdown(&means),
            "\nGeometric means:\n\n\
             - `s` against numpy, 2 cases: 4.00, **below 5.00**\n\
             - `s` against ours, unfused, 1 cases: 3.00\n"
        );
    }
}
