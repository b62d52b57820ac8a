"""Pictures: what is drawn, that it is the same each time, and that words in it stay words."""

import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import pyarrow as pa
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from wcsanalytics import charts
from wcsanalytics.errors import UnknownName
from wcsanalytics.reports.data import Plot

CAUSES = pa.table(
    {"cause": ["busy", "no answer", "busy"], "n": [3.0, 5.0, 2.0], "node": ["wcs1", "wcs1", "wcs2"]},
)
HOURS = pa.table(
    {
        "hour_at": pa.array([datetime(2026, 3, 14, hour, tzinfo=UTC) for hour in (9, 10, 11)]),
        "asr_ratio": [0.5, None, 0.75],
        "low_ratio": [0.4, None, 0.6],
        "high_ratio": [0.6, None, 0.9],
        "lane": ["client", "server", "client"],
        "what": ["connect", "refused", "bye"],
    },
    schema=pa.schema(
        [
            pa.field("hour_at", pa.timestamp("us", tz="UTC")),
            pa.field("asr_ratio", pa.float64(), metadata={"unit": "ratio", "description": "Calls answered."}),
            pa.field("low_ratio", pa.float64()),
            pa.field("high_ratio", pa.float64()),
            pa.field("lane", pa.string()),
            pa.field("what", pa.string()),
        ]
    ),
)
DELAYS = pa.table(
    {
        "delay": ["post-dial", "setup", "disconnect"],
        "p50_ms": [180.0, 2100.0, None],
        "p90_ms": [400.0, 5200.0, None],
        "p95_ms": [620.0, None, None],
        "p99_ms": [1500.0, 9000.0, None],
    },
    schema=pa.schema(
        [
            ("delay", pa.string()),
            pa.field("p50_ms", pa.float64(), metadata={"unit": "ms"}),
            *((name, pa.float64()) for name in ("p90_ms", "p95_ms", "p99_ms")),
        ]
    ),
)
SCORES = pa.table(
    {"mos": [4.2, 3.0, 4.4, 4.0], "streams": [2, 1, 1, 4], "kind": ["NB", "NB", "NB", "WB"]},
)
PLOTS = {
    "bars": (Plot("causes", "Why calls fail", "bars", "causes", "cause", "n", by="node"), CAUSES),
    "steps": (Plot("curve", "Answered", "steps", "hours", "hour_at", "asr_ratio", ("low_ratio", "high_ratio")), HOURS),
    "lines": (Plot("asr", "Answered", "lines", "hours", "hour_at", "asr_ratio", ("low_ratio", "high_ratio")), HOURS),
    "histogram": (Plot("loss", "Loss", "histogram", "causes", "n", "n"), pa.table({"n": [1.0, 2.0, 4.0]})),
    "ladder": (Plot("ladder", "Session", "ladder", "hours", "hour_at", "lane", by="what"), HOURS),
    "heat_map": (Plot("heat", "Answered by hour", "heat_map", "hours", "hour_at", "asr_ratio"), HOURS),
    "pareto": (Plot("pareto", "Why calls fail", "pareto", "causes", "cause", "n"), CAUSES),
    "percentiles": (Plot("delays", "How long it takes", "percentiles", "delays", "delay", "p50_ms"), DELAYS),
    "distribution": (Plot("scores", "MOS of streams", "distribution", "scores", "mos", "streams", by="kind"), SCORES),
}
every_chart = pytest.mark.parametrize("chart", PLOTS)


def tick_texts(labels: list[Text]) -> list[str]:
    return [label.get_text() for label in labels]


def test_each_chart_has_a_case() -> None:
    assert list(charts.CHARTS) == list(PLOTS)


def test_bars_stack_by_series_with_the_first_category_on_top() -> None:
    ax = charts.draw(*PLOTS["bars"])

    assert tick_texts(ax.get_yticklabels()) == ["busy", "no answer"]
    assert [(bar.get_x(), bar.get_width(), bar.get_y() + bar.get_height() / 2) for bar in ax.patches] == [
        (0.0, 3.0, 0.0),
        (0.0, 5.0, 1.0),
        (3.0, 2.0, 0.0),
    ]
    assert ax.yaxis_inverted()
    assert tick_texts(ax.get_legend().get_texts()) == ["wcs1", "wcs2"]


def test_bars_show_the_interval_of_each() -> None:
    rows = pa.table({"x": ["a"], "y": [5.0], "low": [4.0], "high": [7.0]})
    ax = charts.draw(Plot("p", "P", "bars", "t", "x", "y", band=("low", "high")), rows)

    (reach,) = (segment for line in ax.collections for segment in line.get_segments())
    assert reach.tolist() == [[4.0, 0.0], [7.0, 0.0]]


def test_steps_hold_their_value_and_begin_at_zero() -> None:
    ax = charts.draw(*PLOTS["steps"])

    assert ax.lines[0].get_drawstyle() == "steps-post"
    assert ax.get_ylim()[0] == 0
    assert len(ax.collections) == 1


def test_lines_leave_a_gap_where_nothing_was_measured() -> None:
    ax = charts.draw(*PLOTS["lines"])

    assert [str(value) for value in ax.lines[0].get_ydata()] == ["0.5", "nan", "0.75"]
    assert ax.get_ylabel() == "Calls answered"
    assert ax.yaxis.get_major_formatter()(0.5) == "50 %"


def test_lines_take_text_for_places_in_its_order() -> None:
    rows = pa.table({"day": ["Mon", "Tue"], "n": [1, 2]})
    ax = charts.draw(Plot("p", "P", "lines", "t", "day", "n"), rows)

    assert tick_texts(ax.get_xticklabels()) == ["Mon", "Tue"]


def test_histogram_bins_reach_to_the_next_edge() -> None:
    ax = charts.draw(*PLOTS["histogram"])

    assert [(bar.get_x(), bar.get_width()) for bar in ax.patches] == [(1.0, 1.0), (2.0, 2.0), (4.0, 2.0)]


def test_a_bin_that_is_alone_is_an_hour_of_nothing() -> None:
    noon = datetime(2026, 3, 14, 12, tzinfo=UTC)
    ax = charts.draw(Plot("p", "P", "histogram", "t", "hour_at", "bad"), pa.table({"hour_at": [noon], "bad": [0]}))

    (bar,) = ax.patches
    assert bar.get_width() == pytest.approx(1 / 24)  # of a day
    assert ax.get_ylim() == (0, 1)


def test_ladder_has_a_lane_for_each_actor() -> None:
    ax = charts.draw(*PLOTS["ladder"])

    assert tick_texts(ax.get_yticklabels()) == ["client", "server"]
    assert [list(line.get_ydata()) for line in ax.lines] == [[0], [1], [0]]
    assert tick_texts(ax.get_legend().get_texts()) == ["connect", "refused", "bye"]


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_heat_map_has_a_cell_for_each_hour_that_has_a_value() -> None:
    ax = charts.draw(*PLOTS["heat_map"])

    assert [(bar.get_x(), bar.get_width()) for bar in ax.patches] == [(9, 1), (11, 1)]
    assert texts(ax) == ["50", "75"]
    assert tick_texts(ax.get_yticklabels()) == ["Sat 2026-03-14"]
    assert ax.get_xlabel() == "hour of the day (UTC), per cent"


def test_heat_map_tells_the_hours_of_its_zone() -> None:
    hours = [(datetime(2026, 3, 14, hour, tzinfo=UTC), 3) for hour in (22, 23)]
    ax = charts.hour_heat_map(hours, zone="Europe/Berlin")

    assert [(bar.get_x(), bar.get_y() + 0.5) for bar in ax.patches] == [(23, 0), (0, 1)]
    assert tick_texts(ax.get_yticklabels()) == ["Sat 2026-03-14", "Sun 2026-03-15"]


def test_heat_map_shows_the_greater_of_an_hour_that_comes_twice() -> None:
    hours = [(datetime(2026, 10, 25, hour, tzinfo=UTC), value) for hour, value in ((0, 7), (1, 5))]

    assert texts(charts.hour_heat_map(hours, zone="Europe/Berlin")) == ["7"]


def test_heat_map_goes_from_light_to_dark() -> None:
    hours = [(datetime(2026, 3, 14, hour, tzinfo=UTC), value) for hour, value in ((1, 0), (2, 5), (3, 10))]
    ax = charts.hour_heat_map(hours)

    brightness = [sum(bar.get_facecolor()[:3]) for bar in ax.patches]
    assert brightness == sorted(brightness, reverse=True)
    assert [text.get_color() for text in ax.texts] == ["#101418", "#ffffff", "#ffffff"]


def test_pareto_ranks_causes_and_adds_up_their_shares() -> None:
    ax = charts.draw(*PLOTS["pareto"])

    assert tick_texts(ax.get_yticklabels()) == ["busy", "no answer"]
    assert [bar.get_width() for bar in ax.patches] == [5, 5]
    assert texts(ax) == ["  5, up to here 50 %", "  5, up to here 100 %"]


def test_pareto_puts_the_rarest_together() -> None:
    ax = charts.cause_pareto([(f"cause {n}", n) for n in range(20)])

    assert tick_texts(ax.get_yticklabels())[0] == "cause 19"
    assert tick_texts(ax.get_yticklabels())[-1] == "5 others"
    assert [bar.get_width() for bar in ax.patches][-1] == 1 + 2 + 3 + 4 + 5


def test_percentiles_have_a_mark_each_where_they_are_known() -> None:
    ax = charts.draw(*PLOTS["percentiles"])
    marks = {line.get_label(): list(line.get_xdata()) for line in ax.lines if line.get_linestyle() == "None"}

    assert marks == {"median": [180, 2100], "p90": [400, 5200], "p95": [620], "p99": [1500, 9000]}
    assert tick_texts(ax.get_yticklabels()) == ["post-dial", "setup"]
    assert ax.get_xlim()[0] == 0
    assert ax.get_xlabel() == "ms"


def test_distribution_has_a_curve_for_each_kind_of_score() -> None:
    ax = charts.draw(*PLOTS["distribution"])

    assert [(list(line.get_xdata()), list(line.get_ydata())) for line in ax.lines] == [
        ([1, 3.0, 4.2, 4.4, 4.5], [0, 0.25, 0.75, 1, 1]),
        ([1, 4.0, 4.5], [0, 1, 1]),
    ]
    assert tick_texts(ax.get_legend().get_texts()) == ["NB (n = 4)", "WB (n = 4)"]


def test_what_is_null_is_not_drawn() -> None:
    nan = float("nan")
    hour = datetime(2026, 3, 14, tzinfo=UTC)

    assert texts(charts.mos_distribution([("NB", None, 3), ("NB", 4.0, None), ("NB", nan, 2)])) == ["no cases"]
    assert texts(charts.hour_heat_map([(hour, None), (hour, nan), (None, 3)])) == ["no cases"]
    assert texts(charts.cause_pareto([("ice", None), ("dtls", 0)])) == ["no cases"]
    assert texts(charts.delay_percentiles([("setup", None, None, None, None)])) == ["no cases"]


@every_chart
def test_axes_of_the_caller_are_drawn_on(chart: str) -> None:
    ax = Figure().add_subplot()

    assert charts.draw(*PLOTS[chart], ax=ax) is ax


@every_chart
def test_an_empty_table_is_no_cases(chart: str) -> None:
    plot, rows = PLOTS[chart]

    assert "no cases" in charts.svg(plot, rows.slice(0, 0))


@every_chart
def test_a_table_of_nulls_is_drawn(chart: str) -> None:
    plot, rows = PLOTS[chart]
    nulls = pa.table([pa.nulls(2, kind.type) for kind in rows.schema], schema=rows.schema)

    assert charts.svg(plot, nulls).startswith("<svg ")


@every_chart
def test_same_rows_same_bytes(chart: str) -> None:
    assert charts.svg(*PLOTS[chart]) == charts.svg(*PLOTS[chart])


@every_chart
def test_svg_is_one_element_that_asks_for_nothing(chart: str) -> None:
    drawn = charts.svg(*PLOTS[chart])
    root = ElementTree.fromstring(drawn)

    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("role") == "img"
    assert [child.tag.rpartition("}")[2] for child in root][:2] == ["title", "desc"]
    assert not re.search("<style|<metadata|<image|<script|font-family|xlink", drawn)
    assert set(re.findall(r'(?:href=")?(?:https?:)[^"]*', drawn)) == {"http://www.w3.org/2000/svg"}


def test_ids_of_two_pictures_of_the_same_rows_differ() -> None:
    plot, rows = PLOTS["lines"]
    other = Plot("other", plot.title, plot.chart, plot.table, plot.x, plot.y, plot.band)
    first, second = (set(re.findall(r'\bid="([^"]+)"', charts.svg(each, rows))) for each in (plot, other))

    assert first
    assert first.isdisjoint(second)


def test_references_of_a_picture_lead_somewhere() -> None:
    drawn = charts.svg(*PLOTS["lines"])

    assert set(re.findall(r'(?:url\(#|href="#)(\w+)', drawn)) == set(re.findall(r'\bid="([^"]+)"', drawn))


def test_words_of_a_capture_stay_words() -> None:
    odd = '<script>"&$x^2$ \x1b[0m\u202e\n会議'
    rows = pa.table({"cause": [odd, "_hidden", "$\\frac{$"], "n": [1, 2, 3], "by": ["_a", odd, "$y$"]})
    plot = Plot(odd, odd, "bars", "t", "cause", "n", by="by", says=odd)
    drawn = charts.svg(plot, rows)
    words = "".join(ElementTree.fromstring(drawn).itertext())

    assert "<script" not in drawn
    assert "\x1b" not in drawn
    assert "\u202e" not in drawn
    assert words.count(r'<script>"&$x^2$ \x1b[0m\u202e\n会議') == 4  # title, description, bar and legend
    assert "$\\frac{$" in words
    assert " _a" in words


def test_no_text_is_taken_for_a_formula() -> None:
    rows = pa.table({"$x$": ["$a$"], "$y$": [1.0], "$by$": ["$b$"]})
    ax: Axes = charts.draw(Plot("p", "$t$", "bars", "t", "$x$", "$y$", by="$by$"), rows)

    formulas = [text for text in ax.findobj(Text) if "$" in text.get_text()]
    assert {text.get_text() for text in formulas} == {"$t$", "$y$", "$a$", "$b$"}
    assert not any(text.get_parse_math() for text in formulas)


def test_what_there_is_not_is_named() -> None:
    with pytest.raises(UnknownName, match="no chart 'pie'; there are bars, steps, lines, histogram, ladder, heat_map"):
        charts.draw(Plot("p", "P", "pie", "t", "cause", "n"), CAUSES)
    with pytest.raises(UnknownName, match="plot 'p': no column 'm' in table 't'"):
        charts.draw(Plot("p", "P", "bars", "t", "cause", "m"), CAUSES)
