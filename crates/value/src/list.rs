//! Lists: ordered values, each with an optional name.

use std::sync::Arc;

use crate::Value;

/// One entry of a [`List`].
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name, if it has one.
    pub name: Option<Arc<str>>,
    /// Its value.
    pub value: Value,
}

impl From<Value> for Entry {
    fn from(value: Value) -> Entry {
        Entry { name: None, value }
    }
}

/// An ordered list of values; cloning it is cheap.
#[derive(Debug, Clone, Default)]
pub struct List(Arc<Vec<Entry>>);

impl List {
    /// From its entries.
    pub fn new(entries: Vec<Entry>) -> List {
        List(Arc::new(entries))
    }

    /// The entries to change: moved out when this is the only handle, copied otherwise.
    pub fn into_entries(self) -> Vec<Entry> {
        Arc::try_unwrap(self.0).unwrap_or_else(|shared| (*shared).clone())
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
        self.0.iter().map(|entry| (entry.name.as_deref(), &entry.value))
    }

    /// The values in order.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().map(|entry| &entry.value)
    }

    /// The entry at a 0-based position.
    ///
    /// # Panics
    /// When it is outside.
    pub fn entry(&self, at: usize) -> &Entry {
        &self.0[at]
    }

    /// The value at a 0-based position.
    pub fn get(&self, at: usize) -> Option<&Value> {
        self.0.get(at).map(|entry| &entry.value)
    }

    /// The position of a name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|entry| entry.name.as_deref() == Some(name))
    }
}
