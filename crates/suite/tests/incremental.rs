//! What is known of the parts of a matrix is not computed again: operations counted while scripts run.

use tilewright_engine::{Options, Session, Stats};

/// What a script prints, and the floating-point operations that it took.
fn run(script: &str, without: &[&str]) -> (String, f64) {
    let no_rewrite = without.iter().map(ToString::to_string).collect();
    let mut session = Session::new(Options { no_rewrite, ..Options::default() });
    let compiled = session.compile("script", script).unwrap_or_else(|found| panic!("{found:?}"));
    let stats = Stats::default();
    let (done, printed, _) = session.run_with(&compiled, Vec::new(), Some(&stats));
    done.unwrap_or_else(|error| panic!("{error:?}"));
    let flops = stats.heaviest(usize::MAX).into_iter().map(|(_, total)| total.flops).sum();
    (String::from_utf8_lossy(&printed).into_owned(), flops)
}

const INCREMENTAL: [&str; 6] = [
    "gram-of-side-by-side",
    "gram-of-stacked",
    "side-by-side-transposed-times",
    "times-side-by-side",
    "product-of-stacked",
    "stacked-times",
];

/// How many times fewer operations a script takes with the rules than without; it prints the same.
#[track_caller]
fn saved(script: &str) -> f64 {
    let (printed, flops) = run(script, &[]);
    let (expected, all) = run(script, &INCREMENTAL);
    assert_eq!(printed, expected);
    all / flops
}

#[test]
fn a_column_beside_a_matrix_that_stays() {
    // Of 33 x 33 cells of each product, a row and a column are new.
    let script = "X = rand(rows=2000, cols=64, seed=1)
        y = X %*% rand(rows=64, cols=1, seed=2)
        G = X[, 1:32]
        for (i in 33:64) {
          Z = cbind(G, X[, i])
          b = solve(t(Z) %*% Z, t(Z) %*% y)
          print(round(1e6 * sum(b)))
        }";
    let ratio = saved(script);
    assert!(ratio > 5.0, "{ratio}");
}

#[test]
fn columns_beside_a_matrix_that_grows() {
    // The sizes are known only while running: the inner loop is compiled anew for each of them.
    let script = "X = rand(rows=2000, cols=24, seed=1)
        y = X %*% rand(rows=24, cols=1, seed=2)
        G = X[, 1:8]
        while (ncol(G) < 12) {
          best = 1e300
          at = 0
          for (i in 9:24) {
            Z = cbind(G, X[, i])
            b = solve(t(Z) %*% Z, t(Z) %*% y)
            left = sum((y - Z %*% b) ^ 2)
            if (left < best) { best = left; at = i }
          }
          print(at)
          G = cbind(G, X[, at])
        }";
    let (printed, flops) = run(script, &[]);
    let (expected, all) = run(script, &INCREMENTAL);
    assert_eq!(printed, expected);
    assert!(all / flops > 1.7, "{}", all / flops);
}

#[test]
fn rows_below_a_matrix_whose_product_is_there() {
    let script = "A = rand(rows=3000, cols=40, seed=1)
        B = rand(rows=30, cols=40, seed=2)
        S = t(A) %*% A
        X = rbind(A, B)
        T = t(X) %*% X
        print(round(1e6 * max(S)) + \" \" + round(1e6 * max(T)))";
    let ratio = saved(script);
    assert!(ratio > 1.9, "{ratio}");
}
