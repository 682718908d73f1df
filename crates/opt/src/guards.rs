//! Named predicates over facts that rules may ask for. A guard that cannot be decided does not hold.

use tilewright_ops::{Facts, Kind};
use tilewright_value::ScalarType;

/// A guard: its name, its predicate, and the names of the operands it asks about (at most four).
pub struct Guard {
    /// The name.
    pub name: &'static str,
    /// The predicate.
    pub holds: fn(&[&Facts]) -> bool,
    /// The operands.
    pub on: &'static [&'static str],
}

/// The right side costs no more than what the left side computes for nobody else, by [`crate::cost`]. The builder
/// decides this one, when both sides are there.
pub fn cheaper(_: &[&Facts]) -> bool {
    true
}

fn known(x: &Facts) -> Option<(u64, u64)> {
    let (rows, cols) = x.dims();
    Some((rows.known()?, cols.known()?)).filter(|_| x.is_matrix())
}

fn whole_number(x: &Facts) -> Option<f64> {
    x.number().filter(|n| x.is_scalar() && n.fract() == 0.0 && n.abs() < 2f64.powi(52))
}

/// A column vector of more than one row.
pub fn column(facts: &[&Facts]) -> bool {
    facts
        .iter()
        .all(|x| x.is_matrix() && x.dims().1.is(1) && x.dims().0.known().is_some_and(|rows| rows != 1))
}

/// A row vector of more than one column.
pub fn row(facts: &[&Facts]) -> bool {
    facts
        .iter()
        .all(|x| x.is_matrix() && x.dims().0.is(1) && x.dims().1.known().is_some_and(|cols| cols != 1))
}

/// One column.
pub fn single_column(facts: &[&Facts]) -> bool {
    facts.iter().all(|x| x.is_matrix() && x.dims().1.is(1))
}

/// One row.
pub fn single_row(facts: &[&Facts]) -> bool {
    facts.iter().all(|x| x.is_matrix() && x.dims().0.is(1))
}

/// One cell.
pub fn one_cell(facts: &[&Facts]) -> bool {
    single_row(facts) && single_column(facts)
}

/// More than one column, or none.
pub fn not_column(facts: &[&Facts]) -> bool {
    facts.iter().all(|x| x.is_matrix() && x.dims().1.known().is_some_and(|cols| cols != 1))
}

/// More than one row, or none.
pub fn not_row(facts: &[&Facts]) -> bool {
    facts.iter().all(|x| x.is_matrix() && x.dims().0.known().is_some_and(|rows| rows != 1))
}

/// Shapes that are known to be equal.
pub fn same_shape(facts: &[&Facts]) -> bool {
    let equal = |a: &Facts, b: &Facts| {
        let ((r1, c1), (r2, c2)) = (a.dims(), b.dims());
        a.is_matrix() && b.is_matrix() && r1.equals(r2) && c1.equals(c2)
    };
    facts.windows(2).all(|pair| equal(pair[0], pair[1]))
}

/// A square matrix of known size.
pub fn square(facts: &[&Facts]) -> bool {
    facts
        .iter()
        .all(|x| matches!(x.kind, Kind::Matrix { rows, cols } if rows.known().is_some() && rows == cols))
}

/// The product of both is square, of known size and not 1x1.
pub fn square_product(facts: &[&Facts]) -> bool {
    let (rows, cols) = (facts[0].dims().0, facts[1].dims().1);
    rows.known().is_some_and(|rows| rows != 1) && rows == cols
}

/// The first has as many columns as the second has rows.
pub fn chained(facts: &[&Facts]) -> bool {
    known(facts[0]).zip(known(facts[1])).is_some_and(|((_, inner), (rows, _))| inner == rows)
}

/// Both have as many rows.
pub fn same_rows(facts: &[&Facts]) -> bool {
    known(facts[0]).zip(known(facts[1])).is_some_and(|((rows, _), (other, _))| rows == other)
}

/// The product of the first two has the shape of the third.
pub fn product_of_shape(facts: &[&Facts]) -> bool {
    let product = (facts[0].dims().0, facts[1].dims().1);
    known(facts[2]).is_some() && product == facts[2].dims()
}

/// The first is a column of as many rows as the second has.
pub fn column_of(facts: &[&Facts]) -> bool {
    single_column(&facts[..1])
        && known(facts[0]).zip(known(facts[1])).is_some_and(|((rows, _), (other, _))| rows == other)
}

/// The first is a row of as many columns as the second has.
pub fn row_of(facts: &[&Facts]) -> bool {
    single_row(&facts[..1])
        && known(facts[0]).zip(known(facts[1])).is_some_and(|((_, cols), (_, other))| cols == other)
}

/// The first is a row, a column or a cell that is repeated along the second.
pub fn repeated_along(facts: &[&Facts]) -> bool {
    known(facts[0]).zip(known(facts[1])).is_some_and(|((rows, cols), (all_rows, all_cols))| {
        (rows == 1 || rows == all_rows)
            && (cols == 1 || cols == all_cols)
            && rows * cols < all_rows * all_cols
    })
}

/// At least one cell, of a known shape.
pub fn has_cells(facts: &[&Facts]) -> bool {
    facts.iter().all(|x| known(x).is_some_and(|(rows, cols)| rows > 0 && cols > 0))
}

/// At most a tenth of the cells are not zero.
pub fn sparse(facts: &[&Facts]) -> bool {
    facts.iter().all(|x| {
        let cells = known(x).map(|(rows, cols)| rows as f64 * cols as f64);
        x.nnz.bound().zip(cells).is_some_and(|(bound, cells)| bound as f64 <= cells / 10.0)
    })
}

/// A matrix of truth values.
pub fn truth(facts: &[&Facts]) -> bool {
    facts.iter().all(|x| x.is_matrix() && x.logical == Some(true))
}

/// No cell is below zero; NaN may be there.
pub fn not_negative(facts: &[&Facts]) -> bool {
    facts.iter().all(|x| x.is_not_negative())
}

/// A scalar that is no text.
pub fn number(facts: &[&Facts]) -> bool {
    facts.iter().all(|x| x.scalar_type().is_some_and(|kind| kind != ScalarType::String))
}

/// A known whole number.
pub fn whole(facts: &[&Facts]) -> bool {
    facts.iter().all(|x| whole_number(x).is_some())
}

/// A known whole number from 1.
pub fn positive(facts: &[&Facts]) -> bool {
    facts.iter().all(|x| whole_number(x).is_some_and(|n| n >= 1.0))
}

/// Known numbers that do not fall.
pub fn ascending(facts: &[&Facts]) -> bool {
    facts.windows(2).all(|pair| pair[0].number().zip(pair[1].number()).is_some_and(|(a, b)| a <= b))
}

/// Known numbers that do not rise.
pub fn descending(facts: &[&Facts]) -> bool {
    facts.windows(2).all(|pair| pair[0].number().zip(pair[1].number()).is_some_and(|(a, b)| a >= b))
}

/// The first, a matrix, is known to have as many rows as the second, a number, says.
pub fn rows_are(facts: &[&Facts]) -> bool {
    known(facts[0]).zip(whole_number(facts[1])).is_some_and(|((rows, _), n)| rows as f64 == n)
}

/// The first, a matrix, is known to have the rows and columns that the numbers after it say.
pub fn shape_is(facts: &[&Facts]) -> bool {
    let said = whole_number(facts[1]).zip(whole_number(facts[2]));
    known(facts[0]).zip(said).is_some_and(|((rows, cols), said)| (rows as f64, cols as f64) == said)
}
