//! Matrices and frames of a Rust program in a script and back, without copies.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, Float64Array, LargeStringArray, RecordBatch};
use tilewright_engine::value::{Block, Scalar, Value};
use tilewright_engine::{Inputs, Options, Ran, Session};

/// Large enough that a copy would lie in a piece of large pages.
const ROWS: usize = 50_000;

fn run(text: &str, inputs: &Inputs, outputs: &[&str]) -> Ran<Vec<u8>> {
    Session::new(Options::default()).run_on("test.dml", text, inputs, outputs, Vec::new())
}

fn cells() -> Vec<f64> {
    (0..ROWS * 4).map(|i| (i % 17) as f64 - 3.0).collect()
}

fn with_matrix(cells: impl Into<tilewright_engine::Cells>) -> Inputs {
    let mut inputs = Inputs::default();
    inputs.matrix("X", ROWS, 4, cells).expect("as many cells");
    inputs
}

fn frame() -> RecordBatch {
    let city = LargeStringArray::from(vec![Some("graz"), None, Some("wien")]);
    let age = Float64Array::from(vec![34.0, 28.5, 51.0]);
    let columns: [(&str, ArrayRef); 2] = [("city", Arc::new(city)), ("age", Arc::new(age))];
    RecordBatch::try_from_iter(columns).expect("columns of one length")
}

#[test]
fn cells_are_read_where_they_are() {
    let owned = cells();
    let start = owned.as_ptr();
    let inputs = with_matrix(owned);
    let ran = run("Y = X; s = sum(X)", &inputs, &["Y", "s"]);
    let mut results = ran.results.expect("runs");
    let Value::Matrix(handle) = results.value("Y").expect("asked for") else { panic!("a matrix") };
    let Block::Dense(seen) = &*handle.pin() else { panic!("dense") };
    assert_eq!(seen.cells().as_ptr(), start);
    let sum: f64 = cells().iter().sum();
    assert_eq!(results.scalar("s").expect("a scalar").as_double().expect("a number"), sum);
    let taken = results.dense("Y").expect("a matrix");
    assert_eq!((taken.cells().as_ptr(), taken.rows(), taken.cols()), (start, ROWS, 4));
    assert!(results.dense("Y").is_err(), "taken");
    // The cells outlive the inputs they came with.
    drop(inputs);
    assert_eq!(taken.cells(), cells());
}

#[test]
fn shared_cells_are_given_back_and_never_written() {
    let shared: Arc<[f64]> = cells().into();
    let inputs = with_matrix(Arc::clone(&shared));
    let text = "X[1, 1] = 100; X[, 2] = X[, 3]; for (i in 1:3) X[i, 4] = -1; s = sum(X[1:3, ])";
    let ran = run(text, &inputs, &["X"]);
    let written = ran.results.expect("runs").dense("X").expect("a matrix");
    assert_ne!(written.cells().as_ptr(), shared.as_ptr());
    assert_eq!((written.get(0, 0), written.get(2, 3)), (100.0, -1.0));
    assert_eq!(*shared, *cells());
    drop(inputs);
    assert_eq!(Arc::strong_count(&shared), 1);
    let vector = Arc::new(cells());
    let start = vector.as_ptr();
    let mut results = run("Y = X", &with_matrix(Arc::clone(&vector)), &["Y"]).results.expect("runs");
    assert_eq!(results.dense("Y").expect("a matrix").cells().as_ptr(), start);
    static FIXED: [f64; 3] = [1.0, 2.0, 4.0];
    let mut inputs = Inputs::default();
    inputs.matrix("v", 3, 1, &FIXED[..]).expect("three cells");
    let results = run("s = sum(v)", &inputs, &["s"]).results.expect("runs");
    assert_eq!(results.scalar("s").expect("a scalar").as_double().expect("a number"), 7.0);
}

#[test]
fn what_a_script_computes_is_moved_out() {
    let mut results = run("Z = X * 2", &with_matrix(cells()), &["Z"]).results.expect("runs");
    let Value::Matrix(handle) = results.value("Z").expect("asked for") else { panic!("a matrix") };
    let Block::Dense(seen) = &*handle.pin() else { panic!("dense") };
    let start = seen.cells().as_ptr();
    assert_eq!(results.dense("Z").expect("a matrix").cells().as_ptr(), start);
    // A sparse one is written out.
    let mut results = run("S = diag(matrix(1, 50, 1))", &Inputs::default(), &["S"]).results.expect("runs");
    assert_eq!(results.dense("S").expect("a matrix").cells().iter().sum::<f64>(), 50.0);
}

#[test]
fn columns_of_batches_are_shared() {
    let batch = frame();
    let mut inputs = Inputs::default();
    inputs.frame("F", &batch).expect("types of frames");
    let text = "G = F; M = as.matrix(F[, \"age\"]); oldest = max(M); names = colnames(F)";
    let results = run(text, &inputs, &["G", "oldest", "names"]).results.expect("runs");
    let back = results.frame("G").expect("a frame");
    let ages = |batch: &RecordBatch| batch.column(1).as_primitive::<Float64Type>().values().as_ptr();
    let cities = |batch: &RecordBatch| batch.column(0).as_string::<i64>().values().as_ptr();
    assert_eq!((ages(&back), cities(&back)), (ages(&batch), cities(&batch)));
    assert_eq!(back.columns(), batch.columns());
    assert_eq!(results.scalar("oldest").expect("a scalar").as_double().expect("a number"), 51.0);
    assert!(results.scalar("G").is_err() && results.frame("oldest").is_err());
}

#[test]
fn scalars_are_variables_too() {
    let mut inputs = with_matrix(cells());
    inputs.scalar("factor", Scalar::Double(0.5)).expect("a name");
    inputs.scalar("word", Scalar::string("sum")).expect("a name");
    let ran = run("print(word + \" \" + nrow(X) * factor)", &inputs, &[]);
    assert!(ran.results.is_ok());
    assert_eq!(String::from_utf8(ran.stream).expect("text"), "sum 25000.0\n");
}

#[test]
fn what_is_wrong_is_told_before_or_after() {
    let mut inputs = Inputs::default();
    let told =
        |outcome: Result<(), tilewright_base::Fault>| outcome.expect_err("wrong").message().to_string();
    assert_eq!(told(inputs.matrix("X", 2, 2, vec![1.0; 3])), "`X`: 3 cells for a 2x2 matrix");
    assert!(inputs.matrix("X", usize::MAX, 2, vec![1.0; 3]).is_err());
    assert_eq!(told(inputs.matrix("%skip", 1, 1, vec![1.0])), "`%skip` is no name of a variable");
    inputs.matrix("X", 2, 2, vec![1.0; 4]).expect("four cells");
    let errors = |text: &str, outputs: &[&str]| {
        let errors = run(text, &inputs, outputs).results.expect_err("wrong");
        errors[0].message.clone()
    };
    assert!(errors("Y = X %*% matrix(1, 3, 1)", &["Y"]).contains("2x2"), "known before running");
    assert_eq!(errors("beta = X", &["bta"]), "`bta` is no variable of the script");
    assert!(!errors("Y = X +", &["Y"]).is_empty());
    assert_eq!(errors("if (sum(X) > 9) Y = X", &["Y"]), "`Y` has no value at the end of the script");
    assert_eq!(errors("stop(\"no\")", &[]), "no");
}
