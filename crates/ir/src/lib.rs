//! Tilewright ir.
