//! Matrices of ones, drawn the same in every run.

use tilewright_matrix::Csr;
use tilewright_matrix::random::philox::Philox;

/// Row by row: the columns that `row` appends, in any order, also several times.
pub fn by_rows(rows: usize, cols: usize, mut row: impl FnMut(usize, &mut Vec<u32>)) -> Csr {
    let (mut row_ptr, mut col, mut columns) = (vec![0], Vec::new(), Vec::new());
    for i in 0..rows {
        columns.clear();
        row(i, &mut columns);
        columns.sort_unstable();
        columns.dedup();
        col.extend_from_slice(&columns);
        row_ptr.push(col.len());
    }
    let val = vec![1.0; col.len()];
    Csr::from_parts(rows, cols, row_ptr, col, val)
}

/// Each cell with the probability `density`.
pub fn uniform(rows: usize, cols: usize, density: f64, seed: i64) -> Csr {
    let mut draws = Philox::new(seed, 0);
    by_rows(rows, cols, |_, columns| {
        columns.extend((0..cols as u32).filter(|_| draws.next_f64() < density));
    })
}

/// Rows without cells, and full ones where `full` says so.
pub fn rows_where(rows: usize, cols: usize, full: impl Fn(usize) -> bool) -> Csr {
    by_rows(rows, cols, |i, columns| {
        if full(i) {
            columns.extend(0..cols as u32);
        }
    })
}

/// Words of a text by their rank, one a row: the probability falls with the rank (Zipf's law); the part `unknown` of
/// them is in the last column.
pub fn words(rows: usize, cols: usize, unknown: f64, seed: i64) -> Csr {
    let mut draws = Philox::new(seed, 0);
    by_rows(rows, cols, |_, columns| {
        let (is_unknown, rank) = (draws.next_f64() < unknown, (cols as f64).powf(draws.next_f64()) - 1.0);
        columns.push(if is_unknown { cols - 1 } else { (rank as usize).min(cols - 1) } as u32);
    })
}

/// About `edges` edges of a graph; the larger the exponents, the more of them leave (and meet) the first nodes.
pub fn graph(nodes: usize, edges: usize, (out, into): (i32, i32), seed: i64) -> Csr {
    let mut draws = Philox::new(seed, 0);
    let mut node = |exponent: i32| ((nodes as f64 * draws.next_f64().powi(exponent)) as usize).min(nodes - 1);
    let mut targets = vec![Vec::new(); nodes];
    (0..edges).for_each(|_| targets[node(out)].push(node(into) as u32));
    by_rows(nodes, nodes, |i, columns| columns.append(&mut targets[i]))
}

/// Images of 28 x 28 pixels, one a row, with as many columns after them as `more` appends: of the pixels in the middle
/// most are not zero, at the border none; about a fifth of all.
pub fn images(rows: usize, more: usize, seed: i64) -> Csr {
    let mut draws = Philox::new(seed, 0);
    let density = |pixel: usize| {
        let (x, y) = ((pixel % 28) as f64 - 13.5, (pixel / 28) as f64 - 13.5);
        (0.95 - (x * x + y * y) / 110.0).max(0.0)
    };
    by_rows(rows, 784 + more, |_, columns| {
        columns.extend((0..784_u32).filter(|&pixel| draws.next_f64() < density(pixel as usize)));
        columns.extend(784..784 + more as u32);
    })
}

/// The columns of the 14 x 14 pixels in the middle.
pub fn middle() -> impl Iterator<Item = u32> {
    (0..784_u32).filter(|pixel| (7..21).contains(&(pixel % 28)) && (7..21).contains(&(pixel / 28)))
}

/// Selects rows: row `i` of the product is row `chosen[i]`.
pub fn selection(chosen: &[usize], of: usize) -> Csr {
    by_rows(chosen.len(), of, |i, columns| columns.push(chosen[i] as u32))
}

/// The rows in another order.
pub fn shuffled(count: usize, seed: i64) -> Vec<usize> {
    let mut draws = Philox::new(seed, 0);
    let mut order: Vec<usize> = (0..count).collect();
    for i in (1..count).rev() {
        order.swap(i, ((i + 1) as f64 * draws.next_f64()) as usize % (i + 1));
    }
    order
}
