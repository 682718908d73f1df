"""Reads the files of the folder in the first argument with other libraries; tests/peers.rs wrote them and runs this.

Prints the libraries that were there. A library that is absent is left out, a wrong cell is an error.
"""

import importlib
import sys
from pathlib import Path

folder = Path(sys.argv[1])


def library(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


np, sparse, h5py, pa, pl, pd = map(library, ["numpy", "scipy.sparse", "h5py", "pyarrow", "polars", "pandas"])
read = []


def check_matrix(found, library):
    assert found.shape == (40, 23), (library, found.shape)
    for i in range(40):
        for j in range(23):
            expected = (i + 1) / (j + 1) if (i * 23 + j) % 31 == 3 else 0.0
            assert float(found[i, j]) == expected, (library, i, j, found[i, j])


def check_names(names, library):
    assert list(names) == ["ja?", "größe", "数", "a b", "x,y", "name"], (library, names)


def check_cells(rows, library):
    assert len(rows) == 23, (library, len(rows))
    assert rows[4] == [None] * 6, (library, rows[4])
    assert rows[0] == [True, -10, 2**63 - 1, 0.0, 0.1, ""], (library, rows[0])
    assert rows[6] == [True, -4, 2**63 - 7, 1.5, -0.0, "\U0001f600"], (library, rows[6])
    assert rows[3][5] == "日本" and rows[3][4] == float("inf"), (library, rows[3])


if np:
    check_matrix(np.load(folder / "m.npy"), "numpy")
    read.append("numpy")
if sparse:
    check_matrix(sparse.load_npz(folder / "m.npz").toarray(), "scipy")
    read.append("scipy")
if h5py:
    for name, path in [("m.h5", "X"), ("named.h5", "a group/größe/数"), ("compressed.h5", "X"), ("compressed-named.h5", "g/h/Y")]:
        with h5py.File(folder / name) as file:
            check_matrix(file[path][:], f"h5py, {name}")
            assert file[path].dtype == "<f8", file[path].dtype
            assert (file[path].compression == "gzip") == name.startswith("compressed"), file[path].compression
    for name in ["empty.h5", "empty-rows.h5"]:
        with h5py.File(folder / name) as file:
            assert file["X"].shape == {"empty.h5": (0, 3), "empty-rows.h5": (2, 0)}[name], file["X"].shape
    # A file of ours may be changed by others.
    with h5py.File(folder / "named.h5", "a") as file:
        for at in range(40):
            file[f"a group/more-{at}"] = np.arange(3)
        check_matrix(file["a group/größe/数"][:], "h5py, changed")
    read.append("h5py")
if pa:
    import pyarrow.feather as feather
    import pyarrow.parquet as pq

    for table in [pq.read_table(folder / "f.parquet"), feather.read_table(folder / "f.arrow")]:
        check_names(table.column_names, "pyarrow")
        check_cells([list(row.values()) for row in table.to_pylist()], "pyarrow")
    read.append("pyarrow")
if pl:
    for frame in [pl.read_parquet(folder / "f.parquet"), pl.read_ipc(folder / "f.arrow")]:
        check_names(frame.columns, "polars")
        check_cells([list(row) for row in frame.rows()], "polars")
    check_matrix(pl.read_parquet(folder / "m.parquet").to_numpy(), "polars")
    read.append("polars")
if pd and pa:
    check_names(pd.read_parquet(folder / "f.parquet").columns, "pandas")
    check_matrix(pd.read_feather(folder / "m.arrow").to_numpy(), "pandas")
    read.append("pandas")
print(" ".join(read))
