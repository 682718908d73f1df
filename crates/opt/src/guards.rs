//! Named predicates over facts that rules may ask for. A guard that cannot be decided does not hold.

use tilewright_ops::{Facts, Kind};

/// A guard: its name, its predicate, and the names of the operands it asks about.
pub struct Guard {
    /// The name.
    pub name: &'static str,
    /// The predicate.
    pub holds: fn(&[&Facts]) -> bool,
    /// The operands.
    pub on: &'static [&'static str],
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

/// More than one column, or none.
pub fn not_column(facts: &[&Facts]) -> bool {
    facts.iter().all(|x| x.is_matrix() && x.dims().1.known().is_some_and(|cols| cols != 1))
}

/// More than one row, or none.
pub fn not_row(facts: &[&Facts]) -> bool {
    facts.iter().all(|x| x.is_matrix() && x.dims().0.known().is_some_and(|rows| rows != 1))
}

/// The product of both is neither a dot product nor an outer product of vectors, so that summing first is cheaper.
pub fn not_dot(facts: &[&Facts]) -> bool {
    not_row(&facts[..1]) && not_column(&facts[1..])
}

/// Equal, known shapes.
pub fn same_shape(facts: &[&Facts]) -> bool {
    facts.windows(2).all(|pair| pair[0].dims() == pair[1].dims())
        && facts.iter().all(|x| x.dense_bytes().is_some() && x.is_matrix())
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
