//! Bags of words: how often each word is in a text.
//!
//! Words are runs of letters, in lower case; digits, punctuation and white space separate them. Each chunk of rows numbers
//! its own words; the chunks are merged in order, which gives the numbers of one pass over all rows.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use rayon::prelude::*;
use tilewright_base::{Outcome, bail};

use super::{CHUNK, recode};
use crate::Column;

/// The words of the rows of a column, by code from 1 on, and how often each is there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bag {
    /// Where the entries of each row end.
    ends: Vec<usize>,
    /// Code and count; the codes of a row increase.
    entries: Vec<(u32, u32)>,
}

impl Bag {
    /// The codes of a row in order, each with its count.
    pub fn row(&self, i: usize) -> &[(u32, u32)] {
        let start = i.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.entries[start..self.ends[i]]
    }

    /// The entries of all rows.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The most entries of a row.
    pub fn widest(&self) -> usize {
        (0..self.ends.len()).map(|i| self.row(i).len()).max().unwrap_or(0)
    }

    /// The rows of several bags below each other.
    fn concat(parts: Vec<Bag>) -> Bag {
        let mut all = Bag::default();
        for part in parts {
            let start = all.entries.len();
            all.ends.extend(part.ends.iter().map(|end| start + end));
            all.entries.extend(part.entries);
        }
        all
    }
}

/// Calls `each` for the words of a text in order.
fn for_each_word(text: &str, scratch: &mut String, mut each: impl FnMut(&str)) {
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
        scratch.clear();
        if word.is_ascii() {
            scratch.push_str(word);
            scratch.make_ascii_lowercase();
        } else {
            scratch.push_str(&word.to_lowercase());
        }
        each(scratch);
    }
}

/// Codes of the words of each row as they come, 0 for words without one.
struct Spoken {
    ends: Vec<usize>,
    codes: Vec<u32>,
}

impl Spoken {
    /// The words of a chunk of rows, coded by `code`.
    fn of(column: &Column, chunk: usize, mut code: impl FnMut(&str) -> u32) -> Spoken {
        let mut spoken = Spoken { ends: Vec::new(), codes: Vec::new() };
        let mut scratch = String::new();
        for at in chunk * CHUNK..column.len().min((chunk + 1) * CHUNK) {
            let text = column.str(at).unwrap_or_default();
            for_each_word(text, &mut scratch, |word| spoken.codes.push(code(word)));
            spoken.ends.push(spoken.codes.len());
        }
        spoken
    }

    /// Counts the words of each row, under the codes that `renumbered` gives them; those of code 0 are left out.
    fn counted(mut self, renumbered: impl Fn(u32) -> u32) -> Bag {
        let mut bag = Bag::default();
        let mut start = 0;
        for end in self.ends {
            let codes = &mut self.codes[start..end];
            codes.iter_mut().for_each(|code| *code = renumbered(*code));
            codes.sort_unstable();
            let runs = codes.chunk_by(|a, b| a == b).filter(|run| run[0] > 0);
            bag.entries.extend(runs.map(|run| (run[0], run.len() as u32)));
            bag.ends.push(bag.entries.len());
            start = end;
        }
        bag
    }
}

/// Each chunk of the rows of a column, by its number.
fn chunks(column: &Column) -> impl IndexedParallelIterator<Item = usize> {
    (0..column.len().div_ceil(CHUNK)).into_par_iter()
}

/// Numbers the words of a column by first appearance, and counts them.
///
/// # Errors
/// When the column holds no texts.
pub fn learn(column: &Column) -> Outcome<(Vec<String>, Bag)> {
    expect_texts(column)?;
    let numbered = |chunk: usize| {
        let mut seen: HashMap<String, u32, RandomState> = HashMap::default();
        let mut words = Vec::new();
        let spoken = Spoken::of(column, chunk, |word| match seen.get(word) {
            Some(&code) => code,
            None => {
                words.push(word.to_string());
                seen.insert(word.to_string(), words.len() as u32);
                words.len() as u32
            }
        });
        (words, spoken)
    };
    let (own, spoken): (Vec<Vec<String>>, Vec<Spoken>) = chunks(column).map(numbered).unzip();
    let (words, renumbered) = recode::merged(own);
    let bags = spoken.into_par_iter().zip(&renumbered);
    let bags =
        bags.map(|(spoken, renumbered)| spoken.counted(|code| renumbered[code as usize - 1])).collect();
    Ok((words, Bag::concat(bags)))
}

/// Words without a code.
#[derive(Debug, Clone, PartialEq)]
pub struct Unknown {
    /// How many, each as often as it is there.
    pub count: usize,
    /// The first of them.
    pub first: String,
}

/// Counts the words of a column where code `c` stands for `words[c - 1]`; other words are not counted, but told.
///
/// # Errors
/// As [`learn`].
pub fn apply(column: &Column, words: &[String]) -> Outcome<(Bag, Option<Unknown>)> {
    expect_texts(column)?;
    let known: HashMap<&str, u32, RandomState> = words.iter().map(String::as_str).zip(1..).collect();
    let counted = |chunk: usize| {
        let mut unknown: Option<Unknown> = None;
        let spoken = Spoken::of(column, chunk, |word| {
            let code = known.get(word).copied().unwrap_or(0);
            if code == 0 {
                unknown.get_or_insert_with(|| Unknown { count: 0, first: word.to_string() }).count += 1;
            }
            code
        });
        (spoken.counted(|code| code), unknown)
    };
    let (bags, unknown): (Vec<Bag>, Vec<Option<Unknown>>) = chunks(column).map(counted).unzip();
    let sum = |a: Unknown, b: Unknown| Unknown { count: a.count + b.count, ..a };
    Ok((Bag::concat(bags), unknown.into_iter().flatten().reduce(sum)))
}

/// Checks that a column holds texts, or nothing at all.
///
/// # Errors
/// When a cell has a value that is no text.
pub(crate) fn expect_texts(column: &Column) -> Outcome<()> {
    if matches!(column, Column::String(_)) || (0..column.len()).all(|at| column.lacks_value(at)) {
        return Ok(());
    }
    bail!(Type, "its cells are {}, and `bag_of_words` counts the words of texts", column.kind(); hint: "`recode`, `bin` and `hash` encode numbers")
}
