"""Numbers that formulas take: one float, or a numpy array of them in which NaN stands for null."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]
IntArray: TypeAlias = NDArray[np.int64]

Numbers = TypeVar("Numbers", float, FloatArray)
"""What goes in as a float comes out as one, what goes in as an array comes out as an array; NaN stays NaN."""


def floats(values: Any) -> FloatArray:
    """An array of doubles from an Arrow column, a sequence or a number; null and None become NaN.

    >>> floats([1, None, 2.5]).tolist()
    [1.0, nan, 2.5]
    """
    if isinstance(values, pa.Array | pa.ChunkedArray):
        cast = values.cast(pa.float64())
        arrow: FloatArray = cast.to_numpy() if isinstance(cast, pa.ChunkedArray) else cast.to_numpy(False)
        return arrow
    return np.asarray(values, dtype=np.float64)


def nullable(values: FloatArray) -> pa.Array:
    """An Arrow column of doubles with NaN as null."""
    return pa.array(values, type=pa.float64(), from_pandas=True)
