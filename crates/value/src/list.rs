//! Lists: ordered values, each with an optional name.

use std::sync::Arc;

use crate::Value;

/// An ordered list of values; cloning it is cheap.
#[derive(Debug, Clone, Default)]
pub struct List(Arc<Vec<(Option<Arc<str>>, Value)>>);

impl List {
    /// From entries with optional names.
    pub fn new(entries: Vec<(Option<Arc<str>>, Value)>) -> List {
        List(Arc::new(entries))
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True without entries.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (Option<&str>, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_deref(), value))
    }

    /// The entry at a 0-based position.
    pub fn get(&self, at: usize) -> Option<&Value> {
        self.0.get(at).map(|(_, value)| value)
    }

    /// The position of a name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|(entry, _)| entry.as_deref() == Some(name))
    }
}
