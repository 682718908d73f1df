//! The notation of Einstein sums: `ij,jk->ik` names the dimensions of each operand and of the result.
//!
//! A letter that several operands share runs over both of them; a letter that the result does not have is summed; a
//! letter that stands twice in an operand takes its diagonal. Matrices have two letters, vectors (a row or a column)
//! one, single numbers none. This module reads and checks the notation; the sum itself is defined in
//! [`crate::reference::einsum`].

use std::collections::BTreeMap;

use tilewright_base::{Outcome, bail, number::count};

/// The letters of the operands and of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscripts {
    /// Of each operand, at most two.
    pub operands: Vec<Vec<char>>,
    /// Of the result, at most two and different.
    pub result: Vec<char>,
}

/// The length of the dimension of each letter; `None` where it is not known yet.
pub type Lengths = BTreeMap<char, Option<u64>>;

impl Subscripts {
    /// Reads `ij,jk->ik`; blanks count for nothing.
    ///
    /// # Errors
    /// Without `->`, for characters that are no letters, more than two letters of an operand or the result, and
    /// letters of the result that stand twice or in no operand.
    pub fn parse(text: &str) -> Outcome<Subscripts> {
        let Some((operands, result)) = text.split_once("->") else {
            bail!(Value, "\"{text}\" does not say what the result of `einsum` is"; hint: "write its letters behind an arrow: \"ij,jk->ik\"");
        };
        let operands = operands.split(',').map(|part| letters(part, text)).collect::<Outcome<Vec<_>>>()?;
        let result = letters(result, text)?;
        if let [first, second] = result[..]
            && first == second
        {
            bail!(Value, "the letter `{first}` stands twice in the result of \"{text}\""; hint: "`diag` makes a diagonal matrix of a column");
        }
        if let Some(letter) =
            result.iter().find(|letter| !operands.iter().flatten().any(|own| own == *letter))
        {
            bail!(Value, "the letter `{letter}` of the result of \"{text}\" stands in no operand");
        }
        Ok(Subscripts { operands, result })
    }

    /// The length of each letter for operands of these rows and columns.
    ///
    /// # Errors
    /// When their number differs from that of the subscripts, an operand with one letter is no vector or one with no
    /// letter no single number, and when a letter has two lengths.
    pub fn lengths(&self, shapes: &[(Option<u64>, Option<u64>)]) -> Outcome<Lengths> {
        if shapes.len() != self.operands.len() {
            let given = count(shapes.len(), "operand");
            bail!(Argument, "`einsum` got {given}, its subscripts name {}", self.operands.len());
        }
        let mut lengths = Lengths::new();
        for (at, (letters, shape)) in self.operands.iter().zip(shapes).enumerate() {
            match letters[..] {
                [] => no_letter(at, *shape)?,
                [letter] => settle(&mut lengths, letter, vector_length(at, letter, *shape)?)?,
                [first, second, ..] => {
                    settle(&mut lengths, first, shape.0)?;
                    settle(&mut lengths, second, shape.1)?;
                }
            }
        }
        Ok(lengths)
    }
}

fn letters(part: &str, text: &str) -> Outcome<Vec<char>> {
    let letters: Vec<char> = part.chars().filter(|c| !c.is_whitespace()).collect();
    if let Some(other) = letters.iter().find(|c| !c.is_ascii_alphabetic()) {
        bail!(Value, "`{other}` in \"{text}\" is no letter"; hint: "letters for dimensions, commas between operands, an arrow before the result: \"ij,jk->ik\"");
    }
    if letters.len() > 2 {
        bail!(Value, "\"{part}\" in \"{text}\" has {} letters; matrices have two dimensions", letters.len());
    }
    Ok(letters)
}

fn no_letter(at: usize, (rows, cols): (Option<u64>, Option<u64>)) -> Outcome<()> {
    if [rows, cols].iter().flatten().any(|n| *n != 1) {
        bail!(Shape, "operand {} of `einsum` has no letter but more than one cell", at + 1);
    }
    Ok(())
}

/// The length of a vector, if known: the side that is not 1.
fn vector_length(at: usize, letter: char, shape: (Option<u64>, Option<u64>)) -> Outcome<Option<u64>> {
    Ok(match shape {
        (Some(1), length) | (length, Some(1)) => length,
        (Some(rows), Some(cols)) => {
            bail!(
                Shape,
                "operand {} of `einsum` is a {rows}x{cols} matrix, its only letter `{letter}` makes it a vector",
                at + 1
            )
        }
        _ => None,
    })
}

fn settle(lengths: &mut Lengths, letter: char, length: Option<u64>) -> Outcome<()> {
    let known = lengths.entry(letter).or_insert(length);
    match (*known, length) {
        (Some(a), Some(b)) if a != b => {
            bail!(Shape, "the letter `{letter}` of `einsum` stands for {a} and for {b}")
        }
        (None, length) => *known = length,
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notation_is_read_and_checked() {
        let plain = Subscripts::parse(" ij , jk -> ik").unwrap();
        assert_eq!(plain.operands, [['i', 'j'], ['j', 'k']]);
        assert_eq!(plain.result, ['i', 'k']);
        assert_eq!(Subscripts::parse(",ii->").unwrap().operands, [vec![], vec!['i', 'i']]);
        for wrong in ["ij,jk", "ijk->i", "ij->ii", "ij->k", "i1->i", "i-j->i"] {
            assert!(Subscripts::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn letters_have_one_length() {
        let lengths = |text: &str, shapes: &[(u64, u64)]| {
            let shapes: Vec<_> = shapes.iter().map(|(r, c)| (Some(*r), Some(*c))).collect();
            Subscripts::parse(text).unwrap().lengths(&shapes)
        };
        let found = lengths("ij,j->i", &[(2, 3), (1, 3)]).unwrap();
        assert_eq!(found, BTreeMap::from([('i', Some(2)), ('j', Some(3))]));
        assert!(lengths("ij,jk->ik", &[(2, 3), (4, 2)]).is_err());
        assert!(lengths("ii->i", &[(2, 3)]).is_err());
        assert!(lengths("i->i", &[(2, 3)]).is_err());
        assert!(lengths(",i->i", &[(2, 1), (2, 1)]).is_err());
        assert!(lengths("i->i", &[(2, 1), (2, 1)]).is_err());
    }
}
