//! Specifications: which columns are encoded how.
//!
//! A [`Spec`] names columns by number or by name, as it was written. Against the columns of a frame it becomes one
//! [`ColumnRule`] per column ([`Spec::rules`]), where everything is checked.

mod read;

use tilewright_base::{Outcome, bail, fault};

use crate::Frame;
use crate::cell::number_of;
use crate::named::Named;

/// How the edges of bins are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinMethod {
    /// Of equal width.
    EquiWidth,
    /// Of about equally many cells.
    EquiHeight,
}

/// What stands for missing cells.
#[derive(Debug, Clone, PartialEq)]
pub enum Impute {
    /// The mean of the numbers that are there.
    Mean,
    /// The most frequent value, of equally frequent ones the first.
    Mode,
    /// A given value.
    Constant(String),
}

/// What numbers a column becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Its own.
    PassThrough,
    /// A number for each value, by first appearance.
    Recode,
    /// The number of the bin.
    Bin {
        /// How their edges are found.
        method: BinMethod,
        /// How many there are.
        bins: usize,
    },
    /// A hash of the value.
    Hash {
        /// The number of buckets.
        buckets: usize,
    },
    /// The vector of the word.
    WordEmbedding,
    /// How often each word is in it.
    BagOfWords,
}

/// How one column is encoded.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnRule {
    /// What numbers it becomes.
    pub coding: Coding,
    /// Whether each code gets a column.
    pub dummycode: bool,
    /// What stands for missing cells.
    pub impute: Option<Impute>,
    /// Whether rows where it is missing are left out.
    pub omit: bool,
}

impl ColumnRule {
    /// A column that is left as it is.
    pub const PASS_THROUGH: ColumnRule =
        ColumnRule { coding: Coding::PassThrough, dummycode: false, impute: None, omit: false };

    /// The number of columns it becomes, where the data do not matter.
    pub fn width(&self) -> Option<usize> {
        match (self.coding, self.dummycode) {
            (Coding::Bin { bins, .. }, true) => Some(bins),
            (Coding::Hash { buckets }, true) => Some(buckets),
            (_, true) | (Coding::WordEmbedding | Coding::BagOfWords, _) => None,
            _ => Some(1),
        }
    }
}

/// What one entry of the specification asks for.
#[derive(Debug, Clone, PartialEq)]
enum Action {
    Code(Coding),
    Dummycode,
    Impute(Impute),
    Omit,
}

/// One column under one key.
#[derive(Debug, Clone, PartialEq)]
struct Entry {
    key: &'static str,
    column: Named,
    action: Action,
}

/// How specifications are written.
const EXAMPLE: &str = "{ids: true, recode: [1, 3], dummycode: [3]}";

/// A specification, as it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    by_number: bool,
    entries: Vec<Entry>,
}

impl Spec {
    /// Reads a JSON text; keys, words and quotes may be as [`super::json`] allows.
    ///
    /// # Errors
    /// Names the key and the column that is wrong, and what may stand there.
    pub fn parse(text: &str) -> Outcome<Spec> {
        read::spec(&super::json::parse(text, EXAMPLE)?)
    }

    /// Reads JSON.
    ///
    /// # Errors
    /// As [`Spec::parse`].
    pub fn from_json(json: &serde_json::Value) -> Outcome<Spec> {
        read::spec(json)
    }

    /// True when rows with missing cells are left out.
    pub fn omits(&self) -> bool {
        self.entries.iter().any(|entry| entry.action == Action::Omit)
    }

    /// True when a column may become several.
    pub fn widens(&self) -> bool {
        self.spreads() || self.entries.iter().any(|entry| entry.action == Action::Dummycode)
    }

    /// True when a cell may become several cells that are not zero.
    pub fn spreads(&self) -> bool {
        let spreads = |action: &Action| {
            matches!(action, Action::Code(Coding::WordEmbedding) | Action::Code(Coding::BagOfWords))
        };
        self.entries.iter().any(|entry| spreads(&entry.action))
    }

    /// The rules of so many columns, if they are given by number: what is known before a frame is there.
    ///
    /// # Errors
    /// As [`Spec::rules`].
    pub fn rules_by_number(&self, cols: usize) -> Outcome<Option<Vec<ColumnRule>>> {
        self.by_number.then(|| self.rules(&vec![String::new(); cols])).transpose()
    }

    /// The rules of the columns that meta data are of.
    ///
    /// # Errors
    /// As [`Spec::rules`].
    pub(crate) fn rules_of_meta(&self, meta: &Frame) -> Outcome<Vec<ColumnRule>> {
        let lost = !self.by_number && !meta.is_named();
        self.rules(meta.names()).map_err(|fault| match lost {
            true => fault.hint("meta data from a file have no names: `colnames(M) = colnames(F)` gives them those of the frame `F`"),
            false => fault,
        })
    }

    /// Checks that columns which are given by name stand in the meta data where they stand in the frame.
    ///
    /// # Errors
    /// Names the first column that does not.
    pub(crate) fn expect_places(&self, frame: &Frame, meta: &Frame) -> Outcome<()> {
        if self.by_number || meta.cols() != frame.cols() || !meta.is_named() {
            return Ok(());
        }
        for entry in &self.entries {
            let at = entry.column.position(entry.key, frame.names())?;
            let (name, learned) = (&frame.names()[at], &meta.names()[at]);
            if name != learned {
                bail!(Value, "column {} is \"{name}\" in the frame and \"{learned}\" in the meta data", at + 1; hint: "bring the columns into the order in which they were learned, each by its name: `cbind(F[, \"a\"], F[, \"b\"])`")
            }
        }
        Ok(())
    }

    /// The rules of columns of these names.
    ///
    /// # Errors
    /// When a column does not exist, stands twice under a key, or is asked to become two things.
    pub fn rules(&self, names: &[String]) -> Outcome<Vec<ColumnRule>> {
        let mut rules = vec![ColumnRule::PASS_THROUGH; names.len()];
        let mut coded_by: Vec<Option<&str>> = vec![None; names.len()];
        for entry in &self.entries {
            let at = entry.column.position(entry.key, names)?;
            let rule = &mut rules[at];
            let shown = || titled(at, &names[at]);
            let twice = || fault!(Value, "{} stands twice in `{}`", shown(), entry.key);
            match &entry.action {
                Action::Code(_) if coded_by[at] == Some(entry.key) => return Err(twice()),
                Action::Code(coding) => {
                    if let Some(other) = coded_by[at] {
                        bail!(Value, "{} is in `{other}` and in `{}`", shown(), entry.key; hint: "a column is in one of `recode`, `bin`, `hash`, `word_embedding` and `bag_of_words`")
                    }
                    coded_by[at] = Some(entry.key);
                    rule.coding = *coding;
                }
                Action::Dummycode if rule.dummycode => return Err(twice()),
                Action::Dummycode => rule.dummycode = true,
                Action::Impute(_) if rule.impute.is_some() => return Err(twice()),
                Action::Impute(impute) => rule.impute = Some(impute.clone()),
                Action::Omit if rule.omit => return Err(twice()),
                Action::Omit => rule.omit = true,
            }
        }
        for (at, rule) in rules.iter_mut().enumerate() {
            rule.completed().map_err(|problem| fault!(Value, "{} {problem}", titled(at, &names[at])))?;
        }
        Ok(rules)
    }
}

impl ColumnRule {
    /// Dummy codes are made of the codes of values where nothing else is said.
    fn completed(&mut self) -> Result<(), String> {
        if self.omit && self.impute.is_some() {
            return Err("is in `omit` and in `impute`: a row without a value is left out, or gets one".into());
        }
        match self.coding {
            Coding::WordEmbedding if self.dummycode => {
                return Err("is in `word_embedding` and in `dummycode`: a vector has no dummy code".into());
            }
            Coding::BagOfWords if self.dummycode => {
                return Err(
                    "is in `bag_of_words` and in `dummycode`: its words have a column each already".into()
                );
            }
            Coding::PassThrough if self.dummycode => self.coding = Coding::Recode,
            _ => {}
        }
        self.expect_imputed_number()
    }

    /// Where the cells count as numbers, a constant that is none would be seen at the first missing cell only.
    fn expect_imputed_number(&self) -> Result<(), String> {
        match (self.coding, &self.impute) {
            (Coding::PassThrough | Coding::Bin { .. }, Some(Impute::Constant(value)))
                if number_of(value.trim()).is_none() =>
            {
                Err(format!(
                    "is in `impute` with the constant \"{value}\", which is no number: texts need `recode`, `dummycode` or `hash`"
                ))
            }
            _ => Ok(()),
        }
    }
}

/// A column in messages; the name is empty where it is not known.
fn titled(at: usize, name: &str) -> String {
    let number = at + 1;
    if name.is_empty() { format!("column {number}") } else { format!("column {number} (\"{name}\")") }
}

#[cfg(test)]
mod tests;
