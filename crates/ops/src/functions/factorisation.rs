//! Linear systems and factorisations.

use tilewright_base::{Code, Fault, Outcome};
use tilewright_matrix::{Dense, factor, reference::factor as naive};
use tilewright_value::{Block, Value};

use crate::facts::{Dim, Facts};
use crate::function::{Args, FunctionRow, Params, required};

macro_rules! row {
    ($name:literal, $doc:literal, $params:expr, $results:expr, $infer:expr, $run:expr, $reference:expr) => {
        FunctionRow::pure($name, $doc, $params, $infer, $run, $reference).with_results(&$results)
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
            let solved = factor::solve::solve(&dense(args, "A")?, &dense(args, "b")?)?;
            context.warnings.extend(solved.warning.map(|text| Fault::new(Code::Numeric, text)));
            matrices([solved.x])
        },
        |args, _| matrices([naive::solve(&dense(args, "A")?, &dense(args, "b")?)?])
    ),
    row!(
        "inv",
        "The inverse of a square matrix.",
        ONE,
        ["inverse"],
        square,
        |args, _| matrices([factor::inverse::inverse(&dense(args, "A")?)?]),
        |args, _| matrices([naive::inverse(&dense(args, "A")?)?])
    ),
    row!(
        "cholesky",
        "The lower triangular L with L %*% t(L) = A, for a symmetric positive definite A.",
        ONE,
        ["L"],
        square,
        |args, _| matrices([factor::cholesky::cholesky(&dense(args, "A")?)?]),
        |args, _| matrices([naive::cholesky(&dense(args, "A")?)?])
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
        |args, _| Ok(vec![factor::det::det(&dense(args, "A")?)?.into()]),
        |args, _| Ok(vec![naive::det(&dense(args, "A")?).into()])
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
            let lu = factor::lu::lu(&dense(args, "A")?)?;
            matrices([lu.p, lu.l, lu.u])
        },
        |args, _| {
            let lu = naive::lu(&dense(args, "A")?);
            matrices([lu.p, lu.l, lu.u])
        }
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
            let qr = factor::qr::qr(&dense(args, "A")?)?;
            matrices([qr.h, qr.r])
        },
        |args, _| {
            let qr = naive::qr(&dense(args, "A")?);
            matrices([qr.h, qr.r])
        }
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
            let eigen = factor::eigen::eigen_symmetric(&dense(args, "A")?)?;
            matrices([eigen.values, eigen.vectors])
        },
        |args, _| {
            factor::eigen::check(&dense(args, "A")?)?;
            let eigen = naive::eigen_symmetric(&dense(args, "A")?);
            matrices([eigen.values, eigen.vectors])
        }
    ),
    row!(
        "svd",
        "U, S, V with A = U %*% S %*% t(V): orthonormal columns and descending singular values on the diagonal.",
        ONE,
        ["U", "S", "V"],
        infer_svd,
        |args, _| {
            let svd = factor::svd::svd(&dense(args, "A")?)?;
            matrices([svd.u, svd.s, svd.v])
        },
        |args, _| {
            let svd = naive::svd(&dense(args, "A")?);
            matrices([svd.u, svd.s, svd.v])
        }
    ),
    row!(
        "sqrtMatrixJava",
        "The principal square root R of a square matrix: R %*% R = A, and no eigenvalue of R has a negative real part.",
        ONE,
        ["root"],
        square,
        |args, _| matrices([factor::sqrt::sqrt(&dense(args, "A")?)?]),
        |args, _| matrices([naive::sqrt(&dense(args, "A")?)?])
    ),
];

fn dense(args: &Args<'_, Value>, name: &str) -> Outcome<Dense> {
    Ok(args.block(name)?.dense().into_owned())
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
