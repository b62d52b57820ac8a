"""Pictures of report tables and of plain sequences. Nothing is shown, no global state is touched.

matplotlib is loaded by the first drawing, so that whoever only names a chart does not pay for it.
"""

from wcsanalytics.charts.canvas import PALETTE
from wcsanalytics.charts.pictures import cause_pareto, delay_percentiles, hour_heat_map, mos_distribution
from wcsanalytics.charts.plots import CHARTS, SEVERITIES, draw, svg

__all__ = [
    "CHARTS",
    "PALETTE",
    "SEVERITIES",
    "cause_pareto",
    "delay_percentiles",
    "draw",
    "hour_heat_map",
    "mos_distribution",
    "svg",
]
