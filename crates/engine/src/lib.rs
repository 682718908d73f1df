//! Tilewright engine.
