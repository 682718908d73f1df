//! The names of all functions that the language has by itself, by group, whether this build has them or not.
//!
//! What is missing is what nothing else knows: no operator, statement, form or library function of that name.

/// Functions that belong together.
pub struct Group {
    /// What they are for.
    pub name: &'static str,
    /// Their names, separated by blanks.
    names: &'static str,
    /// What to do without one of them.
    pub instead: &'static str,
}

const fn group(name: &'static str, names: &'static str, instead: &'static str) -> Group {
    Group { name, names, instead }
}

const LIST: &str = "`tilewright ops` lists what is there";

/// All groups, in the order in which the language is described.
pub const GROUPS: &[Group] = &[
    group(
        "Aggregates",
        "sum prod mean min max var sd trace length nrow ncol median quantile interQuantile interQuartileMean moment \
         cov countDistinct countDistinctApprox",
        "`countDistinct` counts exactly",
    ),
    group(
        "Aggregates of rows and columns",
        "rowSums rowMeans rowMaxs rowMins rowProds rowVars rowSds colSums colMeans colMaxs colMins colProds colVars \
         colSds rowIndexMax rowIndexMin rowCountDistinct colCountDistinct rowCountDistinctApprox \
         colCountDistinctApprox",
        "`rowCountDistinct` and `colCountDistinct` count exactly",
    ),
    group("Running aggregates", "cumsum cumprod cummin cummax rowcumsum cumsumprod", LIST),
    group(
        "Element-wise, one operand",
        "abs sin cos tan asin acos atan sinh cosh tanh sign sqrt exp log round floor ceil is.na is.nan is.infinite",
        LIST,
    ),
    group(
        "Element-wise, several operands",
        "xor bitwAnd bitwOr bitwXor bitwShiftL bitwShiftR ifelse ppred outer",
        "comparisons such as `A > b` say what `ppred` says",
    ),
    group(
        "Reorganisation",
        "t rev roll diag matrix order cbind rbind removeEmpty replace lower.tri upper.tri table unique rowClassMeet \
         contains",
        LIST,
    ),
    group("Groups", "aggregate", LIST),
    group(
        "Linear algebra",
        "solve inv cholesky det eigen svd qr lu sqrtMatrixJava einsum fft ifft fft_linearized ifft_linearized stft",
        "products, transposes and `solve` say what most of linear algebra needs",
    ),
    group("Generation", "rand seq sample frame tensor time", "matrices come from `matrix`, `rand` and `seq`"),
    group(
        "Distributions",
        "cdf icdf pnorm pexp pchisq pf pt qnorm qexp qchisq qf qt",
        "`cdf` and `icdf` take the distribution by name",
    ),
    group(
        "Neural networks",
        "conv2d conv2d_backward_filter conv2d_backward_data max_pool max_pool_backward avg_pool avg_pool_backward \
         bias_add bias_multiply batch_norm2d batch_norm2d_backward lstm lstm_backward",
        "layers of neural networks come with the neural-network library",
    ),
    group(
        "Casts and types",
        "as.scalar as.matrix as.frame as.list as.double as.integer as.logical typeof exists",
        "casts of frames and lists come with frames and lists",
    ),
    group(
        "Frames",
        "transformencode transformapply transformdecode transformcolmap transformmeta tokenize map detectSchema \
         applySchema colnames dropInvalidType dropInvalidLength valueSwap freplicate getCategoricalMask",
        "functions on frames come with data preparation",
    ),
    group(
        "Lists and functions of functions",
        "list remove eval evalList paramserv",
        "call the function by its name, and pass values as arguments of their own",
    ),
    group(
        "Compression",
        "compress decompress quantize_compress",
        "leave it out: matrices are stored dense or sparse, whichever is smaller",
    ),
    group(
        "Input and output",
        "print stop assert ifdef read readMM read.csv write sql federated",
        "`read(path)` reads all formats that this build has",
    ),
    group("Other", "toString lineage autoDiff range local", LIST),
];

impl Group {
    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.names.split_whitespace()
    }
}

/// The group of a function of the language.
pub fn find(name: &str) -> Option<&'static Group> {
    GROUPS.iter().find(|group| group.names().any(|known| known == name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::ALIASES;

    #[test]
    fn each_name_stands_once_and_is_no_alias() {
        let mut names: Vec<&str> = GROUPS.iter().flat_map(Group::names).collect();
        let count = names.len();
        assert!(count > 150, "{count}");
        assert!(names.iter().all(|name| !ALIASES.iter().any(|(alias, _)| alias == name)));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
