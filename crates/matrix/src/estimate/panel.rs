//! Rows of numbers that estimators send through matrices, and how the rows that meet are joined.

/// How numbers of rows that meet are joined: associative, with an element that changes nothing.
pub(super) trait Join: Copy + Send + Sync {
    /// The numbers.
    type Number: Copy + Send + Sync;

    /// What changes nothing.
    const NONE: Self::Number;

    /// Joins two.
    fn join(a: Self::Number, b: Self::Number) -> Self::Number;
}

/// A row of `width` numbers for each row of a matrix.
#[derive(Clone, Debug)]
pub struct Panel<T> {
    pub(super) width: usize,
    pub(super) numbers: Vec<T>,
}

impl<T: Copy> Panel<T> {
    pub(super) fn rows(&self) -> usize {
        self.numbers.len() / self.width
    }

    pub(super) fn row(&self, i: usize) -> &[T] {
        &self.numbers[i * self.width..(i + 1) * self.width]
    }

    /// The first rows and the others.
    pub(super) fn split(&self, rows: usize) -> (Panel<T>, Panel<T>) {
        let (top, bottom) = self.numbers.split_at(rows * self.width);
        let part = |numbers: &[T]| Panel { width: self.width, numbers: numbers.to_vec() };
        (part(top), part(bottom))
    }

    /// One above the other.
    pub(super) fn above(mut self, other: Panel<T>) -> Panel<T> {
        self.numbers.extend(other.numbers);
        self
    }
}

/// Joins rows that belong together, one by one.
pub(super) fn join_all<J: Join>(mut a: Panel<J::Number>, b: &Panel<J::Number>) -> Panel<J::Number> {
    join_into::<J>(&mut a.numbers, &b.numbers);
    a
}

#[inline(always)]
pub(super) fn join_into<J: Join>(out: &mut [J::Number], more: &[J::Number]) {
    out.iter_mut().zip(more).for_each(|(out, &more)| *out = J::join(*out, more));
}
