//! Tilewright runtime.
