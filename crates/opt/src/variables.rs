//! The facts of a function's variables, shared between the states of many places.
//!
//! A branch or a loop copies the state, and most variables are not assigned inside. Facts stand in pieces that copies
//! share until one of them writes, so that a copy costs a small part of its length, and joining two copies looks only at
//! the pieces that differ.

use std::rc::Rc;

use tilewright_ir::VarId;
use tilewright_ops::Facts;

/// Variables in one piece.
const PIECE: usize = 32;

type Piece = [Option<Facts>; PIECE];

/// The facts of variables; nothing for one without a value.
#[derive(Debug, Clone)]
pub struct Variables(Vec<Rc<Piece>>);

impl Variables {
    /// So many variables without values.
    pub fn new(count: usize) -> Variables {
        let empty: Rc<Piece> = Rc::new([const { None }; PIECE]);
        Variables(vec![empty; count.div_ceil(PIECE)])
    }

    /// The facts of a variable.
    pub fn get(&self, variable: VarId) -> Option<&Facts> {
        let at = variable.0 as usize;
        self.0[at / PIECE][at % PIECE].as_ref()
    }

    /// Notes what is known of a variable.
    pub fn set(&mut self, variable: VarId, facts: Facts) {
        let at = variable.0 as usize;
        Rc::make_mut(&mut self.0[at / PIECE])[at % PIECE] = Some(facts);
    }

    /// Combines each variable with the same one of a copy; variables that both share are left alone.
    pub fn combine(
        &mut self,
        other: &Variables,
        combine: impl Fn(Option<Facts>, Option<&Facts>) -> Option<Facts>,
    ) {
        for (mine, other) in self.0.iter_mut().zip(&other.0).filter(|(mine, other)| !Rc::ptr_eq(mine, other)) {
            for (mine, other) in Rc::make_mut(mine).iter_mut().zip(other.iter()) {
                *mine = combine(mine.take(), other.as_ref());
            }
        }
    }
}

impl PartialEq for Variables {
    fn eq(&self, other: &Variables) -> bool {
        self.0.len() == other.0.len() && self.0.iter().zip(&other.0).all(|(a, b)| Rc::ptr_eq(a, b) || a == b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_share_what_neither_has_written() {
        let mut variables = Variables::new(100);
        variables.set(VarId(3), Facts::INTEGER);
        let mut copy = variables.clone();
        copy.set(VarId(70), Facts::SCALAR);
        assert_eq!(variables.get(VarId(70)), None);
        assert!(Rc::ptr_eq(&variables.0[0], &copy.0[0]) && !Rc::ptr_eq(&variables.0[2], &copy.0[2]));
        assert_ne!(variables, copy);
        let visited = std::cell::Cell::new(0);
        variables.combine(&copy, |mine, other| {
            visited.set(visited.get() + 1);
            mine.or(other.cloned())
        });
        assert_eq!((visited.get(), &variables), (PIECE, &copy));
        assert_eq!(copy.get(VarId(3)), Some(&Facts::INTEGER));
    }
}
