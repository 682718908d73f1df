//! Products in single precision against the definition in doubles, within the bound that `Precision` states.

use proptest::prelude::*;
use rayon::ThreadPoolBuilder;
use tilewright_matrix::product::Precision;
use tilewright_matrix::{Dense, product, reference::product as reference};

/// Half of the distance from 1 to the next single.
const UNIT: f64 = 1.0 / (1 << 24) as f64;

/// Cells between -1 and 1 with all bits of a double, from one multiplicative step per cell.
fn matrix(rows: usize, cols: usize, seed: u64) -> Dense {
    let mut state = seed | 1;
    Dense::from_fn(rows, cols, |_, _| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    })
}

fn magnitudes(a: &Dense) -> Dense {
    Dense::from_fn(a.rows(), a.cols(), |i, j| a.get(i, j).abs())
}

fn transposed(a: &Dense) -> Dense {
    Dense::from_fn(a.cols(), a.rows(), |i, j| a.get(j, i))
}

/// All forms of the product of `a` and `b`, with what each must be near to.
fn forms(a: &Dense, b: &Dense) -> Vec<(&'static str, Dense, [Dense; 2])> {
    let (at, bt) = (transposed(a), transposed(b));
    let of =
        |a: &Dense, b: &Dense| [reference::matmul(a, b), reference::matmul(&magnitudes(a), &magnitudes(b))];
    let single = Precision::Single;
    vec![
        ("matmul", single.matmul(a, b), of(a, b)),
        ("matmul_tn", single.matmul_tn(&at, b), of(a, b)),
        ("matmul_nt", single.matmul_nt(a, &bt), of(a, b)),
        ("gram", single.gram(a), of(&at, a)),
        ("gram_rows", single.gram_rows(a), of(a, &at)),
    ]
}

/// Whether every cell of all forms is within the stated bound.
fn check(a: &Dense, b: &Dense) {
    check_forms(forms(a, b));
}

fn check_forms(forms: Vec<(&'static str, Dense, [Dense; 2])>) {
    for (form, found, [expected, terms]) in forms {
        assert_eq!((found.rows(), found.cols()), (expected.rows(), expected.cols()), "{form}");
        for (at, (&x, &y)) in found.cells().iter().zip(expected.cells()).enumerate() {
            let bound = 387.0 * UNIT * terms.cells()[at] + 1e-37;
            assert!((x - y).abs() <= bound, "{form} {at}: {x} instead of {y}, more than {bound} away");
        }
    }
}

fn size() -> impl Strategy<Value = usize> {
    prop_oneof![Just(0), Just(1), Just(2), Just(8), Just(17), Just(50), Just(131)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn products_are_within_their_bound(m in size(), k in size(), n in size(), seed in any::<u64>()) {
        check(&matrix(m, k, seed), &matrix(k, n, !seed));
        let lone = Dense::from_fn(m, k, |i, j| if (i, j) == (m / 2, k / 2) { -0.3 } else { 0.0 });
        check(&lone, &matrix(k, n, seed));
        check(&Dense::zeros(m, k), &matrix(k, n, seed));
    }
}

#[test]
fn cuts_of_the_inner_dimension_keep_the_bound() {
    let (wide, tall) = (matrix(70, 3_000, 1), matrix(3_000, 40, 2));
    let terms = |a: &Dense, b: &Dense| reference::matmul(&magnitudes(a), &magnitudes(b));
    let (expected, terms, turned) = (reference::matmul(&wide, &tall), terms(&wide, &tall), transposed(&wide));
    let single = Precision::Single;
    check_forms(vec![
        ("matmul", single.matmul(&wide, &tall), [expected.clone(), terms.clone()]),
        ("matmul_tn", single.matmul_tn(&turned, &tall), [expected, terms]),
        ("gram", single.gram(&tall), [reference::gram(&tall), reference::gram(&magnitudes(&tall))]),
    ]);
}

#[test]
fn cells_are_rounded_to_singles() {
    // 1 + 2^-30 rounds to 1, and 40 ones have the sum 40.
    let a = Dense::filled(40, 40, 1.0 + UNIT / 64.0);
    for (form, found, _) in forms(&a, &Dense::filled(40, 40, 1.0)) {
        assert!(found.cells().iter().all(|&x| x == 40.0), "{form}");
    }
    assert!(product::matmul(&a, &a).get(0, 0) > 40.0);
}

#[test]
fn vectors_stay_double() {
    let (a, v) = (Dense::filled(40, 40, 1.0 + UNIT / 64.0), Dense::filled(40, 1, 1.0));
    assert_eq!(Precision::Single.matmul(&a, &v), product::matmul(&a, &v));
    assert_eq!(Precision::Single.matmul_tn(&v, &a), product::matmul_tn(&v, &a));
}

#[test]
fn beyond_the_range_of_singles_is_infinity_unless_it_cancels() {
    let large = |i: usize, j: usize| match (i, j) {
        (0, 0) => 1e39,
        (1, 0) => 1e39,
        (1, 1) => -1e39,
        _ => 0.0,
    };
    let found = Precision::Single.matmul(&Dense::from_fn(20, 20, large), &Dense::filled(20, 20, 2.0));
    assert_eq!((found.get(0, 3), found.get(1, 3), found.get(2, 3)), (f64::INFINITY, 0.0, 0.0));
}

#[test]
fn a_zero_absorbs_in_single_precision() {
    let a = Dense::from_fn(20, 20, |i, _| if i == 0 { f64::NAN } else { 0.0 });
    let found = Precision::Single.matmul(&Dense::zeros(20, 20), &a);
    assert!(found.cells().iter().all(|&x| x == 0.0));
    assert!(Precision::Single.matmul(&a, &Dense::filled(20, 20, 1.0)).get(0, 0).is_nan());
}

#[test]
fn bits_do_not_depend_on_the_number_of_threads() {
    let (square, tall) = (matrix(560, 560, 5), matrix(60_000, 40, 6));
    let results = || {
        let mut results: Vec<Dense> =
            forms(&square, &square).into_iter().map(|(_, found, _)| found).collect();
        results.extend([Precision::Single.gram(&tall), Precision::Single.matmul_tn(&tall, &tall)]);
        results.iter().flat_map(|x| x.cells().iter().map(|x| x.to_bits())).collect::<Vec<_>>()
    };
    let expected = results();
    for threads in [1, 2, 3, 7] {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert!(pool.install(results) == expected, "{threads} threads");
    }
}
