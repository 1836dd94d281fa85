"""Money stands in the currency of the programme: command line, report, reasons, pages."""

import re
from datetime import date, timedelta
from importlib import resources

import pytest

from fraud_pipeline.core.currency import CURRENCIES, everywhere, in_currency, money, shared_currency
from tests.command_line import run

FOREIGN = re.compile(r"\byuan\b|[\d）（ ]元")


@pytest.fixture(scope="module")
def run_in_pounds(tmp_path_factory):
    """(what the command line said in English and in Chinese, the run's folder)."""
    place = tmp_path_factory.mktemp("pounds")
    day = date(2019, 1, 1)
    rows = [
        f"T{k},Council,Firm {k % 9},{(day + timedelta(days=3 * k)).isoformat()},£{900 + 7 * k}.50"
        for k in range(60)
    ]
    rows += ["T98,Council,Firm 1,2019-06-03,£4711.25", "T99,Council,Firm 1,2019-06-05,£4711.25"]
    (place / "spend.csv").write_text(
        "Number,Department,Supplier,Date,Amount\n" + "\n".join(rows) + "\n"
    )
    said = ""
    for command in (
        ["check", "--suggest-mapping", "m.toml", "--data", "spend.csv"],
        ["--lang", "en", "score", "--data", "spend.csv", "--mapping", "m.toml", "-w", "w"],
        ["--lang", "zh", "explain", "T99", "-w", "w"],
        ["--lang", "en", "explain", "T99", "-w", "w"],
        ["--lang", "en", "usage", "--data", "spend.csv", "--mapping", "m.toml"],
    ):
        done = run(*command, cwd=place)
        assert done.returncode == 0, done.stderr
        said += done.stdout
    return said, next(p for p in (place / "w" / "runs").iterdir() if p.is_dir())


def test_the_command_line_speaks_of_pounds(run_in_pounds):
    said, _ = run_in_pounds
    assert "pounds claimed" in said and "英镑" in said
    assert not FOREIGN.search(said), FOREIGN.search(said)


def test_the_report_speaks_of_pounds(run_in_pounds):
    _, run = run_in_pounds
    page = (run / "report.html").read_text("utf-8")
    assert "4,711.25 pounds" in page and "英镑" in page
    assert not FOREIGN.search(page), page[FOREIGN.search(page).start() - 60 :][:120]


def test_every_template_of_the_workbench_can_speak_of_pounds():
    folder = resources.files("fraud_pipeline.workbench") / "templates"
    for item in folder.iterdir():
        source = in_currency(item.read_text("utf-8"), "GBP", template=True)
        assert "yuan" not in source.lower().replace("| yuan", ""), item.name
        assert not re.search(r"元(?![素旦])", source.replace("单元格", "")), item.name


def test_amounts_and_units():
    assert in_currency("合计1,200元", "CNY") == "合计1,200元"
    assert everywhere({"a": ["5 yuan", 3]}, "EUR") == {"a": ["5 euros", 3]}
    assert money(5, "GBP", "en") == "5 pounds" and money(None, "GBP", "en") == "?"
    assert shared_currency(["GBP", "GBP"]) == "GBP" and shared_currency(["GBP", "CNY"]) == "XXX"
    assert in_currency("多元科技元宝有限公司", "GBP") == "多元科技元宝有限公司"
    assert all(len(words) == 2 for words in CURRENCIES.values())
