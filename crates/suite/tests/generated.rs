//! Generated programs print the same optimised, without rewrites, with sparse matrices, and as oracle.
//!
//! The generator writes straight-line code, branches, loops, left indexing and functions over a few variables, so
//! that lifetimes, shared expressions and rules meet in ways nobody wrote down.

use tilewright_engine::{Mode, Options, Session};

/// splitmix64 (Steele et al. 2014).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const MATRICES: [&str; 4] = ["A", "B", "C", "D"];
const SCALARS: [&str; 3] = ["x", "y", "z"];

struct Generator {
    numbers: Numbers,
    out: String,
    loops: usize,
}

impl Generator {
    /// A 3x3 matrix; values stay small, so that rounding does not grow.
    fn matrix(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.numbers.pick(&MATRICES).into();
        }
        let other = self.numbers.below(depth);
        let (a, b) = (self.matrix(depth - 1), self.matrix(other));
        match self.numbers.below(17) {
            0 => format!("({a} + {b})"),
            1 => format!("({a} - {b})"),
            2 => format!("({a} * {b})"),
            3 => format!("(({a} %*% {b}) / 10)"),
            4 => format!("t({a})"),
            5 => format!("(t({a} %*% {b}) / 8)"),
            6 => format!("((t({a}) %*% {b}) / 8)"),
            7 => format!("((t({a}) %*% ({a} %*% {b})) / 50)"),
            8 => format!("({a} / (1 + abs(rowSums({b}))))"),
            9 => format!("({a} * colMeans({b}))"),
            10 => format!("({a} + {})", self.scalar(depth - 1)),
            11 => format!("rev({a})"),
            12 => format!("ifelse({a} > {b}, {a}, {b})"),
            13 => format!("(-({a} - {b}))"),
            14 => format!("min({a}, {b})"),
            15 => format!("cbind({a}[, 1:2], {b}[, 3])"),
            _ => format!("(diag({a}[, 1]) %*% {b})"),
        }
    }

    fn scalar(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.numbers.pick(&[SCALARS[0], SCALARS[1], SCALARS[2], "2", "0.5", "3"]).into();
        }
        let a = self.matrix(depth - 1);
        match self.numbers.below(9) {
            0 => format!("(sum({a}) / 9)"),
            1 => format!("mean({a})"),
            2 => format!("max({a})"),
            3 => format!("as.scalar({a}[2, 3])"),
            4 => format!("(sum(t({a})) / 9)"),
            5 => format!("({} + {})", self.scalar(depth - 1), self.scalar(0)),
            6 => format!("({} * 0.5)", self.scalar(depth - 1)),
            7 => format!("(trace({a} %*% {}) / 20)", self.matrix(0)),
            _ => format!("(as.scalar(({a} %*% {})[1, 2]) / 10)", self.matrix(0)),
        }
    }

    fn line(&mut self, indent: usize, text: &str) {
        self.out += &format!("{:width$}{text}\n", "", width = 2 * indent);
    }

    /// Brings a matrix back to a bounded range, so that loops do not let it grow.
    fn bounded(&mut self, expr: &str) -> String {
        format!("max(min({expr}, 5), -5)")
    }

    fn statement(&mut self, indent: usize, depth: usize) {
        match self.numbers.below(12) {
            0..=4 => {
                let (target, value) = (self.numbers.pick(&MATRICES), self.matrix(2));
                let value = self.bounded(&value);
                self.line(indent, &format!("{target} = {value}"));
            }
            5 | 6 => {
                let (target, value) = (self.numbers.pick(&SCALARS), self.scalar(2));
                let value = self.bounded(&value);
                self.line(indent, &format!("{target} = {value}"));
            }
            7 => {
                let (target, value) = (self.numbers.pick(&MATRICES), self.scalar(1));
                let (i, j) = (1 + self.numbers.below(3), 1 + self.numbers.below(3));
                let value = self.bounded(&value);
                self.line(indent, &format!("{target}[{i}, {j}] = {value}"));
            }
            8 => {
                let (target, source) = (self.numbers.pick(&MATRICES), self.matrix(1));
                let value = self.bounded(&format!("({source})[1, ]"));
                self.line(indent, &format!("{target}[2, ] = {value}"));
            }
            9 if depth > 0 => {
                let condition = self.scalar(1);
                self.line(indent, &format!("if ({condition} > 0.3) {{"));
                self.block(indent + 1, depth - 1);
                self.line(indent, "} else {");
                self.block(indent + 1, depth - 1);
                self.line(indent, "}");
            }
            10 if depth > 0 => {
                self.loops += 1;
                let counter = format!("i{}", self.loops);
                self.line(indent, &format!("for ({counter} in 1:3) {{"));
                self.block(indent + 1, depth - 1);
                self.line(indent, "}");
            }
            _ => {
                let (target, second) = (self.numbers.pick(&MATRICES), self.numbers.pick(&SCALARS));
                let (a, s) = (self.matrix(1), self.scalar(0));
                self.line(indent, &format!("[{target}, {second}] = mix({a}, {s})"));
            }
        }
    }

    fn block(&mut self, indent: usize, depth: usize) {
        for _ in 0..1 + self.numbers.below(4) {
            self.statement(indent, depth);
        }
    }
}

fn program(seed: u64) -> String {
    let mut generator = Generator { numbers: Numbers(seed), out: String::new(), loops: 0 };
    generator.line(0, "mix = function(Matrix[Double] M, Double s) return (Matrix[Double] N, Double u) {");
    generator.line(1, "N = max(min(M + s * t(M), 5), -5)");
    generator.line(1, "M[1, 1] = s");
    generator.line(1, "u = sum(M) / 9");
    generator.line(0, "}");
    for (at, name) in MATRICES.iter().enumerate() {
        let sparsity = if at == 3 { ", sparsity = 0.3" } else { "" };
        generator.line(
            0,
            &format!("{name} = rand(rows = 3, cols = 3, min = -1, max = 1, seed = {}{sparsity})", at + 1),
        );
    }
    SCALARS.iter().enumerate().for_each(|(at, name)| generator.line(0, &format!("{name} = 0.{}", at + 3)));
    generator.block(0, 2);
    generator.block(0, 2);
    generator.block(0, 1);
    for name in MATRICES {
        generator.line(0, &format!("print(toString({name}, decimal = 9))"));
    }
    SCALARS.iter().for_each(|name| generator.line(0, &format!("print({name})")));
    generator.out
}

fn printed(text: &str, mode: Mode, rewrite: bool) -> Vec<f64> {
    let mut options = Options { mode, ..Options::default() };
    if !rewrite {
        options.no_rewrite.insert("all".into());
    }
    let mut session = Session::new(options);
    let fail = |session: &Session, diagnostic| panic!("{}\n{text}", session.render(&diagnostic, false));
    let compiled = match session.compile("generated.dml", text) {
        Ok(compiled) => compiled,
        Err(mut diagnostics) => fail(&session, diagnostics.remove(0)),
    };
    let (done, out, _) = session.run(&compiled, Vec::new());
    if let Err(diagnostic) = done {
        fail(&session, diagnostic);
    }
    let out = String::from_utf8(out).expect("text");
    out.split_whitespace().map(|word| word.parse().expect("a number")).collect()
}

#[test]
fn every_mode_computes_what_the_oracle_does() {
    for seed in 0..400 {
        let text = program(seed);
        let expected = printed(&text, Mode::Oracle, true);
        for (mode, rewrite) in [(Mode::Fast, true), (Mode::Fast, false), (Mode::ForcedSparse, true)] {
            let found = printed(&text, mode, rewrite);
            assert_eq!(found.len(), expected.len(), "{mode:?} on\n{text}");
            for (a, b) in found.iter().zip(&expected) {
                assert!((a - b).abs() <= 1e-7, "{mode:?} prints {a}, the oracle {b}, on\n{text}");
            }
        }
    }
}
