//! Einstein sums by their definition: one loop per letter.

use crate::dense::Dense;
use crate::einsum::Subscripts;
use crate::map::absorbing_product;

/// For each cell of the result the sum, over the letters that it does not have, of the products of the operands. The
/// letters have the given lengths, the operands shapes that fit. The result is a matrix, a column, or 1x1.
pub fn einsum(subscripts: &Subscripts, operands: &[&Dense], length: impl Fn(char) -> usize) -> Dense {
    let mut summed: Vec<(char, usize)> = Vec::new();
    for &letter in subscripts.operands.iter().flatten() {
        if !subscripts.result.contains(&letter) && !summed.iter().any(|(own, _)| *own == letter) {
            summed.push((letter, length(letter)));
        }
    }
    let side = |at: usize| subscripts.result.get(at).map_or(1, |letter| length(*letter));
    Dense::from_fn(side(0), side(1), |i, j| {
        let mut place: Vec<(char, usize)> = subscripts.result.iter().copied().zip([i, j]).collect();
        total(subscripts, operands, &summed, &mut place)
    })
}

/// The sum over the letters in `summed`, at the place of the others.
fn total(
    subscripts: &Subscripts,
    operands: &[&Dense],
    summed: &[(char, usize)],
    place: &mut Vec<(char, usize)>,
) -> f64 {
    let Some(((letter, length), rest)) = summed.split_first() else {
        let cells = subscripts.operands.iter().zip(operands).map(|(letters, x)| cell(letters, x, place));
        return cells.reduce(absorbing_product).unwrap_or(1.0);
    };
    let mut sum = 0.0;
    for at in 0..*length {
        place.push((*letter, at));
        sum += total(subscripts, operands, rest, place);
        place.pop();
    }
    sum
}

fn cell(letters: &[char], x: &Dense, place: &[(char, usize)]) -> f64 {
    let at = |letter: char| place.iter().find(|(own, _)| *own == letter).map_or(0, |(_, at)| *at);
    match letters {
        [] => x.cells()[0],
        [letter] => x.cells()[at(*letter)],
        [first, second, ..] => x.get(at(*first), at(*second)),
    }
}
