//! Pipelines against their definition: one naive operator after the other on whole dense matrices.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tilewright_matrix::Dense;
use tilewright_ops::Context;
use tilewright_pipeline::{Pipeline, Role, Source};
use tilewright_value::{Block, Scalar, Value};

/// A pipeline and the shapes of its inputs: rows and columns, `n` and `c` for those of the case.
struct Case {
    text: &'static str,
    shapes: &'static [[char; 2]],
}

const fn case(text: &'static str, shapes: &'static [[char; 2]]) -> Case {
    Case { text, shapes }
}

const N: char = 'n';
const C: char = 'c';
/// The smaller of three and of the columns of the case.
const M: char = 'm';
/// The columns of the case; most cells are zero, as in the first input.
const T: char = 't';

/// `k` is a small number of columns of its own, `2` is two of them.
const CASES: &[Case] = &[
    case(
        "pipeline panel panel
%0 = rowIndexMax #0 @0:0..0
%1 = max %0 1.0 @0:0..0
%2 = rexpand %1 3.0 @0:0..0
%3 = colSums %2 @0:0..0
%4 = t(A)%*%B %2 #1 @0:0..0
%5 = sum %2 @0:0..0
-> %3 %4 %5",
        &[[N, C], [N, M]],
    ),
    case(
        "pipeline panel whole whole
%0 = rowIndexMax #0 @0:0..0
%1 = max %0 1.0 @0:0..0
%2 = rexpand %1 2.0 @0:0..0
%3 = %*% %2 #1 @0:0..0
%4 = * %3 #0 @0:0..0
%5 = A%*%t(B) %2 #2 @0:0..0
%6 = colSums %5 @0:0..0
-> %3 %4 %6",
        &[[N, C], ['2', C], [C, '2']],
    ),
    case(
        "pipeline panel
%0 = rowIndexMax #0 @0:0..0
%1 = max %0 1.0 @0:0..0
%2 = rexpand %1 2.0 @0:0..0
%3 = rowSums %2 @0:0..0
-> %2 %3",
        &[[N, C]],
    ),
    case(
        "pipeline panel panel panel
%0 = * #0 #1 @0:0..0
%1 = * %0 #2 @0:0..0
%2 = sum %1 @0:0..0
-> %2",
        &[[N, C], [N, C], [N, C]],
    ),
    case(
        "pipeline panel panel scalar
%0 = * #0 #2 @0:0..0
%1 = + %0 #1 @0:0..0
%2 = - %1 @0:0..0
%3 = exp %2 @0:0..0
%4 = + 1.0 %3 @0:0..0
%5 = / 1.0 %4 @0:0..0
%6 = mean %5 @0:0..0
%7 = max %1 @0:0..0
-> %5 %6 %7",
        &[[N, C], [N, C], ['1', '1']],
    ),
    case(
        "pipeline panel row row panel
%0 = - #0 #1 @0:0..0
%1 = / %0 #2 @0:0..0
%2 = * %1 #3 @0:0..0
%3 = colSums %2 @0:0..0
%4 = rowSums %2 @0:0..0
%5 = rowIndexMax %1 @0:0..0
%6 = <= %2 %4 @0:0..0
%7 = colMaxs %6 @0:0..0
%8 = colVars %2 @0:0..0
-> %1 %3 %4 %5 %6 %7 %8",
        &[[N, C], ['1', C], ['1', C], [N, '1']],
    ),
    case(
        "pipeline panel whole panel
%0 = %*% #0 #1 @0:0..0
%1 = * #2 %0 @0:0..0
%2 = t(A)%*%B #0 %1 @0:0..0
%3 = t(A)%*%A %0 @0:0..0
-> %2 %3",
        &[[N, C], [C, 'k'], [N, '1']],
    ),
    case(
        "pipeline panel whole
%0 = A%*%t(B) #0 #1 @0:0..0
%1 = rowMins %0 @0:0..0
%2 = <= %0 %1 @0:0..0
%3 = rowSums %2 @0:0..0
%4 = / %2 %3 @0:0..0
%5 = sum %1 @0:0..0
%6 = colSums %4 @0:0..0
%7 = t(A)%*%B %4 #0 @0:0..0
-> %5 %6 %7",
        &[[N, C], ['k', C]],
    ),
    // Sampled products, at the stored cells of the first driver where that is sparse.
    case(
        "pipeline panel panel whole
%0 = A%*%t(B) #1 #2 @0:0..0
%1 = + %0 0.5 @0:0..0
%2 = abs %1 @0:0..0
%3 = log %2 @0:0..0
%4 = * #0 %3 @0:0..0
%5 = sum %4 @0:0..0
%6 = rowSums %4 @0:0..0
%7 = colSums %4 @0:0..0
%8 = min %4 @0:0..0
-> %4 %5 %6 %7 %8",
        &[[N, C], [N, 'k'], [C, 'k']],
    ),
    case(
        "pipeline panel panel whole whole row panel
%0 = %*% #1 #2 @0:0..0
%1 = != #0 0.0 @0:0..0
%2 = - %0 #0 @0:0..0
%3 = * %1 %2 @0:0..0
%4 = * %3 #4 @0:0..0
%5 = * %4 #5 @0:0..0
%6 = %*% %5 #3 @0:0..0
%7 = t(A)%*%B %5 #1 @0:0..0
%8 = t(A)%*%B #1 %5 @0:0..0
%9 = sd %5 @0:0..0
%10 = colMeans %5 @0:0..0
-> %6 %7 %8 %9 %10",
        &[[N, C], [N, 'k'], ['k', C], [C, 'k'], ['1', C], [N, '1']],
    ),
    // At the cells that the one or the other has stored, where both are sparse.
    case(
        "pipeline panel panel panel whole whole
%0 = A%*%t(B) #2 #3 @0:0..0
%1 = * #1 %0 @0:0..0
%2 = - %1 #0 @0:0..0
%3 = %*% %2 #4 @0:0..0
%4 = ^ %2 2.0 @0:0..0
%5 = sum %4 @0:0..0
%6 = colSums %2 @0:0..0
%7 = rowSums #1 @0:0..0
%8 = t(A)%*%B %2 #2 @0:0..0
-> %2 %3 %5 %6 %7 %8",
        &[[N, C], [N, T], [N, 'k'], [C, 'k'], [C, 'k']],
    ),
    case(
        "pipeline panel panel panel
%0 = != #0 #1 @0:0..0
%1 = * #2 #1 @0:0..0
%2 = sum %0 @0:0..0
%3 = colMaxs %1 @0:0..0
-> %0 %1 %2 %3",
        &[[N, C], [N, T], [N, T]],
    ),
    // Pairs; `o` stands for the name of an operator.
    case(
        "pipeline panel row scalar panel
%0 = outer #0 #1 #2 @0:0..0
%1 = rowSums %0 @0:0..0
%2 = * #3 %0 @0:0..0
%3 = colSums %2 @0:0..0
-> %0 %1 %2 %3",
        &[[N, '1'], ['1', C], ['o', '1'], [N, C]],
    ),
    case(
        "pipeline panel panel row scalar
%0 = outer #1 #2 #3 @0:0..0
%1 = * #0 %0 @0:0..0
%2 = sum %1 @0:0..0
-> %1 %2",
        &[[N, C], [N, '1'], ['1', C], ['o', '1']],
    ),
    case(
        "pipeline panel panel whole scalar
%0 = [] #1 1.0 @0:0..0
%1 = [] #0 1.0 #3 @0:0..0
%2 = cbind #1 %0 %1 @0:0..0
%3 = rowcumsum %2 @0:0..0
%4 = colSums %3 @0:0..0
%5 = %*% %1 #2 @0:0..0
%6 = * %5 %0 @0:0..0
%7 = t(A)%*%B %1 #1 @0:0..0
%8 = cbind %6 @0:0..0
-> %1 %2 %3 %4 %6 %7 %8",
        &[[N, C], [N, 'k'], [M, 'k'], [M, M]],
    ),
    // Rows from nothing; `n` stands for the number of rows.
    case(
        "pipeline panel scalar panel
%0 = seq 1.0 #1 @0:0..0
%1 = matrix 2.5 #1 3.0 1.0 @0:0..0
%2 = * #0 %0 @0:0..0
%3 = replace %2 0.5 -1.0 @0:0..0
%4 = cbind %0 %1 #2 @0:0..0
%5 = t(A)%*%B %4 %0 @0:0..0
%6 = colSums %3 @0:0..0
-> %3 %4 %5 %6",
        &[[N, C], [N, N], [N, 'k']],
    ),
    // A function that keeps zeros, at stored cells where the driver is sparse.
    case(
        "pipeline panel
%0 = replace #0 NaN 1.0 @0:0..0
%1 = * %0 #0 @0:0..0
%2 = sum %1 @0:0..0
%3 = rowSums %0 @0:0..0
-> %1 %2 %3",
        &[[N, C]],
    ),
    // Running results of running results, beside what rows add up to.
    case(
        "pipeline panel panel
%0 = * #0 0.9 @0:0..0
%1 = cumsum %0 @0:0..0
%2 = cummax %1 @0:0..0
%3 = - %2 #1 @0:0..0
%4 = sum %3 @0:0..0
%5 = cummin #1 @0:0..0
%6 = / %5 4.0 @0:0..0
%7 = cumprod %6 @0:0..0
%8 = cumsum %7 @0:0..0
-> %1 %4 %5 %7 %8",
        &[[N, C], [N, '1']],
    ),
    case(
        "pipeline panel panel scalar
%0 = > #0 #2 @0:0..0
%1 = ifelse %0 #1 0.0 @0:0..0
%2 = prod %1 @0:0..0
%3 = var %1 @0:0..0
-> %0 %1 %2 %3",
        &[[N, C], [N, C], ['1', '1']],
    ),
];

/// The values of cells: mostly what is usual, sometimes what is not.
fn cell() -> impl Strategy<Value = f64> {
    prop_oneof![
        12 => -2.0..2.0f64,
        4 => Just(0.0),
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY), Just(-0.0)],
    ]
}

#[derive(Debug, Clone)]
struct Inputs {
    sizes: (usize, usize, usize),
    cells: Vec<f64>,
    sparse: u8,
    /// Of so many cells one is not zero.
    thin: usize,
}

fn inputs(cell: impl Strategy<Value = f64>) -> impl Strategy<Value = Inputs> {
    let sizes = (
        prop_oneof![0..4usize, 5..40usize, Just(700)],
        prop_oneof![0..4usize, 5..20usize, Just(70)],
        prop_oneof![Just(1usize), 2..6usize, Just(18)],
    );
    (sizes, prop::collection::vec(cell, 97), any::<u8>(), prop_oneof![Just(1usize), Just(7), Just(50)])
        .prop_map(|(sizes, cells, sparse, thin)| Inputs { sizes, cells, sparse, thin })
}

fn values(case: &Case, inputs: &Inputs) -> Vec<Value> {
    let (n, c, k) = inputs.sizes;
    let size = |letter: char| match letter {
        'n' => n,
        'c' | 't' => c,
        'k' => k,
        '2' => 2,
        'm' => c.min(3),
        _ => 1,
    };
    let pipeline: Pipeline = case.text.parse().expect("a pipeline");
    let value = |(at, [rows, cols]): (usize, &[char; 2])| {
        let at_cell = |i: usize, j: usize| {
            let place = i * 31 + j * 17 + at * 7;
            if (at == 0 || *cols == T) && !place.is_multiple_of(inputs.thin) {
                0.0
            } else {
                inputs.cells[place % inputs.cells.len()]
            }
        };
        if *rows == 'o' {
            return Value::Scalar(Scalar::string(["<", "*", "-"][n % 3]));
        }
        if pipeline.inputs[at] == Role::Scalar && *rows != '1' {
            return Value::Scalar(Scalar::Integer(size(*rows) as i64));
        }
        if pipeline.inputs[at] == Role::Scalar {
            return Value::Scalar(Scalar::Double(at_cell(1, 1)));
        }
        let dense = Dense::from_fn(size(*rows), size(*cols), at_cell);
        let is_sparse = inputs.sparse >> at & 1 == 1;
        let block = Block::Dense(dense);
        if is_sparse { Block::Sparse(block.sparse().into_owned()).into() } else { block.into() }
    };
    case.shapes.iter().enumerate().map(value).collect()
}

fn bits(values: &[Value]) -> Vec<Vec<u64>> {
    let cells = |value: &Value| match value {
        Value::Matrix(matrix) => matrix.pin().dense().cells().iter().map(|x| x.to_bits()).collect(),
        scalar => vec![scalar.as_scalar().unwrap().as_double().unwrap().to_bits()],
    };
    values.iter().map(cells).collect()
}

/// The same within rounding; of what cancels, within rounding of what it was made of.
fn assert_agree(text: &str, run: &[Value], expected: &[Value]) {
    assert_eq!(run.len(), expected.len());
    for (at, (own, expected)) in run.iter().zip(expected).enumerate() {
        if let (Value::Matrix(own), Value::Matrix(expected)) = (own, expected) {
            assert_eq!((own.rows(), own.cols()), (expected.rows(), expected.cols()), "{text}");
            assert_eq!(own.is_logical(), expected.is_logical(), "{text}");
        }
        let [own, expected] = [own, expected].map(|value| bits(std::slice::from_ref(value)).remove(0));
        for (own, expected) in own.iter().zip(&expected) {
            let (own, expected) = (f64::from_bits(*own), f64::from_bits(*expected));
            let near = (own - expected).abs() <= 1e-10 * (1.0 + expected.abs());
            let same = own == expected || own.is_nan() && expected.is_nan();
            assert!(near || same, "result {at} of\n{text}\n{own} for {expected}");
        }
    }
}

fn check(case: &Case, inputs: &Inputs) {
    // `seq(1, 0)` counts down.
    if case.text.contains("seq 1.0 #1") && inputs.sizes.0 == 0 {
        return;
    }
    let pipeline: Pipeline = case.text.parse().expect("a pipeline");
    let values = values(case, inputs);
    let run = pipeline.run(&values, &mut Context::new(0)).unwrap();
    let expected = pipeline.reference(&values, &mut Context::new(0)).unwrap();
    assert_agree(case.text, &run, &expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pipelines_compute_what_their_steps_do(inputs in inputs(-2.0..2.0f64)) {
        CASES.iter().for_each(|case| check(case, &inputs));
    }

    #[test]
    fn infinities_and_nan_pass_through(inputs in inputs(cell())) {
        CASES.iter().for_each(|case| check(case, &inputs));
    }
}

#[test]
fn threads_do_not_show() {
    let cells: Vec<f64> = (0..97).map(|k| f64::from(k * 7919 % 101) / 9.0 - 5.0).collect();
    for (sparse, thin) in [(0, 1), (1, 30), (7, 30)] {
        let inputs = Inputs { sizes: (6_000, 70, 5), cells: cells.clone(), sparse, thin };
        for case in CASES {
            let (pipeline, values) = (case.text.parse::<Pipeline>().unwrap(), values(case, &inputs));
            let runs = [1, 2, 3, 7].map(|threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                bits(&pool.install(|| pipeline.run(&values, &mut Context::new(0))).unwrap())
            });
            runs.iter().for_each(|run| assert_eq!(*run, runs[0], "{}", case.text));
        }
    }
}

#[test]
fn running_results_go_on_from_chunk_to_chunk() {
    let text = "pipeline panel scalar
%0 = * #0 #1 @0:0..0
%1 = cumsum %0 @0:0..0
%2 = cummax %1 @0:0..0
%3 = cumsum %2 @0:0..0
%4 = cummin #0 @0:0..0
%5 = colSums %3 @0:0..0
-> %1 %2 %3 %4 %5";
    let pipeline: Pipeline = text.parse().unwrap();
    // Whole numbers, so that sums in another order are the same; far more cells than a chunk has.
    let x = Dense::from_fn(300_000, 4, |i, j| ((i * 37 + j * 11) % 101) as f64 - 50.0);
    let values = [Block::Dense(x).into(), Value::Scalar(Scalar::Double(2.0))];
    let run = pipeline.run(&values, &mut Context::new(0)).unwrap();
    let expected = pipeline.reference(&values, &mut Context::new(0)).unwrap();
    assert_eq!(bits(&run), bits(&expected));
}

#[test]
fn results_too_large_for_caches_are_whole() {
    // A result that a later step and a sum read, too; rows are no whole number of cache lines.
    let text = "pipeline panel scalar
%0 = * #0 #1 @0:0..0
%1 = + %0 1.0 @0:0..0
%2 = exp %1 @0:0..0
%3 = rowMaxs %1 @0:0..0
%4 = max %2 @0:0..0
-> %1 %3 %4";
    let pipeline: Pipeline = text.parse().unwrap();
    let x = Dense::from_fn(41_003, 103, |i, j| ((i * 37 + j * 11) % 101) as f64 / 101.0);
    let values = [Block::Dense(x).into(), Value::Scalar(Scalar::Double(2.0))];
    let run = pipeline.run(&values, &mut Context::new(0)).unwrap();
    let expected = pipeline.unfused(&values, &mut Context::new(0)).unwrap();
    assert_eq!(bits(&run), bits(&expected));
}

#[test]
fn columns_that_are_not_there_are_an_error() {
    let pipeline: Pipeline = "pipeline panel scalar\n%0 = [] #0 2.0 #1 @0:0..0\n-> %0".parse().unwrap();
    let run = |to: f64| {
        let x = Block::Dense(Dense::from_fn(2, 3, |i, j| (3 * i + j) as f64)).into();
        pipeline.run(&[x, Value::Scalar(Scalar::Double(to))], &mut Context::new(0))
    };
    let cells = bits(&run(3.0).unwrap()).remove(0);
    assert_eq!(cells, [1.0f64, 2.0, 4.0, 5.0].map(f64::to_bits));
    assert!(run(4.0).unwrap_err().message().contains("columns 2 to 4 of a 2x3 matrix"));
}

#[test]
fn the_printed_form_is_read_back() {
    for case in CASES {
        let mut pipeline: Pipeline = case.text.parse().unwrap();
        assert_eq!(pipeline.to_string().trim_end(), case.text);
        let all_digits = |arg: &mut Source| {
            if let Source::Number(number) = arg {
                *number = 0.1 + 0.2;
            }
        };
        pipeline.steps.iter_mut().flat_map(|step| &mut step.args).for_each(all_digits);
        assert_eq!(pipeline.to_string().parse::<Pipeline>().unwrap(), pipeline);
    }
}

#[test]
fn what_is_no_pipeline_is_refused_with_the_reason() {
    let message = |text: &str| text.parse::<Pipeline>().unwrap_err().message().to_string();
    assert!(message("pipeline panel\n%0 = nonsense #0 @0:0..0\n-> %0").contains("line 2"));
    assert!(message("pipeline panel\n%0 = abs %0 @0:0..0\n-> %0").contains("before it is made"));
    assert!(message("pipeline panel\n%0 = abs #1 @0:0..0\n-> %0").contains("input 1"));
    assert!(message("pipeline panel\n%0 = sum #0 @0:0..0\n%1 = abs %0 @0:0..0\n-> %1").contains("adds up"));
    assert!(message("pipeline scalar\n%0 = abs #0 @0:0..0\n-> %0").contains("cannot be step 0"));
    assert!(message("pipeline panel\n%0 = abs #0 @0:0..0\n->").contains("results"));
}
