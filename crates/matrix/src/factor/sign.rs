//! The sign of eigenvectors and singular vectors, which the mathematics leaves open.

use crate::dense::Dense;

/// Components within this relative distance of the largest one count as equally large; the first of them decides.
const TIE: f64 = 1e-8;

/// Makes the largest component of every column of `v` positive and flips the same columns of `partner`.
pub(crate) fn normalise_signs(v: &mut Dense, mut partner: Option<&mut Dense>) {
    for j in 0..v.cols() {
        let column = (0..v.rows()).map(|i| v.get(i, j));
        let largest = column.clone().fold(0.0, |max: f64, x| max.max(x.abs()));
        let leading = column.into_iter().find(|x| x.abs() >= (1.0 - TIE) * largest);
        if leading.is_some_and(|x| x < 0.0) {
            flip(v, j);
            if let Some(partner) = partner.as_deref_mut() {
                flip(partner, j);
            }
        }
    }
}

fn flip(a: &mut Dense, j: usize) {
    for i in 0..a.rows() {
        a.set(i, j, -a.get(i, j));
    }
}
