//! The rewrite rules: sentences of DML, `before => after`. Capitals are matrices, small letters scalars.
//!
//! A rule states its numeric class: `exact` (the same values), `rounding` (another order of the same terms) or
//! `ignores-nan` (equal for finite values; NaN and infinities may show or vanish). `--no-rewrite NAME` switches one
//! off. There is a file for each family of operators; what no sentence can say is code in the same lists, with
//! sentences that are examples of it. Tests check every sentence on random matrices: equal values, no growing cost,
//! and that nothing undoes it. [`coverage`] accounts for what optimisers of linear algebra are known to do.

pub mod coverage;

mod aggregate;
mod cells;
mod choice;
mod comparison;
mod constants;
mod diagonal;
mod generation;
mod incremental;
mod index;
mod losses;
mod means;
mod negation;
mod neutral;
mod product;
mod reorganisation;
mod scalars;
mod scaling;
mod vectors;
mod zeros;

use tilewright_ir::NodeId;

use crate::builder::Builder;
use crate::guards::Guard;

/// What may differ between the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Nothing.
    Exact,
    /// The last digits.
    Rounding,
    /// The last digits, and what NaN and infinities do.
    IgnoresNan,
}

impl Class {
    /// The word in documents.
    pub fn word(self) -> &'static str {
        match self {
            Class::Exact => "exact",
            Class::Rounding => "rounding",
            Class::IgnoresNan => "ignores-nan",
        }
    }
}

/// The operators that a rule in code looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// All whose result is known to be zero everywhere.
    Zeros,
    /// Element-wise operators with two operands.
    Binary,
    /// `ifelse`.
    Choice,
    /// Aggregates over all cells.
    Aggregate,
    /// `X[...]`
    Index,
    /// `X[...] = value`
    Assign,
    /// `%*%`
    Product,
    /// Functions of these names.
    Functions(&'static [&'static str]),
}

/// What a node becomes, if a rule in code applies to it.
pub type Apply = fn(&mut Builder<'_>, NodeId) -> Option<NodeId>;

/// How a rule is written.
pub enum Body {
    /// Its text is all of it.
    Sentence,
    /// Its text is an example of what code does.
    Code {
        /// The nodes it looks at.
        on: On,
        /// What it does.
        does: &'static str,
        /// Further examples.
        examples: &'static [&'static str],
        /// The code.
        apply: Apply,
    },
}

/// A rule.
pub struct Rule {
    /// Its name.
    pub name: &'static str,
    /// `before => after`
    pub text: &'static str,
    /// What may differ.
    pub class: Class,
    /// What must hold.
    pub guards: &'static [Guard],
    /// How it is written.
    pub body: Body,
}

impl Rule {
    /// Further examples of a rule in code.
    pub fn examples(&self) -> &'static [&'static str] {
        match self.body {
            Body::Sentence => &[],
            Body::Code { examples, .. } => examples,
        }
    }
}

macro_rules! rule {
    ($name:literal, $text:literal, $class:ident $(, $guard:ident($($on:ident),*))*) => {
        $crate::rules::Rule {
            name: $name,
            text: $text,
            class: $crate::rules::Class::$class,
            guards: &[$($crate::guards::Guard {
                name: stringify!($guard),
                holds: $crate::guards::$guard,
                on: &[$(stringify!($on)),*],
            }),*],
            body: $crate::rules::Body::Sentence,
        }
    };
}
use rule;

/// The guard of rules in code both of whose sides have to be compared by what they cost.
const CHEAPER: Guard = Guard { name: "cheaper", holds: crate::guards::cheaper, on: &[] };

/// The families, in the order in which their rules are tried; of several that match, the first wins.
const FAMILIES: &[&[Rule]] = &[
    constants::RULES,
    zeros::RULES,
    neutral::RULES,
    negation::RULES,
    scaling::RULES,
    comparison::RULES,
    choice::RULES,
    cells::RULES,
    reorganisation::RULES,
    generation::RULES,
    scalars::RULES,
    losses::RULES,
    vectors::RULES,
    means::RULES,
    aggregate::RULES,
    diagonal::RULES,
    incremental::RULES,
    product::RULES,
    index::RULES,
];

/// The passes that can be switched off like rules.
pub const PASSES: &[&str] = &[
    crate::inline_functions::NAME,
    crate::remove_unused_results::NAME,
    crate::merge_blocks::NAME,
    crate::vectorise_loops::NAME,
    crate::hoist_invariants::NAME,
    crate::order_chains::NAME,
    crate::products::NAME,
    crate::choose_solves::NAME,
    crate::fuse::NAME,
];

/// All rules.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    FAMILIES.iter().copied().flatten()
}
