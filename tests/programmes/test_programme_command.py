"""The programme commands as a reviewer and a maker of packs use them."""

import pytest
from own_rules import OVERRIDE
from typer.testing import CliRunner

from fraud_pipeline.cli.commands.programme import app
from fraud_pipeline.errors import ProgrammeError


def run(*words):
    return CliRunner().invoke(app, list(words))


def test_the_sheet_says_what_held_on_a_day_in_both_languages():
    english = run("show", "shanxi", "--on", "2018-05-01", "--lang", "en").output
    assert "paid in full up to: 50,000 yuan" in english
    assert "share of what lies above [太原 Taiyuan]: not known" in english
    assert "兑付额度在5万元以内的，按实际支付金额兑付" in english
    chinese = run("show", "shanxi", "--on", "2018-05-01", "--lang", "zh").output
    assert "机构确认时限: 5 个工作日" in chinese
    assert "5 个工作日" not in run("show", "shanxi", "--on", "2015-05-01").output


def test_the_sheet_shows_contradictions_side_by_side():
    shown = run("show", "ireland", "--on", "2018-05-01", "--lang", "en").output
    assert "employees, at most: sources disagree" in shown
    assert "is less than 50" in shown and "is less than 250" in shown


def test_dated_rules_change_with_the_day():
    old = run("show", "singapore", "--on", "2014-02-28", "--lang", "en").output
    new = run("show", "singapore", "--on", "2014-03-01", "--lang", "en").output
    assert "hardware may be bought: no" in old and "hardware may be bought: yes" in new


def test_an_override_shows_in_the_sheet_and_is_linted(tmp_path):
    file = tmp_path / "taiyuan.toml"
    file.write_text(OVERRIDE.format(quote='quote = "补助50%"'), "utf-8")
    shown = run("show", "shanxi", "--on", "2018-05-01", "--lang", "en", "--packs", str(tmp_path))
    assert "share of what lies above [太原 Taiyuan]: 50%" in shown.output
    assert run("lint", str(file)).exit_code == 0
    file.write_text(OVERRIDE.format(quote=""), "utf-8")
    found = run("lint", str(file))
    assert found.exit_code == 1 and "neither the source's words" in found.output


def test_shipped_packs_have_no_findings():
    found = run("lint")
    assert found.exit_code == 0 and "0 findings" in found.output
    assert "shanxi" in run("list").output


@pytest.mark.parametrize("words", [("show", "nowhere", "--on", "2018-05-01")])
def test_an_unknown_programme_is_one_line(words):
    assert isinstance(run(*words).exception, ProgrammeError)
    assert run("show", "shanxi", "--on", "May 2018").exit_code == 2
