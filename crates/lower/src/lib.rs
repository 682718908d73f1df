//! Tilewright lower.
