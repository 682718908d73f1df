//! Types of HDF5 and those of our cells.

use hdf5_pure::{Datatype, DatatypeByteOrder, FixedPointLayout, FloatingPointLayout};

use crate::cells::CellType;

/// What cells of a type are; the message says what they are instead.
///
/// # Errors
/// When they are no numbers, or numbers of an unusual kind.
pub fn cell_type(datatype: &Datatype) -> Result<CellType, String> {
    let of = |kind, size: u32, order: &DatatypeByteOrder| match order {
        DatatypeByteOrder::LittleEndian => Ok(CellType { kind, bytes: size as usize, big: false }),
        DatatypeByteOrder::BigEndian => Ok(CellType { kind, bytes: size as usize, big: true }),
        DatatypeByteOrder::Vax => Err("holds numbers in the order of a VAX, which are not read".to_string()),
    };
    let whole = |size: u32, offset: u16, precision: u16| {
        matches!(size, 1 | 2 | 4 | 8) && offset == 0 && u32::from(precision) == size * 8
    };
    let other = |what: &str| Err(format!("holds {what}, and a matrix holds numbers"));
    match datatype {
        Datatype::FixedPoint {
            size,
            byte_order,
            layout: FixedPointLayout { signed, bit_offset, bit_precision },
        } => {
            if !whole(*size, *bit_offset, *bit_precision) {
                return Err(format!(
                    "holds integers of {bit_precision} bits in {size} bytes, which are not read"
                ));
            }
            of(if *signed { b'i' } else { b'u' }, *size, byte_order)
        }
        Datatype::FloatingPoint { size, byte_order, layout } => {
            if !is_ieee(*size, layout) {
                return Err(format!(
                    "holds floats of {} bits of another kind than IEEE 754 has, which are not read",
                    layout.bit_precision
                ));
            }
            of(b'f', *size, byte_order)
        }
        Datatype::BitField { size, byte_order, bit_offset, bit_precision }
            if whole(*size, *bit_offset, *bit_precision) =>
        {
            of(b'u', *size, byte_order)
        }
        // Truth values of h5py are an enumeration of 0 and 1.
        Datatype::Enumeration { base_type, .. } => cell_type(base_type),
        Datatype::String { .. } | Datatype::VariableLength { is_string: true, .. } => other("texts"),
        Datatype::Compound { .. } => other("records (a table, or complex numbers)"),
        Datatype::VariableLength { .. } | Datatype::Array { .. } => other("lists"),
        Datatype::Reference { .. } => other("references to other data sets"),
        Datatype::Time { .. } => other("times"),
        _ => other("bytes without a meaning"),
    }
}

/// True for the halves, singles and doubles of IEEE 754.
fn is_ieee(size: u32, layout: &FloatingPointLayout) -> bool {
    const HALF: FloatingPointLayout = FloatingPointLayout {
        bit_offset: 0,
        bit_precision: 16,
        exponent_location: 10,
        exponent_size: 5,
        mantissa_location: 0,
        mantissa_size: 10,
        exponent_bias: 15,
    };
    let usual = match size {
        2 => HALF,
        4 => FloatingPointLayout::IEEE754_BINARY32,
        8 => FloatingPointLayout::IEEE754_BINARY64,
        _ => return false,
    };
    *layout == usual
}
