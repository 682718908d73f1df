//! The facts of a function's variables, shared between the states of many places.
//!
//! A branch or a loop copies the state, and most variables are not assigned inside. Facts stand in the leaves of a tree
//! that copies share: a copy takes no time, a write copies the way to one leaf, and joining two copies looks only at the
//! parts of the tree that differ.

use std::rc::Rc;

use tilewright_ir::VarId;
use tilewright_ops::Facts;

/// Children of a branch and variables of a leaf, as a power of two.
const BITS: usize = 4;
const WIDTH: usize = 1 << BITS;

#[derive(Debug, Clone)]
enum Node {
    Leaf(Rc<[Option<Facts>; WIDTH]>),
    Branch(Rc<[Node; WIDTH]>),
}

/// The facts of variables; nothing for one without a value.
#[derive(Debug, Clone)]
pub struct Variables {
    root: Node,
    /// Branches above each leaf.
    height: usize,
}

impl Variables {
    /// So many variables without values.
    pub fn new(count: usize) -> Variables {
        let mut root = Node::Leaf(Rc::new([const { None }; WIDTH]));
        let mut height = 0;
        while WIDTH << (height * BITS) < count {
            root = Node::Branch(Rc::new(std::array::from_fn(|_| root.clone())));
            height += 1;
        }
        Variables { root, height }
    }

    /// The facts of a variable.
    pub fn get(&self, variable: VarId) -> Option<&Facts> {
        let (mut node, mut level) = (&self.root, self.height);
        loop {
            let at = place(variable, level);
            match node {
                Node::Leaf(facts) => return facts[at].as_ref(),
                Node::Branch(children) => node = &children[at],
            }
            level -= 1;
        }
    }

    /// Notes what is known of a variable.
    pub fn set(&mut self, variable: VarId, facts: Facts) {
        let (mut node, mut level) = (&mut self.root, self.height);
        loop {
            let at = place(variable, level);
            match node {
                Node::Leaf(known) => {
                    Rc::make_mut(known)[at] = Some(facts);
                    return;
                }
                Node::Branch(children) => node = &mut Rc::make_mut(children)[at],
            }
            level -= 1;
        }
    }

    /// Combines each variable with the same one of a copy; variables that both share are left alone.
    pub fn combine(
        &mut self,
        other: &Variables,
        combine: impl Fn(Option<Facts>, Option<&Facts>) -> Option<Facts>,
    ) {
        combine_nodes(&mut self.root, &other.root, &combine);
    }
}

impl PartialEq for Variables {
    fn eq(&self, other: &Variables) -> bool {
        are_equal(&self.root, &other.root)
    }
}

fn place(variable: VarId, level: usize) -> usize {
    (variable.0 as usize >> (level * BITS)) % WIDTH
}

fn combine_nodes(
    mine: &mut Node,
    other: &Node,
    combine: &impl Fn(Option<Facts>, Option<&Facts>) -> Option<Facts>,
) {
    match (mine, other) {
        (Node::Leaf(mine), Node::Leaf(other)) if !Rc::ptr_eq(mine, other) => {
            for (mine, other) in Rc::make_mut(mine).iter_mut().zip(other.iter()) {
                *mine = combine(mine.take(), other.as_ref());
            }
        }
        (Node::Branch(mine), Node::Branch(other)) if !Rc::ptr_eq(mine, other) => {
            let mine = Rc::make_mut(mine).iter_mut();
            mine.zip(other.iter()).for_each(|(mine, other)| combine_nodes(mine, other, combine));
        }
        // The same node: copies have the same height.
        _ => {}
    }
}

fn are_equal(a: &Node, b: &Node) -> bool {
    match (a, b) {
        (Node::Leaf(a), Node::Leaf(b)) => Rc::ptr_eq(a, b) || a == b,
        (Node::Branch(a), Node::Branch(b)) => {
            Rc::ptr_eq(a, b) || a.iter().zip(b.iter()).all(|(a, b)| are_equal(a, b))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn every_variable_has_its_own_place() {
        for count in [1, WIDTH, WIDTH + 1, 5000] {
            let mut variables = Variables::new(count);
            let facts = |at: u32| Facts::constant(tilewright_value::Scalar::Integer(i64::from(at)));
            (0..count as u32).for_each(|at| variables.set(VarId(at), facts(at)));
            for at in 0..count as u32 {
                assert_eq!(variables.get(VarId(at)), Some(&facts(at)), "{at} of {count}");
            }
        }
    }

    #[test]
    fn joining_copies_visits_what_they_do_not_share() {
        let mut variables = Variables::new(1000);
        variables.set(VarId(3), Facts::INTEGER);
        let mut copy = variables.clone();
        copy.set(VarId(700), Facts::SCALAR);
        assert_eq!(variables.get(VarId(700)), None);
        assert_ne!(variables, copy);
        let visited = Cell::new(0);
        variables.combine(&copy, |mine, other| {
            visited.set(visited.get() + 1);
            mine.or(other.cloned())
        });
        assert_eq!((visited.get(), &variables), (WIDTH, &copy));
        assert_eq!(copy.get(VarId(3)), Some(&Facts::INTEGER));
    }
}
