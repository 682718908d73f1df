//! Tilewright suite.
