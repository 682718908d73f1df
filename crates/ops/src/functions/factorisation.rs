//! Linear systems and factorisations.

use tilewright_base::{Code, Fault, Outcome};
use tilewright_matrix::{Dense, Scratch, factor, reference::factor as naive};
use tilewright_value::{Block, Value};

use crate::facts::{Dim, Facts};
use crate::function::{Args, FunctionRow, Params, required};
use crate::operand::Cells;

macro_rules! row {
    ($name:literal, $doc:literal, $params:expr, $results:expr, $infer:expr, $run:expr, $reference:expr, $scratch:expr) => {
        FunctionRow::pure($name, $doc, $params, $infer, $run, $reference)
            .with_results(&$results)
            .with_scratch($scratch)
    };
}

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
        solve_scratch
    ),
    row!(
        "inv",
        "The inverse of a square matrix.",
        ONE,
        ["inverse"],
        square,
        |args, _| matrices([factor::inverse::inverse(&*dense(args, "A")?)?]),
        |args, _| matrices([naive::inverse(&*dense(args, "A")?)?]),
        |args, _| of_one(args, |n, _| factor::inverse::inverse_scratch(n))
    ),
    row!(
        "cholesky",
        "The lower triangular L with L %*% t(L) = A, for a symmetric positive definite A.",
        ONE,
        ["L"],
        square,
        |args, _| matrices([factor::cholesky::cholesky(&*dense(args, "A")?)?]),
        |args, _| matrices([naive::cholesky(&*dense(args, "A")?)?]),
        |args, _| of_one(args, |n, _| factor::cholesky::cholesky_scratch(n))
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
        |args, _| of_one(args, |n, _| factor::det::det_scratch(n))
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
        |args, _| of_one(args, factor::lu::lu_scratch)
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
        |args, _| of_one(args, factor::qr::qr_scratch)
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
        |args, _| of_one(args, |n, _| factor::eigen::eigen_symmetric_scratch(n))
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
        |args, _| of_one(args, factor::svd::svd_scratch)
    ),
    row!(
        "sqrtMatrixJava",
        "The principal square root R of a square matrix: R %*% R = A, and no eigenvalue of R has a negative real part.",
        ONE,
        ["root"],
        square,
        |args, _| matrices([factor::sqrt::sqrt(&*dense(args, "A")?)?]),
        |args, _| matrices([naive::sqrt(&*dense(args, "A")?)?]),
        |args, _| of_one(args, |n, _| factor::sqrt::sqrt_scratch(n))
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

fn infer_svd(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (m, n) = args.dims("A")?;
    let k = m.known().zip(n.known()).map_or(Dim::Unknown, |(m, n)| Dim::Known(m.min(n)));
    Ok(vec![Facts::matrix(m, k), Facts::matrix(k, k), Facts::matrix(n, k)])
}

/// What a factorisation of so many rows and columns needs.
fn of_one(args: &Args<'_, Facts>, kernel: fn(usize, usize) -> Scratch) -> Option<Scratch> {
    let a = args.shape("A")?;
    Some(a.densified().and(kernel(a.rows, a.cols)))
}

fn solve_scratch(args: &Args<'_, Facts>, _: &Facts) -> Option<Scratch> {
    let (a, b) = (args.shape("A")?, args.shape("b")?);
    let copies = a.densified().and(b.densified());
    Some(copies.and(factor::solve::solve_scratch(a.rows, a.cols, b.cols)))
}
