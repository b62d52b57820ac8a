"""Which streams may be rated, what rules make of them, and that a verdict says by what it was made."""

import ast
import doctest
import importlib
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wcsanalytics.quality
from wcsanalytics.errors import SourceError, UnknownName
from wcsanalytics.lake.lake import MACROS, sql_text
from wcsanalytics.quality import (
    ADMISSIONS,
    ENTER_RATES,
    METRICS,
    admit,
    classify,
    grade,
    grade_column,
    parsed_rule_set,
    poor_rate,
    read_rule_set,
    rule_set,
    rule_set_names,
    two_decimals,
)

ROOM = Path(wcsanalytics.quality.__file__).parent
EXPECTED = {"expected_in": 3000, "expected_out": 3000}
HEAD = 'name = "own"\ntitle = "Our own"\nversion = "3"\nsource = "us"\n'


def table(kind="audio", admission="rated", **metrics):
    n = len(next(iter(metrics.values())))
    return pa.table({"kind": [kind] * n, "admission": [admission] * n, **metrics})


def verdicts(streams, name):
    return [
        (row["verdict"], row["poor_because"] or row["why"]) for row in classify(streams, rule_set(name)).to_pylist()
    ]


@pytest.mark.parametrize(
    ("leg", "expected"),
    [
        ({"answered": False, "talk_s": None, "packets_in": None, "packets_out": None}, "unanswered"),
        ({"talk_s": 60, "packets_in": None, "packets_out": None}, "no_data"),
        ({"talk_s": None, "packets_in": 3000, "packets_out": 3000}, "no_data"),
        ({"talk_s": 4.9, "packets_in": 3000, "packets_out": 3000}, "short"),
        ({"talk_s": 60, "packets_in": 299, "packets_out": 1500}, "no_rtp"),
        ({"talk_s": 60, "packets_in": 300, "packets_out": 1500}, "rated"),
        ({"talk_s": 60, "packets_in": 299, "packets_out": 299}, "no_media"),
        ({"talk_s": 60, "packets_in": 0, "packets_out": None}, "no_media"),
        ({"talk_s": 5, "packets_in": 249, "packets_out": 240, "expected_in": 250, "expected_out": 250}, "low_sample"),
        ({"talk_s": 5, "packets_in": 250, "packets_out": 240, "expected_in": 250, "expected_out": 250}, "rated"),
        ({"talk_s": 60, "packets_in": 2900, "packets_out": None}, "rated"),
        ({"talk_s": 60, "packets_in": 0, "packets_out": 3000, "expected_in": None}, "no_rtp"),
        ({"talk_s": 60, "packets_in": 1, "packets_out": 3000, "expected_out": None}, "rated"),
    ],
)
def test_the_first_class_that_fits_admits_a_leg_or_not(leg, expected):
    assert admit(**{**EXPECTED, **leg}).to_pylist() == [expected]


def test_classes_stand_in_their_order():
    assert ADMISSIONS == ("unanswered", "no_data", "short", "no_rtp", "no_media", "low_sample", "rated")
    assert {"rated", "no_rtp"} == ENTER_RATES


@pytest.mark.parametrize(
    ("mos", "printed", "expected"),
    [
        (4.335, 4.34, "very satisfied"),
        (4.3349, 4.33, "satisfied"),
        (4.015, 4.02, "satisfied"),
        (4.0149, 4.01, "some dissatisfied"),
        (3.595, 3.60, "some dissatisfied"),
        (3.59, 3.59, "many dissatisfied"),
        (3.095, 3.10, "many dissatisfied"),
        (2.575, 2.58, "nearly all dissatisfied"),
        (1.0, 1.0, "not recommended"),
    ],
)
def test_grades_are_made_on_two_decimals_half_up(mos, printed, expected):
    assert (two_decimals(mos), grade(mos)) == (printed, expected)


@given(st.integers(1000, 4500))
def test_half_a_hundredth_goes_up(thousandths):
    exact = Fraction(thousandths, 1000)

    assert two_decimals(thousandths / 1000) == int(exact * 100 + Fraction(1, 2)) / 100


def test_only_narrowband_scores_have_grades():
    found = grade_column(pa.array([4.4, 4.4, None, 3.7]), pa.array(["NB", "WB", "NB", "NB"]))

    assert found.to_pylist() == ["very satisfied", None, None, "some dissatisfied"]


def test_sql_and_python_give_the_same_grades():
    scores = [at / 1000 for at in range(1000, 4501)] + [
        at / 100 + nudge for at in range(100, 450) for nudge in (1e-12, -1e-12)
    ]
    con = duckdb.connect()
    con.execute(f"create macro mos_grade({MACROS['mos_grade']}) as {sql_text('views', 'mos_grade')}")
    con.register("scores", pa.table({"place": range(len(scores) + 1), "mos": [*scores, None]}))
    found = con.sql("select mos_grade(mos) as grade from scores order by place").to_arrow_table()["grade"].to_pylist()

    assert found == [*map(grade, scores), None]
    assert found[:-1] == grade_column(pa.array(scores), pa.array(["NB"] * len(scores))).to_pylist()


@pytest.mark.parametrize("name", rule_set_names())
def test_each_set_says_where_it_comes_from_and_asks_for_known_metrics(name):
    rules = rule_set(name)

    assert rules.name == name
    assert rules.version
    assert rules.source
    assert {metric for rule in rules.rules for metric in rule.metrics} <= set(METRICS)


def test_every_metric_is_asked_for():
    asked = {metric for name in rule_set_names() for rule in rule_set(name).rules for metric in rule.metrics}

    assert set(METRICS) == asked | {"mos"}  # the E-model's, which no product asks for but a user may


@pytest.mark.parametrize(
    ("metric", "poor", "good"),
    [
        ("mos_degradation", 1.01, 1.0),
        ("rtt_ms", 501.0, 500.0),
        ("loss_ratio", 0.101, 0.1),
        ("jitter_ms", 30.1, 30.0),
        ("concealed_ratio", 0.071, 0.07),
    ],
)
def test_audio_by_cqd(metric, poor, good):
    found = verdicts(table(**{metric: [poor, good, None]}), "cqd")

    assert [verdict for verdict, _ in found] == ["poor", "good", "unclassified"]
    assert f"{metric} {poor:g} > {good:g}" in found[0][1]
    assert found[2][1] == "none of the metrics was measured that the rules need"


def test_video_by_cqd_is_decided_by_the_first_metric_there():
    streams = table(
        "video", frame_loss_ratio=[0.51, 0.5, None], fps=[30.0, 5.0, 5.0], post_fec_loss_ratio=[None, 0.2, 0.0]
    )
    found = classify(streams, rule_set("cqd"))

    assert found["verdict"].to_pylist() == ["poor", "good", "poor"]
    assert found["poor_because"].to_pylist() == [
        "frame_loss: frame_loss_ratio 0.51 > 0.5",
        None,
        "frame_rate: fps 5 < 7",
    ]
    assert found["coverage"].to_pylist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("name", "kind", "metrics", "expected"),
    [
        ("twilio", "audio", {"jitter_ms": 5.0, "jitter_max_ms": 30.0}, "high_jitter"),
        ("twilio", "audio", {"jitter_ms": 4.9, "jitter_max_ms": 90.0}, None),
        ("twilio", "audio", {"post_dial_ms": 9.0, "post_dial_p95_of_country_ms": 8.0}, "high_pdd"),
        ("twilio", "audio", {"twilio_mos": 3.4}, "low_mos"),
        ("livekit", "audio", {"livekit_score": 20.0}, "lost"),
        ("livekit", "audio", {"livekit_score": 40.0}, "poor"),
        ("livekit", "audio", {"livekit_score": 40.1}, None),
        ("webrtc_issue_detector", "audio", {"loss_ratio": 0.051, "rtt_ms": 100.0}, "loss"),
        ("webrtc_issue_detector", "video", {"freeze_mean_ms": 1001.0}, "long_freezes"),
        ("observertc", "audio", {"rtt_p95_ms": 300.1}, "round_trip"),
        ("observertc", "audio", {"rtt_p95_ms": 300.0}, None),
        ("wcs", "video", {"rate_difference_ratio": 0.6, "least_rate_bps": 50_000.0}, "bad"),
        ("wcs", "video", {"rate_difference_ratio": 0.6, "least_rate_bps": 49_999.0}, None),
        ("wcs", "video", {"rate_difference_ratio": 1.6, "least_rate_bps": 49_999.0}, "bad_small_rate"),
    ],
)
def test_rules_of_products(name, kind, metrics, expected):
    ((verdict, because),) = verdicts(table(kind, **{metric: [value] for metric, value in metrics.items()}), name)

    assert verdict == ("good" if expected is None else "poor")
    assert because is None if expected is None else because.startswith(f"{expected}: ")


def test_a_verdict_names_rule_metric_value_and_limit():
    (row,) = classify(table(loss_ratio=[0.123456], jitter_ms=[31]), rule_set("cqd")).to_pylist()

    assert row == {
        "rule_set": "cqd 2020",
        "verdict": "poor",
        "poor_because": "loss: loss_ratio 0.1235 > 0.1; jitter: jitter_ms 31 > 30",
        "warned_because": None,
        "why": None,
        "coverage": 0.4,
    }


def test_what_is_not_admitted_is_not_rated():
    streams = pa.table(
        {"kind": ["audio"] * 4, "admission": ["short", "no_rtp", None, "rated"], "loss_ratio": [0.5] * 4}
    )

    assert verdicts(streams, "cqd") == [
        ("unclassified", "not rated: short"),
        ("poor", "no_rtp: packets came one way only; loss: loss_ratio 0.5 > 0.1"),
        ("unclassified", "not rated: no_data"),
        ("poor", "loss: loss_ratio 0.5 > 0.1"),
    ]


def test_rules_that_do_not_know_a_kind_say_nothing():
    assert verdicts(table("video", loss_ratio=[0.5]), "twilio") == [
        ("unclassified", "the rules say nothing about this kind of stream")
    ]


@pytest.mark.parametrize(
    ("samples", "warned"),
    [
        ([31, 31, 1, 1, 31], True),
        ([31, 31, 1, 1, 1, 31], False),
        ([1, 1, 31, 31, 31, 1], True),
        ([31, 31, 31], True),
        ([31, 31], False),
        ([30, 30, 30], False),
        ([31, None, 31, 31], True),
        ([], False),
        (None, False),
    ],
)
def test_a_warning_takes_three_of_five_samples_in_a_row(samples, warned):
    streams = table(
        loss_ratio=[0.0, 0.0, 0.0],
        jitter_samples_ms=pa.array([[31, 31], samples, [31, 1, 1]], type=pa.list_(pa.float64())),
    )
    found = classify(streams, rule_set("twilio"))

    told = "warning_jitter: jitter_samples_ms > 30 in 3 of 5 samples"
    assert found["warned_because"].to_pylist() == [None, told if warned else None, None]
    assert found["verdict"].to_pylist() == ["good"] * 3


def test_the_rate_of_poor_streams_leaves_out_the_unclassified():
    found = poor_rate(classify(table(loss_ratio=[0.2, 0.0, 0.0, None]), rule_set("cqd")))

    assert (found.value, found.n) == (1 / 3, 3)
    assert poor_rate(classify(table(loss_ratio=[None]), rule_set("cqd"))).why == "no stream could be classified"


def test_no_streams_no_verdicts():
    assert classify(table(loss_ratio=[0.2]).slice(0, 0), rule_set("cqd")).num_rows == 0


@pytest.mark.parametrize("missing", ["kind", "admission"])
def test_a_table_without_admission_is_not_rated(missing):
    with pytest.raises(UnknownName, match=f"no column '{missing}'"):
        classify(table(loss_ratio=[0.2]).drop_columns(missing), rule_set("cqd"))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["audio", "video"]),
            st.sampled_from(ADMISSIONS),
            st.none() | st.floats(0, 1),
            st.none() | st.floats(0, 60),
        ),
        max_size=12,
    ),
    st.sampled_from(rule_set_names()),
    st.randoms(use_true_random=False),
)
def test_the_order_of_streams_does_not_matter(cases, name, random):
    order = random.sample(range(len(cases)), len(cases))
    schema = pa.schema(
        [("kind", pa.string()), ("admission", pa.string()), ("loss_ratio", pa.float64()), ("fps", pa.float64())]
    )
    columns = [list(column) for column in zip(*cases, strict=True)] or [[], [], [], []]
    streams = pa.table([pa.array(each, kind) for each, kind in zip(columns, schema.types, strict=True)], schema=schema)
    found = classify(streams, rule_set(name))

    assert classify(streams.take(pa.array(order, pa.int64())), rule_set(name)) == found.take(
        pa.array(order, pa.int64())
    )
    for row in found.to_pylist():
        assert (row["why"] is None) == (row["verdict"] != "unclassified")
        assert (row["poor_because"] is not None) == (row["verdict"] == "poor")


def test_a_user_brings_rules_of_their_own(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(HEAD + '[[rules]]\nname = "late"\nwhen = ["rtt_ms > limit_ms"]\n[targets]\npoor_ratio = 0.02\n')
    rules = read_rule_set(path)
    found = classify(table(rtt_ms=[90, 110], limit_ms=[100, 100]), rules)

    assert found["poor_because"].to_pylist() == [None, "late: rtt_ms 110 > limit_ms"]
    assert found["rule_set"].to_pylist() == ["own 3"] * 2
    assert rules.targets == {"poor_ratio": 0.02}


def test_the_rules_of_the_readme_are_rules():
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```toml\n(.*?)^```$", readme, re.M | re.S)
    rules = parsed_rule_set(text)

    assert [rule.name for rule in rules.of("audio")] == ["loss", "late_and_unsteady"]
    assert {metric for rule in rules.rules for metric in rule.metrics} <= set(METRICS)
    assert all(f"`{name}`" in readme for name in rule_set_names())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name = ", "own.toml: Invalid value"),
        (HEAD, "own.toml: rules is missing or empty"),
        ('name = "own"', "own.toml: title is missing or not plain text"),
        (HEAD.replace('"own"', '"Own <b>"'), "own.toml: name is missing or not plain text"),
        (HEAD + "rules = [3]", "own.toml: rule 1 is no table"),
        (HEAD + '[[rules]]\nname = "a"\nwhen = ["loss > 1 %"]', "own.toml: rule 1: 'loss > 1 %' is no condition"),
        (HEAD + '[[rules]]\nname = "a"\nwhen = [3]', "rule 1: 3 is no condition"),
        (HEAD + '[[rules]]\nname = "a"\nwhen = ["a > 1"]\nlevl = "warn"', "unknown key 'levl'"),
        (HEAD + '[[rules]]\nname = "a"\nwhen = ["a > 1"]\nlevel = "bad"', "neither 'poor' nor 'warn'"),
        (HEAD + '[[rules]]\nname = "a"\nwhen = ["a > 1"]\nsamples = [5, 3]', r"samples is not \[hits, of\]"),
        (HEAD + '[[rules]]\nname = "a"\nwhen = ["a > 1", "b > 1"]\nsamples = [3, 5]', r"samples is not \[hits, of\]"),
        (HEAD + '[[rules]]\nname = "a"\nwhen = ["a > b"]\nsamples = [3, 5]', r"samples is not \[hits, of\]"),
        (HEAD + 'decides = 3\n[[rules]]\nname = "a"\nwhen = ["a > 1"]', "decides is no table"),
        (HEAD + 'targets = {a = "b"}\n[[rules]]\nname = "a"\nwhen = ["a > 1"]', "targets is no table of numbers"),
    ],
)
def test_rules_that_are_none_say_what_is_wrong(text, says):
    with pytest.raises(SourceError, match=says):
        parsed_rule_set(text, "own.toml")


def test_rules_that_are_not_there(tmp_path):
    with pytest.raises(UnknownName, match="no rule set 'skype'; there are cqd, livekit"):
        rule_set("skype")
    with pytest.raises(SourceError, match=r"can't be read \(FileNotFoundError\)"):
        read_rule_set(tmp_path / "none.toml")


@pytest.mark.parametrize("module", sorted(path.stem for path in ROOM.glob("*.py")))
def test_examples_of_the_room_run(module):
    found = doctest.testmod(importlib.import_module(f"wcsanalytics.quality.{module}"))

    assert found.failed == 0


def test_the_room_opens_without_heavy_libraries():
    code = "import sys, wcsanalytics.quality; print(*({'duckdb', 'matplotlib', 'pandas'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == ""


def test_the_room_knows_no_other_but_errors():
    imported = {
        name
        for path in ROOM.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [])
        if name.startswith("wcsanalytics") and not name.startswith("wcsanalytics.quality.")
    }

    assert imported == {"wcsanalytics.errors"}


def test_all_names_of_the_room_can_be_had():
    assert [name for name in wcsanalytics.quality.__all__ if not hasattr(wcsanalytics.quality, name)] == []
