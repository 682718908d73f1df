//! The value types of columns.

use tilewright_base::{Outcome, bail, nearest};

/// The type of the cells of a column. Later types hold what earlier ones hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ColumnType {
    /// Truth values.
    Boolean,
    /// Integers of 32 bits.
    Int32,
    /// Integers of 64 bits.
    Int64,
    /// Floating point of 32 bits; a cell stands for the shortest decimal that reads back to it.
    Fp32,
    /// Floating point of 64 bits.
    Fp64,
    /// Texts.
    String,
}

impl ColumnType {
    /// All types.
    pub const ALL: [ColumnType; 6] = [
        ColumnType::Boolean,
        ColumnType::Int32,
        ColumnType::Int64,
        ColumnType::Fp32,
        ColumnType::Fp64,
        ColumnType::String,
    ];

    /// The name in schemas: `FP64`.
    pub fn name(self) -> &'static str {
        match self {
            ColumnType::Boolean => "BOOLEAN",
            ColumnType::Int32 => "INT32",
            ColumnType::Int64 => "INT64",
            ColumnType::Fp32 => "FP32",
            ColumnType::Fp64 => "FP64",
            ColumnType::String => "STRING",
        }
    }

    /// The type of a name, in any case; also `double`, `int`, `character` and other spellings in use.
    ///
    /// # Errors
    /// For unknown names.
    pub fn from_name(name: &str) -> Outcome<ColumnType> {
        let upper = name.trim().to_uppercase();
        Ok(match upper.as_str() {
            "BOOLEAN" | "BOOL" | "LOGICAL" => ColumnType::Boolean,
            "INT32" | "UINT4" | "UINT8" => ColumnType::Int32,
            "INT64" | "INT" | "INTEGER" | "LONG" => ColumnType::Int64,
            "FP32" | "FLOAT" | "FLOAT32" => ColumnType::Fp32,
            "FP64" | "DOUBLE" | "FLOAT64" => ColumnType::Fp64,
            "STRING" | "CHARACTER" | "UNKNOWN" => ColumnType::String,
            _ => match nearest(&upper, ColumnType::ALL.map(ColumnType::name)) {
                Some(meant) => {
                    bail!(Value, "\"{name}\" is no type of a column"; hint: "did you mean \"{meant}\"?")
                }
                None => {
                    bail!(Value, "\"{name}\" is no type of a column"; hint: "types are BOOLEAN, INT32, INT64, FP32, FP64 and STRING")
                }
            },
        })
    }

    /// The types of a list of names separated by commas, as metadata writes them: `STRING,INT32,`.
    ///
    /// # Errors
    /// For unknown names.
    pub fn schema(text: &str) -> Outcome<Vec<ColumnType>> {
        let names = text.strip_suffix(',').unwrap_or(text);
        names.split(',').map(ColumnType::from_name).collect()
    }
}

impl std::fmt::Display for ColumnType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_in_any_case_and_spelling() {
        for kind in ColumnType::ALL {
            assert_eq!(ColumnType::from_name(&kind.name().to_lowercase()), Ok(kind));
        }
        assert_eq!(
            ColumnType::schema("string,Double,INT,"),
            Ok(vec![ColumnType::String, ColumnType::Fp64, ColumnType::Int64])
        );
        assert!(ColumnType::from_name("INT3").is_err());
    }
}
