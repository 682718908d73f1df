//! The columns of a table that comes in pieces are matched by their names, not by their places.

use std::collections::HashMap;
use std::path::Path;

use tilewright_base::{Fault, fault};
use tilewright_frame::Frame;

/// What a table calls its columns.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// Where the table stands.
    pub path: &'a Path,
    /// The names.
    pub names: &'a [String],
}

impl Names<'_> {
    /// The places in this table of the columns of another one, in their order there; `None` where the order is the same.
    ///
    /// # Errors
    /// When the two do not have the same columns; the first difference is told.
    pub fn order(&self, wanted: &Names<'_>) -> Result<Option<Vec<usize>>, Fault> {
        if self.names == wanted.names {
            return Ok(None);
        }
        self.places(wanted).map(Some).map_err(|difference| {
            let (path, other) = (self.path.display(), wanted.path.display());
            fault!(File, "{path} has the columns {}, not those of {other}: {difference}", listed(self.names); hint: "columns of all parts have the same names, in any order")
        })
    }

    fn places(&self, wanted: &Names<'_>) -> Result<Vec<usize>, String> {
        let (own, others) = (numbered(self.names)?, numbered(wanted.names)?);
        let place = |name: &String| own.get(name.as_str()).copied().ok_or(format!("\"{name}\" is missing"));
        let places = wanted.names.iter().map(place).collect::<Result<Vec<usize>, String>>()?;
        match self.names.iter().find(|name| !others.contains_key(name.as_str())) {
            Some(name) => Err(format!("\"{name}\" is not there")),
            None => Ok(places),
        }
    }
}

fn numbered(names: &[String]) -> Result<HashMap<&str, usize>, String> {
    let mut places = HashMap::with_capacity(names.len());
    for (at, name) in names.iter().enumerate() {
        if places.insert(name.as_str(), at).is_some() {
            return Err(format!("two are named \"{name}\""));
        }
    }
    Ok(places)
}

/// The frame of a file with its columns in the order of another table.
///
/// # Errors
/// As of [`Names::order`].
pub fn ordered(path: &Path, frame: Frame, wanted: &Names<'_>) -> Result<Frame, Fault> {
    let order = Names { path, names: frame.names() }.order(wanted)?;
    match order {
        Some(order) => frame.take_cols(&order).named(wanted.names.to_vec()),
        None => Ok(frame),
    }
}

fn listed(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("\"{name}\"")).collect();
    format!("{}{}", shown.join(", "), if names.len() > SHOWN { ", ..." } else { "" })
}
