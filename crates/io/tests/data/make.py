"""Makes the files of this folder: what NumPy, SciPy, pandas, polars and pyarrow write.

Run in this folder: python make.py
"""

import datetime
import decimal

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
