//! The tables of named functions, one file per field.

pub mod algebra;
pub mod classes;
pub mod cleaning;
pub mod distributions;
pub mod factorisation;
pub mod fourier;
pub mod frames;
pub mod generation;
pub mod lists;
pub mod network;
pub mod reorganisation;
pub mod scalars;
pub mod statistics;
pub mod strings;
pub mod tokens;
pub mod transforms;

use crate::function::{FunctionOp, FunctionRow};
use crate::row::RowRef;

/// All tables.
pub static TABLES: &[&[FunctionRow]] = &[
    reorganisation::TABLE,
    generation::TABLE,
    algebra::TABLE,
    factorisation::TABLE,
    fourier::TABLE,
    statistics::TABLE,
    classes::TABLE,
    distributions::TABLE,
    network::TABLE,
    scalars::TABLE,
    lists::TABLE,
    frames::TABLE,
    cleaning::TABLE,
    strings::TABLE,
    tokens::TABLE,
    transforms::TABLE,
];

/// The function of a name.
pub fn find(name: &str) -> Option<FunctionOp> {
    TABLES.iter().flat_map(|table| table.iter()).find(|row| row.name == name).map(RowRef)
}
