//! The estimators by name.

use super::bitset::Bitset;
use super::density_map::DensityMap;
use super::hashing::Hashing;
use super::layered_graph::LayeredGraph;
use super::metadata_average::MetadataAverage;
use super::metadata_worst::MetadataWorst;
use super::mnc::Mnc;
use super::row_wise::RowWise;
use super::sampling::{Form, Sampling};
use super::workspace::{Estimates, Workspace};

/// Which estimator.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Method {
    /// [`MetadataAverage`].
    MetadataAverage,
    /// [`MetadataWorst`].
    MetadataWorst,
    /// [`Bitset`].
    Bitset,
    /// [`Sampling`] with [`Form::Biased`].
    SamplingBiased,
    /// [`Sampling`] with [`Form::Unbiased`].
    SamplingUnbiased,
    /// [`DensityMap`].
    DensityMap,
    /// [`LayeredGraph`].
    LayeredGraph,
    /// [`Mnc`].
    #[default]
    Mnc,
    /// [`RowWise`].
    RowWise,
    /// [`Hashing`].
    Hashing,
}

/// The seed of the estimators that draw.
const SEED: u64 = 7;

impl Method {
    /// All of them.
    pub const ALL: &[Method] = &[
        Method::MetadataAverage,
        Method::MetadataWorst,
        Method::Bitset,
        Method::SamplingBiased,
        Method::SamplingUnbiased,
        Method::DensityMap,
        Method::LayeredGraph,
        Method::Mnc,
        Method::RowWise,
        Method::Hashing,
    ];

    /// The name that users choose it by.
    pub fn name(self) -> &'static str {
        match self {
            Method::MetadataAverage => "metadata-average",
            Method::MetadataWorst => "metadata-worst",
            Method::Bitset => "bitset",
            Method::SamplingBiased => "sampling-biased",
            Method::SamplingUnbiased => "sampling-unbiased",
            Method::DensityMap => "density-map",
            Method::LayeredGraph => "layered-graph",
            Method::Mnc => "mnc",
            Method::RowWise => "row-wise",
            Method::Hashing => "hashing",
        }
    }

    /// What it is, in one line.
    pub fn doc(self) -> &'static str {
        match self {
            Method::MetadataAverage => "counts of non-zero cells, as if they lay evenly",
            Method::MetadataWorst => "counts of non-zero cells, in the worst case",
            Method::Bitset => "the exact structure, a bit per cell",
            Method::SamplingBiased => {
                "the largest outer product of a tenth of the inner dimension: a lower bound"
            }
            Method::SamplingUnbiased => "outer products of a tenth of the inner dimension, scaled up",
            Method::DensityMap => "the density of each block of 256 x 256 cells",
            Method::LayeredGraph => "minima of exponential draws along the edges of a graph of the chain",
            Method::Mnc => "counts of rows and columns, and of cells alone in theirs",
            Method::RowWise => "the density of each row, through the cells of the left matrix",
            Method::Hashing => "the smallest hashes of the cells of a product",
        }
    }

    /// The one with that name.
    pub fn named(name: &str) -> Option<Method> {
        Method::ALL.iter().copied().find(|method| method.name() == name)
    }

    /// An empty workspace.
    pub fn workspace<'a>(self) -> Box<dyn Estimates<'a> + 'a> {
        match self {
            Method::MetadataAverage => Box::new(Workspace::new(MetadataAverage)),
            Method::MetadataWorst => Box::new(Workspace::new(MetadataWorst)),
            Method::Bitset => Box::new(Workspace::new(Bitset)),
            Method::SamplingBiased => Box::new(Workspace::new(Sampling { form: Form::Biased, seed: SEED })),
            Method::SamplingUnbiased => {
                Box::new(Workspace::new(Sampling { form: Form::Unbiased, seed: SEED }))
            }
            Method::DensityMap => Box::new(Workspace::new(DensityMap)),
            Method::LayeredGraph => Box::new(Workspace::new(LayeredGraph { seed: SEED })),
            Method::Mnc => Box::new(Workspace::new(Mnc { seed: SEED })),
            Method::RowWise => Box::new(Workspace::new(RowWise)),
            Method::Hashing => Box::new(Workspace::new(Hashing { seed: SEED })),
        }
    }
}
