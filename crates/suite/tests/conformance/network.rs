//! Operands of the primitives of neural networks: images, filters, states and the lists of their sizes.

use tilewright_engine::ops::Op;
use tilewright_engine::ops::function::{FunctionOp, Params, Present};
use tilewright_matrix::network::Window;
use tilewright_value::{List, Value};

use crate::{FILLS, Fill, boolean, formats, integer, matrix, number, text, value};

/// N, C, H, W; K, R, S; stride; padding.
type Sizes = ([usize; 4], [usize; 3], [usize; 2], [usize; 2]);

const WINDOWS: [Sizes; 7] = [
    ([2, 3, 5, 4], [2, 3, 2], [1, 1], [0, 0]),
    ([3, 1, 4, 4], [3, 2, 2], [2, 2], [1, 1]),
    ([1, 2, 3, 3], [1, 3, 3], [1, 1], [0, 0]),
    ([2, 2, 1, 7], [2, 1, 3], [1, 2], [0, 1]),
    ([2, 1, 3, 2], [2, 1, 1], [2, 1], [2, 0]),
    ([0, 2, 3, 3], [2, 2, 2], [1, 1], [0, 0]),
    ([1, 4, 20, 30], [6, 3, 3], [1, 1], [1, 1]),
];

/// N, D, T, M.
const SEQUENCES: [[usize; 4]; 4] = [[1, 1, 1, 1], [3, 2, 4, 2], [0, 2, 2, 1], [2, 3, 1, 3]];

/// Calls of a primitive with operands that fit; nothing for other functions.
pub fn calls(function: FunctionOp) -> Option<Vec<(Op, Vec<Value>)>> {
    let fills = || FILLS.into_iter().enumerate();
    let each = |inputs: &dyn Fn(Fill, usize) -> Vec<Vec<(&'static str, Value)>>| -> Vec<_> {
        fills().flat_map(|(seed, fill)| inputs(fill, seed)).map(|named| call(function, named)).collect()
    };
    Some(match function.name {
        "conv2d"
        | "conv2d_backward_filter"
        | "conv2d_backward_data"
        | "max_pool"
        | "max_pool_backward"
        | "avg_pool"
        | "avg_pool_backward" => each(&|fill, seed| windows(function, fill, seed)),
        "bias_add" | "bias_multiply" => each(&biases),
        "batch_norm2d" | "batch_norm2d_backward" => each(&batches),
        "lstm" | "lstm_backward" => each(&sequences),
        _ => return None,
    })
}

/// The call with those of the named arguments that are parameters.
fn call(function: FunctionOp, mut named: Vec<(&'static str, Value)>) -> (Op, Vec<Value>) {
    let Params::Named(params) = function.params else { panic!("parameters have names") };
    let found: Vec<Option<Value>> = params
        .iter()
        .map(|param| {
            let at = named.iter().position(|(name, _)| *name == param.name)?;
            Some(named.swap_remove(at).1)
        })
        .collect();
    let present = Present::new(found.iter().map(Option::is_some));
    (Op::Function(function, present), found.into_iter().flatten().collect())
}

fn list<const N: usize>(sizes: [usize; N]) -> Value {
    Value::List(List::new(sizes.iter().map(|&size| integer(size as i64).into()).collect()))
}

/// The operand in one of its formats, by turns.
fn turned(rows: usize, cols: usize, fill: Fill, seed: usize) -> Value {
    formats(&matrix((rows, cols), fill, seed as u64))[seed % 2].clone()
}

fn windows(function: FunctionOp, fill: Fill, seed: usize) -> Vec<Vec<(&'static str, Value)>> {
    let pooled = function.name.contains("pool");
    let each = WINDOWS.into_iter().enumerate();
    each.map(|(at, ([n, c, h, w], [k, r, s], stride, padding))| {
        let window = Window::new(c, [h, w], [r, s], stride, padding).expect("it fits");
        let seed = 3 * seed + at;
        let mut named = vec![
            ("input", turned(n, window.cells(), fill, seed)),
            ("filter", turned(k, window.volume(), fill, seed / 2)),
            ("dout", turned(n, if pooled { c } else { k } * window.map(), fill, seed + 1)),
            ("input_shape", list([n, c, h, w])),
            ("filter_shape", list([k, c, r, s])),
            ("pool_size", list([r, s])),
        ];
        if (stride, padding) != ([1, 1], [0, 0]) {
            named.extend([("stride", list(stride)), ("padding", list(padding))]);
        }
        named
    })
    .collect()
}

fn biases(fill: Fill, seed: usize) -> Vec<Vec<(&'static str, Value)>> {
    let shapes = [(3, 2, 4), (1, 3, 1), (0, 2, 3), (200, 4, 50)];
    shapes
        .map(|(n, k, plane)| {
            vec![("input", turned(n, k * plane, fill, seed + n)), ("bias", turned(k, 1, fill, seed))]
        })
        .to_vec()
}

fn batches(fill: Fill, seed: usize) -> Vec<Vec<(&'static str, Value)>> {
    // Gradients of what is not finite are not numbers in any order of the sums, but not in the same places.
    let finite = if matches!(fill, Fill::Special) { Fill::Random } else { fill };
    let shapes =
        [(3, 2, 4, "train"), (1, 3, 1, "test"), (0, 2, 3, "train"), (30, 2, 40, "train"), (4, 1, 9, "test")];
    shapes
        .map(|(n, c, plane, mode)| {
            let column = |seed| value(matrix((c, 1), Fill::Codes, seed));
            vec![
                ("image", turned(n, c * plane, finite, seed)),
                ("dout", turned(n, c * plane, finite, seed + 1)),
                ("scale", turned(c, 1, finite, seed + 2)),
                ("shift", turned(c, 1, fill, seed + 3)),
                ("runningMean", turned(c, 1, finite, seed + 4)),
                ("runningVar", column(5)),
                ("mode", text(mode)),
                ("epsilon", number(1e-3)),
                ("exponentialAverageFactor", number(0.75)),
                ("cacheMean", column(6)),
                ("cacheInvVar", column(7)),
            ]
        })
        .to_vec()
}

fn sequences(fill: Fill, seed: usize) -> Vec<Vec<(&'static str, Value)>> {
    let cases = SEQUENCES.into_iter().flat_map(|sizes| [(sizes, true), (sizes, false)]);
    cases
        .map(|([n, d, t, m], all)| {
            let mut named = vec![
                ("X", turned(n, t * d, fill, seed)),
                ("W", turned(d + m, 4 * m, fill, seed + 1)),
                ("b", turned(1, 4 * m, fill, seed + 2)),
                ("out0", turned(n, m, fill, seed + 3)),
                ("c0", turned(n, m, fill, seed + 4)),
                ("return_sequences", boolean(all)),
                ("dout", turned(n, if all { t * m } else { m }, fill, seed + 5)),
                ("dc", turned(n, m, fill, seed + 6)),
            ];
            if seed.is_multiple_of(2) {
                named.extend([
                    ("cache_out", turned(t, n * m, Fill::Random, seed + 7)),
                    ("cache_c", turned(t, n * m, Fill::Random, seed + 8)),
                    ("cache_ifog", turned(t, n * 4 * m, Fill::Random, seed + 9)),
                ]);
            }
            named
        })
        .collect()
}
