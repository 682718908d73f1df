//! What was learned, as a frame of texts with a column for each encoded column, which can be written, read and applied.
//!
//! | learned | texts |
//! |---|---|
//! | values or words and their codes | `value·code` in the row of the code |
//! | edges of bins | `lower·upper` in the row of the bin |
//! | the number of hash buckets | the number, in the first row |
//! | what stands for missing cells | `·value`, after the others |
//!
//! The dot is U+00B7. A value may contain it, too: a code is what follows the last one.

use tilewright_base::number::print_double;
use tilewright_base::{Outcome, bail, fault};

use super::spec::{Coding, ColumnRule};
use crate::{Column, Frame};

/// What separates the halves of a text.
pub const DOT: char = '·';

/// What was learned of the codes of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Learned {
    /// Nothing is needed.
    Nothing,
    /// Values by code, from 1 on.
    Values(Vec<String>),
    /// Edges by code, from 1 on.
    Bins(Vec<(f64, f64)>),
    /// The number of buckets.
    Buckets(usize),
}

/// What was learned of a column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnMeta {
    /// Its codes.
    pub learned: Learned,
    /// What stands for missing cells.
    pub imputed: Option<String>,
}

impl Learned {
    /// How many codes there are, if it is about codes.
    pub fn codes(&self) -> Option<usize> {
        match self {
            Learned::Nothing => None,
            Learned::Values(values) => Some(values.len()),
            Learned::Bins(bins) => Some(bins.len()),
            Learned::Buckets(buckets) => Some(*buckets),
        }
    }
}

/// As a frame of at least one row.
pub fn to_frame(columns: &[ColumnMeta], names: &[String]) -> Outcome<Frame> {
    let texts: Vec<Vec<String>> = columns.iter().map(texts).collect();
    let rows = texts.iter().map(Vec::len).max().unwrap_or(0).max(1);
    let column =
        |texts: &Vec<String>| Column::from_texts((0..rows).map(|at| texts.get(at).map(String::as_str)));
    Frame::new(rows, texts.iter().map(column).collect())?.named(names.to_vec())
}

fn texts(column: &ColumnMeta) -> Vec<String> {
    let mut texts: Vec<String> = match &column.learned {
        Learned::Nothing => Vec::new(),
        Learned::Values(values) => {
            values.iter().zip(1..).map(|(value, code)| format!("{value}{DOT}{code}")).collect()
        }
        Learned::Bins(bins) => {
            let edges =
                |(low, high): &(f64, f64)| format!("{}{DOT}{}", print_double(*low), print_double(*high));
            bins.iter().map(edges).collect()
        }
        Learned::Buckets(buckets) => vec![buckets.to_string()],
    };
    texts.extend(column.imputed.as_ref().map(|value| format!("{DOT}{value}")));
    texts
}

/// What the frame says about columns of these rules.
///
/// # Errors
/// Names column and row of a text that the rule of its column does not understand.
pub fn from_frame(meta: &Frame, rules: &[ColumnRule]) -> Outcome<Vec<ColumnMeta>> {
    if meta.cols() != rules.len() {
        bail!(Shape, "the meta data have {} columns for {}", meta.cols(), rules.len(); hint: "they are the second result of `transformencode` for a frame of the same columns")
    }
    let read = |(at, (column, rule)): (usize, (&Column, &ColumnRule))| {
        column_meta(column, rule).map_err(|fault| {
            fault!(Value, "column {} (\"{}\") of the meta data: {fault}", at + 1, meta.names()[at])
        })
    };
    meta.columns().iter().zip(rules).enumerate().map(read).collect()
}

/// A text and its 1-based row.
type Line = (usize, String);

fn column_meta(column: &Column, rule: &ColumnRule) -> Outcome<ColumnMeta> {
    let text = |(at, cell): (usize, crate::Cell)| {
        cell.text().filter(|text| !text.is_empty()).map(|text| (at + 1, text))
    };
    let mut lines: Vec<Line> = column.cells().enumerate().filter_map(text).collect();
    let mut imputed = None;
    // What is imputed stands last; as an empty value is no value, `·5` cannot be a code.
    if rule.impute.is_some() {
        imputed = lines.last().and_then(|(_, text)| text.strip_prefix(DOT)).map(String::from);
        lines.truncate(lines.len() - usize::from(imputed.is_some()));
    }
    let learned = match rule.coding {
        Coding::PassThrough => Learned::Nothing,
        Coding::Recode | Coding::WordEmbedding | Coding::BagOfWords => Learned::Values(values(&lines)?),
        Coding::Bin { bins, .. } => {
            let edges = lines.iter().map(edges).collect::<Outcome<Vec<_>>>()?;
            if edges.len() != bins {
                bail!(Value, "there are {} bins, the specification says {bins}", edges.len())
            }
            Learned::Bins(edges)
        }
        Coding::Hash { buckets } => {
            let known = lines.first().and_then(|(_, text)| text.parse::<f64>().ok());
            if known != Some(buckets as f64) {
                let found = lines.first().map_or("", |(_, text)| text);
                bail!(Value, "the number of hash buckets is \"{found}\", the specification says {buckets}")
            }
            Learned::Buckets(buckets)
        }
    };
    Ok(ColumnMeta { learned, imputed })
}

/// Values by code. What is imputed is skipped, so that a specification without imputation can be applied, too.
fn values(lines: &[Line]) -> Outcome<Vec<String>> {
    let lines: Vec<&Line> = lines.iter().filter(|(_, text)| !is_imputed(text)).collect();
    let mut values: Vec<Option<String>> = vec![None; lines.len()];
    for (row, line) in &lines {
        let halves = line.rsplit_once(DOT);
        let Some((value, code)) = halves.and_then(|(value, code)| Some((value, code.parse::<usize>().ok()?)))
        else {
            bail!(Value, "row {row} is \"{line}\", not `value{DOT}code`")
        };
        match code.checked_sub(1).and_then(|at| values.get_mut(at)) {
            Some(free @ None) => *free = Some(value.into()),
            _ => bail!(Value, "row {row} has the code {code}; codes are 1 to {}, each once", lines.len()),
        }
    }
    Ok(values.into_iter().flatten().collect())
}

fn is_imputed(line: &str) -> bool {
    line.strip_prefix(DOT).is_some_and(|rest| !rest.contains(DOT))
}

fn edges((row, line): &Line) -> Outcome<(f64, f64)> {
    let edge = |text: &str| text.parse::<f64>().ok();
    let halves = line.split_once(DOT).and_then(|(low, high)| Some((edge(low)?, edge(high)?)));
    halves.ok_or_else(|| fault!(Value, "row {row} is \"{line}\", not `lower{DOT}upper`"))
}
