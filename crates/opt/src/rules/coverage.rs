//! What optimisers of linear algebra are known to simplify, and where this one does it.
//!
//! The numbered lists are those of the static and dynamic simplifications of Apache SystemDS, in its order; what they do
//! is stated as algebra. A test compares the names with the rules.

/// How an entry is accounted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// By these rules.
    Rules(&'static [&'static str]),
    /// By these rules, but for what the note says.
    RulesBut(&'static [&'static str], &'static str),
    /// By these rules where they reach, and by the fusion of operators into pipelines.
    RulesAndPipelines(&'static [&'static str]),
    /// By a pass of the compiler or a kernel.
    Compiler(&'static str),
    /// By the fusion of operators into pipelines only, which is not built yet.
    Pipelines,
    /// By a pass that is not built yet.
    Later,
    /// Not done, for this reason.
    Rejected(&'static str),
}

/// An entry: its number or name, what is equal, and how it is accounted for.
pub struct Entry {
    /// Number or name.
    pub name: &'static str,
    /// What it says.
    pub algebra: &'static str,
    /// How it is accounted for.
    pub how: How,
}

const fn entry(name: &'static str, algebra: &'static str, how: How) -> Entry {
    Entry { name, algebra, how }
}

/// Simplifications that ask for no sizes.
pub const STATIC: &[Entry] = &[
    entry("1", "`1(n,m) / X = 1 / X`", How::Rules(&["constant-operand"])),
    entry(
        "2",
        "`x·1 = x/1 = x - 0 = x`, `x·(-1) = -x`",
        How::Rules(&["times-one", "divide-by-one", "minus-zero", "plus-zero", "times-minus-one"]),
    ),
    entry(
        "3",
        "a scaled uniform draw is a draw from scaled bounds",
        How::Rejected("other numbers would be drawn: a seeded script keeps its numbers"),
    ),
    entry(
        "4",
        "a negated uniform draw is a draw from negated bounds",
        How::Rejected("other numbers would be drawn: a seeded script keeps its numbers"),
    ),
    entry("5", "`[X [Y Z]] = [X Y Z]`", How::Rules(&["binding-of-bindings"])),
    entry(
        "6",
        "`x·x = x²`, `x + x = 2x`, `[x > 0] - [x < 0] = sign x`",
        How::Rules(&["times-itself", "plus-itself", "sign-by-comparisons"]),
    ),
    entry(
        "7",
        "`s + A B = A B + s`",
        How::Rejected(
            "patterns match the operands of `+` and `*` in both orders, so no order has to be agreed on",
        ),
    ),
    entry("8", "`table(a, 1(n,1)) = table(a, 1)`", How::Rules(&["table-with-constant"])),
    entry(
        "9",
        "the counts of a contingency table sum to the number of rows",
        How::Rejected("codes below 1 end the run, which a count of rows would hide"),
    ),
    entry("10", "`a ∧ ¬a` is false, `a ∨ ¬a` is true", How::Rules(&["and-not-itself", "or-not-itself"])),
    entry("11", "the permutation matrix `(i, n+1-i)` reverses rows", How::Rules(&["reversing-permutation"])),
    entry("12", "`1 … n` reversed is `n … 1`", How::Rules(&["reverse-of-sequence"])),
    entry("13", "the same in steps", How::Rules(&["reverse-of-steps"])),
    entry("14", "`1 - x y` in one pass", How::Pipelines),
    entry(
        "15",
        "`x - y x = (1 - y) x`",
        How::Rules(&[
            "minus-multiple",
            "plus-multiple",
            "multiple-minus",
            "minus-scaled",
            "plus-scaled",
            "scaled-minus",
        ]),
    ),
    entry("16", "`det Xᵀ = det X`", How::Rules(&["determinant-of-transpose"])),
    entry("17", "`u (v (X w)) = (u v) (X w)`", How::Rules(&["weights-together"])),
    entry(
        "18",
        "`Σ` over the same cells in another order",
        How::Rules(&[
            "sum-of-transpose",
            "sum-of-reverse",
            "sum-of-reshaped",
            "min-of-transpose",
            "max-of-reshaped",
        ]),
    ),
    entry(
        "19",
        "`Σᵢ Σⱼ xᵢⱼ = Σ x`, likewise minima and maxima",
        How::Rules(&["sum-of-row-sums", "sum-of-column-sums", "min-of-row-mins", "max-of-row-maxs"]),
    ),
    entry(
        "20",
        "the cell of `X ∘ s` is the cell of X with s",
        How::Rules(&["scalar-of-multiple", "scalar-of-sum", "scalar-of-difference", "scalar-of-quotient"]),
    ),
    entry(
        "21",
        "the column sums of `Xᵀ` are the row sums of X, transposed",
        How::Rules(&[
            "column-sums-of-transpose",
            "row-sums-of-transpose",
            "column-means-of-transpose",
            "column-maxs-of-transpose",
        ]),
    ),
    entry(
        "22",
        "`(X²)ᵀ = (Xᵀ)²` where `Xᵀ` is there",
        How::Rejected(
            "a product reads its operand transposed, so that `(X²)ᵀ` costs nothing in front of one, while `(Xᵀ)²` would make the transpose",
        ),
    ),
    entry("23", "`det(A B) = det A · det B`", How::Rules(&["determinant-of-product"])),
    entry(
        "24",
        "`det(s X) = sⁿ det X`",
        How::Rejected(
            "saves one pass beside n³ operations, and `sⁿ` overflows where the determinant does not",
        ),
    ),
    entry("25", "`Σ s x = s Σ x`", How::Rules(&["sum-of-scaled", "sum-of-divided"])),
    entry("26", "the same of row sums", How::Rules(&["row-sums-of-scaled", "row-sums-of-divided"])),
    entry("27", "the same of column sums", How::Rules(&["column-sums-of-scaled", "column-sums-of-divided"])),
    entry("28", "`|x| |y| = |x y|`", How::Rules(&["abs-times-abs"])),
    entry(
        "29",
        "rounding or the absolute value of a truth value is that value",
        How::Rejected(
            "the right side is a matrix of truth values and selects by them as an index, the left one holds positions",
        ),
    ),
    entry("30", "`[Aᵀ Bᵀ]ᵀ` is A above B", How::Rules(&["transpose-of-bound-transposes"])),
    entry(
        "31",
        "`x (1 - x)`, `1 / (1 + e⁻ˣ)` and `x [x > 0]` in one pass",
        How::RulesAndPipelines(&["positive-part", "negative-part"]),
    ),
    entry("32", "`tr(A B) = Σ A ∘ Bᵀ`", How::Rules(&["trace-of-product"])),
    entry("33", "`tr(A + B) = tr A + tr B`", How::Rules(&["trace-of-sum", "trace-of-difference"])),
    entry("34", "`tr Xᵀ = tr X`", How::Rules(&["trace-of-transpose"])),
    entry(
        "35",
        "`(A B)ᵢⱼ = aᵢ bⱼ`",
        How::Rules(&[
            "cell-of-product",
            "row-of-product",
            "column-of-product",
            "rows-of-product",
            "columns-of-product",
        ]),
    ),
    entry(
        "36",
        "the columns of a part of a list need no count",
        How::Rejected("the number of elements is a fact where it is known, and costs nothing elsewhere"),
    ),
    entry("37", "a cell as a scalar", How::Rejected("the part of one cell is one cell already")),
    entry(
        "38",
        "a constant matrix is sorted, its positions are `1 … n`",
        How::Rules(&["order-of-constant", "positions-of-constant"]),
    ),
    entry(
        "39",
        "a sequence is sorted",
        How::Rules(&[
            "order-of-ascending",
            "order-of-ascending-steps",
            "order-of-descending",
            "order-of-descending-steps",
        ]),
    ),
    entry(
        "40",
        "the distinct rows of A above B are a union",
        How::Rejected("there is no operator of a union that would be faster"),
    ),
    entry("41", "a stable sort by b of a sort by a is a sort by b, then a", How::Rules(&["order-of-order"])),
    entry(
        "42",
        "`(Xᵀ)ᵀ = X`, reversed twice is not reversed",
        How::Rules(&["transpose-transpose", "reverse-reverse"]),
    ),
    entry(
        "43",
        "what `removeEmpty` drops adds nothing to sums",
        How::RulesBut(
            &["sum-without-empty", "row-sums-without-empty", "column-sums-without-empty"],
            "the number of rows that are left is not the number of non-zeros: of a matrix of zeros one row stays",
        ),
    ),
    entry(
        "44",
        "`(Aᵀ Bᵀ + C)ᵀ = B A + Cᵀ`",
        How::Rules(&["transpose-of-transposed-sum", "product-of-transposes"]),
    ),
    entry("45", "`x + s [x = 0]` fills zeros with s", How::Rules(&["fill-zeros"])),
    entry("46", "`-(-x) = x`", How::Rules(&["negate-negate"])),
    entry(
        "47",
        "counts by group ask for the groups only",
        How::Rejected("the values are read no more than once, beside the grouping itself"),
    ),
    entry("48", "`x - s [x ≠ 0]` over the non-zeros", How::Pipelines),
    entry("49", "`[x ≠ 0] log x` over the non-zeros", How::Pipelines),
    entry("50", "the same to a base", How::Pipelines),
    entry(
        "51",
        "the comparison of a column with `1 … m` is a table of its codes",
        How::Rejected("codes may be fractions or missing, which a table does not accept"),
    ),
    entry(
        "52",
        "a truth value compared with 0 or 1 is it or its opposite",
        How::Rules(&[
            "truth-equals-one",
            "truth-equals-zero",
            "truth-differs-from-zero",
            "truth-differs-from-one",
        ]),
    ),
    entry(
        "53",
        "the column sums of running sums weigh row i by `n + 1 - i`",
        How::Rules(&["column-sums-of-running-sum"]),
    ),
    entry(
        "54",
        "running sums from below by those from above",
        How::Rejected("subtracts sums that may be much larger than their difference, and turns Inf into NaN"),
    ),
    entry("55", "`-(a - b) = b - a`", How::Rules(&["negate-difference"])),
    entry(
        "56",
        "`(A + s)ᵀ + r = Aᵀ + (s + r)`",
        How::Rules(&["transpose-between-numbers", "plus-two-numbers"]),
    ),
    entry(
        "57",
        "`¬(a > b)` is `a ≤ b`",
        How::Rules(&["not-equal", "not-unequal", "not-greater", "not-less", "not-at-least", "not-at-most"]),
    ),
    entry(
        "58",
        "`(s - x) - r = (s - r) - x`",
        How::Rules(&[
            "number-minus-and-minus",
            "number-minus-and-plus",
            "plus-and-minus",
            "minus-and-plus",
            "minus-two-numbers",
        ]),
    ),
    entry(
        "59",
        "running sums of `Xᵀ`, transposed, run along the rows of X",
        How::Rules(&["running-sum-between-transposes"]),
    ),
];

/// Simplifications that ask for sizes or non-zeros.
pub const DYNAMIC: &[Entry] = &[
    entry("1", "a part of zeros is zeros", How::Rules(&["zeros"])),
    entry("2", "all rows and columns of X are X", How::Rules(&["whole-range"])),
    entry(
        "3",
        "zeros written into zeros",
        How::RulesBut(&["zeros", "whole-assignment"], "other writes change a part in place"),
    ),
    entry("4", "what is written everywhere is what is left", How::Rules(&["whole-assignment"])),
    entry(
        "5",
        "columns written one after the other are a binding",
        How::Rejected("writes change the matrix in place, which costs what the binding does"),
    ),
    entry(
        "6",
        "running sums of one row are the row",
        How::Rules(&[
            "running-sum-of-row",
            "running-product-of-row",
            "running-minimum-of-row",
            "running-maximum-of-row",
            "running-sum-along-column",
        ]),
    ),
    entry(
        "7",
        "a matrix in its own shape, the transpose of a cell",
        How::Rules(&["reshape-to-own-shape", "transpose-of-cell", "reverse-of-row"]),
    ),
    entry("8", "`X ∘ (y 1ᵀ)` repeats y", How::Rules(&["repeated-vector"])),
    entry(
        "9",
        "a choice that is settled",
        How::Rules(&["settled-choice", "choose-same", "choose-same-by-number"]),
    ),
    entry("10", "`[A; B]ᵀ [A; B] = Aᵀ A + Bᵀ B`", How::Rules(&["gram-of-stacked", "product-of-parts"])),
    entry(
        "11",
        "the transpose of a drawn vector is a drawn vector",
        How::Rejected("numbers are drawn block by block of a shape: others would be drawn"),
    ),
    entry(
        "12",
        "the column sums of a vector",
        How::Rules(&[
            "column-sums-of-row",
            "column-sums-of-column",
            "column-means-of-row",
            "column-mins-of-column",
            "column-maxs-of-row",
        ]),
    ),
    entry(
        "13",
        "the row sums of a vector",
        How::Rules(&[
            "row-sums-of-column",
            "row-sums-of-row",
            "row-means-of-column",
            "row-mins-of-row",
            "row-maxs-of-column",
        ]),
    ),
    entry(
        "14",
        "column sums over n are column means",
        How::Rejected("a mean costs an operation for each cell more than the sum"),
    ),
    entry("15", "`Σᵢ xᵢⱼ yᵢ = (yᵀ X)ⱼ`", How::Rules(&["weighted-column-sums"])),
    entry("16", "`Σⱼ xᵢⱼ yⱼ = (X y)ᵢ`", How::Rules(&["weighted-row-sums"])),
    entry(
        "17",
        "an aggregate of one cell is the cell",
        How::Rules(&[
            "sum-of-cell",
            "mean-of-cell",
            "min-of-cell",
            "max-of-cell",
            "product-of-cell",
            "trace-of-cell",
        ]),
    ),
    entry("18", "aggregates of zeros", How::Rules(&["aggregate-of-zeros"])),
    entry(
        "19",
        "deviations from the mean have the mean 0",
        How::Rules(&[
            "column-means-of-centred",
            "column-sums-of-centred",
            "row-means-of-centred",
            "row-sums-of-centred",
        ]),
    ),
    entry("20", "functions of zeros", How::Rules(&["zeros"])),
    entry("21", "zeros in another order", How::Rules(&["zeros"])),
    entry("22", "zeros are sorted", How::Rules(&["zeros", "order-of-constant"])),
    entry("23", "products with zeros", How::Rules(&["zeros"])),
    entry("24", "`X [1] = X`", How::Rules(&["times-cell", "scalar-of-constant", "times-one"])),
    entry("25", "a product with one cell scales", How::Rules(&["times-cell", "cell-times"])),
    entry(
        "26",
        "`diag(v) Y` scales rows",
        How::Rules(&["diagonal-times", "times-diagonal", "scaled-transpose-times", "product-of-diagonals"]),
    ),
    entry("27", "`diag(A B)ᵢ = Σⱼ aᵢⱼ bⱼᵢ`", How::Rules(&["diagonal-of-product"])),
    entry(
        "28",
        "`A B + A C = A (B + C)`",
        How::Rules(&[
            "common-left-factor",
            "common-right-factor",
            "common-left-factor-of-difference",
            "common-right-factor-of-difference",
        ]),
    ),
    entry("29", "`Σ diag(X) = tr X`", How::Rules(&["sum-of-diagonal", "sum-of-diagonal-matrix"])),
    entry("30", "X times the ones on and below the diagonal", How::Rules(&["lower-triangle"])),
    entry("31", "running sums of a constant are its multiples", How::Rules(&["running-sum-of-constant"])),
    entry(
        "32",
        "`Σ c = c r k`",
        How::Rules(&["sum-of-constant", "row-sums-of-constant", "column-sums-of-constant"]),
    ),
    entry(
        "33",
        "`s diag(v) = diag(s v)`",
        How::Rules(&["scaled-diagonal-matrix", "sum-of-diagonal-matrices"]),
    ),
    entry(
        "34",
        "`Σ (A + B) = Σ A + Σ B`",
        How::Rules(&["sum-of-sum", "sum-of-difference", "sum-of-shifted"]),
    ),
    entry(
        "35",
        "squared losses of a sparse matrix and a product",
        How::RulesAndPipelines(&["squared-loss", "squared-loss-of-product"]),
    ),
    entry("36", "`W ∘ σ(Y Xᵀ)` at the non-zeros of W", How::Pipelines),
    entry(
        "37",
        "`Uᵀ (W / (U Vᵀ))` at the non-zeros of W",
        How::RulesAndPipelines(&[
            "residual-times",
            "product-residual-times",
            "times-residual",
            "times-product-residual",
        ]),
    ),
    entry("38", "`Σ X ∘ log(U Vᵀ)` at the non-zeros of X", How::Pipelines),
    entry("39", "`W ∘ f(U Vᵀ)` at the non-zeros of W", How::Pipelines),
    entry(
        "40",
        "`Σ u v = uᵀ v`",
        How::Rules(&["sum-of-squares-of-column", "sum-of-squares-of-row", "dot-of-columns", "dot-of-rows"]),
    ),
    entry("41", "`Σ x²` in one pass", How::Pipelines),
    entry("42", "`x + s y` in one pass", How::Pipelines),
    entry(
        "43",
        "`(-A) B = -(A B)` where that is smaller",
        How::Rules(&[
            "product-of-negated",
            "product-with-negated",
            "product-of-scaled",
            "product-with-scaled",
        ]),
    ),
    entry(
        "44",
        "`Σ A B = (Σᵢ aᵢ) (Σⱼ bⱼ)`",
        How::Rules(&["sum-of-product", "column-sums-of-product", "row-sums-of-product"]),
    ),
    entry(
        "45",
        "`x·0 = 0`, `x ± 0 = x`, `0 - x = -x`",
        How::Rules(&["times-zero", "plus-zero", "minus-zero", "zero-minus", "zeros"]),
    ),
    entry(
        "46",
        "a cell beside a matrix is a scalar",
        How::Rejected("kernels repeat a cell as they do a scalar"),
    ),
    entry("47", "a number of non-zeros that is known", How::Rules(&["count-of-non-zeros"])),
    entry(
        "48",
        "dimensions that are known",
        How::Compiler("facts: a dimension that is known is a constant when the DAG is rebuilt"),
    ),
    entry(
        "49",
        "a table of `1 … n` and codes has one entry in each row",
        How::Rejected("the sequence costs one pass over n numbers, beside a table of n rows"),
    ),
    entry("50", "the same without the sequence", How::Rejected("as above")),
    entry("51", "`[A B, 0] = A [B, 0]`", How::Rules(&["product-beside-zeros"])),
    entry(
        "52",
        "`min(x, min(3, y))` of all at once",
        How::RulesAndPipelines(&[
            "min-with-two-numbers",
            "max-with-two-numbers",
            "plus-two-numbers",
            "times-two-numbers",
        ]),
    ),
];

/// Found by equality saturation (Wang et al., SPORES, VLDB 2020), or beyond these lists.
pub const FURTHER: &[Entry] = &[
    entry(
        "SPORES, residual",
        "`(U Vᵀ - X) V = U (Vᵀ V) - X V`",
        How::Rules(&["residual-times", "product-residual-times", "times-residual", "times-product-residual"]),
    ),
    entry(
        "SPORES, shared product",
        "`Σ W H` from the sums of both, even when `W H` is needed",
        How::Rules(&["sum-of-product"]),
    ),
    entry(
        "SPORES, squared loss",
        "`Σ (X - u vᵀ)² = Σ X² - 2 uᵀ X v + |u|² |v|²` for sparse X",
        How::Rules(&["squared-loss", "squared-loss-of-product"]),
    ),
    entry(
        "SPORES, logistic",
        "`p x - p (Σⱼ p) x = p (1 - p) x` for one column",
        How::Rules(&[
            "times-minus-square-times",
            "vector-minus-square",
            "row-sums-of-column",
            "times-itself",
        ]),
    ),
    entry(
        "inverse",
        "`A⁻¹ b` solves `A x = b`",
        How::Rules(&["inverse-times", "times-inverse", "inverse-of-transpose"]),
    ),
    entry(
        "solve by structure",
        "diagonal, triangular and positive definite systems",
        How::Compiler(
            "choose-solves, where the operators that make the matrix tell; the kernel of `solve` finds the rest in the cells",
        ),
    ),
    entry(
        "incremental products",
        "`[A B]ᵀ [A B]`, `[A; B]ᵀ [A; B]`, `[A B]ᵀ C`, `[A B] [C; D]` from the products of the parts that are there or stay the same in a loop",
        How::Rules(&[
            "gram-of-side-by-side",
            "gram-of-stacked",
            "side-by-side-transposed-times",
            "product-of-parts",
            "product-of-stacked",
            "stacked-times",
            "times-side-by-side",
        ]),
    ),
    entry("symmetry", "`Xᵀ X` is symmetric", How::Compiler("choose-products: half of it is computed")),
    entry("sandwich", "`Xᵀ diag(w) X = (w X)ᵀ X`", How::Rules(&["scaled-transpose-times"])),
    entry("cells of cell-wise", "`(a ∘ b)ᵢⱼ = aᵢⱼ ∘ bᵢⱼ`", How::Rules(&["part-of-cells"])),
    entry(
        "transposes",
        "`Aᵀ + Bᵀ = (A + B)ᵀ`",
        How::Rules(&["sum-of-transposes", "difference-of-transposes", "cell-product-of-transposes"]),
    ),
    entry(
        "sums of bindings",
        "the sum of `[A B]` is that of A and that of B",
        How::Rules(&[
            "sum-of-side-by-side",
            "sum-of-stacked",
            "row-sums-of-side-by-side",
            "column-sums-of-stacked",
            "column-sums-of-side-by-side",
            "row-sums-of-stacked",
        ]),
    ),
    entry(
        "determinant of a diagonal matrix",
        "`det diag(v) = Π v`",
        How::Rules(&["determinant-of-diagonal-matrix"]),
    ),
    entry(
        "products of a matrix with itself",
        "`(B A) A = B A²`",
        How::Rejected("powers cost more than the products they replace"),
    ),
];

/// Passes over programs.
pub const PASSES: &[Entry] = &[
    entry(
        "common subexpressions",
        "equal expressions are computed once",
        How::Compiler("the builder: nodes of equal operators and inputs are one"),
    ),
    entry("constant folding", "operators of known scalars", How::Compiler("the builder")),
    entry("unnecessary casts", "a cast to the type that is there", How::Compiler("the builder")),
    entry(
        "read after write",
        "a file that was written is read again",
        How::Rejected("files may change between both, and other programs read them"),
    ),
    entry("unnecessary branches", "a condition that is known", How::Compiler("rebuild")),
    entry("empty loops", "a loop whose condition is never true", How::Compiler("rebuild")),
    entry(
        "unused assignments and functions",
        "what nobody reads",
        How::Compiler("remove_dead; functions that nobody calls are emptied by rebuild"),
    ),
    entry(
        "sizes through functions",
        "facts of arguments and results",
        How::Compiler("flow: a function is analysed for each distinct set of facts"),
    ),
    entry(
        "constants through functions",
        "arguments with known values",
        How::Compiler("flow and rebuild: a constant that holds for all calls is put in"),
    ),
    entry(
        "calls by a known name",
        "`eval` with a name that is written out",
        How::Compiler("lower: a call as any other"),
    ),
    entry("products of one shape", "forms of a product with transposes", How::Compiler("choose-products")),
    entry("order of multiplication chains", "`(A B) C = A (B C)`", How::Compiler("order-chains")),
    entry(
        "merge and split of statement blocks",
        "blocks as large as possible, cut where sizes become known",
        How::Compiler("merge-blocks, split_blocks"),
    ),
    entry(
        "loop-invariant code",
        "what does not change is computed before the loop",
        How::Compiler("hoist-invariants"),
    ),
    entry(
        "loops over cells or rows",
        "cell by cell becomes matrix by matrix",
        How::Compiler("vectorise-loops"),
    ),
    entry(
        "recompilation with known sizes",
        "blocks of unknown sizes are compiled when they are reached",
        How::Compiler("plan: pieces of unknown sizes go through `specialise` when they are reached"),
    ),
    entry("inlining of functions", "the body in place of the call", How::Compiler("inline-functions")),
    entry("unused results", "what no call of a function reads", How::Compiler("remove-unused-results")),
    entry(
        "writes in place",
        "a part that is changed in a loop",
        How::Compiler("plan: the last read of a matrix gives it away"),
    ),
    entry(
        "checkpoints, block sizes, repartitioning",
        "where a cluster keeps data",
        How::Rejected("belongs to backends that have them"),
    ),
];

/// All tables with their titles.
pub const TABLES: [(&str, &[Entry]); 4] = [
    ("Simplifications without sizes", STATIC),
    ("Simplifications by sizes and non-zeros", DYNAMIC),
    ("Further ones", FURTHER),
    ("Passes", PASSES),
];

impl How {
    /// The rules it names.
    pub fn rules(&self) -> &'static [&'static str] {
        match self {
            How::Rules(names) | How::RulesBut(names, _) | How::RulesAndPipelines(names) => names,
            How::Compiler(_) | How::Pipelines | How::Later | How::Rejected(_) => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_there_once_and_names_rules_that_exist() {
        let numbers = |table: &[Entry]| table.iter().map(|entry| entry.name.parse()).collect::<Vec<_>>();
        assert_eq!(numbers(STATIC), (1..=59).map(Ok).collect::<Vec<_>>());
        assert_eq!(numbers(DYNAMIC), (1..=52).map(Ok).collect::<Vec<_>>());
        for entry in TABLES.iter().flat_map(|(_, table)| table.iter()) {
            for name in entry.how.rules() {
                let known = crate::rules::all().any(|rule| rule.name == *name);
                assert!(known, "{}: there is no rule `{name}`", entry.name);
            }
        }
    }
}
