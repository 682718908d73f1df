//! Sets of variables.

use crate::program::VarId;

/// A set of variables, one bit each: blocks are many, and each has a set of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Live(Vec<u64>);

impl Live {
    /// No variable.
    pub fn new() -> Live {
        Live::default()
    }

    /// Whether a variable is in the set.
    pub fn contains(&self, variable: &VarId) -> bool {
        let (word, bit) = place(*variable);
        self.0.get(word).is_some_and(|bits| bits & bit != 0)
    }

    /// Puts a variable in.
    pub fn insert(&mut self, variable: VarId) {
        let (word, bit) = place(variable);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= bit;
    }

    /// Takes a variable out.
    pub fn remove(&mut self, variable: &VarId) {
        let (word, bit) = place(*variable);
        if let Some(bits) = self.0.get_mut(word) {
            *bits &= !bit;
        }
    }

    /// Takes out all variables that another set does not have.
    pub fn keep_common(&mut self, other: &Live) {
        for (at, mine) in self.0.iter_mut().enumerate() {
            *mine &= other.0.get(at).copied().unwrap_or(0);
        }
    }

    /// Puts in all variables of another set; true when one of them is new.
    pub fn merge(&mut self, other: &Live) -> bool {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        let mut grew = false;
        for (mine, other) in self.0.iter_mut().zip(&other.0) {
            grew |= other & !*mine != 0;
            *mine |= other;
        }
        grew
    }
}

fn place(variable: VarId) -> (usize, u64) {
    (variable.0 as usize / 64, 1 << (variable.0 % 64))
}

impl Extend<VarId> for Live {
    fn extend<T: IntoIterator<Item = VarId>>(&mut self, variables: T) {
        variables.into_iter().for_each(|variable| self.insert(variable));
    }
}

impl FromIterator<VarId> for Live {
    fn from_iter<T: IntoIterator<Item = VarId>>(variables: T) -> Live {
        let mut live = Live::new();
        live.extend(variables);
        live
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_go_in_and_out() {
        let mut live: Live = [VarId(3), VarId(200)].into_iter().collect();
        assert!(live.contains(&VarId(200)) && !live.contains(&VarId(199)) && !live.contains(&VarId(9999)));
        live.remove(&VarId(200));
        assert!(!live.contains(&VarId(200)));
        let other: Live = [VarId(3), VarId(64)].into_iter().collect();
        assert!(live.merge(&other) && !live.merge(&other));
        assert!(live.contains(&VarId(64)));
        live.keep_common(&[VarId(3)].into_iter().collect());
        assert!(live.contains(&VarId(3)) && !live.contains(&VarId(64)));
    }
}
