//! Vectors of words.

use std::borrow::Cow;
use std::collections::HashSet;

use tilewright_base::{Outcome, bail, fault};
use tilewright_matrix::Dense;

use super::number::numbers;
use crate::Frame;

/// A vector for each word, a row each.
#[derive(Debug, Clone)]
pub struct Embedding<'a> {
    /// The words of the rows; without them row `c` belongs to the word of code `c`.
    pub words: Option<Vec<String>>,
    /// The vectors.
    pub vectors: Cow<'a, Dense>,
}

impl<'a> Embedding<'a> {
    /// Vectors by code.
    pub fn of_codes(vectors: Cow<'a, Dense>) -> Embedding<'a> {
        Embedding { words: None, vectors }
    }

    /// Words in the first column, vectors in the others.
    ///
    /// # Errors
    /// When there are no other columns, a cell of them is no number, or a word is missing or stands twice.
    pub fn of_frame(frame: &Frame) -> Outcome<Embedding<'static>> {
        let Some((words, vectors)) = frame.columns().split_first().filter(|(_, vectors)| !vectors.is_empty())
        else {
            bail!(
                Shape,
                "an embedding has a column of words and columns of numbers, found {} columns",
                frame.cols()
            )
        };
        let words = words.cells().map(|cell| cell.text().unwrap_or_default()).collect::<Vec<_>>();
        let mut seen = HashSet::new();
        for (at, word) in words.iter().enumerate() {
            if word.is_empty() || !seen.insert(word) {
                let problem =
                    if word.is_empty() { "is missing".into() } else { format!("(\"{word}\") stands twice") };
                bail!(Value, "the word in row {} of the embedding {problem}", at + 1)
            }
        }
        let columns = vectors
            .iter()
            .enumerate()
            .map(|(at, column)| {
                numbers(column).map_err(|fault| fault!(Value, "column {} of the embedding: {fault}", at + 2))
            })
            .collect::<Outcome<Vec<_>>>()?;
        let vectors = Dense::from_rows(frame.rows(), columns.len(), |i, row| {
            row.iter_mut().zip(&columns).for_each(|(to, column)| *to = column.value(i));
        });
        Ok(Embedding { words: Some(words), vectors: Cow::Owned(vectors) })
    }

    /// The numbers that a word becomes.
    pub fn width(&self) -> usize {
        self.vectors.cols()
    }

    /// Checks that there are vectors for so many words.
    ///
    /// # Errors
    /// When there are not.
    pub(crate) fn reaches(&self, words: usize) -> Outcome<()> {
        let vectors = self.vectors.rows();
        if words > vectors {
            bail!(Shape, "there are {words} words and {vectors} vectors in the embedding")
        }
        Ok(())
    }
}
