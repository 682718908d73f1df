//! Every reorganisation, dense and sparse, against its naive definition in `reference`, over small shapes of all
//! kinds, and over large shapes with pools of several sizes.

use proptest::prelude::*;
use tilewright_matrix::order::Direction;
use tilewright_matrix::reference::{quantile as naive_quantile, reorg as naive};
use tilewright_matrix::reorg::CellOrder;
use tilewright_matrix::replace::{Diagonal, Part, Values};
use tilewright_matrix::select::{EmptyReturn, Margin};
use tilewright_matrix::table::Weights;
use tilewright_matrix::{Csr, Dense, bind, order, quantile, reorg, replace, select, slice, table, transpose};

/// Equal shapes and equal cells, where NaN equals NaN and -0 equals 0 (which sparse matrices do not store).
fn assert_same(got: &Dense, expected: &Dense) {
    assert_eq!((got.rows(), got.cols()), (expected.rows(), expected.cols()), "shape");
    for (k, (a, b)) in got.cells().iter().zip(expected.cells()).enumerate() {
        assert!(a == b || (a.is_nan() && b.is_nan()), "cell {k}: {a} is not {b}\n{got:?}{expected:?}");
    }
}

fn assert_both(dense: &Dense, sparse: &Csr, expected: &Dense) {
    assert_same(dense, expected);
    assert_same(&sparse.to_dense(), expected);
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => Just(0.0),
        6 => (-3..4).prop_map(f64::from),
        1 => Just(-0.0),
        1 => Just(f64::NAN),
        1 => Just(-f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
        1 => -1e3..1e3,
    ]
}

fn cells(rows: usize, cols: usize) -> impl Strategy<Value = Dense> {
    prop_oneof![
        1 => Just(Dense::zeros(rows, cols)),
        1 => Just(Dense::from_fn(rows, cols, |i, j| f64::from(i + 1 == rows && j + 1 == cols))),
        6 => prop::collection::vec(value(), rows * cols).prop_map(move |v| Dense::from_cells(rows, cols, &v)),
    ]
}

fn shape() -> impl Strategy<Value = (usize, usize)> {
    let vectors =
        prop_oneof![Just((1, 1)), (0..30_usize).prop_map(|n| (n, 1)), (0..30_usize).prop_map(|n| (1, n))];
    prop_oneof![2 => vectors, 1 => (0..3_usize, 60..80_usize), 3 => (0..20_usize, 0..20_usize)]
}

fn matrix() -> impl Strategy<Value = Dense> {
    shape().prop_flat_map(|(rows, cols)| cells(rows, cols))
}

/// A rectangle inside of a shape, from four numbers.
fn region(x: &Dense, pick: [usize; 4]) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
    let range = |a: usize, b: usize, n: usize| {
        let (a, b) = (a % (n + 1), b % (n + 1));
        a.min(b)..a.max(b)
    };
    (range(pick[0], pick[1], x.rows()), range(pick[2], pick[3], x.cols()))
}

fn indices(picks: &[usize], n: usize) -> Vec<usize> {
    picks.iter().filter(|_| n > 0).map(|pick| pick % n).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn transpose_rev_roll(x in matrix(), k in -50..50_i64) {
        let s = Csr::from_dense(&x);
        assert_both(&transpose::dense(&x), &transpose::sparse(&s), &naive::transpose(&x));
        assert_both(&reorg::rev_dense(&x), &reorg::rev_sparse(&s), &naive::rev(&x));
        assert_both(&reorg::roll_dense(&x, k), &reorg::roll_sparse(&s, k), &naive::roll(&x, k));
    }

    #[test]
    fn diag(x in (0..20_usize).prop_flat_map(|n| (cells(n, 1), cells(n, n)))) {
        let (vector, square) = x;
        let expected = naive::diag_matrix(&vector);
        let matrix = reorg::diag_matrix_sparse(&Csr::from_dense(&vector));
        assert_both(&reorg::diag_matrix_dense(&vector).to_dense(), &matrix, &expected);
        let diagonal = reorg::diag_vector_sparse(&Csr::from_dense(&square));
        assert_both(&reorg::diag_vector_dense(&square), &diagonal, &naive::diag_vector(&square));
    }

    #[test]
    fn reshape(a in 0..7_usize, b in 1..7_usize, c in 1..7_usize, seed in prop::collection::vec(value(), 216)) {
        let x = Dense::from_cells(a * b, c, &seed[..a * b * c]);
        let s = Csr::from_dense(&x);
        for order in [CellOrder::ByRow, CellOrder::ByColumn] {
            for (rows, cols) in [(a, b * c), (b, a * c), (c, a * b), (a * b * c, 1)] {
                let expected = naive::reshape(&x, rows, cols, order);
                let sparse = reorg::reshape_sparse(&s, rows, cols, order);
                assert_both(&reorg::reshape_dense(&x, rows, cols, order), &sparse, &expected);
            }
        }
    }

    #[test]
    fn bind(parts in (0..9_usize).prop_flat_map(|rows| {
        prop::collection::vec((0..6_usize).prop_flat_map(move |cols| cells(rows, cols)), 1..5)
    })) {
        let sparse: Vec<Csr> = parts.iter().map(Csr::from_dense).collect();
        let (d, s): (Vec<&Dense>, Vec<&Csr>) = (parts.iter().collect(), sparse.iter().collect());
        assert_both(&bind::cbind_dense(&d), &bind::cbind_sparse(&s), &naive::cbind(&d));
        let parts: Vec<Dense> = parts.iter().map(naive::transpose).collect();
        let sparse: Vec<Csr> = parts.iter().map(Csr::from_dense).collect();
        let (d, s): (Vec<&Dense>, Vec<&Csr>) = (parts.iter().collect(), sparse.iter().collect());
        assert_both(&bind::rbind_dense(&d), &bind::rbind_sparse(&s), &naive::rbind(&d));
    }

    #[test]
    fn slice_and_assign(x in matrix(), pick in any::<[usize; 4]>(), v in value(), seed in prop::collection::vec(value(), 400)) {
        let s = Csr::from_dense(&x);
        let (rows, cols) = region(&x, pick);
        let part = naive::slice(&x, rows.clone(), cols.clone());
        let sliced = slice::slice_sparse(&s, rows.clone(), cols.clone());
        assert_both(&slice::slice_dense(&x, rows.clone(), cols.clone()), &sliced, &part);

        let value = Dense::from_fn(rows.len(), cols.len(), |i, j| seed[(i * cols.len() + j) % 400]);
        let sparse_value = Csr::from_dense(&value);
        let expected = naive::assign(&x, rows.clone(), cols.clone(), &value);
        let dense = slice::assign_dense(x.clone(), rows.clone(), cols.clone(), &value);
        assert_both(&dense, &slice::assign_sparse(s.clone(), rows.clone(), cols.clone(), &sparse_value), &expected);
        let dense = slice::assign_dense_from_sparse(x.clone(), rows.clone(), cols.clone(), &sparse_value);
        let sparse = slice::assign_sparse_from_dense(s.clone(), rows.clone(), cols.clone(), &value);
        assert_both(&dense, &sparse, &expected);

        let expected = naive::assign_scalar(&x, rows.clone(), cols.clone(), v);
        let dense = slice::assign_scalar_dense(x.clone(), rows.clone(), cols.clone(), v);
        assert_both(&dense, &slice::assign_scalar_sparse(s, rows, cols, v), &expected);
    }

    #[test]
    fn remove_empty(x in matrix(), selecting in prop::collection::vec(value(), 80), chosen in any::<bool>()) {
        let s = Csr::from_dense(&x);
        for (margin, lines) in [(Margin::Rows, x.rows()), (Margin::Cols, x.cols())] {
            let chosen = chosen.then(|| &selecting[..lines]);
            for empty in [EmptyReturn::ZeroLine, EmptyReturn::NoLine] {
                let expected = naive::remove_empty(&x, margin, chosen, empty);
                let sparse = select::remove_empty_sparse(&s, margin, chosen, empty);
                assert_both(&select::remove_empty_dense(&x, margin, chosen, empty), &sparse, &expected);
            }
        }
    }

    #[test]
    fn gather(x in matrix(), picks in prop::collection::vec(any::<usize>(), 0..12), sorted in any::<bool>()) {
        let s = Csr::from_dense(&x);
        let (mut rows, mut cols) = (indices(&picks, x.rows()), indices(&picks, x.cols()));
        if sorted {
            [&mut rows, &mut cols].into_iter().for_each(|index| {
                index.sort_unstable();
                index.dedup();
            });
        }
        let expected = naive::gather_rows(&x, &rows);
        assert_both(&select::gather_rows_dense(&x, &rows), &select::gather_rows_sparse(&s, &rows), &expected);
        let expected = naive::gather_cols(&x, &cols);
        assert_both(&select::gather_cols_dense(&x, &cols), &select::gather_cols_sparse(&s, &cols), &expected);
    }

    #[test]
    fn order_is_stable(x in matrix(), picks in prop::collection::vec(any::<usize>(), 0..4)) {
        let by = indices(&picks, x.cols());
        for direction in [Direction::Ascending, Direction::Descending] {
            let expected = naive::order(&x, &by, direction);
            prop_assert_eq!(&order::dense(&x, &by, direction), &expected);
            prop_assert_eq!(&order::sparse(&Csr::from_dense(&x), &by, direction), &expected);
        }
    }

    #[test]
    fn tables(codes in prop::collection::vec((1.0..6.0_f64, 1.0..9.0_f64, -2..3_i32), 0..40), spread in 1.0..400.0_f64, dims in prop::option::of((0..8_usize, 0..8_usize))) {
        let rows: Vec<f64> = codes.iter().map(|code| code.0 * spread).collect();
        let cols: Vec<f64> = codes.iter().map(|code| code.1 * spread).collect();
        let each: Vec<f64> = codes.iter().map(|code| f64::from(code.2)).collect();
        for weights in [Weights::Ones, Weights::Constant(0.5), Weights::Each(&each)] {
            let expected = naive::table(&rows, &cols, weights, dims).unwrap();
            assert_same(&table::table(&rows, &cols, weights, dims).unwrap().to_dense(), &expected);
        }
        let sequence: Vec<f64> = (1..=cols.len()).map(|k| k as f64).collect();
        let width = dims.map(|dims| dims.1);
        let dims = width.map(|width| (cols.len(), width));
        let expected = naive::table(&sequence, &cols, Weights::Ones, dims).unwrap();
        assert_same(&table::table_expand(&cols, width).unwrap().to_dense(), &expected);
    }

    #[test]
    fn replace_and_triangle(x in matrix(), pattern in value(), replacement in value()) {
        let s = Csr::from_dense(&x);
        let expected = naive::replace(&x, pattern, replacement);
        let sparse = replace::replace_sparse(&s, pattern, replacement);
        assert_both(&replace::replace_dense(&x, pattern, replacement), &sparse, &expected);
        for part in [Part::Lower, Part::Upper] {
            for (diagonal, values) in [
                (Diagonal::Keep, Values::Keep),
                (Diagonal::Keep, Values::Ones),
                (Diagonal::Drop, Values::Keep),
                (Diagonal::Drop, Values::Ones),
            ] {
                let expected = naive::triangle(&x, part, diagonal, values);
                let sparse = replace::triangle_sparse(&s, part, diagonal, values);
                assert_both(&replace::triangle_dense(&x, part, diagonal, values), &sparse, &expected);
            }
        }
    }

    #[test]
    fn quantiles(pairs in prop::collection::vec((value(), 0..4_i32), 0..40), p in 0.0..=1.0_f64) {
        let values: Vec<f64> = pairs.iter().map(|pair| pair.0).collect();
        let counts: Vec<f64> = pairs.iter().map(|pair| f64::from(pair.1)).collect();
        for weights in [None, Some(&counts[..])] {
            let same = |got: f64, expected: f64| got == expected || (got.is_nan() && expected.is_nan());
            let near = |got: f64, expected: f64| same(got, expected) || (got - expected).abs() <= 1e-9;
            prop_assert!(same(quantile::median(&values, weights), naive_quantile::median(&values, weights)));
            let many: Vec<f64> = (0..20).map(|k| f64::from(k) / 19.0).collect();
            for (&p, got) in many.iter().zip(quantile::quantiles(&values, weights, &many)) {
                prop_assert!(same(got, naive_quantile::quantile(&values, weights, p)));
            }
            prop_assert!(same(quantile::quantile(&values, weights, p), naive_quantile::quantile(&values, weights, p)));
            let mean = quantile::interquartile_mean(&values, weights);
            let expected = naive_quantile::interquartile_mean(&values, weights);
            prop_assert!(near(mean, expected), "{mean} is not {expected}");
        }
    }
}

#[test]
fn known_quantiles() {
    // The example of the Wikipedia article on the interquartile mean.
    let values = [5.0, 8.0, 4.0, 38.0, 8.0, 6.0, 9.0, 7.0, 7.0, 3.0, 1.0, 6.0];
    assert_eq!(quantile::interquartile_mean(&values, None), 6.5);
    assert_eq!(quantile::interquartile_mean(&[1.0, 3.0, 5.0, 7.0, 9.0, 11.0, 13.0, 15.0, 17.0], None), 9.0);
    assert_eq!(quantile::median(&[4.0, 1.0, 3.0, 2.0], None), 2.5);
    assert_eq!(quantile::median(&[3.0, 1.0], Some(&[1.0, 2.0])), 1.0);
    assert_eq!(
        quantile::quantiles(&[30.0, 10.0, 20.0], None, &[0.0, 0.3, 0.4, 1.0]),
        [10.0, 10.0, 20.0, 30.0]
    );
    assert!(quantile::median(&[], None).is_nan());
}

#[test]
fn codes_below_one_are_named() {
    let error = table::table(&[1.0, 0.5], &[1.0, 1.0], Weights::Ones, None).unwrap_err();
    assert_eq!(error.message(), "categories are numbered from 1, but row 2 of the first vector is 0.5");
    let error = table::table_expand(&[0.0], Some(3)).unwrap_err();
    assert_eq!(error.message(), "categories are numbered from 1, but row 1 is 0");
    // A missing code does not count.
    assert_eq!(table::table(&[f64::NAN, 2.0], &[1.0, 1.0], Weights::Ones, None).unwrap().nnz(), 1);
    assert!(table::table(&[f64::INFINITY], &[1.0], Weights::Ones, None).is_err());
    assert_eq!(table::table(&[f64::INFINITY], &[1.0], Weights::Ones, Some((2, 2))).unwrap().nnz(), 0);
    assert_eq!(table::dims(&[2.9], &[7.0], None).unwrap(), (2, 7));
}

/// Runs `f` in pools of several sizes and expects the same bits from all.
fn same_in_all_pools(f: impl Fn() -> Vec<u64> + Sync) {
    let in_pool =
        |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool").install(&f);
    let one = in_pool(1);
    for threads in [2, 3, 7] {
        assert!(in_pool(threads) == one, "{threads} threads give other bits than one");
    }
}

fn bits(x: &Dense) -> Vec<u64> {
    x.cells().iter().map(|v| v.to_bits()).collect()
}

/// Large enough for every parallel path, with ties, zeros and NaN, and edges that no tile fits.
fn large(rows: usize, cols: usize) -> Dense {
    Dense::from_fn(rows, cols, |i, j| match (i * 31 + j * 17) % 101 {
        0 => f64::NAN,
        k if k < 40 => 0.0,
        k => k as f64 - 70.0,
    })
}

#[test]
fn large_matrices_do_not_depend_on_threads() {
    let (tall, wide) = (large(40_003, 5), large(67, 2_501));
    for x in [&tall, &wide] {
        assert_same(&transpose::dense(x), &naive::transpose(x));
        assert_same(&reorg::roll_dense(x, 7), &naive::roll(x, 7));
        assert_same(&bind::cbind_dense(&[x, x]), &naive::cbind(&[x, x]));
        assert_same(&bind::rbind_dense(&[x, x]), &naive::rbind(&[x, x]));
        assert_same(&replace::replace_dense(x, f64::NAN, 1.0), &naive::replace(x, f64::NAN, 1.0));
        let kept = naive::remove_empty(x, Margin::Cols, None, EmptyReturn::NoLine);
        assert_same(&select::remove_empty_dense(x, Margin::Cols, None, EmptyReturn::NoLine), &kept);
        same_in_all_pools(|| bits(&transpose::dense(x)));
        same_in_all_pools(|| bits(&bind::cbind_dense(&[x, x])));
        same_in_all_pools(|| bits(&replace::replace_dense(x, 0.0, -1.0)));
        same_in_all_pools(|| bits(&select::remove_empty_dense(x, Margin::Cols, None, EmptyReturn::NoLine)));
    }
}

#[test]
fn large_sparse_matrices_agree_with_the_definitions_in_all_pools() {
    let (tall, wide) = (large(40_003, 5), large(67, 2_501));
    for x in [&tall, &wide] {
        let (rows, cols) = (x.rows(), x.cols());
        let s = Csr::from_dense(x);
        let backwards: Vec<usize> = (0..rows).rev().step_by(2).collect();
        let all = || {
            [
                (transpose::sparse(&s), naive::transpose(x)),
                (reorg::rev_sparse(&s), naive::rev(x)),
                (reorg::roll_sparse(&s, 7), naive::roll(x, 7)),
                (bind::cbind_sparse(&[&s, &s]), naive::cbind(&[x, x])),
                (bind::rbind_sparse(&[&s, &Csr::empty(0, cols), &s]), naive::rbind(&[x, x])),
                (slice::slice_sparse(&s, 1..rows, 0..cols), naive::slice(x, 1..rows, 0..cols)),
                (slice::slice_sparse(&s, 0..rows, 1..cols - 1), naive::slice(x, 0..rows, 1..cols - 1)),
                (select::gather_rows_sparse(&s, &backwards), naive::gather_rows(x, &backwards)),
                (replace::replace_sparse(&s, 3.0, 0.0), naive::replace(x, 3.0, 0.0)),
            ]
        };
        for (at, (found, expected)) in all().iter().enumerate() {
            let sparse = Csr::from_dense(&found.to_dense());
            assert!(found.row_ptr() == sparse.row_ptr() && found.col() == sparse.col(), "operation {at}");
            assert_same(&found.to_dense(), expected);
        }
        same_in_all_pools(|| all().iter().flat_map(|(found, _)| bits(&found.to_dense())).collect());
    }
}

#[test]
fn transposes_of_every_shape_of_sparse_matrix_are_exact() {
    for (rows, cols, every) in
        [(90_000, 3, 40_000), (3, 90_000, 7), (1, 70_000, 1), (70_000, 1, 2), (500, 600, 3)]
    {
        let x = Dense::from_fn(rows, cols, |i, j| {
            if (i * cols + j).is_multiple_of(every) { (i + 3 * j + 1) as f64 } else { 0.0 }
        });
        let found = transpose::sparse(&Csr::from_dense(&x));
        let expected = Csr::from_dense(&naive::transpose(&x));
        assert!(found == expected, "{rows}x{cols}");
    }
}

#[test]
fn large_sorts_do_not_depend_on_threads() {
    let x = large(40_003, 5);
    let stable = |by: &[usize]| {
        let mut index: Vec<usize> = (0..x.rows()).collect();
        let key = |i: usize, j: usize| (x.get(i, j).is_nan(), x.get(i, j));
        index.sort_by(|&a, &b| {
            by.iter()
                .map(|&j| key(a, j).partial_cmp(&key(b, j)))
                .find(|o| *o != Some(std::cmp::Ordering::Equal))
                .flatten()
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        index
    };
    assert_eq!(order::dense(&x, &[2], Direction::Ascending), stable(&[2]));
    for by in [&[2][..], &[3, 0, 1]] {
        for direction in [Direction::Ascending, Direction::Descending] {
            same_in_all_pools(|| order::dense(&x, by, direction).into_iter().map(|i| i as u64).collect());
        }
    }
    let values = select::gather_cols_dense(&x, &[1]);
    let weights: Vec<f64> = (0..x.rows()).map(|i| (i % 5) as f64 * 0.1).collect();
    same_in_all_pools(|| {
        let many: Vec<f64> = (0..30).map(|k| f64::from(k) / 29.0).collect();
        let mut all = quantile::quantiles(values.cells(), Some(&weights), &many);
        all.extend(quantile::quantiles(values.cells(), None, &many));
        all.push(quantile::interquartile_mean(values.cells(), Some(&weights)));
        all.push(quantile::interquartile_mean(values.cells(), None));
        all.iter().map(|v| v.to_bits()).collect()
    });
}

#[test]
fn counting_dense_and_sparse_agree() {
    let codes = |step: usize, n: usize| (0..5_000).map(|k| (k * step % n + 1) as f64).collect::<Vec<_>>();
    let (rows, cols) = (codes(7, 300), codes(11, 230));
    let weights: Vec<f64> = (0..5_000).map(|k| (k as f64).sin()).collect();
    let small = table::table(&rows, &cols, Weights::Each(&weights), Some((300, 218))).unwrap();
    let large = table::table(&rows, &cols, Weights::Each(&weights), Some((300, 230_000))).unwrap();
    assert_eq!(slice::slice_sparse(&large, 0..300, 0..218), small);
}

#[test]
fn many_observations_count_as_few() {
    const LEN: usize = 150_011;
    let codes =
        |step: usize, n: usize| (0..LEN).map(move |k| (k * step % n) as f64 + 1.5).collect::<Vec<_>>();
    let (mut rows, cols) = (codes(7, 30), codes(11, 23));
    rows[77_777] = f64::NAN;
    let expected = naive::table(&rows, &cols, Weights::Ones, None).unwrap();
    let clipped = naive::table(&rows, &cols, Weights::Ones, Some((20, 40))).unwrap();
    for threads in [1, 2, 3, 7] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (all, some) = pool.install(|| {
            let table = |dims| table::table(&rows, &cols, Weights::Ones, dims).unwrap().to_dense();
            (table(None), table(Some((20, 40))))
        });
        assert_same(&all, &expected);
        assert_same(&some, &clipped);
    }
    for width in [None, Some(7), Some(40)] {
        let hot = table::table_expand(&cols, width).unwrap();
        for (i, &code) in cols.iter().enumerate() {
            let col = code as u32 - 1;
            let kept: &[u32] = if width.is_none_or(|width| (col as usize) < width) { &[col] } else { &[] };
            assert_eq!(hot.row(i).0, kept);
        }
    }
    // A table that is worth an array to fewer tasks.
    let (tall, wide) = (codes(7, 300), codes(11, 90));
    let expected = naive::table(&tall, &wide, Weights::Ones, None).unwrap();
    assert_same(&table::table(&tall, &wide, Weights::Ones, None).unwrap().to_dense(), &expected);
    rows[140_000] = 0.0;
    let error = table::table(&rows, &cols, Weights::Ones, None).unwrap_err();
    assert_eq!(error.message(), "categories are numbered from 1, but row 140001 of the first vector is 0");
}

#[test]
fn positions_are_whole_numbers_in_range() {
    assert_eq!(select::positions(&[3.0, 1.0, 3.0], 3), Ok(vec![2, 0, 2]));
    assert_eq!(select::positions(&[], 3), Ok(vec![]));
    for wrong in [0.0, -1.0, 4.0, 1.5, f64::NAN, f64::INFINITY, -f64::INFINITY, 1e300] {
        let mut values = vec![2.0; 40_000];
        (values[20_001], values[39_999]) = (wrong, wrong);
        assert_eq!(select::positions(&values, 3), Err(20_001), "{wrong}");
    }
}
