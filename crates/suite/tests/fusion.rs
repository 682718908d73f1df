//! The pipelines that the search chooses are those of looking at every choice: for all sections of the suite, and for
//! library scripts on inputs of the sizes at which pipelines pay off.

use tilewright_engine::{Fusion, Level, Options, Session};
use tilewright_suite::{root, section};

/// More points than these take too long to look at every choice.
const POINTS: usize = 12;

/// Inputs of library scripts.
const INPUTS: &str = "
X = rand(rows=100000, cols=20, min=-1, max=1, seed=7)
S = rand(rows=20000, cols=2000, sparsity=0.01, seed=8)
y = rand(rows=100000, cols=1, min=-1, max=1, seed=9)
class = rowIndexMax(X[, 1:5])
W = rand(rows=20000, cols=10, min=0.1, max=1, seed=10)
H = rand(rows=10, cols=2000, min=0.1, max=1, seed=11)
";

/// Calls of library scripts, and others with many points.
const CALLS: &[&str] = &[
    "[C, Y] = kmeans(X=X, k=10, runs=2, max_iter=5, seed=1)\nprint(sum(C) + sum(Y))",
    "w = l2svm(X=X, Y=2 * (y > 0) - 1)\nprint(sum(w))",
    "B = multiLogReg(X=X, Y=class, maxi=2, verbose=FALSE)\nprint(sum(B))",
    "B = multiLogReg(X=S, Y=1 + (W[, 1] > 0.5), maxi=2, verbose=FALSE)\nprint(sum(B))",
    "b = lm(X=X, y=y, icpt=2, verbose=FALSE)\nprint(sum(b))",
    "b = lmCG(X=X, y=y, icpt=2, maxi=5, verbose=FALSE)\nprint(sum(b))",
    "b = lmDS(X=X, y=y, icpt=2, verbose=FALSE)\nprint(sum(b))",
    "[Z, center, spread] = scale(X)\nprint(sum(Z))",
    "print(sum(softmax(X)))",
    "print(sum(S * log(W %*% H + 1e-8)))",
    "for (i in 1:3) {
       H = H * (t(W) %*% (S / (W %*% H + 1e-17))) / t(colSums(W))
       W = W * ((S / (W %*% H + 1e-17)) %*% t(H)) / t(rowSums(H))
     }
     print(sum(W %*% H) - sum(S * log(W %*% H + 1e-17)))",
    "A = exp(X); A = A - mean(A)
     B = sin(A); B = B - mean(B)
     C = cos(B); C = C - mean(C)
     D = exp(C); D = D / max(D)
     print(toString(colSums(D)))",
];

#[test]
fn the_chosen_pipelines_are_the_cheapest() {
    std::env::set_current_dir(root()).expect("the root of the repository");
    let mut compared = Vec::new();
    for call in CALLS {
        compared.extend(compare(call, &format!("{INPUTS}{call}"), &[]));
    }
    let of_library = compared.len();
    for file in section::files("tests/suite".as_ref()).expect("test files") {
        let text = std::fs::read_to_string(&file).expect("a readable test file");
        for section in section::parse(&file, &text).expect("well formed") {
            for script in section.scripts() {
                compared.extend(compare(&section.title(), script, &section.arguments));
            }
        }
    }
    assert!(of_library > 20, "searches in the library: {of_library}");
    assert!(compared.len() > of_library, "no search in the suite");
    assert!(compared.iter().any(|points| *points > 6), "only searches of few points: {compared:?}");
}

/// Compares the plans of a script; the points of the searches that were compared.
fn compare(name: &str, script: &str, arguments: &[String]) -> Vec<usize> {
    let session = |fusion| {
        let arguments = arguments.iter().filter_map(|argument| argument.split_once('='));
        let value = |(name, value): (&str, &str)| (name.into(), tilewright_engine::argument_value(value));
        let arguments = arguments.map(value).collect();
        Session::new(Options { arguments, fusion, seed: Some(1), ..Options::default() })
    };
    let (mut own, mut other) = (session(Fusion::Cost), session(Fusion::Exhaustive));
    // What does not compile has no plan.
    let Ok(compiled) = own.compile(name, script) else { return Vec::new() };
    let efforts: Vec<_> = own.fusion(&compiled).into_iter().flat_map(|planning| planning.efforts).collect();
    let points: Vec<usize> = efforts.iter().map(|effort| effort.points).collect();
    if points.is_empty() || points.iter().any(|points| *points > POINTS) {
        return Vec::new();
    }
    let compiled = other.compile(name, script).unwrap_or_else(|_| panic!("{name} compiles"));
    let every: Vec<_> = other.fusion(&compiled).into_iter().flat_map(|planning| planning.efforts).collect();
    for (effort, every) in efforts.iter().zip(&every) {
        assert_eq!(every.evaluated, 1 << every.points, "{name}");
        assert_eq!(effort.cost.to_bits(), every.cost.to_bits(), "{name}: {effort:?}, {every:?}");
    }
    let plan = |fusion| session(fusion).explain(name, script, Level::Plan).unwrap_or_default();
    assert_eq!(plan(Fusion::Cost), plan(Fusion::Exhaustive), "{name}");
    points
}
