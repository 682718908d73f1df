//! Linear systems and factorisations.

use tilewright_base::{Code, Fault, Outcome};
use tilewright_matrix::factor::solve::{Solved, Structure};
use tilewright_matrix::{Dense, Scratch, factor, reference, reference::factor as naive};
use tilewright_value::{Block, Value};

use crate::facts::{Dim, Facts};
use crate::function::{Args, FunctionRow, Params, required};
use crate::operand::Cells;

macro_rules! row {
    ($name:expr, $doc:literal, $params:expr, $results:expr, $infer:expr, $run:expr, $reference:expr, $scratch:expr, $flops:expr) => {
        FunctionRow::pure($name, $doc, $params, $infer, $run, $reference)
            .with_results(&$results)
            .with_scratch($scratch)
            .with_flops($flops)
    };
}

/// The name of a `solve` that does not look for the structure of its matrix, which scripts cannot write.
pub const STRUCTURED: &str = "structured solve";
/// A matrix given by its diagonal.
pub const DIAGONAL: &str = "diagonal";
/// A matrix of zeros above the diagonal.
pub const LOWER: &str = "lower";
/// A matrix of zeros below the diagonal.
pub const UPPER: &str = "upper";
/// A matrix that is its own transpose.
pub const SYMMETRIC: &str = "symmetric";

const ONE: Params = Params::Named(&[required("A")]);

/// Linear systems and factorisations.
pub static TABLE: &[FunctionRow] = &[
    row!(
        "solve",
        "x with A %*% x = b; least squares when A is not square or singular (with a warning).",
        Params::Named(&[required("A"), required("b")]),
        ["x"],
        infer_solve,
        |args, context| {
            let solved = factor::solve::solve(&*dense(args, "A")?, &*dense(args, "b")?)?;
            context.warnings.extend(solved.warning.map(|text| Fault::new(Code::Numeric, text)));
            matrices([solved.x])
        },
        |args, _| matrices([naive::solve(&*dense(args, "A")?, &*dense(args, "b")?)?]),
        solve_scratch,
        solve_flops
    ),
    row!(
        STRUCTURED,
        "As `solve`, for a square A that the compiler knows to be `diagonal` (A is the column of its diagonal), `lower` or `upper` triangular, or `symmetric`.",
        Params::Named(&[required("A"), required("b"), required("structure")]),
        ["x"],
        infer_structured,
        |args, context| {
            let solved = solve_structured(args)?;
            context.warnings.extend(solved.warning.map(|text| Fault::new(Code::Numeric, text)));
            matrices([solved.x])
        },
        |args, _| {
            let a = dense(args, "A")?;
            let b = dense(args, "b")?;
            matrices([match args.text("structure")?.as_str() {
                DIAGONAL => naive::solve(&reference::reorg::diag_matrix(&a), &b)?,
                _ => naive::solve(&a, &b)?,
            }])
        },
        structured_scratch,
        structured_flops
    ),
    row!(
        "inv",
        "The inverse of a square matrix.",
        ONE,
        ["inverse"],
        square,
        |args, _| matrices([factor::inverse::inverse(&*dense(args, "A")?)?]),
        |args, _| matrices([naive::inverse(&*dense(args, "A")?)?]),
        |args, _| of_one(args, |n, _| factor::inverse::inverse_scratch(n)),
        |args, _| count(args, |n, _| 2.0 * n.powi(3))
    ),
    row!(
        "cholesky",
        "The lower triangular L with L %*% t(L) = A, for a symmetric positive definite A.",
        ONE,
        ["L"],
        square,
        |args, _| matrices([factor::cholesky::cholesky(&*dense(args, "A")?)?]),
        |args, _| matrices([naive::cholesky(&*dense(args, "A")?)?]),
        |args, _| of_one(args, |n, _| factor::cholesky::cholesky_scratch(n)),
        |args, _| count(args, |n, _| n.powi(3) / 3.0)
    ),
    row!(
        "det",
        "The determinant of a square matrix.",
        ONE,
        ["determinant"],
        |args| {
            args.square("A")?;
            Ok(vec![Facts::DOUBLE])
        },
        |args, _| Ok(vec![factor::det::det(&*dense(args, "A")?)?.into()]),
        |args, _| Ok(vec![naive::det(&*dense(args, "A")?).into()]),
        |args, _| of_one(args, |n, _| factor::det::det_scratch(n)),
        |args, _| count(args, |n, _| 2.0 / 3.0 * n.powi(3))
    ),
    row!(
        "lu",
        "P, L, U with P %*% A = L %*% U: a permutation, unit lower and upper triangular.",
        ONE,
        ["P", "L", "U"],
        |args| {
            let n = args.square("A")?;
            Ok(vec![Facts::matrix(n, n); 3])
        },
        |args, _| {
            let lu = factor::lu::lu(&*dense(args, "A")?)?;
            matrices([lu.p, lu.l, lu.u])
        },
        |args, _| {
            let lu = naive::lu(&*dense(args, "A")?);
            matrices([lu.p, lu.l, lu.u])
        },
        |args, _| of_one(args, factor::lu::lu_scratch),
        |args, _| count(args, |n, _| 2.0 / 3.0 * n.powi(3))
    ),
    row!(
        "qr",
        "H, R: Householder vectors below the diagonal of H, and the upper triangular R.",
        ONE,
        ["H", "R"],
        |args| {
            let (m, n) = args.dims("A")?;
            Ok(vec![Facts::matrix(m, n); 2])
        },
        |args, _| {
            let qr = factor::qr::qr(&*dense(args, "A")?)?;
            matrices([qr.h, qr.r])
        },
        |args, _| {
            let qr = naive::qr(&*dense(args, "A")?);
            matrices([qr.h, qr.r])
        },
        |args, _| of_one(args, factor::qr::qr_scratch),
        |args, _| count(args, least_squares_flops)
    ),
    row!(
        "eigen",
        "w, V: ascending eigenvalues and eigenvectors (columns) of a symmetric matrix.",
        ONE,
        ["w", "V"],
        |args| {
            let n = args.square("A")?;
            Ok(vec![Facts::matrix(n, Dim::Known(1)), Facts::matrix(n, n)])
        },
        |args, _| {
            let eigen = factor::eigen::eigen_symmetric(&*dense(args, "A")?)?;
            matrices([eigen.values, eigen.vectors])
        },
        |args, _| {
            factor::eigen::check(&*dense(args, "A")?)?;
            let eigen = naive::eigen_symmetric(&*dense(args, "A")?);
            matrices([eigen.values, eigen.vectors])
        },
        |args, _| of_one(args, |n, _| factor::eigen::eigen_symmetric_scratch(n)),
        |args, _| count(args, |n, _| 9.0 * n.powi(3))
    ),
    row!(
        "svd",
        "U, S, V with A = U %*% S %*% t(V): orthonormal columns and descending singular values on the diagonal.",
        ONE,
        ["U", "S", "V"],
        infer_svd,
        |args, _| {
            let svd = factor::svd::svd(&*dense(args, "A")?)?;
            matrices([svd.u, svd.s, svd.v])
        },
        |args, _| {
            let svd = naive::svd(&*dense(args, "A")?);
            matrices([svd.u, svd.s, svd.v])
        },
        |args, _| of_one(args, factor::svd::svd_scratch),
        |args, _| count(args, |m, n| 14.0 * m.max(n) * m.min(n).powi(2) + 8.0 * m.min(n).powi(3))
    ),
    row!(
        "sqrtMatrixJava",
        "The principal square root R of a square matrix: R %*% R = A, and no eigenvalue of R has a negative real part.",
        ONE,
        ["root"],
        square,
        |args, _| matrices([factor::sqrt::sqrt(&*dense(args, "A")?)?]),
        |args, _| matrices([naive::sqrt(&*dense(args, "A")?)?]),
        |args, _| of_one(args, |n, _| factor::sqrt::sqrt_scratch(n)),
        |args, _| count(args, |n, _| 76.0 / 3.0 * n.powi(3))
    ),
];

fn dense<'a>(args: &Args<'a, Value>, name: &str) -> Outcome<Cells<'a>> {
    Ok(args.block(name)?.cells())
}

fn matrices<const N: usize>(results: [Dense; N]) -> Outcome<Vec<Value>> {
    Ok(results.into_iter().map(|dense| Block::Dense(dense).into()).collect())
}

fn square(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let n = args.square("A")?;
    Ok(vec![Facts::matrix(n, n)])
}

fn infer_solve(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let ((rows, cols), (r2, c2)) = (args.dims("A")?, args.dims("b")?);
    if rows.conflicts(r2) {
        tilewright_base::bail!(
            Shape,
            "`solve` of a {rows}x{cols} matrix with a {r2}x{c2} right side: the rows must be equal"
        );
    }
    Ok(vec![Facts::matrix(cols, c2)])
}

fn infer_structured(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    // The rows of the matrix are those of its diagonal.
    let ((rows, _), (r2, c2)) = (args.dims("A")?, args.dims("b")?);
    Ok(vec![Facts::matrix(rows.or(r2), c2)])
}

fn solve_structured(args: &Args<'_, Value>) -> Outcome<Solved> {
    let (a, b) = (dense(args, "A")?, dense(args, "b")?);
    let structure = match args.text("structure")?.as_str() {
        DIAGONAL => return factor::solve::solve_diagonal(&a, &b),
        LOWER => Structure::Lower,
        UPPER => Structure::Upper,
        _ => Structure::Symmetric,
    };
    factor::solve::solve_structured(&a, &b, structure)
}

fn infer_svd(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (m, n) = args.dims("A")?;
    let k = m.known().zip(n.known()).map_or(Dim::Unknown, |(m, n)| Dim::Known(m.min(n)));
    Ok(vec![Facts::matrix(m, k), Facts::matrix(k, k), Facts::matrix(n, k)])
}

/// What a factorisation of so many rows and columns needs.
fn of_one(args: &Args<'_, Facts>, kernel: fn(usize, usize) -> Scratch) -> Option<Scratch> {
    let a = args.shape("A")?;
    // Of nothing nothing is made, and kernels need not be asked.
    Some(if a.cells() == 0 { Scratch::NONE } else { a.densified().and(kernel(a.rows, a.cols)) })
}

fn solve_scratch(args: &Args<'_, Facts>, _: &Facts) -> Option<Scratch> {
    let (a, b) = (args.shape("A")?, args.shape("b")?);
    let copies = a.densified().and(b.densified());
    Some(copies.and(factor::solve::solve_scratch(a.rows, a.cols, b.cols)))
}

fn structured_scratch(args: &Args<'_, Facts>, _: &Facts) -> Option<Scratch> {
    let (a, b) = (args.shape("A")?, args.shape("b")?);
    let kernel = match args.text("structure")? {
        // A singular diagonal is built as a matrix and solved as one, which comes on top.
        DIAGONAL => Scratch::NONE,
        _ => factor::solve::solve_scratch(a.rows, a.rows, b.cols),
    };
    Some(a.densified().and(b.densified()).and(kernel))
}

fn structured_flops(args: &Args<'_, Facts>, _: &Facts) -> Option<f64> {
    let (a, b) = (args.shape("A")?, args.shape("b")?);
    let (n, k) = (a.rows as f64, b.cols as f64);
    Some(match args.text("structure")? {
        DIAGONAL => n * k,
        LOWER | UPPER => n * n * k,
        _ => n.powi(3) / 3.0 + 2.0 * n * n * k,
    })
}

/// Operations of a factorisation, by rows and columns (Golub, Van Loan, "Matrix computations", 4th edition, 2013).
fn count(args: &Args<'_, Facts>, of: fn(f64, f64) -> f64) -> Option<f64> {
    let a = args.shape("A")?;
    Some(of(a.rows as f64, a.cols as f64))
}

/// Householder's QR, of the higher side where there are more columns than rows.
fn least_squares_flops(m: f64, n: f64) -> f64 {
    let (high, low) = (m.max(n), m.min(n));
    2.0 * high * low * low - 2.0 / 3.0 * low.powi(3)
}

fn solve_flops(args: &Args<'_, Facts>, _: &Facts) -> Option<f64> {
    let (a, b) = (args.shape("A")?, args.shape("b")?);
    let (m, n, k) = (a.rows as f64, a.cols as f64, b.cols as f64);
    let factors = if a.rows == a.cols { 2.0 / 3.0 * n.powi(3) } else { least_squares_flops(m, n) };
    Some(factors + 2.0 * m * n * k)
}
