//! Tilewright plan.
