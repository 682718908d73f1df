//! Seeded random matrices that equal the reference's cell by cell, for any number of threads.
//!
//! Every 1000x1000 block has its own seed: the n-th 64-bit number of a [`well1024a`] generator, in row-major block
//! order, which itself is seeded from a [`java_random`] of the user's seed. Blocks are therefore independent.
//! Within a block, one stream makes the values in row-major order and another picks the cells that are set:
//!
//! ```text
//! seed -> JavaRandom -> 32 ints -> Well1024a -> block seed -> values  (first draw * 2^63 -> positions)
//! ```
//!
//! A sparse block jumps from one set cell to the next by geometric steps, any other block asks for each cell.
//! [`stream`] holds the distributions, [`mod@sample`] draws from the integers `1..=n`.

pub mod java_random;
pub mod philox;
pub mod poisson;
pub mod sample;
pub mod stream;
pub mod well1024a;

use std::ops::Range;

use rayon::prelude::*;

use crate::build::cut;
use crate::{Csr, Dense, Scratch};
use java_random::JavaRandom;
use stream::Stream;
use well1024a::Well1024a;

pub use sample::{Replacement, sample, sample_scratch};
pub use stream::Distribution;

/// Rows and columns of the blocks that have their own seeds.
const BLOCK: usize = 1000;

/// A generated matrix, in the format that its sparsity asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Generated {
    /// All cells.
    Dense(Dense),
    /// The non-zero cells.
    Sparse(Csr),
}

/// A `rows` x `cols` matrix of random numbers, of which the share `sparsity` (0 to 1) is not zero.
///
/// # Panics
/// When `sparsity` is outside of 0 to 1, or the mean of a Poisson distribution is not above 0.
pub fn rand(rows: usize, cols: usize, distribution: Distribution, sparsity: f64, seed: i64) -> Generated {
    assert!((0.0..=1.0).contains(&sparsity), "sparsity {sparsity} is a share");
    if rows == 0 || cols == 0 {
        return Generated::Dense(Dense::zeros(rows, cols));
    }
    if sparsity == 0.0 || matches!(distribution, Distribution::Uniform { min: 0.0, max: 0.0 }) {
        return Generated::Sparse(Csr::empty(rows, cols));
    }
    if let Distribution::Uniform { min, max } = distribution
        && sparsity == 1.0
        && (min == max || min.is_nan() && max.is_nan())
    {
        return Generated::Dense(Dense::filled(rows, cols, min));
    }
    let blocks = blocks(rows, cols, seed);
    if is_sparse(rows, cols, sparsity) {
        Generated::Sparse(sparse(rows, cols, distribution, sparsity, &blocks))
    } else {
        Generated::Dense(dense(rows, cols, distribution, sparsity, &blocks))
    }
}

/// Whether a matrix takes fewer bytes by its cells that are not zero.
fn is_sparse(rows: usize, cols: usize, sparsity: f64) -> bool {
    let nnz = sparsity * rows as f64 * cols as f64;
    let sparse_bytes = 12.0 * nnz + 8.0 * rows as f64;
    cols > 1 && cols <= Csr::MAX_COLS && sparse_bytes < 8.0 * rows as f64 * cols as f64
}

/// What [`rand`] needs for a `rows x cols` matrix of which the share `sparsity` is not zero: the blocks and where their
/// rows are, and for a sparse one the cells of the blocks, whose memory grows.
pub fn rand_scratch(rows: usize, cols: usize, sparsity: f64) -> Scratch {
    let across = cols.div_ceil(BLOCK);
    let blocks = Scratch::vector::<Block>(rows.div_ceil(BLOCK).saturating_mul(across));
    let slices = Scratch::vector::<[&mut [f64]; 2]>(rows.saturating_mul(across)).only_if(across > 1);
    let nnz = sparsity * rows as f64 * cols as f64;
    let starts = Scratch::vector::<usize>(rows.saturating_mul(across)) * 2;
    let grown = (2.0 * (nnz + 10.0 * nnz.sqrt())) as usize;
    let cells = Scratch::vector::<u32>(grown).and(Scratch::vector::<f64>(grown));
    blocks.and(if is_sparse(rows, cols, sparsity) { starts.and(cells) } else { slices })
}

/// One 1000x1000 block, smaller at the lower and right edges.
struct Block {
    rows: usize,
    cols: usize,
    /// The position among the blocks of the same rows.
    at: usize,
    seed: i64,
}

/// All blocks in row-major order, with their seeds.
fn blocks(rows: usize, cols: usize, seed: i64) -> Vec<Block> {
    let mut ints = JavaRandom::new(seed);
    let mut seeds = Well1024a::new(std::array::from_fn(|_| ints.bits(32) as u32));
    let mut blocks = Vec::with_capacity(rows.div_ceil(BLOCK) * cols.div_ceil(BLOCK));
    for top in (0..rows).step_by(BLOCK) {
        for left in (0..cols).step_by(BLOCK) {
            let (rows, cols) = (BLOCK.min(rows - top), BLOCK.min(cols - left));
            blocks.push(Block { rows, cols, at: left / BLOCK, seed: seeds.next_i64() });
        }
    }
    blocks
}

impl Block {
    /// The streams of values and of positions.
    fn streams(&self, distribution: Distribution) -> (Stream, JavaRandom) {
        let counter = (self.at * self.rows * BLOCK / 4) as u64;
        let mut values = Stream::new(distribution, self.seed, counter);
        let seed =
            if values.is_counter_based() { self.seed } else { (values.draw() * i64::MAX as f64) as i64 };
        (values, JavaRandom::new(seed))
    }

    /// Calls `set` with the 0-based position, in row-major order, and the value of every cell that is chosen.
    fn each_chosen(&self, distribution: Distribution, sparsity: f64, mut set: impl FnMut(usize, f64)) {
        let (mut values, mut positions) = self.streams(distribution);
        let cells = self.rows * self.cols;
        if !jumps(self.rows, self.cols, sparsity) {
            return (0..cells)
                .filter(|_| positions.next_f64() <= sparsity)
                .for_each(|at| set(at, values.next()));
        }
        // P[first k-1 cells unset, then one set] = p (1-p)^(k-1), so k = ceil(log(u) / log(1-p)).
        let log_unset = (1.0 - sparsity).ln().min(-f64::MIN_POSITIVE);
        let mut jump = || (positions.next_f64().ln() / log_unset).ceil() as usize;
        let mut count = jump();
        while count <= cells {
            set(count - 1, values.next());
            count = count.saturating_add(jump());
        }
    }
}

/// Whether a block is generated by jumps: when the reference would hold it in its sparse format, by the bytes of
/// its row objects (96 per row with cells, 12 per cell, at least 4 cells) against those of its dense format.
fn jumps(rows: usize, cols: usize, sparsity: f64) -> bool {
    if sparsity == 1.0 || cols == 1 {
        return false;
    }
    let (rows, cols) = (rows as f64, cols as f64);
    let share = (sparsity * rows * cols).floor() / rows / cols;
    let nnz = (share * rows * cols).ceil();
    if nnz == 0.0 {
        return true;
    }
    let filled = rows.min(nnz);
    let row_bytes = (96.0 + 12.0 * (nnz / filled).max(4.0)).floor();
    share < 0.4 && 48.0 + 8.0 * rows + filled * row_bytes < 104.0 + 8.0 * rows * cols
}

fn dense(rows: usize, cols: usize, distribution: Distribution, sparsity: f64, blocks: &[Block]) -> Dense {
    if sparsity < 1.0 {
        return scattered(rows, cols, distribution, sparsity, blocks);
    }
    let mut dense = Dense::unset(rows, cols);
    let fill = |block: &Block, part: &mut dyn Iterator<Item = &mut [f64]>| {
        let (mut values, _) = block.streams(distribution);
        part.for_each(|cells| values.fill(cells));
    };
    if cols <= BLOCK {
        let parts = dense.cells_mut().par_chunks_mut(BLOCK * cols);
        blocks.par_iter().zip(parts).for_each(|(block, whole)| fill(block, &mut std::iter::once(whole)));
    } else {
        let parts = block_slices(dense.cells_mut(), cols);
        blocks.par_iter().zip(parts).for_each(|(block, part)| fill(block, &mut part.into_iter()));
    }
    dense
}

/// A dense matrix of which not all cells are chosen.
fn scattered(rows: usize, cols: usize, distribution: Distribution, sparsity: f64, blocks: &[Block]) -> Dense {
    let mut dense = Dense::zeros(rows, cols);
    let parts = block_slices(dense.cells_mut(), cols);
    blocks.par_iter().zip(parts).for_each(|(block, mut part)| {
        let width = part[0].len();
        block.each_chosen(distribution, sparsity, |at, value| part[at / width][at % width] = value);
    });
    dense
}

/// The cells of each block as slices that, one after the other, hold the block in row-major order.
fn block_slices(cells: &mut [f64], cols: usize) -> Vec<Vec<&mut [f64]>> {
    if cols <= BLOCK {
        return cells.chunks_mut(BLOCK * cols).map(|whole| vec![whole]).collect();
    }
    let across = cols.div_ceil(BLOCK);
    let mut parts = Vec::new();
    for band in cells.chunks_mut(BLOCK * cols) {
        let first = parts.len();
        parts.resize_with(first + across, Vec::new);
        for row in band.chunks_mut(cols) {
            row.chunks_mut(BLOCK).zip(&mut parts[first..]).for_each(|(slice, part)| part.push(slice));
        }
    }
    parts
}

/// The chosen cells of one block in row-major order.
#[derive(Default)]
struct Chosen {
    /// Where each row starts, and the end of the last.
    starts: Vec<usize>,
    col: Vec<u32>,
    val: Vec<f64>,
}

fn choose(block: &Block, distribution: Distribution, sparsity: f64) -> Chosen {
    let mut chosen = Chosen::default();
    let left = block.at * BLOCK;
    block.each_chosen(distribution, sparsity, |at, value| {
        if value != 0.0 {
            chosen.starts.resize(at / block.cols + 1, chosen.col.len());
            chosen.col.push((left + at % block.cols) as u32);
            chosen.val.push(value);
        }
    });
    chosen.starts.resize(block.rows + 1, chosen.col.len());
    chosen
}

fn sparse(rows: usize, cols: usize, distribution: Distribution, sparsity: f64, blocks: &[Block]) -> Csr {
    let chosen: Vec<Chosen> = blocks.par_iter().map(|block| choose(block, distribution, sparsity)).collect();
    let bands: Vec<&[Chosen]> = chosen.chunks(cols.div_ceil(BLOCK)).collect();
    let mut row_ptr = vec![0; rows + 1];
    for (i, end) in (0..rows).zip(1..) {
        let counts = bands[i / BLOCK].iter().map(|part| part.starts[i % BLOCK + 1] - part.starts[i % BLOCK]);
        row_ptr[end] = row_ptr[i] + counts.sum::<usize>();
    }
    let (mut col, mut val) = (vec![0; row_ptr[rows]], vec![0.0; row_ptr[rows]]);
    let ends: Vec<Range<usize>> =
        (0..rows).step_by(BLOCK).map(|top| row_ptr[top]..row_ptr[rows.min(top + BLOCK)]).collect();
    let (cols_of, vals_of) = (cut(&mut col, &ends), cut(&mut val, &ends));
    bands.par_iter().zip(cols_of).zip(vals_of).for_each(|((band, col), val)| join_rows(band, col, val));
    Csr::from_parts(rows, cols, row_ptr, col, val)
}

/// Writes the rows of a band of blocks, each of which goes through all blocks.
fn join_rows(band: &[Chosen], col: &mut [u32], val: &mut [f64]) {
    let mut at = 0;
    for i in 0..band[0].starts.len() - 1 {
        for part in band {
            let range = part.starts[i]..part.starts[i + 1];
            let end = at + range.len();
            col[at..end].copy_from_slice(&part.col[range.clone()]);
            val[at..end].copy_from_slice(&part.val[range]);
            at = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uniform(min: f64, max: f64) -> Distribution {
        Distribution::Uniform { min, max }
    }

    fn cells(rows: usize, cols: usize, distribution: Distribution, sparsity: f64) -> Dense {
        match rand(rows, cols, distribution, sparsity, 7) {
            Generated::Dense(dense) => dense,
            Generated::Sparse(csr) => csr.to_dense(),
        }
    }

    /// 1-based cells, as the reference names them.
    fn at<const N: usize>(matrix: &Dense, places: [(usize, usize); N]) -> [f64; N] {
        places.map(|(i, j)| matrix.get(i - 1, j - 1))
    }

    fn assert_near(actual: &[f64], expected: &[f64]) {
        assert_eq!(actual.len(), expected.len());
        for (a, e) in actual.iter().zip(expected) {
            assert!((a - e).abs() <= 4.0 * f64::EPSILON * e.abs(), "{a} is not near {e}");
        }
    }

    fn sum(matrix: &Dense) -> f64 {
        matrix.cells().iter().sum()
    }

    const CORNERS: [(usize, usize); 6] =
        [(1, 1), (1000, 1000), (1, 1001), (1001, 1), (1001, 1001), (1500, 1200)];

    #[test]
    fn uniform_equals_the_reference_in_every_block() {
        let matrix = cells(1500, 1200, uniform(0.0, 1.0), 1.0);
        let expected = [
            0.45324353322292277,
            0.8485473586864996,
            0.8927304026240469,
            0.008237913415508058,
            0.9849498468553316,
            0.46949246093748154,
        ];
        assert_eq!(at(&matrix, CORNERS), expected);
        assert_eq!(matrix.get(1233, 566), 0.11595052682130103);
        let Generated::Dense(row) = rand(1, 4, uniform(0.0, 1.0), 1.0, 42) else { panic!("dense") };
        let expected = [0.1511596008184056, 0.5928143554598188, 0.3930138394558711, 0.0207298189693764];
        row.cells().iter().zip(expected).for_each(|(a, e)| assert!((a - e).abs() < 1e-16));
    }

    #[test]
    fn sparse_choices_equal_the_reference() {
        let matrix = cells(1500, 1200, uniform(-2.0, 3.0), 0.7);
        let first = [0.0, 0.26621766611461384, -1.920398479183986, -1.5696705560070194];
        assert_eq!(matrix.row(0)[..4], first);
        assert_eq!(at(&matrix, [(1500, 1199), (1500, 1200)]), [-0.6096971931293043, 0.0]);
        assert!((sum(&matrix) - 630919.4807409808).abs() < 1e-6);

        let Generated::Sparse(csr) = rand(1500, 1200, uniform(-2.0, 3.0), 0.1, 7) else { panic!("sparse") };
        let (col, val) = csr.row(0);
        assert_eq!(col[..5], [1, 25, 42, 46, 56]);
        let first = [
            0.26621766611461384,
            -1.920398479183986,
            -1.5696705560070194,
            0.9831802986570093,
            -1.721230184737274,
        ];
        assert_eq!(val[..5], first);
        assert!((csr.val().iter().sum::<f64>() - 90524.9057370986).abs() < 1e-6);
        assert_eq!([csr.get(1499, 1158), csr.get(1499, 1185)], [-1.2432642122732245, 2.45038120294244]);
    }

    #[test]
    fn thin_and_small_blocks_choose_as_the_reference() {
        for (sparsity, expected) in
            [(0.1, 75746.67001768883), (0.39, 293177.99071869877), (0.4, 301387.59242152167)]
        {
            assert!((sum(&cells(1500, 1001, uniform(-2.0, 3.0), sparsity)) - expected).abs() < 1e-6);
        }
        let column = cells(4, 1, uniform(0.0, 1.0), 0.1);
        assert_eq!(column.cells(), [0.0, 0.45324353322292277, 0.0, 0.0]);
        let small = cells(3, 4, uniform(0.0, 1.0), 0.1);
        assert_eq!(small.nnz(), 3);
        assert_eq!(at(&small, [(1, 2), (2, 2)]), [0.45324353322292277, 0.01592030416320278]);
        // Where nothing is expected, and where the reference's two formats take about the same bytes.
        assert_eq!(cells(2, 5, uniform(0.0, 1.0), 0.05).get(0, 3), 0.45324353322292277);
        assert!(jumps(1, 13, 0.1) && !jumps(1, 12, 0.1));
    }

    #[test]
    fn normal_and_poisson_are_near_the_reference() {
        let normal = cells(1500, 1200, Distribution::Normal, 1.0);
        assert_near(
            &at(&normal, [(1, 1), (1, 2), (1, 1001), (1001, 1), (1001, 1001), (1500, 1200)]),
            &[
                0.4343018278216636,
                2.466966646535577,
                -1.014866933233582,
                0.04653435206847007,
                -0.0789000279893279,
                -0.2026104725057687,
            ],
        );
        let sparse = cells(1500, 1200, Distribution::Normal, 0.1);
        assert_near(
            &at(&sparse, [(1, 3), (1, 17), (1, 58)]),
            &[0.4343018278216636, 2.466966646535577, -0.4928927737994236],
        );
        assert!((sum(&sparse) - 48.76373517589599).abs() < 1e-9);
        let poisson = |lambda| cells(1, 12, Distribution::Poisson { lambda }, 1.0).cells().to_vec();
        assert_eq!(poisson(2.5), [4., 5., 4., 3., 1., 1., 2., 1., 0., 1., 5., 2.]);
        assert_eq!(poisson(50.3), [48., 62., 48., 53., 46., 58., 59., 44., 51., 43., 45., 51.]);
        assert_eq!(poisson(400.0), [403., 397., 403., 392., 433., 412., 447., 397., 399., 412., 384., 403.]);
        assert_eq!(sum(&cells(1500, 1200, Distribution::Poisson { lambda: 3.0 }, 1.0)), 5396378.0);
        assert_eq!(sum(&cells(1500, 1200, Distribution::Poisson { lambda: 50.3 }, 1.0)), 90534998.0);
        assert_eq!(sum(&cells(20, 20, Distribution::Poisson { lambda: 3.0 }, 0.3)), 377.0);
    }

    #[test]
    fn counter_based_streams_are_near_the_reference() {
        let uniform = cells(1500, 1200, Distribution::CounterUniform { min: 0.0, max: 1.0 }, 1.0);
        let places = [(1, 1), (1, 2), (2, 1), (1, 1001), (1001, 1), (1001, 1001), (1500, 1200)];
        let expected = [
            0.9963258881943273,
            0.11001928113984422,
            0.9762912811239176,
            0.6796845093885567,
            0.8316344114628111,
            0.8385881340779501,
            0.2904630145362359,
        ];
        assert_near(&at(&uniform, places), &expected);
        let normal = cells(1500, 1200, Distribution::CounterNormal, 1.0);
        let expected = [
            0.066103930298261,
            0.05469941740280092,
            0.07426345847821991,
            -0.8157902731911333,
            -0.6056850232375882,
            -0.5865038688987648,
            1.221762151276056,
        ];
        at(&normal, places).iter().zip(expected).for_each(|(a, e)| assert!((a - e).abs() < 1e-13, "{a} {e}"));
    }

    #[test]
    fn constants_empties_and_edges() {
        assert_eq!(rand(2, 2, uniform(3.0, 3.0), 1.0, 1), Generated::Dense(Dense::filled(2, 2, 3.0)));
        assert_eq!(rand(2, 3, uniform(0.0, 1.0), 0.0, 1), Generated::Sparse(Csr::empty(2, 3)));
        assert_eq!(rand(0, 3, Distribution::Normal, 1.0, 1), Generated::Dense(Dense::zeros(0, 3)));
        assert_eq!(rand(5, 0, Distribution::Normal, 0.5, 1), Generated::Dense(Dense::zeros(5, 0)));
        assert_eq!(sum(&cells(5, 2000, uniform(0.0, 1.0), 1e-17)), 0.0);
        assert_eq!(
            cells(3, 2100, uniform(2.0, 2.0), 0.5).nnz(),
            cells(3, 2100, uniform(1.0, 9.0), 0.5).nnz()
        );
    }

    #[test]
    fn threads_do_not_change_a_bit() {
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        for sparsity in [1.0, 0.6, 0.05] {
            let alone = one.install(|| rand(1100, 2100, uniform(-1.0, 1.0), sparsity, 5));
            assert_eq!(alone, rand(1100, 2100, uniform(-1.0, 1.0), sparsity, 5));
        }
    }
}
