//! Sums of products of many matrices: `einsum("ij,jk,kl->il", A, B, C)`.
//!
//! The operands are combined in pairs, the pair first whose result is smallest beside its operands. Every pair becomes
//! a matrix product, a product of cells or a scaling of rows or columns, so that no intermediate result has more than two
//! dimensions. Letters that only one operand has left are summed first. Where no pair gives a matrix (six matrices
//! that share four letters in all pairs) the sum goes over the values of one letter. Always in double precision: a value
//! passes through several products.

use tilewright_base::Outcome;
use tilewright_matrix::einsum::{Lengths, Subscripts};
use tilewright_matrix::product::Precision;
use tilewright_matrix::{Dense, reorg, transpose};
use tilewright_value::{Block, Scalar, Value};

use crate::aggregate::{self, Over};
use crate::binary;
use crate::index::{Form, Side};
use crate::product::Product;

/// An operand or intermediate result: a matrix with two different letters, a column with one, or a number.
#[derive(Debug, Clone)]
struct Term {
    letters: Vec<char>,
    value: Value,
}

/// What all steps look at.
struct Sum<'a> {
    result: &'a [char],
    lengths: &'a Lengths,
}

/// The sum of the products of the operands. The operands fit the subscripts, of which all lengths are known.
///
/// The result is a matrix of two letters, a column of one, a double of none.
///
/// # Errors
/// When an operand is no number or matrix.
pub fn einsum(subscripts: &Subscripts, operands: &[Value], lengths: &Lengths) -> Outcome<Value> {
    let pairs = subscripts.operands.iter().zip(operands);
    let terms = pairs.map(|(letters, value)| term(letters, value)).collect::<Outcome<Vec<_>>>()?;
    let sum = Sum { result: &subscripts.result, lengths };
    Ok(sum.contract(terms)?.value)
}

/// An operand as a term: vectors become columns, letters that stand twice take the diagonal.
fn term(letters: &[char], value: &Value) -> Outcome<Term> {
    let term = |letters: &[char], value| Ok(Term { letters: letters.to_vec(), value });
    match letters {
        [] => term(letters, Value::Scalar(Scalar::Double(value.as_scalar()?.as_double()?))),
        [_] => {
            let block = crate::operand::as_block(value)?;
            if block.cols() == 1 {
                return term(letters, matrix(value)?);
            }
            term(letters, transposed(&block))
        }
        [first, second, ..] if first == second => {
            let diagonal: Block = match &*crate::operand::as_block(value)? {
                Block::Dense(x) => reorg::diag_vector_dense(x).into(),
                Block::Sparse(x) => reorg::diag_vector_sparse(x).into(),
            };
            term(&letters[..1], diagonal.into())
        }
        _ => term(letters, matrix(value)?),
    }
}

/// A matrix as itself, a scalar as 1x1.
fn matrix(value: &Value) -> Outcome<Value> {
    Ok(match value {
        Value::Scalar(scalar) => Block::Dense(Dense::filled(1, 1, scalar.as_double()?)).into(),
        other => Value::Matrix(other.as_matrix()?.clone()),
    })
}

fn transposed(block: &Block) -> Value {
    match block {
        Block::Dense(x) => Block::Dense(transpose::dense(x)).into(),
        Block::Sparse(x) => Block::Sparse(transpose::sparse(x)).into(),
    }
}

fn turned(value: &Value) -> Outcome<Value> {
    Ok(transposed(&value.as_matrix()?.pin()))
}

/// The cells of both multiplied, a vector repeated along a matrix; a zero absorbs, of numbers as well.
fn multiplied(a: Value, b: Value) -> Outcome<Value> {
    let product = binary::find("*").expect("invariant: the table has a product");
    match (&a, &b) {
        (Value::Scalar(a), Value::Scalar(b)) => Ok(product.cell(a.as_double()?, b.as_double()?).into()),
        _ => product.run(a, b),
    }
}

fn summed_over(over: Over, value: &Value) -> Outcome<Value> {
    let (sum, _) = aggregate::find("sum").expect("invariant: the table has a sum");
    sum.run(over, value)
}

impl Sum<'_> {
    /// The term of the result, its letters in order.
    fn contract(&self, mut terms: Vec<Term>) -> Outcome<Term> {
        loop {
            for at in 0..terms.len() {
                terms[at] = self.without_lonely(&terms, at)?;
            }
            if terms.len() == 1 {
                let last = terms.remove(0);
                let ordered = last.letters == self.result;
                let value = if ordered { last.value } else { turned(&last.value)? };
                return Ok(Term { letters: self.result.to_vec(), value });
            }
            let Some((left, right)) = self.cheapest(&terms) else { return self.letter_by_letter(&terms) };
            let keep = self.kept(&terms, left, right);
            let (b, a) = (terms.remove(right), terms.remove(left));
            terms.push(pair(a, b, &keep)?);
        }
    }

    /// A term summed over the letters that neither another term nor the result has.
    fn without_lonely(&self, terms: &[Term], at: usize) -> Outcome<Term> {
        let others =
            || terms.iter().enumerate().filter(|(other, _)| *other != at).flat_map(|(_, term)| &term.letters);
        let needed = |letter: &char| self.result.contains(letter) || others().any(|own| own == letter);
        let keep: Vec<char> = terms[at].letters.iter().copied().filter(needed).collect();
        reduced(terms[at].clone(), &keep)
    }

    /// The letters of two terms that another term or the result has.
    fn kept(&self, terms: &[Term], left: usize, right: usize) -> Vec<char> {
        let others = || {
            let rest = terms.iter().enumerate().filter(|(at, _)| *at != left && *at != right);
            rest.flat_map(|(_, term)| &term.letters)
        };
        let mut keep: Vec<char> = Vec::new();
        for letter in terms[left].letters.iter().chain(&terms[right].letters) {
            let needed = self.result.contains(letter) || others().any(|own| own == letter);
            if needed && !keep.contains(letter) {
                keep.push(*letter);
            }
        }
        keep
    }

    /// The pair whose result, of at most two letters, has the fewest cells beside those of its operands.
    fn cheapest(&self, terms: &[Term]) -> Option<(usize, usize)> {
        let pairs = (0..terms.len()).flat_map(|left| (left + 1..terms.len()).map(move |right| (left, right)));
        let priced = pairs.filter_map(|(left, right)| {
            let keep = self.kept(terms, left, right);
            let growth =
                self.cells(&keep) - self.cells(&terms[left].letters) - self.cells(&terms[right].letters);
            (keep.len() <= 2).then_some((growth, (left, right)))
        });
        priced.min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, pair)| pair)
    }

    fn cells(&self, letters: &[char]) -> f64 {
        letters.iter().map(|letter| self.length(*letter) as f64).product()
    }

    fn length(&self, letter: char) -> u64 {
        self.lengths.get(&letter).copied().flatten().unwrap_or(1)
    }

    /// The sum over the values of one letter, of the sum over all others.
    fn letter_by_letter(&self, terms: &[Term]) -> Outcome<Term> {
        let summed =
            terms.iter().flat_map(|term| &term.letters).filter(|letter| !self.result.contains(letter));
        let letter = *summed
            .min_by_key(|letter| self.length(**letter))
            .expect("invariant: terms that have only letters of the result combine");
        let mut total: Option<Value> = None;
        for at in 0..self.length(letter) {
            let slices = terms.iter().map(|term| slice(term, letter, at)).collect::<Outcome<Vec<_>>>()?;
            let value = self.contract(slices)?.value;
            let plus = binary::find("+").expect("invariant: the table has a sum of two");
            total = Some(match total {
                Some(total) => plus.run(total, value)?,
                None => value,
            });
        }
        let side = |at: usize| self.result.get(at).map_or(1, |letter| self.length(*letter) as usize);
        let zero = || match self.result {
            [] => 0.0.into(),
            _ => Block::Dense(Dense::zeros(side(0), side(1))).into(),
        };
        Ok(Term { letters: self.result.to_vec(), value: total.unwrap_or_else(zero) })
    }
}

/// The term at one value of a letter.
fn slice(term: &Term, letter: char, at: u64) -> Outcome<Term> {
    let Some(place) = term.letters.iter().position(|own| *own == letter) else { return Ok(term.clone()) };
    let inputs = [term.value.clone(), Value::Scalar(Scalar::Integer(at as i64 + 1))];
    let rows = Form { rows: Side::One, cols: Side::All };
    let cols = Form { rows: Side::All, cols: Side::One };
    let letters: Vec<char> = term.letters.iter().copied().filter(|own| *own != letter).collect();
    let value = match (place, letters.len()) {
        (0, 0) => Value::Scalar(rows.run(&inputs)?.as_scalar()?),
        (0, _) => turned(&rows.run(&inputs)?)?,
        _ => cols.run(&inputs)?,
    };
    Ok(Term { letters, value })
}

/// A term summed over the letters that are not kept.
fn reduced(term: Term, keep: &[char]) -> Outcome<Term> {
    let kept: Vec<bool> = term.letters.iter().map(|letter| keep.contains(letter)).collect();
    let letters = term.letters.iter().copied().filter(|letter| keep.contains(letter)).collect();
    let value = match kept[..] {
        [true, false] => summed_over(Over::Rows, &term.value)?,
        [false, true] => turned(&summed_over(Over::Columns, &term.value)?)?,
        [false, ..] => summed_over(Over::All, &term.value)?,
        _ => return Ok(term),
    };
    Ok(Term { letters, value })
}

/// Two terms as one with the letters to keep. Letters that only one of them has are kept: others are summed before.
fn pair(a: Term, b: Term, keep: &[char]) -> Outcome<Term> {
    let (a, b) = if a.letters.len() < b.letters.len() { (b, a) } else { (a, b) };
    let shared: Vec<char> = a.letters.iter().copied().filter(|letter| b.letters.contains(letter)).collect();
    match (a.letters.len(), b.letters.len(), &shared[..]) {
        (_, 0, _) => Ok(Term { letters: a.letters, value: multiplied(a.value, b.value)? }),
        (1, 1, []) => {
            let letters = vec![a.letters[0], b.letters[0]];
            Ok(Term { letters, value: double(Product::TransposedRight, &[a.value, b.value])? })
        }
        (2, 2, [letter]) => matrices(a, b, *letter),
        (2, 1, [letter]) if !keep.contains(letter) => matrix_vector(a, b, *letter),
        (1, 1, [letter]) if !keep.contains(letter) => {
            let value = double(Product::TransposedLeft, &[a.value, b.value])?.as_scalar()?;
            Ok(Term { letters: Vec::new(), value: value.into() })
        }
        (2, 1, _) => {
            let side = if a.letters[0] == b.letters[0] { b.value } else { turned(&b.value)? };
            Ok(Term { letters: a.letters, value: multiplied(a.value, side)? })
        }
        _ => {
            let aligned = if a.letters == b.letters { b.value } else { turned(&b.value)? };
            reduced(Term { letters: a.letters, value: multiplied(a.value, aligned)? }, keep)
        }
    }
}

fn double(form: Product, inputs: &[Value]) -> Outcome<Value> {
    form.run(inputs, Precision::Double)
}

/// The product of two matrices that share one letter, in the form that transposes neither where there is one.
fn matrices(a: Term, b: Term, letter: char) -> Outcome<Term> {
    let ((own, _), (other, _)) = (outer(&a, letter), outer(&b, letter));
    let (form, inputs, letters) = match (a.letters[0] == letter, b.letters[0] == letter) {
        (false, true) => (Product::Plain, [a.value, b.value], vec![own, other]),
        (true, true) => (Product::TransposedLeft, [a.value, b.value], vec![own, other]),
        (false, false) => (Product::TransposedRight, [a.value, b.value], vec![own, other]),
        (true, false) => (Product::Plain, [b.value, a.value], vec![other, own]),
    };
    Ok(Term { letters, value: double(form, &inputs)? })
}

fn matrix_vector(a: Term, b: Term, letter: char) -> Outcome<Term> {
    let (own, place) = outer(&a, letter);
    let form = if place == 0 { Product::Plain } else { Product::TransposedLeft };
    Ok(Term { letters: vec![own], value: double(form, &[a.value, b.value])? })
}

/// The other letter of a matrix, and its place.
fn outer(term: &Term, letter: char) -> (char, usize) {
    let place = usize::from(term.letters[0] == letter);
    (term.letters[place], place)
}
