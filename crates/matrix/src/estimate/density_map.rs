//! The density of each block of 256 x 256 cells, as if cells lay evenly within it.
//!
//! A block of `A %*% B` joins the products over the inner blocks: a cell is zero with probability
//! `prod_K (1 - sA[I,K] sB[K,J])^b` for inner blocks of `b` cells, which is what `s1 + s2 - s1 s2` gives block by block.
//! Bound matrices are dealt out to the blocks by area, so are reshaped ones by rows, evenly within these.

use rayon::prelude::*;

use super::bounds::{either, product_density};
use super::{Counted, Estimate, Estimator, Leaf, Op, Shape, Sketch};
use crate::Csr;

/// The side of a block.
const EDGE: usize = 256;

/// Blocks along a dimension at most; beyond, blocks are larger.
const MOST: usize = 1024;

/// The density of each block.
#[derive(Debug)]
pub struct DensityMap;

/// Blocks, row by row.
#[derive(Clone, Debug)]
pub struct Grid {
    shape: Shape,
    rows: Blocks,
    cols: Blocks,
    density: Vec<f64>,
}

/// A dimension cut into blocks; equal dimensions are cut alike.
#[derive(Clone, Copy, Debug)]
struct Blocks {
    len: usize,
    edge: usize,
}

impl Blocks {
    fn of(len: usize) -> Blocks {
        Blocks { len, edge: len.div_ceil(MOST).next_multiple_of(EDGE).max(EDGE) }
    }

    fn count(self) -> usize {
        self.len.div_ceil(self.edge)
    }

    fn width(self, block: usize) -> f64 {
        (self.len - block * self.edge).min(self.edge) as f64
    }
}

/// How a stretch of cells that is cut every `edge` lies in another one that is cut every `to`, after `offset` cells of
/// it: block, block there, and which part of the block it is.
fn overlaps(len: u128, edge: u128, offset: u128, to: u128) -> Vec<(usize, usize, f64)> {
    let mut parts = Vec::new();
    let mut start = 0;
    while start < len {
        let block = start / edge;
        let there = (start + offset) / to;
        let block_end = ((block + 1) * edge).min(len);
        let end = block_end.min((there + 1) * to - offset);
        let width = block_end - block * edge;
        parts.push((block as usize, there as usize, (end - start) as f64 / width as f64));
        start = end;
    }
    parts
}

impl Grid {
    /// No cells.
    fn empty(shape: Shape) -> Grid {
        let (rows, cols) = (Blocks::of(shape.rows), Blocks::of(shape.cols));
        Grid { shape, rows, cols, density: vec![0.0; rows.count() * cols.count()] }
    }

    fn of(x: &Csr) -> Grid {
        let mut grid = Grid::empty(Shape { rows: x.rows(), cols: x.cols() });
        let (rows, edge) = (grid.rows, grid.cols.edge);
        let stride = grid.cols.count().max(1);
        grid.density.par_chunks_mut(stride).enumerate().for_each(|(block, counts)| {
            let first = block * rows.edge;
            let last = (first + rows.edge).min(rows.len);
            for &j in &x.col()[x.row_ptr()[first]..x.row_ptr()[last]] {
                counts[j as usize / edge] += 1.0;
            }
        });
        grid.per_cell()
    }

    /// Densities of counts.
    fn per_cell(mut self) -> Grid {
        let (rows, cols) = (self.rows, self.cols);
        for (row, counts) in self.density.chunks_mut(cols.count().max(1)).enumerate() {
            for (col, count) in counts.iter_mut().enumerate() {
                *count = (*count / (rows.width(row) * cols.width(col))).min(1.0);
            }
        }
        self
    }

    fn row(&self, block: usize) -> &[f64] {
        &self.density[block * self.cols.count()..(block + 1) * self.cols.count()]
    }

    /// The cells of a block that are not zero.
    fn block_count(&self, row: usize, col: usize) -> f64 {
        self.row(row)[col] * self.rows.width(row) * self.cols.width(col)
    }

    fn count(&self) -> f64 {
        (0..self.rows.count())
            .map(|row| (0..self.cols.count()).map(|col| self.block_count(row, col)).sum::<f64>())
            .sum()
    }

    fn zip(&self, other: &Grid, f: impl Fn(f64, f64) -> f64) -> Grid {
        let density = self.density.iter().zip(&other.density).map(|(&a, &b)| f(a, b)).collect();
        Grid { density, ..*self }
    }

    fn product(&self, other: &Grid) -> Grid {
        let mut out = Grid::empty(Shape { rows: self.shape.rows, cols: other.shape.cols });
        let stride = out.cols.count().max(1);
        out.density.par_chunks_mut(stride).enumerate().for_each(|(row, cells)| {
            for (inner, &a) in self.row(row).iter().enumerate().filter(|(_, a)| **a > 0.0) {
                let width = self.cols.width(inner);
                for (cell, &b) in cells.iter_mut().zip(other.row(inner)).filter(|(_, b)| **b > 0.0) {
                    *cell = either(*cell, product_density(a, b, width));
                }
            }
        });
        out
    }

    fn transposed(&self) -> Grid {
        let mut out = Grid::empty(Shape { rows: self.shape.cols, cols: self.shape.rows });
        let stride = out.cols.count();
        for row in 0..self.rows.count() {
            for (col, &density) in self.row(row).iter().enumerate() {
                out.density[col * stride + row] = density;
            }
        }
        out
    }

    /// Adds the counts of its blocks to those of `out`, after so many rows and columns of it.
    fn add_to(&self, out: &mut Grid, down: usize, right: usize) {
        let along = |blocks: Blocks, offset: usize, there: Blocks| {
            overlaps(blocks.len as u128, blocks.edge as u128, offset as u128, there.edge as u128)
        };
        let cols = along(self.cols, right, out.cols);
        let stride = out.cols.count();
        for (row, to_row, row_part) in along(self.rows, down, out.rows) {
            for &(col, to_col, col_part) in &cols {
                out.density[to_row * stride + to_col] += self.block_count(row, col) * row_part * col_part;
            }
        }
    }

    /// The cells of each row block go where its rows go, evenly over the columns.
    fn reshaped(&self, shape: Shape) -> Grid {
        let mut out = Grid::empty(shape);
        let (from, to) = (self.shape.cols as u128, shape.cols as u128);
        let (edge, there) = (self.rows.edge as u128 * from, out.rows.edge as u128 * to);
        let stride = out.cols.count();
        for (row, to_row, part) in overlaps(self.rows.len as u128 * from, edge.max(1), 0, there.max(1)) {
            let count: f64 = (0..self.cols.count()).map(|col| self.block_count(row, col)).sum();
            for col in 0..stride {
                let of_cols = out.cols.width(col) / shape.cols as f64;
                out.density[to_row * stride + col] += count * part * of_cols;
            }
        }
        out.per_cell()
    }

    fn on_diagonal(&self) -> Grid {
        let mut out = Grid::empty(Shape { rows: self.shape.rows, cols: self.shape.rows });
        let stride = out.cols.count();
        for block in 0..self.rows.count() {
            out.density[block * stride + block] = self.density[block] / self.rows.width(block);
        }
        out
    }

    fn diagonal(&self) -> Grid {
        let mut out = Grid::empty(Shape { rows: self.shape.rows, cols: 1 });
        out.density.iter_mut().enumerate().for_each(|(block, density)| *density = self.row(block)[block]);
        out
    }
}

impl Estimator<'_> for DensityMap {
    type Structure = Grid;

    fn leaf(&self, leaf: Leaf<'_>) -> Option<Grid> {
        leaf.pattern().map(|pattern| Grid::of(&pattern))
    }

    fn count(&self, op: Op, inputs: &[Sketch<'_, Grid>]) -> Option<Counted<Grid>> {
        let first = inputs.first()?.structure?;
        let second = || inputs.get(1)?.structure;
        let grid = match op {
            Op::Product => first.product(second()?),
            Op::Plus => first.zip(second()?, either),
            Op::Times => first.zip(second()?, |a, b| a * b),
            Op::DiagVector => first.diagonal(),
            _ => return None,
        };
        Some(Counted::about(grid.count()).with(grid))
    }

    fn propagate(&self, op: Op, inputs: &[Sketch<'_, Grid>], result: (Shape, Estimate)) -> Option<Grid> {
        let (shape, _) = result;
        let first = inputs.first()?.structure?;
        match op {
            Op::Transpose => Some(first.transposed()),
            Op::DiagMatrix => Some(first.on_diagonal()),
            Op::NotZero => Some(first.clone()),
            Op::EqualsZero => Some(first.zip(first, |density, _| 1.0 - density)),
            Op::Reshape(to) if to == first.shape => Some(first.clone()),
            Op::Reshape(_) => Some(first.reshaped(shape)),
            Op::Cbind | Op::Rbind => {
                let (down, right) =
                    if op == Op::Rbind { (first.shape.rows, 0) } else { (0, first.shape.cols) };
                let mut out = Grid::empty(shape);
                first.add_to(&mut out, 0, 0);
                inputs.get(1)?.structure?.add_to(&mut out, down, right);
                Some(out.per_cell())
            }
            Op::Product | Op::Plus | Op::Times | Op::DiagVector => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_dealt_out_whole() {
        for (len, edge, offset, to) in [(1000, 256, 100, 256), (7, 3, 5, 2), (0, 3, 0, 2), (512, 256, 0, 256)]
        {
            let mut parts = vec![0.0; 4];
            overlaps(len, edge, offset, to).iter().for_each(|&(block, _, part)| parts[block] += part);
            let blocks = len.div_ceil(edge) as usize;
            assert!(parts[..blocks].iter().all(|part| (part - 1.0_f64).abs() < 1e-12), "{parts:?}");
        }
        assert_eq!(overlaps(4, 4, 2, 4), [(0, 0, 0.5), (0, 1, 0.5)]);
    }
}
