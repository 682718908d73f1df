//! References to rows of the operator tables.

use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// A reference to one row of a table; equal only to references to the same row.
pub struct RowRef<T: 'static>(pub &'static T);

impl<T> Clone for RowRef<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for RowRef<T> {}

impl<T> Deref for RowRef<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0
    }
}

impl<T> PartialEq for RowRef<T> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl<T> Eq for RowRef<T> {}

impl<T> Hash for RowRef<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::from_ref(self.0).hash(state);
    }
}

impl<T: Named> std::fmt::Debug for RowRef<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A row has a name, unique in the catalogue, and a sentence of documentation.
pub trait Named {
    /// The name or symbol in scripts.
    fn name(&self) -> &'static str;
    /// What it computes.
    fn doc(&self) -> &'static str;

    /// The name as scripts write it: the form of an operator with a second argument has a row of its own, named
    /// `log_base` or `mean_weighted`.
    fn written(&self) -> &'static str {
        let name = self.name();
        name.strip_suffix("_base").or_else(|| name.strip_suffix("_weighted")).unwrap_or(name)
    }
}
