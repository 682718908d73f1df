//! How far an operator has to look: what decides whether work can stream over row panels.

/// What a row of the result depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Locality {
    /// Each cell depends on the same cell of each input.
    Elementwise,
    /// Each row depends on the same row of each input.
    RowLocal,
    /// Each column depends on the same column of each input.
    ColLocal,
    /// The result is a merge of results over parts of the rows.
    Partial,
    /// Each row depends on the rows above it through a carried state.
    Scan,
    /// Row-local in the first input, the whole of the other one.
    Broadcast,
    /// Everything depends on everything: inputs are collected first.
    Collect,
}

impl Locality {
    /// The word shown by `explain`.
    pub fn word(self) -> &'static str {
        match self {
            Locality::Elementwise => "elementwise",
            Locality::RowLocal => "row-local",
            Locality::ColLocal => "col-local",
            Locality::Partial => "partial",
            Locality::Scan => "scan",
            Locality::Broadcast => "broadcast",
            Locality::Collect => "collect",
        }
    }
}
