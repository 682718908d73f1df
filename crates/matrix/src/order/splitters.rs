//! Which of 64 ranges of values each cell belongs to: a search tree over sampled splitters (Sanders, Winkel 2004,
//! "Super scalar sample sort"), eight cells at a time with the tree in registers where the processor has AVX-512.

#![allow(unsafe_code)]

use super::quicksort;

/// Ranges between the splitters.
pub(super) const WAYS: usize = 64;

/// The range of NaN, beyond the others.
pub(super) const MISSING: u8 = WAYS as u8;

/// Levels of the tree.
const LEVELS: u32 = WAYS.ilog2();

/// Cells that are fetched ahead: the loop has too few loads in flight to wait for memory.
const AHEAD: usize = 256;

/// Sampled cells per range: sizes of ranges then vary by about a fifth (1 / sqrt(32)).
const OVERSAMPLING: usize = 32;

/// The number of the range that is the `rank`-th from below.
pub(super) fn path_of(rank: usize) -> usize {
    rank.reverse_bits() >> (usize::BITS - LEVELS)
}

/// Ascending splitters of [`WAYS`] ranges as a tree.
///
/// A path through it is a number whose bit `l` tells whether the turn at level `l` went right. Level `l` stands at
/// `2^l - 1`, its nodes in the order of the paths that lead there. So ranges are numbered by paths, which
/// [`path_of`] gives.
pub(super) struct Splitters {
    tree: [f64; WAYS],
}

impl Splitters {
    /// One range for all cells.
    pub(super) fn none() -> Splitters {
        // Nothing compares with NaN.
        Splitters { tree: [f64::NAN; WAYS] }
    }

    /// Ranges of about equal numbers of cells, by a sample that follows from the number of cells.
    pub(super) fn sampled(cells: &[f64]) -> Splitters {
        let mut sample = super::sample(cells, WAYS * OVERSAMPLING);
        sample.retain(|x| !x.is_nan());
        if sample.len() < WAYS {
            return Splitters::none();
        }
        quicksort::sort(&mut sample);
        let mut tree = [f64::NAN; WAYS];
        for level in 0..LEVELS {
            let nodes = 1 << level;
            for k in 0..nodes {
                let path = path_of(k) >> (LEVELS - level);
                tree[nodes - 1 + path] = sample[(2 * k + 1) * sample.len() / (2 * nodes)];
            }
        }
        Splitters { tree }
    }

    /// Writes the range of each cell, and tells whether there is a negative zero.
    pub(super) fn classify(&self, cells: &[f64], ids: &mut [u8]) -> bool {
        assert_eq!(cells.len(), ids.len(), "a range per cell");
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the processor has AVX-512.
            return unsafe { self.classify_avx512(cells, ids) };
        }
        self.classify_each(cells, ids)
    }

    fn classify_each(&self, cells: &[f64], ids: &mut [u8]) -> bool {
        let mut has_negative_zero = false;
        for (&x, id) in cells.iter().zip(ids) {
            let mut path = 0;
            for level in 0..LEVELS {
                path |= usize::from(x >= self.tree[(1 << level) - 1 + path]) << level;
            }
            *id = if x.is_nan() { MISSING } else { path as u8 };
            has_negative_zero |= x.to_bits() == (-0.0_f64).to_bits();
        }
        has_negative_zero
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f")]
    fn classify_avx512(&self, cells: &[f64], ids: &mut [u8]) -> bool {
        use std::arch::x86_64::*;
        // SAFETY: the last level begins at node 31 and ends before node 63; the tree has 64.
        let node = |at: usize| unsafe { _mm512_loadu_pd(self.tree.as_ptr().add(at)) };
        let root = _mm512_set1_pd(self.tree[0]);
        let (level1, level2, level3) = (node(1), node(3), node(7));
        let (level4, level5) = ([node(15), node(23)], [node(31), node(39), node(47), node(55)]);
        // More than the lowest byte keeps the selection of 1 a blend; as an extended bit it would wait for the last.
        let right: [__m512i; 6] = std::array::from_fn(|level| _mm512_set1_epi64(1 << level | 1 << 20));
        let missing = _mm512_set1_epi64(i64::from(MISSING));
        let negative_zero = _mm512_set1_epi64(i64::MIN);
        let mut found = 0;
        let (eights, rest) = cells.as_chunks::<8>();
        let (ids, last_ids) = ids.as_chunks_mut::<8>();
        for (eight, ids) in eights.iter().zip(ids) {
            _mm_prefetch::<_MM_HINT_T0>(eight.as_ptr().wrapping_add(AHEAD).cast());
            // SAFETY: eight cells are there.
            let x = unsafe { _mm512_loadu_pd(eight.as_ptr()) };
            let above = |node| _mm512_cmp_pd_mask::<_CMP_GE_OQ>(x, node);
            let turn = |path, node, level: usize| _mm512_mask_or_epi64(path, above(node), path, right[level]);
            let path = _mm512_maskz_mov_epi64(above(root), right[0]);
            let path = turn(path, _mm512_permutexvar_pd(path, level1), 1);
            let path = turn(path, _mm512_permutexvar_pd(path, level2), 2);
            let path = turn(path, _mm512_permutexvar_pd(path, level3), 3);
            let is_right = above(_mm512_permutex2var_pd(level4[0], path, level4[1]));
            let path = _mm512_mask_or_epi64(path, is_right, path, right[4]);
            let low = _mm512_permutex2var_pd(level5[0], path, level5[1]);
            let high = _mm512_permutex2var_pd(level5[2], path, level5[3]);
            let path = turn(path, _mm512_mask_mov_pd(low, is_right, high), 5);
            let id = _mm512_mask_mov_epi64(path, _mm512_cmp_pd_mask::<_CMP_UNORD_Q>(x, x), missing);
            // SAFETY: eight bytes are there.
            unsafe { _mm_storel_epi64(ids.as_mut_ptr().cast(), _mm512_cvtepi64_epi8(id)) };
            found |= _mm512_cmpeq_epi64_mask(_mm512_castpd_si512(x), negative_zero);
        }
        self.classify_each(rest, last_ids) || found != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_ascend_and_nan_is_beyond() {
        let cells: Vec<f64> = (0..20_011).map(|k| ((k * 7_919) % 20_011) as f64).collect();
        let splitters = Splitters::sampled(&cells);
        let mut ids = vec![0; cells.len()];
        assert!(!splitters.classify(&cells, &mut ids));
        let mut order: Vec<usize> = (0..cells.len()).collect();
        order.sort_by(|&a, &b| cells[a].total_cmp(&cells[b]));
        let rank = |k: usize| (0..WAYS).find(|&rank| path_of(rank) == usize::from(ids[k]));
        assert!(order.windows(2).all(|pair| rank(pair[0]) <= rank(pair[1])));
        for id in 0..WAYS as u8 {
            let size = ids.iter().filter(|other| **other == id).count();
            assert!((100..700).contains(&size), "range {id} has {size} cells");
        }
        let odd =
            [f64::NAN, -0.0, f64::INFINITY, -f64::NAN, f64::NEG_INFINITY, 9.0, 1e9, 0.0, -0.0, f64::NAN];
        let (mut ids, mut each) = ([0; 10], [0; 10]);
        assert!(splitters.classify(&odd, &mut ids) && splitters.classify_each(&odd, &mut each));
        assert_eq!(ids, each);
        assert_eq!((ids[0], ids[2], ids[3], ids[4], ids[9]), (MISSING, 63, MISSING, 0, MISSING));
    }

    #[test]
    fn without_splitters_there_is_one_range() {
        let mut ids = [7; 3];
        assert!(!Splitters::none().classify(&[f64::INFINITY, f64::NAN, 0.0], &mut ids));
        assert_eq!(ids, [0, MISSING, 0]);
        let splitters = Splitters::sampled(&vec![f64::NAN; 5_000]);
        splitters.classify(&[f64::INFINITY, f64::NAN, 0.0], &mut ids);
        assert_eq!(ids, [0, MISSING, 0]);
    }
}
