//! The fifteen expressions. The data sets that they were made for are not at hand: what stands in for them has their
//! structure (one word a row, power laws, pixels around the middle, one-hot columns) at a smaller size.

use tilewright_matrix::estimate::{Op, Shape};
use tilewright_matrix::{Csr, transpose};

use super::draw::{by_rows, graph, images, middle, rows_where, selection, shuffled, uniform, words};

/// An expression over matrices.
pub struct Case {
    /// Its name.
    pub name: &'static str,
    /// The expression.
    pub what: &'static str,
    /// Its matrices by name.
    pub leaves: Vec<(&'static str, Csr)>,
    /// Its operations, each with the places of its inputs: first the matrices, then the results.
    pub steps: Vec<(Op, Vec<usize>)>,
}

/// Makes a case; all sizes that grow with the data are scaled.
pub type Make = fn(f64) -> Case;

/// All of them.
pub const ALL: [Make; 15] = [
    unknown_words,
    scale,
    permutation,
    outer,
    inner,
    words_of_texts,
    project,
    common_references,
    mails,
    mask,
    sentences,
    scale_and_shift,
    paths,
    recommend,
    predict,
];

impl Case {
    fn new(name: &'static str, what: &'static str, leaves: Vec<(&'static str, Csr)>) -> Case {
        Case { name, what, leaves, steps: Vec::new() }
    }

    /// With one more operation.
    fn then(mut self, op: Op, inputs: &[usize]) -> Case {
        self.steps.push((op, inputs.to_vec()));
        self
    }

    /// Sizes and densities.
    pub fn matrices(&self) -> String {
        let told = |(name, x): &(&str, Csr)| {
            let (rows, cols) = (x.rows(), x.cols());
            format!("{name} {rows} x {cols}, {:.2e}", x.nnz() as f64 / (rows as f64 * cols as f64))
        };
        self.leaves.iter().map(told).collect::<Vec<_>>().join("; ")
    }
}

fn scaled(size: f64, by: f64) -> usize {
    (size * by) as usize
}

fn unknown_words(by: f64) -> Case {
    let n = scaled(20_000.0, by);
    let known = |i: usize| i.is_multiple_of(500);
    let x = by_rows(n, n, |i, columns| columns.push(if known(i) { i * 7 % (n - 1) } else { n - 1 } as u32));
    let w = rows_where(n, 100, |i| i < n - 1);
    Case::new("B1.1", "X W", vec![("X", x), ("W", w)]).then(Op::Product, &[0, 1])
}

fn scale(by: f64) -> Case {
    let n = scaled(20_000.0, by);
    let leaves = vec![("l", rows_where(n, 1, |_| true)), ("X", uniform(n, 2000, 0.01, 2))];
    Case::new("B1.2", "diag(l) X", leaves).then(Op::DiagMatrix, &[0]).then(Op::Product, &[2, 1])
}

fn permutation(by: f64) -> Case {
    let n = scaled(20_000.0, by);
    let x = words_of_rows(n, 2000, |i| 1 + 60 * usize::from(i.is_multiple_of(3)), 4);
    let leaves = vec![("P", selection(&shuffled(n, 3), n)), ("X", x)];
    Case::new("B1.3", "table(s1, s2) X", leaves).then(Op::Product, &[0, 1])
}

/// Several words a row.
fn words_of_rows(rows: usize, cols: usize, count: impl Fn(usize) -> usize, seed: i64) -> Csr {
    let total = (0..rows).map(&count).sum();
    let all = words(total, cols, 0.0, seed);
    let mut next = 0;
    by_rows(rows, cols, |i, columns| {
        columns.extend_from_slice(&all.col()[next..next + count(i)]);
        next += count(i);
    })
}

/// A full column and the full row that meets it.
fn column_and_row(n: usize) -> Vec<(&'static str, Csr)> {
    let middle = n / 2;
    let column = by_rows(n, n, |_, columns| columns.push(middle as u32));
    vec![("C", column), ("R", rows_where(n, n, |i| i == middle))]
}

fn outer(by: f64) -> Case {
    Case::new("B1.4", "C R", column_and_row(scaled(2000.0, by))).then(Op::Product, &[0, 1])
}

fn inner(by: f64) -> Case {
    Case::new("B1.5", "R C", column_and_row(scaled(20_000.0, by))).then(Op::Product, &[1, 0])
}

fn words_of_texts(by: f64) -> Case {
    let (n, known) = (scaled(50_000.0, by), scaled(20_000.0, by));
    let leaves = vec![("X", words(n, known, 0.15, 5)), ("W", rows_where(known, 100, |i| i < known - 1))];
    Case::new("B2.1", "X W", leaves).then(Op::Product, &[0, 1])
}

fn project(by: f64) -> Case {
    // Ten measures, one of 4 areas, one of 40 soils.
    let (area, soil) = (words(scaled(50_000.0, by), 4, 0.0, 6), words(scaled(50_000.0, by), 40, 0.0, 7));
    let x = by_rows(area.rows(), 54, |i, columns| {
        columns.extend(0..10);
        columns.extend([10 + area.row(i).0[0], 14 + soil.row(i).0[0]]);
    });
    let p = transpose::sparse(&selection(&(10..54).collect::<Vec<_>>(), 54));
    Case::new("B2.2", "X P", vec![("X", x), ("P", p)]).then(Op::Product, &[0, 1])
}

fn common_references(by: f64) -> Case {
    let g = graph(scaled(20_000.0, by), scaled(100_000.0, by), (1, 2), 8);
    Case::new("B2.3", "G t(G)", vec![("G", g)]).then(Op::Transpose, &[0]).then(Op::Product, &[0, 1])
}

fn mails(by: f64) -> Case {
    let g = graph(scaled(30_000.0, by), scaled(48_000.0, by), (3, 3), 9);
    Case::new("B2.4", "G G", vec![("G", g)]).then(Op::Product, &[0, 0])
}

fn mask(by: f64) -> Case {
    let n = scaled(20_000.0, by);
    let m = by_rows(n, 784, |_, columns| columns.extend(middle()));
    Case::new("B2.5", "M * X", vec![("M", m), ("X", images(n, 0, 10))]).then(Op::Times, &[0, 1])
}

fn sentences(by: f64) -> Case {
    let (n, known) = (scaled(20_000.0, by), scaled(5000.0, by));
    let leaves = vec![("X", words(n, known, 0.3, 11)), ("W", rows_where(known, 100, |i| i < known - 1))];
    let shape = Shape { rows: n / 20, cols: 2000 };
    Case::new("B3.1", "matrix(X W, rows, cols)", leaves)
        .then(Op::Product, &[0, 1])
        .then(Op::Reshape(shape), &[2])
}

fn scale_and_shift(by: f64) -> Case {
    let n = scaled(2000.0, by);
    // Scales on the diagonal, shifts in the last row.
    let s = by_rows(785, 785, |i, columns| {
        columns.push(i as u32);
        if i == 784 {
            columns.extend(0..785);
        }
    });
    let leaves = vec![
        ("S", s),
        ("X", images(n, 1, 12)),
        ("w", rows_where(n, 1, |_| true)),
        ("B", uniform(785, 10, 0.1, 13)),
    ];
    Case::new("B3.2", "t(S) t(X) diag(w) X S B", leaves)
        .then(Op::Transpose, &[0])
        .then(Op::Transpose, &[1])
        .then(Op::DiagMatrix, &[2])
        .then(Op::Product, &[4, 5])
        .then(Op::Product, &[7, 6])
        .then(Op::Product, &[8, 1])
        .then(Op::Product, &[9, 0])
        .then(Op::Product, &[10, 3])
}

fn paths(by: f64) -> Case {
    let n = scaled(10_000.0, by);
    let g = graph(n, 3 * n, (2, 2), 14);
    let mut most: Vec<usize> = (0..n).collect();
    most.sort_by_key(|&i| std::cmp::Reverse(g.row(i).0.len()));
    let leaves = vec![("P", selection(&most[..n / 50], n)), ("G", g)];
    Case::new("B3.3", "P G G G G", leaves)
        .then(Op::Product, &[0, 1])
        .then(Op::Product, &[2, 1])
        .then(Op::Product, &[3, 1])
        .then(Op::Product, &[4, 1])
}

fn recommend(by: f64) -> Case {
    let (users, items) = (scaled(20_000.0, by), scaled(8000.0, by));
    let x = words_of_rows(users, items, |i| 2 + 400 / (i + 1) + i % 20, 15);
    let leaves = vec![
        ("P", selection(&shuffled(users, 16)[..users / 40], users)),
        ("X", x),
        ("L", rows_where(users, 20, |i| !i.is_multiple_of(5))),
        ("R", rows_where(items, 20, |i| i < items * 4 / 5)),
    ];
    Case::new("B3.4", "(P X != 0) * (P L t(R))", leaves)
        .then(Op::Product, &[0, 1])
        .then(Op::NotZero, &[4])
        .then(Op::Product, &[0, 2])
        .then(Op::Transpose, &[3])
        .then(Op::Product, &[6, 7])
        .then(Op::Times, &[5, 8])
}

fn predict(by: f64) -> Case {
    let n = scaled(20_000.0, by);
    let leaves = vec![
        ("X", images(n, 0, 17)),
        ("R", uniform(n, 784, 0.5, 18)),
        ("S", by_rows(n, 784, |_, columns| columns.extend(middle()))),
        ("T", rows_where(n, 784, |i| i.is_multiple_of(50))),
    ];
    Case::new("B3.5", "X * ((R * S + T) != 0)", leaves)
        .then(Op::Times, &[1, 2])
        .then(Op::Plus, &[4, 3])
        .then(Op::NotZero, &[5])
        .then(Op::Times, &[0, 6])
}
