//! What is known of files before they are read: the compiler's view of metadata.

use std::path::Path;

use tilewright_io::DataType;
use tilewright_ops::{Dim, Facts, Nnz};
use tilewright_opt::flow::Inputs;
use tilewright_runtime::statement::read_options;
use tilewright_value::Scalar;

fn dim(n: Option<usize>) -> Dim {
    n.map_or(Dim::Unknown, |n| Dim::Known(n as u64))
}

/// Metadata of files, read when the compiler asks.
pub struct Files;

impl Inputs for Files {
    fn facts(&self, read: &dyn Fn(&str) -> Option<Scalar>) -> Facts {
        // Files hold numbers, and no selections.
        let numbers = |rows, cols| Facts { logical: Some(false), ..Facts::matrix(rows, cols) };
        let unknown = numbers(Dim::Unknown, Dim::Unknown);
        let text = |name: &str| read(name).map(|scalar| scalar.to_string().to_lowercase());
        if text("data_type").is_some_and(|kind| kind == "scalar") {
            return Facts::SCALAR;
        }
        if text("data_type").is_some_and(|kind| kind == "list") {
            return Facts::LIST;
        }
        let is_frame = text("data_type").is_some_and(|kind| kind == "frame");
        let unknown = if is_frame { Facts::frame(Dim::Unknown, Dim::Unknown) } else { unknown };
        let (Some(path), Ok(options)) = (read("path"), read_options(&|name| Ok(read(name)))) else {
            return unknown;
        };
        let path = path.to_string();
        let path = Path::new(&path);
        if is_frame {
            let Ok(known) = tilewright_io::declared(path, &options) else { return unknown };
            return Facts::frame(dim(known.rows), dim(known.cols));
        }
        let Ok(Some(metadata)) = tilewright_io::metadata(path, &options) else {
            return unknown;
        };
        if metadata.data_type == DataType::Scalar {
            return Facts::SCALAR;
        }
        if metadata.data_type == DataType::List {
            return Facts::LIST;
        }
        if metadata.data_type == DataType::Frame {
            return Facts::frame(dim(metadata.rows), dim(metadata.cols));
        }
        let nnz = metadata.nnz.map_or(Nnz::Unknown, |n| Nnz::AtMost(n as u64));
        numbers(dim(metadata.rows), dim(metadata.cols)).with_nnz(nnz)
    }
}
