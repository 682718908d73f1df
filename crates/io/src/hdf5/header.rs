//! What stands before the cells of a file with one data set: the superblock, a group for each name but the last, and the
//! description of the data set, in the first version of each, which every reader of HDF5 knows.
//!
//! "HDF5 File Format Specification", version 3.0, sections II.A, III.A, III.B, III.D and IV.A. The library that reads
//! wants all cells in its own memory to write them; behind this header they go from the matrix to the file.
//!
//! ```text
//! superblock | group "/": header, tree, heap with a name, table of one entry | group ... | data set | cells
//! ```

/// An address that says that there is nothing.
const NOWHERE: u64 = u64::MAX;

/// Half of the entries of a table of links, and half of the children of a tree.
const TABLE: usize = 4;
const TREE: usize = 16;

const SUPERBLOCK_BYTES: usize = 96;
const GROUP_HEADER_BYTES: usize = 40;
const TREE_BYTES: usize = 24 + (2 * TREE + 1) * 8 + 2 * TREE * 8;
const HEAP_BYTES: usize = 32;
const TABLE_BYTES: usize = 8 + 2 * TABLE * 40;
const DATA_SET_BYTES: usize = 128;

/// The place of the name in the heap of a group; the empty name stands before it.
const NAME: u64 = 8;

/// Where the parts of a group are.
struct Places {
    header: u64,
    tree: u64,
    heap: u64,
    names: u64,
    table: u64,
    end: u64,
}

impl Places {
    fn of(header: u64, name: &str) -> Places {
        let tree = header + GROUP_HEADER_BYTES as u64;
        let heap = tree + TREE_BYTES as u64;
        let names = heap + HEAP_BYTES as u64;
        let table = names + heap_bytes(name);
        Places { header, tree, heap, names, table, end: table + TABLE_BYTES as u64 }
    }
}

/// The bytes of the names of a heap: none, and one that ends in a zero.
fn heap_bytes(name: &str) -> u64 {
    NAME + (name.len() as u64 + 1).next_multiple_of(8)
}

/// The bytes before the cells of a matrix of doubles, which has the last of the names, in groups of the others.
pub fn encode(names: &[&str], rows: usize, cols: usize) -> Vec<u8> {
    let mut groups: Vec<Places> = Vec::new();
    for name in names {
        groups.push(Places::of(groups.last().map_or(SUPERBLOCK_BYTES as u64, |above| above.end), name));
    }
    let data_set = groups.last().map_or(SUPERBLOCK_BYTES as u64, |last| last.end);
    let (start, bytes) = (data_set + DATA_SET_BYTES as u64, (rows * cols * size_of::<f64>()) as u64);
    let mut out = Encoder(Vec::new());
    out.superblock(&groups[0], start + bytes);
    for (at, name) in names.iter().enumerate() {
        out.group(&groups[at], name, groups.get(at + 1), data_set);
    }
    out.data_set(rows, cols, if bytes == 0 { NOWHERE } else { start });
    out.0
}

struct Encoder(Vec<u8>);

impl Encoder {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend(bytes);
    }

    fn u16s(&mut self, values: &[u16]) {
        values.iter().for_each(|value| self.0.extend(value.to_le_bytes()));
    }

    fn u32s(&mut self, values: &[u32]) {
        values.iter().for_each(|value| self.0.extend(value.to_le_bytes()));
    }

    fn u64s(&mut self, values: &[u64]) {
        values.iter().for_each(|value| self.0.extend(value.to_le_bytes()));
    }

    /// Zeros up to a place.
    fn up_to(&mut self, place: u64) {
        self.0.resize(place as usize, 0);
    }

    fn superblock(&mut self, root: &Places, end: u64) {
        self.bytes(super::MAGIC);
        // Versions of four parts, and addresses and lengths of 8 bytes.
        self.bytes(&[0, 0, 0, 0, 0, 8, 8, 0]);
        self.u16s(&[TABLE as u16, TREE as u16]);
        self.u32s(&[0]);
        self.u64s(&[0, NOWHERE, end, NOWHERE]);
        self.entry(0, root.header, Some(root));
    }

    /// A link; that to a group repeats where its parts are.
    fn entry(&mut self, name: u64, header: u64, group: Option<&Places>) {
        self.u64s(&[name, header]);
        self.u32s(&[u32::from(group.is_some()), 0]);
        self.u64s(&group.map_or([0, 0], |group| [group.tree, group.heap]));
    }

    fn group(&mut self, places: &Places, name: &str, inner: Option<&Places>, data_set: u64) {
        self.object(1, GROUP_HEADER_BYTES - 16);
        self.message(0x11, 16);
        self.u64s(&[places.tree, places.heap]);
        // A tree of one child, between the empty name and the only one.
        self.bytes(b"TREE\0\0");
        self.u16s(&[1]);
        self.u64s(&[NOWHERE, NOWHERE, 0, places.table, NAME]);
        self.up_to(places.heap);
        self.bytes(b"HEAP\0\0\0\0");
        // 1 says that no part of the heap is free.
        self.u64s(&[heap_bytes(name), 1, places.names]);
        self.u64s(&[0]);
        self.bytes(name.as_bytes());
        self.up_to(places.table);
        self.bytes(b"SNOD\x01\0");
        self.u16s(&[1]);
        self.entry(NAME, inner.map_or(data_set, |inner| inner.header), inner);
        self.up_to(places.end);
    }

    fn object(&mut self, messages: u16, bytes: usize) {
        self.u16s(&[1, messages]);
        self.u32s(&[1, bytes as u32, 0]);
    }

    fn message(&mut self, kind: u16, bytes: u16) {
        self.u16s(&[kind, bytes, 0, 0]);
    }

    fn data_set(&mut self, rows: usize, cols: usize, start: u64) {
        let end = self.0.len() + DATA_SET_BYTES;
        self.object(4, DATA_SET_BYTES - 16);
        // Two dimensions.
        self.message(0x1, 24);
        self.bytes(&[1, 2, 0, 0, 0, 0, 0, 0]);
        self.u64s(&[rows as u64, cols as u64]);
        // Floats with the lowest byte first and the sign in bit 63: places and sizes of exponent and fraction.
        self.message(0x3, 24);
        self.bytes(&[0x11, 0x20, 63, 0]);
        self.u32s(&[8]);
        self.u16s(&[0, 64]);
        self.bytes(&[52, 11, 0, 52]);
        self.u32s(&[1023, 0]);
        // Cells that were never written would be zeros.
        self.message(0x5, 8);
        self.bytes(&[2, 2, 2, 1, 0, 0, 0, 0]);
        // The cells stand together.
        self.message(0x8, 24);
        self.bytes(&[3, 1]);
        self.u64s(&[start, (rows * cols * size_of::<f64>()) as u64]);
        self.up_to(end as u64);
    }
}
