//! Tilewright io.
