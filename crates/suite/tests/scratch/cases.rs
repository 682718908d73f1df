//! Calls of every operator with operands of some megabytes.

use tilewright_engine::ops::Op;
use tilewright_engine::ops::catalogue::{Entry, entries};
use tilewright_engine::ops::function::{FunctionOp, Need, Params, Present};
use tilewright_engine::ops::index::{Form, Side};
use tilewright_engine::ops::product::Product;
use tilewright_frame::{Column, Frame};
use tilewright_matrix::{Csr, Dense};
use tilewright_value::{Block, List, Matrix, Scalar, Value};

pub type Case = (Op, Vec<Value>);

/// A dense and a sparse matrix have one in this many cells that is not zero.
const FULL: usize = 1;
const THIN: usize = 19;

/// Rows and columns of most operands: 6 MB.
const SIZE: (usize, usize) = (2_000, 400);

/// The rows of a column of half as many bytes.
const LONG: usize = 400_000;

fn cell(i: usize, j: usize) -> f64 {
    // Steps of a generator (xorshift, Marsaglia 2003), so that matrices have full rank.
    let mut x = ((i as u64) << 32 | j as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for _ in 0..3 {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    (x >> 11) as f64 / (1_u64 << 51) as f64 - 2.0
}

fn dense((rows, cols): (usize, usize), one_in: usize) -> Dense {
    let is_set = |i: usize, j: usize| (i * 7 + j * 13 + i * j % 11).is_multiple_of(one_in);
    Dense::from_fn(rows, cols, |i, j| if is_set(i, j) { cell(i, j) } else { 0.0 })
}

fn value(block: impl Into<Block>) -> Value {
    Value::Matrix(Matrix::new(block.into()))
}

fn full(shape: (usize, usize)) -> Value {
    value(dense(shape, FULL))
}

fn thin(shape: (usize, usize)) -> Value {
    value(Csr::from_dense(&dense(shape, THIN)))
}

fn both(shape: (usize, usize)) -> Vec<Value> {
    vec![full(shape), thin(shape)]
}

fn codes(rows: usize, groups: usize) -> Value {
    value(Dense::from_fn(rows, 1, |i, _| (1 + i * 7 % groups) as f64))
}

fn number(x: f64) -> Value {
    Value::Scalar(Scalar::Double(x))
}

fn integer(x: usize) -> Value {
    Value::Scalar(Scalar::Integer(x as i64))
}

fn boolean(x: bool) -> Value {
    Value::Scalar(Scalar::Boolean(x))
}

fn text(x: &str) -> Value {
    Value::Scalar(Scalar::string(x))
}

fn sizes<const N: usize>(sizes: [usize; N]) -> Value {
    Value::List(List::new(sizes.iter().map(|&size| integer(size).into()).collect()))
}

pub fn describe(inputs: &[Value]) -> String {
    let each = inputs.iter().map(|input| match input {
        Value::Scalar(scalar) => format!("{scalar}"),
        Value::Matrix(matrix) => {
            let format = if matches!(*matrix.pin(), Block::Sparse(_)) { "sparse" } else { "dense" };
            format!("{format} {}x{}", matrix.rows(), matrix.cols())
        }
        other => other.describe(),
    });
    each.collect::<Vec<_>>().join("; ")
}

/// All operators by name, with their cases.
pub fn all() -> Vec<(&'static str, Vec<Case>)> {
    let mut all: Vec<(&str, Vec<Case>)> = entries().map(|entry| (entry.name(), of_entry(entry))).collect();
    all.extend(Product::ALL.map(|form| (form.name(), products(form))));
    all.push(("[]", parts()));
    all.push(("[]=", assignments()));
    all
}

fn of_entry(entry: Entry) -> Vec<Case> {
    let alone = |op: Op, shapes: &[(usize, usize)]| {
        shapes.iter().flat_map(|shape| both(*shape)).map(|x| (op, vec![x])).collect()
    };
    match entry {
        Entry::Unary(op) => alone(Op::Unary(op), &[SIZE]),
        Entry::Aggregate(op, over) => alone(Op::Aggregate(op, over), &[SIZE, (LONG, 1), (900, 900)]),
        Entry::Cumulative(op) => alone(Op::Cumulative(op), &[SIZE, (LONG / 2, 2)]),
        Entry::Binary(op) => pairs().into_iter().map(|pair| (Op::Binary(op), pair)).collect(),
        Entry::Select => triples().into_iter().map(|triple| (Op::Select, triple)).collect(),
        Entry::Function(function) => functions(function),
    }
}

fn pairs() -> Vec<Vec<Value>> {
    let row = full((1, SIZE.1));
    let mut pairs = Vec::new();
    for x in both(SIZE) {
        for y in [full(SIZE), thin(SIZE), row.clone(), number(2.0), number(0.0)] {
            pairs.push(vec![x.clone(), y.clone()]);
            pairs.push(vec![y, x.clone()]);
        }
    }
    pairs
}

fn triples() -> Vec<Vec<Value>> {
    let (x, y) = (full(SIZE), thin(SIZE));
    vec![
        vec![x.clone(), y.clone(), x.clone()],
        vec![y.clone(), y.clone(), number(1.0)],
        vec![boolean(true), x, y],
    ]
}

/// Matrices with two sides to multiply: the shape of the left one, and the columns of the right one.
const FACTORS: [((usize, usize), usize); 6] = [
    ((700, 600), 500),
    ((100_000, 10), 5),
    ((50_000, 60), 1),
    ((1, 50_000), 20),
    ((40, 20_000), 300),
    ((20_000, 400), 9),
];

fn products(form: Product) -> Vec<Case> {
    let mut cases = Vec::new();
    for ((m, k), n) in FACTORS {
        let right = match form {
            Product::TransposedLeft => (m, n),
            Product::TransposedRight => (n, k),
            _ => (k, n),
        };
        let count = match form {
            Product::Gram | Product::GramRows => 1,
            Product::WeightedChain => 3,
            _ => 2,
        };
        // A result of more than some hundred megabytes is none of a test.
        if form == Product::GramRows && m > 3_000 || form == Product::Gram && k > 3_000 {
            continue;
        }
        let is_chain = matches!(form, Product::Chain | Product::WeightedChain);
        if form == Product::TransposedLeft && k > 30_000 || is_chain && n > 20 {
            continue;
        }
        for a in both((m, k)) {
            let others = if count == 1 { vec![full((1, 1))] } else { both(right) };
            for b in others {
                let inputs = [a.clone(), b, full((m, 1))];
                cases.push((Op::Product(form), inputs[..count].to_vec()));
            }
        }
    }
    cases
}

fn positions(count: usize, step: usize) -> Value {
    value(Dense::from_fn(count, 1, |i, _| (1 + i * step % count) as f64))
}

fn truths(count: usize) -> Value {
    let truths = Dense::from_fn(count, 1, |i, _| f64::from(u8::from(i % 3 != 0)));
    Value::Matrix(Matrix::new(Block::Dense(truths)).marked(true))
}

fn parts() -> Vec<Case> {
    let form = |rows, cols| Op::Index(Form { rows, cols });
    let mut cases = Vec::new();
    for x in both(SIZE) {
        let mut case = |rows, cols, indices: Vec<Value>| {
            cases.push((form(rows, cols), std::iter::once(x.clone()).chain(indices).collect()));
        };
        case(Side::Range, Side::Range, [3, 1_900, 5, 350].map(integer).to_vec());
        case(Side::One, Side::All, vec![positions(SIZE.0, 7)]);
        case(Side::All, Side::One, vec![positions(SIZE.1, 7)]);
        case(Side::One, Side::One, vec![truths(SIZE.0), positions(SIZE.1, 7)]);
        case(Side::All, Side::One, vec![integer(3)]);
    }
    cases
}

fn assignments() -> Vec<Case> {
    let form = |rows, cols| Op::Assign(Form { rows, cols });
    let mut cases = Vec::new();
    for x in both(SIZE) {
        let mut case = |rows, cols, value: Value, indices: Vec<Value>| {
            cases.push((form(rows, cols), [x.clone(), value].into_iter().chain(indices).collect()));
        };
        let part = [11, 1_010, 1, 300].map(integer).to_vec();
        case(Side::Range, Side::Range, full((1_000, 300)), part.clone());
        case(Side::Range, Side::Range, thin((1_000, 300)), part.clone());
        case(Side::Range, Side::Range, full((1, 300)), part.clone());
        case(Side::Range, Side::Range, number(2.5), part);
        case(Side::One, Side::All, full(SIZE), vec![positions(SIZE.0, 7)]);
    }
    cases
}

/// Calls with each argument of each parameter, the others being the first that there are.
fn functions(function: FunctionOp) -> Vec<Case> {
    if let Some(calls) = special(function.name) {
        let op = |inputs: &[Value]| Op::Function(function, Present::new(inputs.iter().map(|_| true)));
        return calls.into_iter().map(|inputs| (op(&inputs), inputs)).collect();
    }
    let Params::Named(params) = function.params else { return Vec::new() };
    let choices: Vec<Vec<Option<Value>>> = params
        .iter()
        .map(|param| {
            let given = arguments(function.name, param.name).into_iter().map(Some);
            match param.need {
                Need::Required => given.collect(),
                Need::Optional => [None].into_iter().chain(given).collect(),
                Need::Default(default) => {
                    [Some(Value::Scalar(default.scalar()))].into_iter().chain(given).collect()
                }
            }
        })
        .collect();
    if choices.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    let mut cases = Vec::new();
    for (at, choice) in choices.iter().enumerate() {
        for k in 0..choice.len() {
            let first_again = at > 0 && k == 0;
            let picked: Vec<Option<Value>> =
                choices.iter().enumerate().map(|(p, all)| all[if p == at { k } else { 0 }].clone()).collect();
            if !first_again {
                let present = Present::new(picked.iter().map(Option::is_some));
                cases.push((Op::Function(function, present), picked.into_iter().flatten().collect()));
            }
        }
    }
    cases
}

/// Functions whose operand is a column.
const COLUMNS: &[&str] =
    &["median", "quantile", "interQuartileMean", "interQuantile", "mean_weighted", "moment", "cov"];

fn arguments(function: &str, param: &str) -> Vec<Value> {
    let is_column = COLUMNS.contains(&function);
    match param {
        "target" if function.ends_with(".tri") => both((900, 900)),
        "X" if is_column => vec![full((LONG, 1))],
        "W" if is_column => vec![codes(LONG, 3)],
        "Y" => vec![full((LONG, 1))],
        "target" if matches!(function, "order" | "replace" | "diag" | "countDistinct") => {
            let mut all = both(SIZE);
            all.extend([full((LONG, 1)), thin((LONG, 2))]);
            all
        }
        "target" if function.starts_with('q') || function == "icdf" => {
            vec![value(Dense::from_fn(200, 20, |i, j| (cell(i, j) + 2.0) / 4.0))]
        }
        "target" | "X" | "A" | "B" | "re" | "im" | "data" => both(SIZE),
        "groups" => vec![codes(SIZE.0, 9)],
        "ngroups" => vec![integer(9)],
        "fn" => ["sum", "variance", "max"].map(text).to_vec(),
        "weights" => vec![codes(SIZE.0, 3)],
        "dir" => ["rc", "r", "c"].map(text).to_vec(),
        "by" => vec![integer(2), value(Dense::from_cells(1, 2, &[2.0, 1.0]))],
        "index.return" | "decreasing" | "diag" | "values" | "byrow" => vec![boolean(true), boolean(false)],
        "margin" => ["rows", "cols"].map(text).to_vec(),
        "select" => vec![value(Dense::from_fn(SIZE.0, 1, |i, _| f64::from(u8::from(i % 3 > 0))))],
        "shift" => vec![integer(17)],
        "pattern" | "replacement" => vec![number(2.5), number(0.0)],
        "op" => vec![text(if function == "ppred" { "<" } else { "*" })],
        "u" => vec![full((2_000, 1))],
        "v" => vec![full((1, 400))],
        "p" => vec![number(0.3), value(Dense::from_fn(20, 1, |i, _| i as f64 / 20.0))],
        "k" => vec![integer(2)],
        "rows" if function == "rand" => vec![integer(2_500)],
        "cols" if function == "rand" => vec![integer(1_200), integer(300)],
        "rows" if function == "matrix" => vec![integer(SIZE.0 / 2)],
        "cols" if function == "matrix" => vec![integer(SIZE.1 * 2)],
        "sparsity" => vec![number(0.05), number(0.8)],
        "pdf" => ["normal", "poisson", "cb_uniform"].map(text).to_vec(),
        "range" => vec![integer(2_000_000), integer(1 << 40)],
        "size" => vec![integer(500_000)],
        "replace" => vec![boolean(true)],
        "seed" => vec![integer(42)],
        "from" => vec![number(1.0)],
        "to" => vec![number(5e5)],
        "incr" => vec![number(0.5)],
        "dist" => vec![text("normal")],
        "df" | "df1" | "df2" => vec![number(3.0)],
        _ => Vec::new(),
    }
}

/// Two columns of short texts that are numbers.
fn table() -> Value {
    let column = |step: usize| {
        let texts: Vec<String> = (0..LONG).map(|i| (i * step % 53).to_string()).collect();
        Column::from_texts(texts.iter().map(|text| Some(text.as_str())))
    };
    Value::Frame(Frame::new(LONG, vec![column(7), column(11)]).expect("columns of one length"))
}

fn symmetric(n: usize) -> Dense {
    Dense::from_fn(n, n, |i, j| {
        let near = if i == j { 3.0 * n as f64 } else { 0.0 };
        near + cell(i.min(j), i.max(j))
    })
}

/// Operands of functions that are choosy.
fn special(name: &str) -> Option<Vec<Vec<Value>>> {
    let square = || value(dense((500, 500), FULL));
    let images = |cells| [vec![full((60, cells))], vec![thin((60, cells))]].concat();
    // N, C, H, W; K, R, S.
    let (input, filter) = (sizes([60, 8, 40, 40]), sizes([16, 8, 3, 3]));
    let (cells, map, volume) = (8 * 1_600, 38 * 38, 8 * 9);
    let pool = [input.clone(), sizes([3, 3])];
    let column = || value(Dense::from_fn(8, 1, |i, _| 1.0 + i as f64));
    let layer = || [(64, 20 * 50), (50 + 80, 320), (1, 320), (64, 80), (64, 80)].map(full).to_vec();
    Some(match name {
        "solve" => vec![
            vec![square(), full((500, 300))],
            vec![value(symmetric(500)), full((500, 1))],
            vec![full((900, 300)), full((900, 20))],
            vec![full((300, 900)), full((300, 20))],
        ],
        "structured solve" => vec![
            vec![value(symmetric(500)), full((500, 1)), Value::Scalar(Scalar::string("symmetric"))],
            vec![full((600, 1)), full((600, 200)), Value::Scalar(Scalar::string("diagonal"))],
        ],
        "inv" | "det" | "lu" => vec![vec![square()], vec![value(symmetric(600))]],
        "qr" | "svd" => vec![vec![full((900, 300))], vec![full((300, 700))]],
        "cholesky" | "eigen" => vec![vec![value(symmetric(600))]],
        "sqrtMatrixJava" => {
            let shifted = Dense::from_fn(400, 400, |i, j| cell(i, j) / 40.0 + if i == j { 5.0 } else { 0.0 });
            vec![vec![value(symmetric(400))], vec![value(shifted)]]
        }
        "conv2d" => images(cells)
            .into_iter()
            .map(|x| vec![x, full((16, volume)), input.clone(), filter.clone()])
            .collect(),
        "conv2d_backward_filter" => images(cells)
            .into_iter()
            .map(|x| vec![x, full((60, 16 * map)), input.clone(), filter.clone()])
            .collect(),
        "conv2d_backward_data" => images(16 * map)
            .into_iter()
            .map(|dout| vec![full((16, volume)), dout, input.clone(), filter.clone()])
            .collect(),
        "max_pool" | "avg_pool" => {
            images(cells).into_iter().map(|x| [vec![x], pool.to_vec()].concat()).collect()
        }
        "max_pool_backward" | "avg_pool_backward" => images(cells)
            .into_iter()
            .map(|x| [vec![x, full((60, 8 * map))], pool.to_vec()].concat())
            .collect(),
        "bias_add" | "bias_multiply" => images(cells).into_iter().map(|x| vec![x, column()]).collect(),
        "batch_norm2d" => {
            let channels = vec![column(), column(), column(), column()];
            let options = vec![text("train"), number(1e-3), number(0.9)];
            images(cells).into_iter().map(|x| [vec![x], channels.clone(), options.clone()].concat()).collect()
        }
        "batch_norm2d_backward" => images(cells)
            .into_iter()
            .map(|x| vec![x, full((60, cells)), column(), number(1e-3), column(), column()])
            .collect(),
        "lstm" => vec![[layer(), vec![boolean(true)]].concat()],
        "lstm_backward" => {
            vec![[layer(), vec![boolean(true), full((64, 20 * 80)), full((64, 80))]].concat()]
        }
        "cbind" | "rbind" => {
            vec![vec![full(SIZE), full(SIZE)], vec![full(SIZE), thin(SIZE)], vec![thin(SIZE), thin(SIZE)]]
        }
        "table" => {
            let weighted = |rows, cols| {
                let weights = codes(LONG, 3);
                vec![codes(LONG, rows), codes(LONG, cols), weights, integer(rows), integer(cols)]
            };
            let counted = vec![codes(LONG, 40), codes(LONG, 50), integer(40), integer(50)];
            vec![counted, weighted(600, 700), weighted(300_000, 90)]
        }
        "rexpand" => vec![vec![codes(LONG, 50), integer(50)], vec![codes(LONG, 3), integer(3)]],
        "stft" => vec![vec![full(SIZE), thin(SIZE), integer(64), integer(16)]],
        "einsum" => vec![vec![text("ij,jk->ik"), full((300, 200)), full((200, 400))]],
        "transformencode" => {
            let bins = |method| {
                format!(
                    "{{ids: true, bin: [{{id: 1, method: {method}, numbins: 9}}, {{id: 2, method: {method}, numbins: 7}}], dummycode: [1]}}"
                )
            };
            let specs = [bins("equi-width"), bins("equi-height"), "{ids: true, hash: [1, 2], K: 90}".into()];
            specs.iter().map(|spec| vec![table(), text(spec)]).collect()
        }
        "transformapply" => {
            let learned: Vec<String> = (0..50).map(|i| format!("{i}·{}", i + 1)).collect();
            let column =
                |learned: &[String]| Column::from_texts(learned.iter().map(|text| Some(text.as_str())));
            let meta = Frame::new(50, vec![column(&learned), column(&learned)]).expect("two columns");
            let spec = text("{ids: true, recode: [1, 2]}");
            vec![vec![table(), spec, Value::Frame(meta)]]
        }
        _ => return None,
    })
}
