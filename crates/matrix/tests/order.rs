//! Sorts of columns that take every path, against a stable sort by comparison, on several numbers of threads.

use std::cmp::Ordering;

use tilewright_matrix::order::{self, Direction};
use tilewright_matrix::{Csr, Dense, quantile};

/// Numbers of a multiplicative generator (Park, Miller 1988) in (0, 1).
fn draws(count: usize) -> impl Iterator<Item = f64> {
    let step = |x: &u64| Some(x * 48_271 % 2_147_483_647);
    std::iter::successors(Some(1_u64), step).take(count).map(|x| x as f64 / 2_147_483_647.0)
}

fn compare(a: f64, b: f64, direction: Direction) -> Ordering {
    let ascending = a.is_nan().cmp(&b.is_nan()).then(a.partial_cmp(&b).unwrap_or(Ordering::Equal));
    if direction == Direction::Ascending { ascending } else { ascending.reverse() }
}

fn expected(x: &Dense, by: &[usize], direction: Direction) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..x.rows()).collect();
    rows.sort_by(|&a, &b| {
        let orders = by.iter().map(|&j| compare(x.get(a, j), x.get(b, j), direction));
        orders.fold(Ordering::Equal, Ordering::then)
    });
    rows
}

fn in_pools(check: impl Fn() + Send + Sync) {
    for threads in [1, 2, 3, 7] {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads").install(&check);
    }
}

/// All results of sorting one column.
#[track_caller]
fn check_column(cells: &[f64]) {
    let x = Dense::from_cells(cells.len(), 1, cells);
    for direction in [Direction::Ascending, Direction::Descending] {
        let rows = expected(&x, &[0], direction);
        let values: Vec<u64> = rows.iter().map(|&i| cells[i].to_bits()).collect();
        in_pools(|| {
            let sorted = order::values(&x, direction);
            assert!(sorted.cells().iter().map(|v| v.to_bits()).eq(values.iter().copied()), "values");
            assert!(order::dense(&x, &[0], direction) == rows, "rows");
            let positions = order::positions(&x, &[0], direction);
            assert!(positions.cells().iter().map(|&i| i as usize - 1).eq(rows.iter().copied()), "positions");
        });
    }
}

#[test]
fn columns_of_all_lengths() {
    for len in [0, 1, 2, 7, 8, 9, 127, 128, 129, 300, 65_535, 65_536, 300_007] {
        check_column(&draws(len).collect::<Vec<_>>());
    }
}

#[test]
fn equal_ordered_and_special_cells() {
    const LEN: usize = 150_001;
    check_column(&[2.5; LEN]);
    check_column(&[f64::NAN; LEN]);
    check_column(&[-0.0; LEN]);
    check_column(&(0..LEN).map(|k| k as f64).collect::<Vec<_>>());
    check_column(&(0..LEN).map(|k| -(k as f64)).collect::<Vec<_>>());
    check_column(&draws(LEN).map(|u| (u * 10.0).floor()).collect::<Vec<_>>());
    // Zeros of both signs among others, and all that is special.
    check_column(&draws(LEN).map(|u| if u < 0.7 { (u - 0.35) * 0.0 } else { u - 0.8 }).collect::<Vec<_>>());
    let special =
        [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.0, 5e-324, -5e-324, f64::MAX, f64::MIN];
    check_column(&draws(LEN).map(|u| special[(u * 9.0) as usize]).collect::<Vec<_>>());
    check_column(&draws(LEN).map(|u| if u < 0.5 { f64::NAN } else { 1.0 / (u - 0.75) }).collect::<Vec<_>>());
}

#[test]
fn cells_that_differ_in_their_last_bits_only() {
    // Wide buckets of narrow groups: the leading bits of a group are the same.
    let groups = draws(200_003).zip(draws(400_009).skip(200_003));
    let cells: Vec<f64> = groups
        .map(|(u, v)| {
            let centre = ((u * 9.0).floor() * 50.0).exp2();
            f64::from_bits(centre.to_bits() + (v * 5_000.0) as u64)
        })
        .collect();
    check_column(&cells);
}

#[test]
fn further_columns_sort_equal_cells() {
    let mut numbers = draws(240_000);
    let mut next = |range: f64| (numbers.next().expect("enough") * range).floor();
    let x = Dense::from_fn(60_000, 4, |_, j| match (j, next(50.0)) {
        (0, v) => v - 25.0,
        (1, v) if v > 40.0 => f64::NAN,
        (1, v) => (v / 10.0).floor(),
        (_, v) => v,
    });
    let s = Csr::from_dense(&x);
    for by in [&[0, 1, 2, 3][..], &[1, 0], &[1, 3, 1], &[3]] {
        for direction in [Direction::Ascending, Direction::Descending] {
            let rows = expected(&x, by, direction);
            in_pools(|| {
                assert!(order::dense(&x, by, direction) == rows, "by {by:?} {direction:?}");
                assert!(order::sparse(&s, by, direction) == rows, "sparse by {by:?} {direction:?}");
                let positions = order::positions(&x, by, direction);
                assert!(positions == order::sparse_positions(&s, by, direction));
                assert!(positions.cells().iter().map(|&i| i as usize - 1).eq(rows.iter().copied()));
            });
        }
    }
}

/// Quantiles of values against their sorted form.
fn check_quantiles(values: &[f64]) {
    let mut sorted = values.to_vec();
    sorted.sort_by(|&a, &b| compare(a, b, Direction::Ascending));
    let n = sorted.len();
    let same = |a: f64, b: f64| a == b || a.is_nan() && b.is_nan();
    in_pools(|| {
        let few = [0.0, 0.001, 0.25, 0.5, 0.9, 0.9999, 1.0];
        let many: Vec<f64> = (0..=40).map(|k| f64::from(k) / 40.0).collect();
        for p in [&few[..], &many] {
            for (p, got) in p.iter().zip(quantile::quantiles(values, None, p)) {
                let at = ((p * n as f64).ceil() as usize).clamp(1, n) - 1;
                assert!(same(got, sorted[at]), "{p} of {n}: {got}, not {}", sorted[at]);
            }
        }
        let median = if n % 2 == 1 { sorted[n / 2] } else { sorted[n / 2 - 1].midpoint(sorted[n / 2]) };
        let median = if sorted[n - 1].is_nan() { f64::NAN } else { median };
        assert!(same(quantile::median(values, None), median));
        let ones = vec![1.0; n];
        let (plain, weighted) =
            (quantile::interquartile_mean(values, None), quantile::interquartile_mean(values, Some(&ones)));
        assert!(
            same(plain, weighted) || (plain - weighted).abs() <= 1e-12 * weighted.abs(),
            "{plain} {weighted}"
        );
        let bits = |x: f64| x.to_bits();
        assert_eq!(bits(plain), bits(quantile::interquartile_mean(values, None)));
    });
}

#[test]
fn quantiles_of_many_values() {
    for n in [8_192, 8_193, 100_000, 100_001] {
        check_quantiles(&draws(n).collect::<Vec<_>>());
    }
    const LEN: usize = 60_000;
    check_quantiles(&(0..LEN).map(|k| (LEN - k) as f64).collect::<Vec<_>>());
    check_quantiles(&[3.5; LEN]);
    check_quantiles(&[f64::NAN; LEN]);
    check_quantiles(&draws(LEN).map(|u| (u * 4.0).floor()).collect::<Vec<_>>());
    check_quantiles(&draws(LEN).map(|u| if u < 0.6 { f64::NAN } else { u }).collect::<Vec<_>>());
    check_quantiles(&draws(LEN).map(|u| if u < 0.01 { f64::NAN } else { u }).collect::<Vec<_>>());
    // Where the sample looks, all is one value: what it encloses has few of the others.
    let mut hidden = vec![1.0; LEN];
    hidden.iter_mut().enumerate().filter(|(k, _)| k % 512 < 300).for_each(|(k, x)| *x = -(k as f64));
    check_quantiles(&hidden);
    check_quantiles(&draws(LEN).map(|u| 1.0 / (u - 0.5)).collect::<Vec<_>>());
}
