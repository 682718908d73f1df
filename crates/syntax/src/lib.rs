//! Tilewright syntax.
