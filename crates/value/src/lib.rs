//! Tilewright value.
