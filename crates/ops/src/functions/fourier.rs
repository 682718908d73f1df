//! Discrete Fourier transforms, of any length.

use tilewright_base::{Outcome, bail};
use tilewright_matrix::fourier::{self, Direction, Frames, Parts};
use tilewright_matrix::{Dense, Scratch, reference};
use tilewright_value::{Block, Value};

use crate::facts::{Dim, Facts};
use crate::function::{Args, FunctionRow, Params, Purity, Run, ScratchOf, optional, required};
use crate::locality::Locality;
use crate::operand::Cells;
use crate::scratch::densified;

const PARTS: Params = Params::Named(&[required("re"), optional("im")]);

const fn row(
    name: &'static str,
    doc: &'static str,
    locality: Locality,
    run: Run,
    reference: Run,
    scratch: ScratchOf,
) -> FunctionRow {
    FunctionRow {
        name,
        doc,
        params: PARTS,
        results: &["re", "im"],
        locality,
        purity: Purity::Pure,
        infer: infer_parts,
        run,
        scratch,
        flops: None,
        reference,
    }
}

/// Discrete Fourier transforms.
pub static TABLE: &[FunctionRow] = &[
    row(
        "fft",
        "re, im: the discrete Fourier transform of a matrix in both dimensions (of a row or column in one).",
        Locality::Collect,
        |args, _| transform(args, fourier::plane, Direction::Forward),
        |args, _| transform(args, reference::fourier::plane, Direction::Forward),
        |args, _| transform_scratch(args, fourier::plane_scratch),
    ),
    row(
        "ifft",
        "re, im: the inverse of `fft`.",
        Locality::Collect,
        |args, _| transform(args, fourier::plane, Direction::Inverse),
        |args, _| transform(args, reference::fourier::plane, Direction::Inverse),
        |args, _| transform_scratch(args, fourier::plane_scratch),
    ),
    row(
        "fft_linearized",
        "re, im: the discrete Fourier transform of each row.",
        Locality::RowLocal,
        |args, _| transform(args, fourier::rows, Direction::Forward),
        |args, _| transform(args, reference::fourier::rows, Direction::Forward),
        |args, _| transform_scratch(args, fourier::rows_scratch),
    ),
    row(
        "ifft_linearized",
        "re, im: the inverse of `fft_linearized`.",
        Locality::RowLocal,
        |args, _| transform(args, fourier::rows, Direction::Inverse),
        |args, _| transform(args, reference::fourier::rows, Direction::Inverse),
        |args, _| transform_scratch(args, fourier::rows_scratch),
    ),
    FunctionRow {
        name: "stft",
        doc: "re, im: the discrete Fourier transforms of frames of `windowSize` cells of each row, side by side; a frame shares `overlap` cells with the one before, the last is filled up with zeros.",
        params: Params::Named(&[required("re"), optional("im"), optional("windowSize"), optional("overlap")]),
        results: &["re", "im"],
        locality: Locality::RowLocal,
        purity: Purity::Pure,
        infer: infer_stft,
        run: |args, _| short_time(args, fourier::short_time),
        scratch: |args, _| short_time_scratch(args),
        flops: None,
        reference: |args, _| short_time(args, reference::fourier::short_time),
    },
];

/// The dimensions of `re`, which those of the imaginary parts must be.
fn dims(args: &Args<'_, Facts>, im: Option<&Facts>) -> Outcome<(Dim, Dim)> {
    let (rows, cols) = args.dims("re")?;
    let Some(im) = im else { return Ok((rows, cols)) };
    let (r, c) = im.expect_matrix(&format!("`im` of `{}`", args.function()))?;
    if rows.conflicts(r) || cols.conflicts(c) {
        bail!(Shape, "`{}` of {rows}x{cols} real and {r}x{c} imaginary parts", args.function());
    }
    Ok((rows.or(r), cols.or(c)))
}

fn infer_parts(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (rows, cols) = dims(args, args.get("im"))?;
    Ok(vec![Facts::matrix(rows, cols); 2])
}

fn both(parts: Parts) -> Vec<Value> {
    vec![Block::Dense(parts.re).into(), Block::Dense(parts.im).into()]
}

fn cells(value: &Value) -> Outcome<Cells<'_>> {
    Ok(crate::operand::as_block(value)?.cells())
}

type Transform = fn(&Dense, Option<&Dense>, Direction) -> Parts;

fn transform(args: &Args<'_, Value>, transform: Transform, direction: Direction) -> Outcome<Vec<Value>> {
    let im = args.get("im").map(cells).transpose()?;
    Ok(both(transform(&*cells(args.at("re")?)?, im.as_deref(), direction)))
}

/// The imaginary parts, if any, the window and the overlap: `stft(re, im, windowSize, overlap)`, or without `im` each in
/// the place before.
fn stft_arguments<'a, T>(args: &Args<'a, T>) -> Outcome<(Option<&'a T>, &'a T, &'a T)> {
    match (args.get("im"), args.get("windowSize"), args.get("overlap")) {
        (im, Some(window), Some(overlap)) => Ok((im, window, overlap)),
        (Some(window), Some(overlap), None) => Ok((None, window, overlap)),
        _ => {
            bail!(Argument, "`stft` needs the size of the window and the overlap"; hint: "stft(X, 512, 256)")
        }
    }
}

fn frames(window: i64, overlap: i64) -> Outcome<Frames> {
    if window < 1 || !(0..window).contains(&overlap) {
        bail!(Value, "`stft` with a window of {window} and an overlap of {overlap}"; hint: "the window has at least one cell, the overlap fewer than the window");
    }
    Ok(Frames { window: window as usize, overlap: overlap as usize })
}

fn infer_stft(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (im, window, overlap) = stft_arguments(args)?;
    let (rows, cols) = dims(args, im)?;
    window.expect_scalar("`windowSize` of `stft`")?;
    overlap.expect_scalar("`overlap` of `stft`")?;
    let known = |facts: &Facts| facts.constant.as_ref().map(|scalar| scalar.as_integer()).transpose();
    let wide = match (known(window)?, known(overlap)?) {
        (Some(window), Some(overlap)) => {
            let frames = frames(window, overlap)?;
            cols.known()
                .map_or(Dim::Unknown, |n| Dim::Known((frames.count(n as usize) * frames.window) as u64))
        }
        _ => Dim::Unknown,
    };
    Ok(vec![Facts::matrix(rows, wide); 2])
}

fn short_time(
    args: &Args<'_, Value>,
    transform: fn(&Dense, Option<&Dense>, Frames) -> Parts,
) -> Outcome<Vec<Value>> {
    let (im, window, overlap) = stft_arguments(args)?;
    let frames = frames(window.as_scalar()?.as_integer()?, overlap.as_scalar()?.as_integer()?)?;
    let im = im.map(cells).transpose()?;
    Ok(both(transform(&*cells(args.at("re")?)?, im.as_deref(), frames)))
}

fn transform_scratch(args: &Args<'_, Facts>, kernel: fn(usize, usize) -> Scratch) -> Option<Scratch> {
    let x = args.shape("re")?;
    Some(densified(args.get("re").into_iter().chain(args.get("im")))?.and(kernel(x.rows, x.cols)))
}

fn short_time_scratch(args: &Args<'_, Facts>) -> Option<Scratch> {
    let (im, window, overlap) = stft_arguments(args).ok()?;
    let known = |facts: &Facts| facts.constant.as_ref()?.as_integer().ok();
    let frames = frames(known(window)?, known(overlap)?).ok()?;
    let x = args.shape("re")?;
    let copies = densified(args.get("re").into_iter().chain(im))?;
    Some(copies.and(fourier::short_time_scratch(x.rows, x.cols, frames)))
}
