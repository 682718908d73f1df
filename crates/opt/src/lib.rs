//! Tilewright opt.
