"""The answer to a query: made when it is first looked at, in whatever form is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd
    import polars

from wcsanalytics import inert

SHOWN = 20
"""Rows that a notebook shows."""


class Result:
    """Rows of a query.

    >>> Result(lambda: pa.table({"n": [1, 2]})).df()["n"].sum()
    np.int64(3)
    """

    def __init__(self, fetch: Callable[[], pa.Table], title: str = "") -> None:
        """`fetch` is called once, when the rows are first needed."""
        self._fetch = fetch
        self._title = title

    @cached_property
    def _rows(self) -> pa.Table:
        return self._fetch()

    def arrow(self) -> pa.Table:
        """The rows as an Arrow table."""
        return self._rows

    def df(self) -> pd.DataFrame:
        """The rows as a pandas frame; integers and booleans keep their nulls."""
        import pandas as pd

        kinds = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype(), pa.bool_(): pd.BooleanDtype()}
        frame: pd.DataFrame = self._rows.to_pandas(types_mapper=kinds.get)
        return frame

    def polars(self) -> polars.DataFrame:
        """The rows as a polars frame; needs the extra `polars`."""
        import polars

        frame = polars.from_arrow(self._rows)
        assert isinstance(frame, polars.DataFrame)
        return frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """Arrow's stream protocol: pandas, polars, DuckDB and others read the rows without a copy."""
        return self._rows.__arrow_c_stream__(requested_schema)

    def __len__(self) -> int:
        return int(self._rows.num_rows)

    def __repr__(self) -> str:
        return inert.terminal(f"<{self._title or 'result'}: {len(self)} rows, {', '.join(self._rows.column_names)}>")

    def _repr_html_(self) -> str:
        shown = self._rows.slice(0, SHOWN)
        head = "".join(f"<th>{inert.html(name)}</th>" for name in shown.column_names)
        body = "".join(f"<tr>{''.join(map(_cell, row.values()))}</tr>" for row in shown.to_pylist())
        more = len(self) - shown.num_rows
        foot = f"<p>{more} more rows</p>" if more > 0 else ""
        caption = f"<caption>{inert.html(self._title)}</caption>" if self._title else ""
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{foot}"


def _cell(value: object) -> str:
    return f"<td>{'' if value is None else inert.html(str(value))}</td>"
