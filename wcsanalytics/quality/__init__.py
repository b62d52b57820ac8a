"""Mathematics of the field: pure functions over numbers, without input or output."""

from wcsanalytics.quality.differences import difference, newcombe
from wcsanalytics.quality.intervals import Interval, wilson
from wcsanalytics.quality.kaplan_meier import Step, median_survival, survival

__all__ = ["Interval", "Step", "difference", "median_survival", "newcombe", "survival", "wilson"]
