//! Index functions as sums of products: `2*i + j - k + 1`, and bounds made of them.
//!
//! Invariant: a [`Form`] has no zero factors, so equal forms are equal values. Arithmetic that would overflow
//! or grow beyond a few terms answers `None`: not known. Nothing here decides anything; that is `overlap`'s
//! work.

use std::collections::BTreeMap;

/// A form has at most this many terms, and a term at most [`MAX_DEGREE`] factors.
const MAX_TERMS: usize = 32;
const MAX_DEGREE: usize = 4;

/// A value that an index function is made of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Symbol {
    /// The variable of the parallel loop.
    Iteration,
    /// The variable of a loop inside of it, by number; a whole number.
    Inner(usize),
    /// A scalar that is the same in all iterations.
    Invariant(String),
}

impl Symbol {
    /// The number of an inner loop.
    pub fn inner(&self) -> Option<usize> {
        match self {
            Symbol::Inner(number) => Some(*number),
            _ => None,
        }
    }
}

/// A sum of integers times products of symbols.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form(BTreeMap<Vec<Symbol>, i64>);

impl Form {
    /// A constant.
    pub fn constant(value: i64) -> Form {
        Form([(Vec::new(), value)].into_iter().filter(|(_, factor)| *factor != 0).collect())
    }

    /// A symbol alone.
    pub fn symbol(symbol: Symbol) -> Form {
        Form([(vec![symbol], 1)].into_iter().collect())
    }

    /// The value, if no symbol is in it.
    pub fn as_constant(&self) -> Option<i64> {
        match self.0.len() {
            0 => Some(0),
            1 => self.0.get(&Vec::new()).copied(),
            _ => None,
        }
    }

    /// The symbols in it.
    pub fn symbols(&self) -> impl Iterator<Item = &Symbol> {
        self.0.keys().flatten()
    }

    /// Whether a symbol is in it.
    pub fn mentions(&self, symbol: &Symbol) -> bool {
        self.symbols().any(|other| other == symbol)
    }

    /// Whether it is a whole number for certain: an invariant scalar might be a fraction.
    pub fn is_whole(&self) -> bool {
        !self.symbols().any(|symbol| matches!(symbol, Symbol::Invariant(_)))
    }

    /// `self + factor * other`
    pub fn plus(&self, factor: i64, other: &Form) -> Option<Form> {
        let mut sum = self.clone();
        for (product, count) in &other.0 {
            sum.add(product.clone(), count.checked_mul(factor)?)?;
        }
        Some(sum)
    }

    /// `self - other`
    pub fn minus(&self, other: &Form) -> Option<Form> {
        self.plus(-1, other)
    }

    /// `self * other`
    pub fn times(&self, other: &Form) -> Option<Form> {
        let mut result = Form::default();
        for (left, a) in &self.0 {
            for (right, b) in &other.0 {
                let mut product: Vec<Symbol> = left.iter().chain(right).cloned().collect();
                product.sort();
                result.add(product, a.checked_mul(*b)?)?;
            }
        }
        Some(result)
    }

    /// `(a, b)` such that `self = a * symbol + b` and neither holds the symbol.
    pub fn split(&self, symbol: &Symbol) -> Option<(Form, Form)> {
        let (mut factor, mut rest) = (Form::default(), Form::default());
        for (product, count) in &self.0 {
            let without: Vec<Symbol> = product.iter().filter(|other| *other != symbol).cloned().collect();
            match product.len() - without.len() {
                0 => rest.add(without, *count)?,
                1 => factor.add(without, *count)?,
                _ => return None,
            }
        }
        Some((factor, rest))
    }

    fn add(&mut self, product: Vec<Symbol>, count: i64) -> Option<()> {
        if product.len() > MAX_DEGREE {
            return None;
        }
        let sum = self.0.get(&product).copied().unwrap_or(0).checked_add(count)?;
        match sum {
            0 => self.0.remove(&product),
            _ => self.0.insert(product, sum),
        };
        (self.0.len() <= MAX_TERMS).then_some(())
    }
}

/// Between which forms a scalar lies, as far as known; both are itself if it is known exactly.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounds {
    /// It is not smaller.
    pub lower: Option<Form>,
    /// It is not larger.
    pub upper: Option<Form>,
}

impl Bounds {
    /// Exactly this.
    pub fn exact(form: Form) -> Bounds {
        Bounds { lower: Some(form.clone()), upper: Some(form) }
    }

    /// From the lower bound of one value to the upper bound of another.
    pub fn between(from: Bounds, to: Bounds) -> Bounds {
        Bounds { lower: from.lower, upper: to.upper }
    }

    /// The value if it is known exactly.
    pub fn form(&self) -> Option<&Form> {
        self.lower.as_ref().filter(|lower| self.upper.as_ref() == Some(lower))
    }

    /// The value if it is a known number.
    pub fn as_constant(&self) -> Option<i64> {
        self.form()?.as_constant()
    }

    /// `self + other`
    pub fn plus(&self, other: &Bounds) -> Bounds {
        let sum = |a: &Option<Form>, b: &Option<Form>| a.as_ref()?.plus(1, b.as_ref()?);
        Bounds { lower: sum(&self.lower, &other.lower), upper: sum(&self.upper, &other.upper) }
    }

    /// `self * other`
    pub fn times(&self, other: &Bounds) -> Bounds {
        if let (Some(a), Some(b)) = (self.form(), other.form()) {
            return a.times(b).map(Bounds::exact).unwrap_or_default();
        }
        match (self.as_constant(), other.as_constant()) {
            (Some(factor), _) => other.scaled(factor),
            (_, Some(factor)) => self.scaled(factor),
            _ => Bounds::default(),
        }
    }

    /// `factor * self`
    pub fn scaled(&self, factor: i64) -> Bounds {
        let scale = |form: &Option<Form>| Form::default().plus(factor, form.as_ref()?);
        match factor {
            0.. => Bounds { lower: scale(&self.lower), upper: scale(&self.upper) },
            _ => Bounds { lower: scale(&self.upper), upper: scale(&self.lower) },
        }
    }

    /// What is known of the minimum of some values: each is an upper bound, so the one that moves with the
    /// loop is kept.
    pub fn minimum(values: Vec<Bounds>) -> Bounds {
        Bounds { lower: None, upper: moving(values.into_iter().filter_map(|value| value.upper)) }
    }

    /// What is known of the maximum of some values.
    pub fn maximum(values: Vec<Bounds>) -> Bounds {
        Bounds { lower: moving(values.into_iter().filter_map(|value| value.lower)), upper: None }
    }
}

fn moving(forms: impl Iterator<Item = Form>) -> Option<Form> {
    forms.max_by_key(|form| form.mentions(&Symbol::Iteration))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_equal_forms() {
        let (i, k) = (Form::symbol(Symbol::Iteration), Form::symbol(Symbol::Invariant("k".into())));
        let before = i.minus(&Form::constant(1)).unwrap().times(&k).unwrap();
        let expanded = k.times(&i).unwrap().minus(&k).unwrap();
        assert_eq!(before, expanded);
        assert_eq!(before.minus(&expanded).unwrap().as_constant(), Some(0));
        assert_eq!(before.split(&Symbol::Iteration).unwrap().0, k);
        assert_eq!(i.times(&i).unwrap().split(&Symbol::Iteration), None);
    }

    #[test]
    fn what_overflows_or_grows_is_not_known() {
        let k = Form::symbol(Symbol::Invariant("k".into()));
        let square = k.times(&k).unwrap();
        assert_eq!(square.times(&square).unwrap().times(&k), None);
        assert_eq!(Form::constant(i64::MAX).plus(1, &Form::constant(1)), None);
        assert_eq!(Form::constant(i64::MAX).times(&Form::constant(2)), None);
    }

    #[test]
    fn a_negative_factor_swaps_the_bounds() {
        let bounds = Bounds::between(Bounds::exact(Form::constant(1)), Bounds::exact(Form::constant(3)));
        let negated = bounds.scaled(-2);
        assert_eq!((negated.lower, negated.upper), (Some(Form::constant(-6)), Some(Form::constant(-2))));
    }
}
