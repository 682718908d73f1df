//! Tilewright ops.
