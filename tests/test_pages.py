"""Reports in a real browser: nothing is fetched, everything has a name, and they read on paper and on a phone."""

import base64
import re
from itertools import pairwise

import pytest

from tests import browsers
from wcsanalytics import api
from wcsanalytics.reports import REPORTS

pytestmark = pytest.mark.skipif(browsers.CHROMIUM is None, reason="there is no chromium on this machine")

NAMES = [report.name for report in REPORTS]
A4_LANDSCAPE_PT = (842, 595)
A4_TEXT_PX = 1016
"""Width between the margins of 14 mm, in CSS pixels of 1/96 inch."""
_MEDIA_BOX = rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]"
TOO_WIDE = "[...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > {0} + 1).length"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    with browsers.page(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(sample_store, tmp_path_factory):
    """Every report as a file, call quality with all that a page can hold."""
    folder = tmp_path_factory.mktemp("pages")
    with api.open(sample_store) as lake:
        for name in NAMES:
            api.report(name, lake, command=f"wcsanalytics report {name} store").to_html(folder / f"{name}.html")
        wanted = {"by": ("browser", "day"), "against": "until=2026-03-14T12:00Z", "fail_on": ["asr < 0.9", "mos < 4"]}
        api.report("call-quality", lake, since="2026-03-14T12:00", **wanted).to_html(folder / "call-quality.html")
    return folder


def named(page, *roles: str) -> list[tuple[str, str]]:
    """Role and name of each element of these roles, as a screen reader meets them."""
    nodes = page.ask("Accessibility.getFullAXTree")["nodes"]
    seen = [node for node in nodes if not node["ignored"] and node["role"]["value"] in roles]
    return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in seen]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_asked_of_the_network_and_nothing_is_reported_wrong(page, pages, name):
    path = pages / f"{name}.html"
    page.open(path)
    requests = [told["params"]["request"]["url"] for told in page.said if told["method"] == "Network.requestWillBeSent"]

    assert requests == [path.as_uri()]
    assert [told for told in page.said if told["method"] in ("Runtime.exceptionThrown", "Log.entryAdded")] == []
    assert page.value("document.scripts.length + document.querySelectorAll('link, iframe, object, embed').length") == 0


@pytest.mark.parametrize("name", NAMES)
def test_headings_tables_and_pictures_have_roles_and_names(page, pages, name):
    page.open(pages / f"{name}.html")
    met = named(page, "heading", "table", "image", "region", "figure")
    roles = [role for role, _ in met]
    levels = page.value("[...document.querySelectorAll('h1, h2, h3')].map(one => +one.tagName[1])")

    assert [role for role, told in met if not told and role != "figure"] == []
    assert roles.count("table") == page.value("document.querySelectorAll('table').length") > 0
    assert roles.count("image") == page.value("document.querySelectorAll('svg').length") > 0
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(named(page, "main")) == 1
    assert named(page, "columnheader") != []


@pytest.mark.parametrize("name", NAMES)
def test_it_prints_on_a4(page, pages, name):
    page.open(pages / f"{name}.html")
    made = base64.b64decode(page.ask("Page.printToPDF", preferCSSPageSize=True)["data"])
    boxes = {tuple(round(float(side)) for side in box) for box in re.findall(_MEDIA_BOX, made)}
    page.ask("Emulation.setEmulatedMedia", media="print")
    page.resize(A4_TEXT_PX)
    too_wide = page.value(TOO_WIDE.replace("{0}", str(A4_TEXT_PX)))
    page.ask("Emulation.setEmulatedMedia", media="")

    assert made.startswith(b"%PDF")
    assert boxes == {A4_LANDSCAPE_PT}
    assert too_wide == 0


@pytest.mark.parametrize("name", NAMES)
def test_it_reads_at_400_pixels(page, pages, name):
    page.open(pages / f"{name}.html", width=400)
    outside = page.value(
        "[...document.querySelectorAll('h1, h2, h3, p, li, dl, figcaption')]"
        ".filter(one => !one.closest('.scroll') && one.getBoundingClientRect().right > 400).length"
    )
    small = page.value(
        "[...document.querySelectorAll('main *')].filter(one => parseFloat(getComputedStyle(one).fontSize) < 12"
        " && !one.closest('svg')).length"
    )

    assert page.value("document.documentElement.scrollWidth") == 400
    assert (outside, small) == (0, 0)


def test_what_is_wider_than_the_page_can_be_scrolled_by_keyboard(page, pages):
    page.open(pages / "call-quality.html", width=400)
    wide = page.value(
        "[...document.querySelectorAll('*')].filter(one => one.scrollWidth > one.clientWidth + 1"
        " && getComputedStyle(one).overflowX == 'auto').map(one => one.tabIndex)"
    )

    assert wide != []
    assert set(wide) == {0}
