"""Makes the files of this folder: what NumPy, SciPy, h5py, pandas, polars and pyarrow write.

Run in this folder: python make.py
"""

import datetime
import decimal

import h5py
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import scipy.sparse as sp

# NumPy: types, orders, dimensions. Cells are i * 3 + j + 1, or as the name says.
a = np.arange(1, 7).reshape(2, 3)
for name in ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", ">f8", ">i2"]:
    np.save(f"numpy-{name.replace('>', 'big-')}.npy", a.astype(name))
np.save("numpy-bool.npy", np.array([[True, False, True], [False, False, True]]))
np.save("numpy-fortran.npy", np.asfortranarray(a.astype("f8")))
np.save("numpy-vector.npy", np.array([1.5, np.nan, -np.inf, -0.0]))
np.save("numpy-number.npy", np.array(2.5))
np.save("numpy-empty.npy", np.zeros((0, 4)))
np.save("numpy-cube.npy", np.zeros((2, 2, 2)))
np.save("numpy-text.npy", np.array(["a", "b"]))
np.savez("numpy-one.npz", x=a.astype("f8"))
np.savez_compressed("numpy-compressed.npz", x=a.astype("f8"))
np.savez("numpy-two.npz", x=a, y=a)

# SciPy: [[0, 2.5, 0, 0], [0, 0, 0, 0], [-1, 0, 0, 7]]
dense = np.array([[0, 2.5, 0, 0], [0, 0, 0, 0], [-1, 0, 0, 7]])
for name in ["csr", "csc", "coo"]:
    sp.save_npz(f"scipy-{name}.npz", sp.coo_matrix(dense).asformat(name))
sp.save_npz("scipy-plain.npz", sp.csr_array(dense), compressed=False)
sp.save_npz("scipy-int.npz", sp.csr_matrix(dense.astype("i4")))
sp.save_npz("scipy-bsr.npz", sp.bsr_matrix(dense))
sp.save_npz("scipy-dia.npz", sp.dia_matrix(dense))
repeated = sp.coo_matrix(([1.5, 1.0, 7.0, -1.0, 3.0, -3.0], ([0, 0, 2, 2, 1, 1], [1, 1, 3, 0, 2, 2])), shape=(3, 4))
sp.save_npz("scipy-repeated.npz", repeated)

# HDF5: types, layouts and shapes; cells are i * 3 + j + 1, those of layouts i * 7 + j, or as the name says.
with h5py.File("h5py-types.h5", "w") as file:
    for name in ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", ">f8", ">f4", ">i2", ">u8"]:
        file[name.replace(">", "big-")] = a.astype(name)
    file["bool"] = np.array([[True, False, True], [False, False, True]])
    file["large"] = np.array([2**62 + 1, -(2**53) - 1, 3])
with h5py.File("h5py-shapes.h5", "w") as file:
    file["number"] = 2.5
    file["deep/er/vector"] = np.array([1.5, np.nan, -np.inf, -0.0])
    file["deep/empty"] = np.zeros((0, 4))
    file["cube"] = np.zeros((2, 3, 4))
    file.create_dataset("unwritten", (2, 2), "f4", fillvalue=7.0)
    file["nothing"] = h5py.Empty("f8")
    file["text"] = "a"
    file["texts"] = np.array([b"ab", b"c"])
    file["table"] = np.array([(1, 2.5), (2, 3.5)], dtype=[("i", "i4"), ("x", "f8")])
    file["complex"] = np.array([1j, 2])
    file["reference"] = np.array([file.ref], dtype=h5py.ref_dtype)
    file.create_dataset("odd", data=np.float128(1))
b = np.arange(20 * 7, dtype="f8").reshape(20, 7)
for version in ["earliest", "v110"]:
    with h5py.File(f"h5py-{version}.h5", "w", libver=(version, "v110")) as file:
        file["contiguous"] = b
        for name, options in {
            "chunked": {"chunks": (6, 3)},
            "whole": {"chunks": (20, 7)},
            "rows": {"chunks": (1, 7), "maxshape": (None, 7)},
            "gzip": {"chunks": (8, 7), "compression": "gzip"},
            "shuffle": {"chunks": (8, 2), "compression": "gzip", "shuffle": True},
            "lzf": {"chunks": (8, 7), "compression": "lzf", "fletcher32": True},
            "integers": {"chunks": (8, 7), "dtype": "i4", "scaleoffset": 0},
            "growing": {"chunks": (8, 4), "maxshape": (None, None)},
        }.items():
            file.create_dataset(name, data=b, **options)
        early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        file.create_dataset("early", data=b, chunks=(8, 4), dcpl=early)
        compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        compact.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple(b.shape)
        h5py.h5d.create(file.id, b"compact", h5py.h5t.NATIVE_DOUBLE, space, compact).write(h5py.h5s.ALL, h5py.h5s.ALL, b)
with h5py.File("h5py-one.h5", "w") as file:
    file["group/X"] = a.astype("f8")
    file["names"] = np.array([b"ab", b"c"])
with h5py.File("h5py-links.h5", "w") as file:
    file["X"] = a.astype("f8")
    file["again"] = h5py.SoftLink("/X")
with h5py.File("h5py-latest.h5", "w", libver="latest") as file:
    file.create_dataset("gzip", data=b, compression="gzip")

# Frames of every type; the second row is missing.
columns = {
    "int8": pa.array([1, None, -3], pa.int8()),
    "uint16": pa.array([1, None, 65535], pa.uint16()),
    "int32": pa.array([1, None, -3], pa.int32()),
    "int64": pa.array([1, None, 2**62], pa.int64()),
    "uint64": pa.array([1, None, 2**62], pa.uint64()),
    "half": pa.array([np.float16(0.5), None, np.float16(-2)], pa.float16()),
    "float": pa.array([0.25, None, -2.5], pa.float32()),
    "double": pa.array([0.1, None, float("nan")], pa.float64()),
    "bool": pa.array([True, None, False]),
    "größe": pa.array(["Zürich", None, "日本"]),
    "large": pa.array(["a", None, ""], pa.large_string()),
    "view": pa.array(["a", None, "a text of more than twelve bytes"], pa.string_view()),
    "category": pa.array(["x", None, "y"]).dictionary_encode(),
    "decimal": pa.array([decimal.Decimal("1.10"), None, decimal.Decimal("-0.07")], pa.decimal128(9, 2)),
    "date": pa.array([datetime.date(2024, 2, 29), None, datetime.date(1969, 12, 31)]),
    "time": pa.array([datetime.time(1, 2, 3, 500000), None, datetime.time(23, 59)], pa.time64("us")),
    "moment": pa.array([datetime.datetime(2024, 2, 29, 12, 30), None, datetime.datetime(1969, 12, 31, 23, 59, 59, 250000)]),
    "utc": pa.array([1, None, -1], pa.timestamp("s", tz="Europe/Berlin")),
    "null": pa.nulls(3),
}
table = pa.table(columns)
pq.write_table(table.drop_columns(["view"]), "pyarrow.parquet")
feather.write_feather(table, "pyarrow.feather", compression="lz4")
with pa.OSFile("pyarrow.arrow", "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
    writer.write_table(table)
with pa.OSFile("pyarrow.arrows", "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
    writer.write_table(table)
pq.write_table(pa.table({"nested": pa.array([[1, 2], [3]])}), "pyarrow-nested.parquet")
with pa.OSFile("pyarrow-nested.arrow", "wb") as sink:
    nested = pa.table({"nested": pa.array([[1, 2], [3]])})
    with pa.ipc.new_file(sink, nested.schema) as writer:
        writer.write_table(nested)

# Frames of numbers: 10 rows in groups of 4, so that there are several of them; cells are i + j / 4.
numbers = {f"x{j}": np.arange(10) + j / 4 for j in range(3)}
for compression in ["none", "snappy", "gzip", "zstd", "lz4", "brotli"]:
    pq.write_table(pa.table(numbers), f"numbers-{compression}.parquet", compression=compression, row_group_size=4)
pd.DataFrame(numbers).to_parquet("pandas.parquet")
pd.DataFrame(numbers).to_feather("pandas.feather", compression="zstd")
pl.DataFrame(numbers).write_parquet("polars.parquet", row_group_size=4)
pl.DataFrame(numbers).write_ipc("polars.arrow", compression="zstd")
pl.DataFrame({"i": pl.Series([1, None, 3], dtype=pl.Int32), "s": ["a", None, "ü"], "c": pl.Series(["p", "q", "p"], dtype=pl.Categorical)}).write_parquet(
    "polars-mixed.parquet"
)
pq.write_table(pa.table({"x": pa.array([], pa.float64()), "s": pa.array([], pa.string())}), "empty.parquet")
