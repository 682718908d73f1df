//! All operators by name: what the compiler resolves calls with, and what help and documents are made of.

use crate::aggregate::{self, AggregateOp, Over};
use crate::binary::{self, BinaryOp};
use crate::cumulative::{self, CumulativeOp};
use crate::function::FunctionOp;
use crate::locality::Locality;
use crate::row::{Named, RowRef};
use crate::unary::{self, UnaryOp};
use crate::{functions, select};

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Element-wise, one operand.
    Unary(UnaryOp),
    /// Element-wise, two operands.
    Binary(BinaryOp),
    /// `ifelse`.
    Select,
    /// An aggregate.
    Aggregate(AggregateOp, Over),
    /// A running aggregate.
    Cumulative(CumulativeOp),
    /// A function with parameters.
    Function(FunctionOp),
}

/// Other names of operators and library functions.
pub const ALIASES: &[(&str, &str)] = &[
    ("ceiling", "ceil"),
    // A file of its own would be the same as that of `fdr` where case does not count.
    ("FDR", "fdr"),
    ("avg", "mean"),
    ("pmin", "min"),
    ("pmax", "max"),
    ("tr", "trace"),
    ("inverse", "inv"),
    ("ctable", "table"),
    ("append", "cbind"),
    ("as.boolean", "as.logical"),
    ("castAsScalar", "as.scalar"),
    ("isNA", "is.na"),
    ("isNaN", "is.nan"),
    ("isInf", "is.infinite"),
    ("Rand", "rand"),
    ("centralMoment", "moment"),
    ("groupedAggregate", "aggregate"),
    ("rcm", "rowClassMeet"),
    ("reshape", "matrix"),
];

/// The name that an alias stands for; other names as they are.
pub fn own_name(name: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, own)| own)
}

/// The entry of a name or an alias that is called as a function with so many arguments. Names that are both an
/// aggregate and an element-wise operator (`min`) go by the number of arguments; the form with two arguments of an
/// element-wise operator (a logarithm to a base) is the row named `<name>_base`, that of an aggregate (a mean with
/// weights) the row named `<name>_weighted`.
pub fn find(name: &str, args: usize) -> Option<Entry> {
    let name = own_name(name);
    let callable = |op: &dyn Named| op.name().starts_with(char::is_alphabetic);
    let two = binary::find(name).filter(|op| callable(&**op)).map(Entry::Binary);
    let based = || binary::find(&format!("{name}_base")).map(Entry::Binary);
    let weighted = || functions::find(&format!("{name}_weighted")).map(Entry::Function);
    let two = if args == 2 { two.or_else(based).or_else(weighted) } else { two };
    if args >= 2 && two.is_some() {
        return two;
    }
    None.or_else(|| aggregate::find(name).map(|(op, over)| Entry::Aggregate(op, over)))
        .or_else(|| unary::find(name).filter(|op| callable(&**op)).map(Entry::Unary))
        .or_else(|| cumulative::find(name).map(Entry::Cumulative))
        .or_else(|| functions::find(name).map(Entry::Function))
        .or_else(|| (name == select::NAME).then_some(Entry::Select))
        .or(two)
}

/// All entries, in the order of the tables.
pub fn entries() -> impl Iterator<Item = Entry> {
    let over = |row: &'static aggregate::AggregateRow| {
        [Over::All, Over::Rows, Over::Columns]
            .into_iter()
            .filter(|over| !row.name_over(*over).is_empty())
            .map(move |over| Entry::Aggregate(RowRef(row), over))
    };
    unary::TABLE
        .iter()
        .map(|row| Entry::Unary(RowRef(row)))
        .chain(binary::TABLE.iter().map(|row| Entry::Binary(RowRef(row))))
        .chain([Entry::Select])
        .chain(aggregate::TABLE.iter().flat_map(over))
        .chain(cumulative::TABLE.iter().map(|row| Entry::Cumulative(RowRef(row))))
        .chain(
            functions::TABLES.iter().flat_map(|table| table.iter()).map(|row| Entry::Function(RowRef(row))),
        )
}

impl Entry {
    /// The name in scripts.
    pub fn name(&self) -> &'static str {
        match self {
            Entry::Unary(op) => op.name(),
            Entry::Binary(op) => op.name(),
            Entry::Select => select::NAME,
            Entry::Aggregate(op, over) => op.name_over(*over),
            Entry::Cumulative(op) => op.name(),
            Entry::Function(op) => op.name,
        }
    }

    /// How it is written: `rowSums(X)`, `a + b`.
    pub fn signature(&self) -> String {
        let name = match self {
            Entry::Binary(op) => op.written(),
            _ => self.name(),
        };
        match self {
            Entry::Unary(_) if !name.starts_with(char::is_alphabetic) => format!("{name}x"),
            Entry::Binary(_) if !name.starts_with(char::is_alphabetic) => format!("a {name} b"),
            Entry::Binary(_) => format!("{name}(a, b)"),
            Entry::Unary(_) => format!("{name}(x)"),
            Entry::Select => format!("{name}(condition, a, b)"),
            Entry::Aggregate(..) | Entry::Cumulative(_) => format!("{name}(X)"),
            Entry::Function(op) => op.signature(),
        }
    }

    /// What it computes.
    pub fn doc(&self) -> &'static str {
        match self {
            Entry::Unary(op) => op.doc(),
            Entry::Binary(op) => op.doc(),
            Entry::Select => select::DOC,
            Entry::Aggregate(op, _) => op.doc(),
            Entry::Cumulative(op) => op.doc(),
            Entry::Function(op) => op.doc,
        }
    }

    /// The word of its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Entry::Unary(_) => "unary",
            Entry::Binary(_) => "binary",
            Entry::Select => "ternary",
            Entry::Aggregate(..) => "aggregate",
            Entry::Cumulative(_) => "cumulative",
            Entry::Function(_) => "function",
        }
    }

    /// How far it looks.
    pub fn locality(&self) -> Locality {
        match self {
            Entry::Unary(_) | Entry::Binary(_) | Entry::Select => Locality::Elementwise,
            Entry::Aggregate(op, over) => op.locality(*over),
            Entry::Cumulative(op) => op.locality(),
            Entry::Function(op) => op.locality,
        }
    }

    /// Whether zeros stay zeros, for element-wise operators.
    pub fn zeros(&self) -> &'static str {
        match self {
            Entry::Unary(op) if op.keeps_zero() => "kept",
            Entry::Binary(op) if op.zero() == binary::Zero::Both => "absorb",
            Entry::Binary(op) if op.keeps_zero() => "kept where both are zero",
            _ => "",
        }
    }
}
