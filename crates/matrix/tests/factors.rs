//! Factorisations against textbook ones and against their defining equations.

use proptest::prelude::*;
use tilewright_matrix::factor::{cholesky, det, eigen, inverse, lu, qr, solve, sqrt, svd};
use tilewright_matrix::{Dense, product, reference::factor as reference, transpose};

fn matrix(rows: usize, cols: usize, seed: u64) -> Dense {
    let mut state = seed;
    Dense::from_fn(rows, cols, |_, _| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as f64 / (1u64 << 30) as f64 - 1.0
    })
}

/// Well conditioned: random cells and a heavy diagonal.
fn dominant(n: usize, seed: u64) -> Dense {
    let random = matrix(n, n, seed);
    Dense::from_fn(n, n, |i, j| random.get(i, j) + if i == j { 2.0 * n as f64 } else { 0.0 })
}

fn positive_definite(n: usize, seed: u64) -> Dense {
    product::gram(&dominant(n, seed))
}

fn symmetric(n: usize, seed: u64) -> Dense {
    let a = matrix(n, n, seed);
    Dense::from_fn(n, n, |i, j| a.get(i, j) + a.get(j, i))
}

fn identity(n: usize) -> Dense {
    Dense::from_fn(n, n, |i, j| f64::from(i == j))
}

#[track_caller]
fn close(found: &Dense, expected: &Dense, tolerance: f64) {
    assert_eq!((found.rows(), found.cols()), (expected.rows(), expected.cols()));
    let scale = expected.cells().iter().fold(1e-300, |max: f64, x| max.max(x.abs()));
    for (x, y) in found.cells().iter().zip(expected.cells()) {
        assert!((x - y).abs() <= tolerance * scale, "{x} instead of {y} in {found:?} for {expected:?}");
    }
}

fn size() -> impl Strategy<Value = usize> {
    prop_oneof![Just(0), Just(1), Just(2), Just(3), Just(8), Just(21), Just(50), Just(150)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn square_roots(n in size(), seed in any::<u64>()) {
        for a in [dominant(n, seed), positive_definite(n, seed)] {
            let root = sqrt::sqrt(&a).unwrap();
            close(&product::matmul(&root, &root), &a, 1e-11);
            close(&root, &reference::sqrt(&a).unwrap(), 1e-10);
        }
    }

    #[test]
    fn square_systems(n in size(), k in 0..4usize, seed in any::<u64>()) {
        let b = matrix(n, k, !seed);
        for a in [dominant(n, seed), positive_definite(n, seed)] {
            let solved = solve::solve(&a, &b).unwrap();
            prop_assert_eq!(solved.warning, None);
            close(&solved.x, &reference::solve(&a, &b).unwrap(), 1e-11);
            close(&inverse::inverse(&a).unwrap(), &reference::inverse(&a).unwrap(), 1e-11);
            let expected = reference::det(&a);
            let found = det::det(&a).unwrap();
            prop_assert!(found == expected || (found - expected).abs() <= 1e-11 * expected.abs());
        }
    }

    #[test]
    fn systems_of_known_structure(n in size(), k in 0..4usize, seed in any::<u64>()) {
        let (b, a) = (matrix(n, k, !seed), dominant(n, seed));
        let part = |keep: fn(usize, usize) -> bool| {
            Dense::from_fn(n, n, |i, j| if keep(i, j) { a.get(i, j) } else { 0.0 })
        };
        let known = [
            (part(|i, j| i >= j), solve::Structure::Lower),
            (part(|i, j| i <= j), solve::Structure::Upper),
            (positive_definite(n, seed), solve::Structure::Symmetric),
            (symmetric(n, seed), solve::Structure::Symmetric),
        ];
        for (a, structure) in known {
            let found = solve::solve_structured(&a, &b, structure).unwrap();
            let expected = solve::solve(&a, &b).unwrap();
            close(&found.x, &expected.x, 1e-11);
            prop_assert_eq!(found.warning, expected.warning);
        }
        let diagonal = Dense::from_fn(n, 1, |i, _| a.get(i, i));
        let found = solve::solve_diagonal(&diagonal, &b).unwrap();
        close(&found.x, &reference::solve(&part(|i, j| i == j), &b).unwrap(), 1e-14);
    }

    #[test]
    fn least_squares(m in size(), n in size(), k in 0..3usize, seed in any::<u64>()) {
        let diagonal = |i, j| if i == j { 20.0 } else { 0.0 };
        let random = matrix(m, n, seed);
        let a = Dense::from_fn(m, n, |i, j| random.get(i, j) + diagonal(i, j));
        let b = matrix(m, k, !seed);
        let solved = solve::solve(&a, &b).unwrap();
        prop_assert_eq!(solved.warning, None);
        close(&solved.x, &reference::solve(&a, &b).unwrap(), 1e-10);
    }

    #[test]
    fn triangular_factors(m in size(), n in size(), seed in any::<u64>()) {
        let a = matrix(m, n, seed);
        let (found, expected) = (lu::lu(&a).unwrap(), reference::lu(&a));
        close(&found.p, &expected.p, 0.0);
        close(&found.l, &expected.l, 1e-9);
        close(&found.u, &expected.u, 1e-9);
        close(&product::matmul(&found.l, &found.u), &product::matmul(&found.p, &a), 1e-12);
        let (found, expected) = (qr::qr(&a).unwrap(), reference::qr(&a));
        close(&found.h, &expected.h, 1e-9);
        close(&found.r, &expected.r, 1e-9);
        close(&reference::reflect_all(&found.h, a), &found.r, 1e-12);
        let a = positive_definite(n, seed);
        close(&cholesky::cholesky(&a).unwrap(), &reference::cholesky(&a).unwrap(), 1e-12);
    }

    #[test]
    fn eigenvalues_and_singular_values(m in size(), n in size(), seed in any::<u64>()) {
        let a = symmetric(n, seed);
        let (found, expected) = (eigen::eigen_symmetric(&a).unwrap(), reference::eigen_symmetric(&a));
        close(&found.values, &expected.values, 1e-12);
        close(&product::gram(&found.vectors), &identity(n), 1e-12);
        let scaled = Dense::from_fn(n, n, |i, j| found.vectors.get(i, j) * found.values.get(j, 0));
        close(&product::matmul(&a, &found.vectors), &scaled, 1e-12);
        let a = matrix(m, n, seed);
        let (found, expected) = (svd::svd(&a).unwrap(), reference::svd(&a));
        close(&found.s, &expected.s, 1e-12);
        close(&product::gram(&found.u), &identity(m.min(n)), 1e-12);
        close(&product::gram(&found.v), &identity(m.min(n)), 1e-12);
        close(&product::matmul_nt(&product::matmul(&found.u, &found.s), &found.v), &a, 1e-12);
    }
}

#[test]
fn vectors_have_a_unique_sign() {
    let a = Dense::from_cells(3, 3, &[2.0, 1.0, 0.5, 1.0, -3.0, 0.25, 0.5, 0.25, 7.0]);
    let (found, expected) = (eigen::eigen_symmetric(&a).unwrap(), reference::eigen_symmetric(&a));
    close(&found.vectors, &expected.vectors, 1e-12);
    for a in [a, matrix(5, 3, 9), matrix(3, 5, 9)] {
        let (found, expected) = (svd::svd(&a).unwrap(), reference::svd(&a));
        close(&found.u, &expected.u, 1e-12);
        close(&found.v, &expected.v, 1e-12);
    }
}

#[test]
fn degenerate_matrices_have_factors() {
    for a in [
        Dense::zeros(4, 3),
        Dense::zeros(3, 4),
        Dense::filled(4, 4, 1.0),
        identity(5),
        Dense::from_fn(6, 4, |i, j| f64::from(i == 5 && j == 1)),
    ] {
        let factors = lu::lu(&a).unwrap();
        close(&product::matmul(&factors.l, &factors.u), &product::matmul(&factors.p, &a), 1e-14);
        let factors = qr::qr(&a).unwrap();
        close(&reference::reflect_all(&factors.h, a.clone()), &factors.r, 1e-14);
        let found = svd::svd(&a).unwrap();
        close(&found.s, &reference::svd(&a).s, 1e-14);
        close(&product::gram(&found.u), &identity(found.u.cols()), 1e-14);
    }
}

#[test]
fn structure_is_used() {
    let five = inverse::inverse(&Dense::filled(1, 1, 5.0)).unwrap();
    assert_eq!(five.cells(), [0.2]);
    let diagonal = Dense::from_fn(9, 9, |i, j| if i == j { i as f64 + 1.5 } else { 0.0 });
    let solved = solve::solve(&diagonal, &identity(9)).unwrap();
    assert!(solved.x == Dense::from_fn(9, 9, |i, j| if i == j { 1.0 / (i as f64 + 1.5) } else { 0.0 }));
    let full = matrix(150, 150, 4);
    let lower = Dense::from_fn(150, 150, |i, j| {
        if i == j {
            4.0
        } else if j < i {
            full.get(i, j) / 40.0
        } else {
            0.0
        }
    });
    for a in [transpose::dense(&lower), lower] {
        let b = product::matmul(&a, &full);
        close(&solve::solve(&a, &b).unwrap().x, &full, 1e-11);
        close(&product::matmul(&a, &inverse::inverse(&a).unwrap()), &identity(150), 1e-12);
    }
    let gap = Dense::from_cells(2, 2, &[2.0, 0.0, 0.0, 0.0]);
    let solved = solve::solve(&gap, &Dense::filled(2, 1, 1.0)).unwrap();
    close(&solved.x, &Dense::from_cells(2, 1, &[0.5, 0.0]), 1e-15);
    assert!(solved.warning.is_some() && inverse::inverse(&gap).is_err());
    let by_diagonal = solve::solve_diagonal(&Dense::from_cells(2, 1, &[2.0, 0.0]), &Dense::filled(2, 1, 1.0));
    assert_eq!(by_diagonal.unwrap(), solved);
}

#[test]
fn singular_systems_answer_with_a_warning() {
    let b = Dense::from_cells(2, 1, &[1.0, 1.0]);
    for a in [Dense::filled(2, 2, 1.0), Dense::from_cells(2, 2, &[1.0, 1.0, 1.0, 1.0 + 2e-16])] {
        let solved = solve::solve(&a, &b).unwrap();
        close(&solved.x, &Dense::filled(2, 1, 0.5), 1e-14);
        assert!(solved.warning.unwrap().starts_with("the system is singular or nearly so (reciprocal"));
        assert!(inverse::inverse(&a).unwrap_err().message().contains("singular"));
    }
    let zeros = solve::solve(&Dense::zeros(2, 2), &b).unwrap();
    assert!(zeros.x == Dense::zeros(2, 1) && zeros.warning.is_some());
    let tall = Dense::from_fn(5, 2, |i, _| i as f64);
    let solved = solve::solve(&tall, &Dense::from_fn(5, 1, |i, _| 2.0 * i as f64)).unwrap();
    close(&solved.x, &Dense::filled(2, 1, 1.0), 1e-13);
    assert!(solved.warning.is_some());
    assert_eq!(det::det(&Dense::filled(3, 3, 1.0)), Ok(0.0));
}

#[test]
fn errors_say_what_is_wrong() {
    let message = |fault: tilewright_base::Fault| fault.message().to_string();
    let mut a = positive_definite(40, 3);
    a.set(29, 29, -1.0);
    assert!(message(cholesky::cholesky(&a).unwrap_err()).contains("pivot 30 is not positive"));
    let skew = Dense::from_cells(2, 2, &[1.0, 2.0, 2.5, 1.0]);
    assert!(
        message(eigen::eigen_symmetric(&skew).unwrap_err()).contains("cell [2, 1] is 2.5 and [1, 2] is 2")
    );
    let wide = Dense::zeros(2, 3);
    assert!(message(inverse::inverse(&wide).unwrap_err()).contains("2x3"));
    let bad = Dense::from_cells(1, 2, &[f64::NAN, f64::INFINITY]);
    assert!(message(svd::svd(&bad).unwrap_err()).starts_with("2 of 2 cells in the input of svd"));
}
