//! Every product form against its definition, over shapes and values that break kernels.

use proptest::prelude::*;
use rayon::ThreadPoolBuilder;
use tilewright_matrix::{Csr, Dense, product, reference::product as reference, sparse_product};

/// What the cells of a test matrix look like.
#[derive(Debug, Clone, Copy)]
enum Cells {
    Zero,
    OneNonZero,
    Sparse,
    Finite,
    NonFinite,
}

/// A small generator, so that a failing case is named by shape, kind and seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        self.0 >> 33
    }

    fn below(&mut self, n: usize) -> usize {
        self.next() as usize % n
    }

    fn cell(&mut self) -> f64 {
        self.next() as f64 / (1u64 << 30) as f64 - 1.0
    }
}

fn matrix(rows: usize, cols: usize, cells: Cells, seed: u64) -> Dense {
    let mut random = Random(seed);
    let mut special = |zeros: usize| match random.below(12) {
        i if i < zeros => 0.0,
        9 => f64::NAN,
        10 => f64::INFINITY,
        11 => f64::NEG_INFINITY,
        _ => random.cell(),
    };
    match cells {
        Cells::Zero => Dense::zeros(rows, cols),
        Cells::NonFinite => Dense::from_fn(rows, cols, |_, _| special(8)),
        Cells::Finite => Dense::from_fn(rows, cols, |_, _| random.cell()),
        Cells::Sparse => {
            Dense::from_fn(rows, cols, |_, _| if random.below(5) == 0 { random.cell() } else { 0.0 })
        }
        Cells::OneNonZero => {
            let at = random.below((rows * cols).max(1));
            Dense::from_fn(rows, cols, |i, j| if i * cols + j == at { 2.0 } else { 0.0 })
        }
    }
}

fn cells() -> impl Strategy<Value = Cells> {
    use Cells::*;
    prop_oneof![Just(Zero), Just(OneNonZero), Just(Sparse), Just(Finite), Just(NonFinite)]
}

fn size() -> impl Strategy<Value = usize> {
    prop_oneof![Just(0), Just(1), Just(2), Just(3), Just(7), Just(8), Just(17), Just(40), Just(131)]
}

fn transposed(a: &Dense) -> Dense {
    Dense::from_fn(a.cols(), a.rows(), |i, j| a.get(j, i))
}

fn magnitudes(a: &Dense) -> Dense {
    Dense::from_fn(a.rows(), a.cols(), |i, j| a.get(i, j).abs())
}

/// Equal up to rounding: `terms` has the sum of the magnitudes of the terms of every cell.
fn close(found: &Dense, expected: &Dense, terms: &Dense, what: &str) {
    assert_eq!((found.rows(), found.cols()), (expected.rows(), expected.cols()), "{what}");
    for i in 0..found.rows() {
        for j in 0..found.cols() {
            let (x, y) = (found.get(i, j), expected.get(i, j));
            let same = x == y || (x.is_nan() && y.is_nan());
            let rounding = 1e-13 * terms.get(i, j);
            assert!(same || (x - y).abs() <= rounding, "{what} [{i}, {j}]: {x} instead of {y}");
        }
    }
}

fn check_all(a: &Dense, b: &Dense) {
    let (at, bt) = (transposed(a), transposed(b));
    let (sa, sat) = (Csr::from_dense(a), Csr::from_dense(&at));
    let sb = Csr::from_dense(b);
    let expected = reference::matmul(a, b);
    let terms = reference::matmul(&magnitudes(a), &magnitudes(b));
    let check = |found: &Dense, what: &str| close(found, &expected, &terms, what);
    check(&product::matmul(a, b), "matmul");
    check(&product::matmul_tn(&at, b), "matmul_tn");
    check(&product::matmul_nt(a, &bt), "matmul_nt");
    check(&sparse_product::csr_dense(&sa, b), "csr_dense");
    check(&sparse_product::dense_csr(a, &sb), "dense_csr");
    check(&sparse_product::tcsr_dense(&sat, b), "tcsr_dense");
    check(&sparse_product::tdense_csr(&at, &sb), "tdense_csr");
    check(&sparse_product::csr_csr(&sa, &sb).to_dense(), "csr_csr");
    check(&sparse_product::csr_csr_dense(&sa, &sb), "csr_csr_dense");
    let (expected, terms) = (reference::gram(a), reference::gram(&magnitudes(a)));
    let check = |found: &Dense, what: &str| close(found, &expected, &terms, what);
    let gram = product::gram(a);
    check(&gram, "gram");
    check(&sparse_product::gram(&sa), "sparse gram");
    check(&product::gram_rows(&at), "gram_rows");
    assert!(bits(&gram).eq(bits(&transposed(&gram))), "gram is symmetric");
}

fn check_chain(x: &Dense, v: &Dense, w: Option<&Dense>) {
    let expected = reference::chain(x, v, w);
    let terms = reference::chain(&magnitudes(x), &magnitudes(v), w.map(magnitudes).as_ref());
    close(&product::chain(x, v, w), &expected, &terms, "chain");
    close(&sparse_product::chain(&Csr::from_dense(x), v, w), &expected, &terms, "sparse chain");
}

fn bits(a: &Dense) -> impl Iterator<Item = u64> {
    a.cells().iter().map(|x| x.to_bits())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn products_agree_with_their_definition(
        m in size(), k in size(), n in size(), left in cells(), right in cells(), seed in any::<u64>(),
    ) {
        check_all(&matrix(m, k, left, seed), &matrix(k, n, right, !seed));
    }

    #[test]
    fn chains_agree_with_their_definition(
        m in size(), n in size(), k in 0..4usize, left in cells(), right in cells(), weight in cells(),
        seed in any::<u64>(),
    ) {
        let (x, v, w) = (matrix(m, n, left, seed), matrix(n, k, right, !seed), matrix(m, 1, weight, seed ^ 7));
        check_chain(&x, &v, None);
        check_chain(&x, &v, Some(&w));
    }
}

#[test]
fn a_zero_absorbs_on_either_side() {
    let a = Dense::from_cells(2, 2, &[0.0, 1.0, f64::NAN, 0.0]);
    let b = Dense::from_cells(2, 2, &[f64::INFINITY, f64::NAN, 2.0, 0.0]);
    let c = product::matmul(&a, &b);
    assert_eq!((c.get(0, 0), c.get(0, 1)), (2.0, 0.0));
    assert!(c.get(1, 0).is_nan() && c.get(1, 1).is_nan());
    check_all(&a, &b);
}

#[test]
fn cells_that_cancel_are_not_stored() {
    let a = Csr::from_dense(&Dense::from_cells(1, 2, &[1.0, 1.0]));
    let b = Csr::from_dense(&Dense::from_cells(2, 2, &[3.0, 1.0, -3.0, 1.0]));
    assert_eq!(sparse_product::csr_csr(&a, &b), Csr::from_dense(&Dense::from_cells(1, 2, &[0.0, 2.0])));
}

/// A matrix with `per_row` cells in each row, as far apart as `spread` says around a moving place.
fn scattered(rows: usize, cols: usize, per_row: usize, spread: usize, seed: u64) -> Csr {
    let mut random = Random(seed);
    let (mut row_ptr, mut col, mut val) = (vec![0], vec![], vec![]);
    for i in 0..rows {
        let start = (i * cols / rows).min(cols - spread);
        let mut row: Vec<u32> = (0..per_row).map(|_| (start + random.below(spread)) as u32).collect();
        row.sort_unstable();
        row.dedup();
        val.extend(row.iter().map(|_| random.cell() + 1.5));
        col.extend(row);
        row_ptr.push(col.len());
    }
    Csr::from_parts(rows, cols, row_ptr, col, val)
}

/// Pairs whose product takes each way of summing a row: in registers, by scan, by rank with and
/// without a summary, by sorting.
fn structures() -> Vec<(Csr, Csr)> {
    vec![
        (scattered(300, 300, 5, 9, 1), scattered(300, 300, 6, 9, 2)),
        (scattered(300, 300, 4, 30, 3), scattered(300, 300, 7, 28, 4)),
        (scattered(200, 120, 9, 120, 5), scattered(120, 900, 12, 900, 6)),
        (scattered(60, 90, 3, 90, 7), scattered(90, 3_000, 4, 3_000, 8)),
        (scattered(60, 90, 3, 90, 7), scattered(90, 9_000, 4, 9_000, 8)),
        (scattered(4, 5, 2, 5, 9), scattered(5, 70_000, 3, 70_000, 10)),
    ]
}

#[test]
fn every_way_of_summing_a_sparse_row_agrees_with_the_definition() {
    for (at, (a, b)) in structures().iter().enumerate() {
        let expected = reference::matmul(&a.to_dense(), &b.to_dense());
        let found = sparse_product::csr_csr(a, b);
        close(&found.to_dense(), &expected, &expected, &format!("structure {at}"));
    }
}

#[test]
fn the_rows_of_a_product_that_are_not_empty_stand_where_they_belong() {
    let rows = 200_003;
    let at = [0, 1, 65_535, 65_536, 65_537, 131_070, 200_001, 200_002];
    for kept in [&at[..], &at[2..6], &at[..1], &at[7..], &[]] {
        let few = scattered(kept.len(), 50, 4, 50, 21);
        let row_ptr = (0..=rows).map(|i| few.row_ptr()[kept.partition_point(|&row| row < i)]).collect();
        let a = Csr::from_parts(rows, 50, row_ptr, few.col().into(), few.val().into());
        let b = scattered(50, 40, 3, 40, 22);
        let (found, expected) = (sparse_product::csr_csr(&a, &b), sparse_product::csr_csr(&few, &b));
        assert_eq!((found.rows(), found.nnz()), (rows, expected.nnz()));
        kept.iter().enumerate().for_each(|(k, &row)| assert_eq!(found.row(row), expected.row(k)));
    }
}

#[test]
fn the_number_of_cells_is_estimated_well_and_only_when_bounds_do_not_tell() {
    for (at, (a, b)) in structures().iter().enumerate() {
        let exact = sparse_product::csr_csr(a, b).nnz() as f64;
        let likely = sparse_product::likely_nnz(a, b, |_| false) as f64;
        assert!((likely / exact - 1.0).abs() < 0.1, "structure {at}: {likely} instead of {exact}");
        assert!(sparse_product::likely_nnz(a, b, |_| true) as f64 >= exact);
    }
    let (all, none) = (Csr::from_dense(&Dense::filled(40, 40, 1.0)), Csr::empty(40, 40));
    assert_eq!(sparse_product::likely_nnz(&all, &all, |nnz| nnz <= 1600), 1600);
    assert_eq!(sparse_product::likely_nnz(&all, &none, |_| false), 0);
    assert_eq!(sparse_product::likely_nnz(&Csr::empty(0, 0), &Csr::empty(0, 5), |_| false), 0);
}

#[test]
fn special_values_and_cancelled_cells_pass_every_way_of_summing_a_sparse_row() {
    for (at, (a, b)) in structures().into_iter().enumerate() {
        let values = [1.0, -1.0, f64::NAN, f64::INFINITY, 1.0, -1.0, 1.0, -1.0, 2.0, -2.0, 1.0];
        let (rows, cols) = (b.rows(), b.cols());
        let (row_ptr, col, val) = b.into_parts();
        let val = (0..val.len()).map(|k| values[k * k % values.len()]).collect();
        let b = Csr::from_parts(rows, cols, row_ptr, col, val);
        let ones =
            Csr::from_parts(a.rows(), a.cols(), a.row_ptr().into(), a.col().into(), vec![1.0; a.nnz()]);
        let expected = reference::matmul(&ones.to_dense(), &b.to_dense());
        let found = sparse_product::csr_csr(&ones, &b);
        assert!(found.val().iter().all(|&x| x != 0.0), "structure {at} stores no zeros");
        close(&found.to_dense(), &expected, &Dense::zeros(a.rows(), cols), &format!("structure {at}"));
    }
}

#[test]
fn large_products_agree_where_the_work_is_cut() {
    check_all(&matrix(600, 300, Cells::Sparse, 1), &matrix(300, 520, Cells::NonFinite, 2));
    let tall = matrix(9_000, 70, Cells::Finite, 3);
    close(&product::gram(&tall), &reference::gram(&tall), &reference::gram(&magnitudes(&tall)), "tall gram");
    check_chain(&matrix(40_000, 20, Cells::Sparse, 4), &matrix(20, 1, Cells::Finite, 5), None);
    check_chain(&matrix(60, 20_000, Cells::Sparse, 6), &matrix(20_000, 1, Cells::Finite, 7), None);
    check_chain(&matrix(20_000, 40, Cells::Sparse, 8), &matrix(40, 3, Cells::Finite, 9), None);
    let wide = Csr::from_dense(&matrix(30, 1_500, Cells::Sparse, 10));
    let expected = reference::gram(&wide.to_dense());
    close(&sparse_product::gram(&wide), &expected, &magnitudes(&expected), "wide sparse gram");
    let (left, wide) = (matrix(13, 50, Cells::NonFinite, 13), matrix(50, 40_000, Cells::Sparse, 14));
    let terms = reference::matmul(&magnitudes(&left), &magnitudes(&wide));
    let product = sparse_product::dense_csr(&left, &Csr::from_dense(&wide));
    close(&product, &reference::matmul(&left, &wide), &terms, "wide dense by sparse");
    let (row, column) = (matrix(1, 300_001, Cells::Finite, 11), matrix(300_001, 1, Cells::Finite, 12));
    let terms = Dense::filled(1, 1, 300_001.0);
    close(&product::matmul(&row, &column), &reference::matmul(&row, &column), &terms, "dot");
    close(&product::matmul_nt(&row, &row), &reference::matmul_nt(&row, &row), &terms, "norm");
}

/// The stored cells of a matrix and their columns.
fn flattened(a: &Csr) -> Dense {
    let cells: Vec<f64> = a.col().iter().map(|&j| f64::from(j)).chain(a.val().iter().copied()).collect();
    Dense::from_cells(2, a.nnz(), &cells)
}

/// All products on inputs that are cut into many tasks.
fn split_results() -> Vec<Dense> {
    let (square, tall) = (matrix(560, 560, Cells::Finite, 1), matrix(60_000, 40, Cells::Finite, 2));
    let (y, v) = (matrix(60_000, 1, Cells::Finite, 3), matrix(40, 1, Cells::Finite, 4));
    let (panel, many) = (matrix(40, 3, Cells::Finite, 5), matrix(60_000, 3, Cells::Finite, 6));
    let wide = matrix(90, 9_000, Cells::Finite, 7);
    let sparse = Csr::from_dense(&matrix(40_000, 60, Cells::Sparse, 8));
    let small = matrix(60, 3, Cells::Finite, 9);
    let rows = matrix(40_000, 3, Cells::Finite, 10);
    let flat = Csr::from_dense(&matrix(300, 1_500, Cells::Sparse, 11));
    let top = Dense::from_fn(300, 40, |i, j| tall.get(i, j));
    let (far, band) = (scattered(6_000, 50_000, 7, 50_000, 16), scattered(50_000, 50_000, 6, 9, 17));
    let even = scattered(8_000, 8_000, 9, 8_000, 23);
    vec![
        flattened(&sparse_product::csr_csr(&far, &band)),
        flattened(&sparse_product::csr_csr(&band, &band)),
        flattened(&sparse_product::csr_csr(&even, &even)),
        sparse_product::tcsr_dense(&far, &matrix(6_000, 30, Cells::Finite, 18)),
        sparse_product::chain(
            &sparse,
            &matrix(60, 1, Cells::Finite, 19),
            Some(&matrix(40_000, 1, Cells::Finite, 20)),
        ),
        sparse_product::csr_dense(&sparse, &matrix(60, 1, Cells::Finite, 21)),
        sparse_product::tcsr_dense(&sparse, &matrix(40_000, 1, Cells::Finite, 22)),
        product::matmul(&square, &square),
        product::matmul(&tall, &panel),
        product::matmul(&tall, &v),
        product::matmul(&wide, &matrix(9_000, 1, Cells::Finite, 12)),
        product::matmul_tn(&tall, &many),
        product::matmul_tn(&tall, &y),
        product::matmul_tn(&wide, &matrix(90, 1, Cells::Finite, 13)),
        product::matmul_nt(&square, &square),
        product::gram(&tall),
        product::gram(&square),
        product::gram_rows(&wide),
        product::chain(&tall, &v, Some(&y)),
        product::chain(&tall, &panel, Some(&y)),
        sparse_product::csr_dense(&sparse, &small),
        sparse_product::tcsr_dense(&sparse, &rows),
        sparse_product::tdense_csr(&rows, &sparse),
        sparse_product::dense_csr(&top, &Csr::from_dense(&matrix(40, 900, Cells::Sparse, 14))),
        sparse_product::gram(&sparse),
        sparse_product::gram(&flat),
        sparse_product::chain(&sparse, &small, None),
        sparse_product::csr_csr(&sparse, &Csr::from_dense(&matrix(60, 80, Cells::Sparse, 15))).to_dense(),
        sparse_product::csr_csr_dense(&flat, &Csr::from_dense(&matrix(1_500, 700, Cells::Sparse, 24))),
    ]
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let in_pool = |threads| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(split_results)
    };
    let expected = in_pool(1);
    for threads in [2, 3, 7] {
        for (at, (found, expected)) in in_pool(threads).iter().zip(&expected).enumerate() {
            assert!(bits(found).eq(bits(expected)), "product {at} with {threads} threads");
        }
    }
}
