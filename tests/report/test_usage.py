"""The usage report: the papers' tables from calibrated worlds, and what bad questions get."""

import csv
from decimal import Decimal

import openpyxl
import pytest
from typer.testing import CliRunner

from fraud_pipeline.cli.app import app
from fraud_pipeline.cli.commands.usage import markdown, written
from fraud_pipeline.errors import InputError
from fraud_pipeline.report.usage import VIEWS, usage
from fraud_pipeline.schema import Tables
from fraud_pipeline.simulate import simulate
from fraud_pipeline.store.worlds import write_world

# Yuan 10,000 redeemed by city in 2016, 2017, 2018, 2019-2021 and 2022: paper on Shanxi, about 2024.
SHANXI = {
    "太原": (44, 316, 1052, 1076, 255), "吕梁": (0, 10, 17, 19, 14), "长治": (12, 72, 73, 93, 52),
    "阳泉": (19, 81, 56, 32, 30), "运城": (0, 42, 40, 30, 60), "朔州": (0, 37, 19, 31, 38),
    "忻州": (0, 45, 22, 15, 14), "晋中": (42, 81, 29, 36, 56), "临汾": (27, 73, 67, 28, 71),
    "大同": (0, 18, 95, 83, 15), "晋城": (0, 0, 70, 15, 15), "合计": (144, 775, 1540, 1458, 620),
}  # fmt: skip
PERIODS = ("2016", "2017", "2018", "2019-2021", "2022")


@pytest.fixture(scope="module")
def wuhan():
    return simulate("wuhan", 1071, 6)


def rows(tables, view, **how):
    (sheet,) = usage(tables, view, **how)
    return {row[0][1]: row[1:] for row in sheet.rows}


def test_wuhans_usage_shares(wuhan):
    """Study of 2018: 616 holders, 472 users (76.62 %), 60 million issued, 28.93 redeemed, 1,071
    services; about a quarter of the holders used nothing and less than a fifth all of theirs."""
    figures = {name: row[0][0] for name, row in rows(wuhan.tables, "overview").items()}
    assert (figures["voucher holders"], figures["services"]) == (616, 1071)
    assert figures["users among holders"] == pytest.approx(0.7662, abs=0.02)
    assert float(figures["issued (yuan)"]) == pytest.approx(60e6, rel=0.03)
    assert float(figures["claimed (yuan)"]) == pytest.approx(28_933_200, rel=0.03)
    assert figures["used of what was issued"] == pytest.approx(0.438, abs=0.03)
    assert figures["institutions listed"] == 283
    used = {name: row[1] for name, row in rows(wuhan.tables, "shares").items()}
    assert used["none used"] == pytest.approx(0.234, abs=0.03)
    assert used["all used"] == pytest.approx(0.19, abs=0.04)
    assert sum(used.values()) == pytest.approx(1.0)


def test_wuhans_services_by_count_and_amount(wuhan):
    """Technology contracts are half of the amount; IP and testing three quarters of the count."""
    family = rows(wuhan.tables, "family")
    for name, count, amount in (("intellectual property", 0.46, 0.28), ("testing", 0.29, 0.16),
                                ("technology contracts", 0.20, 0.50), ("incubation", 0.05, 0.06)):  # fmt: skip
        assert family[name][1] == pytest.approx(count, abs=0.04), name
        assert family[name][5] == pytest.approx(amount, abs=0.06), name


@pytest.mark.parametrize("seed", [5, 77])
def test_shanxis_table_by_city_and_year_exactly(seed):
    tables = simulate("shanxi", 1030, seed).tables
    (sheet,) = usage(tables, "place", places=tuple(SHANXI)[:-1], periods=PERIODS)
    found = {row[0][0]: row[1:] for row in sheet.rows}
    assert found == {
        city: (*(Decimal(10_000 * n) for n in cells), Decimal(10_000 * sum(cells)))
        for city, cells in SHANXI.items()
    }
    assert [row[0][0] for row in sheet.rows] == list(SHANXI)  # in the paper's order
    assert [column.zh for column in sheet.columns] == ["地区", *PERIODS, "合计"]


def test_changxings_two_classes():
    """Paper of 2018: 5,906 services; a class capped at 30,000 and one without a cap."""
    tables = simulate("changxing", 5906, 8).tables
    classes = rows(tables, "class")
    assert set(classes) == {"申请类", "奖补类"}
    assert sum(row[0] for row in classes.values()) == 5906
    total = sum(row[4] for row in classes.values())
    assert float(total) == pytest.approx(74_405_000, rel=0.02)  # redeemed since 2013
    assert (
        classes["申请类"][2] > 2 * classes["奖补类"][2]
    )  # enterprises: most are in the small class
    service = rows(tables, "service")
    published = {"testing": 0.680, "novelty search": 0.133, "enterprise certification": 0.103,
                 "patent purchase": 0.030, "technology development": 0.029,
                 "standard setting": 0.017, "talent": 0.008}  # fmt: skip
    assert {name: round(row[1], 1) for name, row in service.items()} == {
        name: round(share, 1) for name, share in published.items()
    }
    assert all(service[n][1] == pytest.approx(s, abs=0.012) for n, s in published.items())


def test_sums_agree_between_views(wuhan):
    claims = wuhan.tables["claims"].to_pandas()
    for view in ("family", "service", "category", "class", "year"):
        found = rows(wuhan.tables, view).values()
        assert sum(row[0] for row in found) == len(claims), view
        assert sum(row[4] for row in found) == claims["claimed_amount"].sum(), view
        assert sum(row[1] for row in found) == pytest.approx(1.0), view


def test_what_is_not_known_is_a_row_and_never_zero(wuhan):
    claims = wuhan.tables["claims"]
    alone = Tables({"claims": claims})
    names = [sheet.name for sheet in usage(alone)]
    assert names == ["overview", "family", "service", "year"]
    assert "voucher holders" not in rows(alone, "overview")
    with pytest.raises(InputError, match="usage by shares needs the table vouchers"):
        usage(alone, "shares")
    nobody = wuhan.tables.replaced(enterprises=wuhan.tables["enterprises"].slice(0, 0))
    assert set(rows(nobody, "place")) == {"not known", "total"}


def test_the_command_writes_what_it_says(wuhan, tmp_path):
    write_world(wuhan, tmp_path / "w")

    def run(*words):
        return CliRunner().invoke(app, ["usage", "--claims", str(tmp_path / "w"), *words])

    shown = run("--by", "year", "--lang", "en").output
    assert "## By year of claim" in shown and "| 2016 |" in shown
    assert "持券企业用券程度" in run("--lang", "zh").output
    assert run("--by", "place", "--out", str(tmp_path / "u.csv"), "--lang", "zh").exit_code == 0
    lines = list(csv.reader((tmp_path / "u.csv").read_text("utf-8-sig").splitlines()))
    assert lines[0] == ["各地各年已兑付（元）"] and lines[1][0] == "地区"
    assert run("--lang", "en", "--out", str(tmp_path / "u.xlsx")).exit_code == 0
    book = openpyxl.load_workbook(tmp_path / "u.xlsx")
    assert book.sheetnames == list(VIEWS)
    assert book["overview"]["B2"].value == 616
    for words in (("--by", "moon"), ("--by", "place", "--periods", "soon"), ("--out", "u.doc")):
        assert run(*words).exception is not None, words


def test_names_that_look_like_formulas_stay_words(wuhan):
    firms = wuhan.tables["enterprises"]
    place = firms.column_names.index("region")
    evil = firms.set_column(place, firms.schema.field("region"), [["=1+1|x"] * firms.num_rows])
    sheets = usage(wuhan.tables.replaced(enterprises=evil), "place")
    assert "\r\n'=1+1|x," in written(sheets, ".csv", "en").decode("utf-8-sig")
    assert "| =1+1\\|x |" in markdown(sheets, "en")
