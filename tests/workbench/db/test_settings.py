"""Settings of the workbench: each is shown with unit, range, default and source, and kept to its range."""

import pytest
from typer.testing import CliRunner

from fraud_pipeline.cli.app import app
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.workbench.db import settings, tables
from tests.workbench.conftest import sign_in


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_unit_range_default_and_source_of_each(signed, language):
    client = signed("auditor")
    client.cookies.set("workbench-language", language)
    page = client.get("/settings").text
    assert len(settings.SETTINGS) == 13
    for key, info in settings.SETTINGS.items():
        row = page.split(f'id="s-{key}"')[1].split("</tr>")[0]
        at = ("zh", "en").index(language)
        for text in (info.name[at], info.unit[at], info.source[at]):
            assert f">{text}<" in row
        assert f"<td>{info.low:,} – {info.high:,}</td>" in row
        assert f'<td class="num">{info.default:,}</td>' in row
        assert info.low <= info.default <= info.high and info.name[0] != info.name[1]


@pytest.mark.parametrize("key", settings.SETTINGS)
def test_both_ends_of_the_range_are_accepted_and_nothing_beyond(app_state, key):
    info = settings.SETTINGS[key]
    with app_state.db.writing() as connection:
        for value in (info.low, info.high):
            settings.change(connection, key, str(value), 1, "x")
            assert getattr(settings.current(connection), key) == value
        for value in (str(info.low - 1), str(info.high + 1), "1.5", "", "１"):
            with pytest.raises(SettingsError, match=f"{info.low:,} to {info.high:,}"):
                settings.change(connection, key, value, 1, "x")
        assert getattr(settings.current(connection), key) == info.high


def write(app_state, key, value):
    with app_state.db.writing() as connection:
        connection.execute(tables.SETTINGS.insert().values(key=key, value=value, by=1, at="2026"))


@pytest.mark.parametrize("value, counts", [("1000000000", "high"), ("0", "low"), ("x", "default"),
                                           ("000000000001" + "9" * 30, "default")])  # fmt: skip
def test_no_stored_value_keeps_everybody_out(app_state, signed, value, counts):
    """The hours of a session as an earlier version took them: then nobody could open a page."""
    client = signed("administrator")
    for key, info in settings.SETTINGS.items():
        write(app_state, key, value)
        with app_state.db.reading() as connection:
            assert getattr(settings.current(connection), key) == getattr(info, counts)
    assert client.get("/settings").status_code == 200
    assert sign_in(client.app, "lead").get("/queue").status_code == 200


def test_only_the_whole_text_is_a_value(app_state):
    with app_state.db.writing() as connection:
        for value in ("000000000001" + "9" * 30, "5x", " 5", "5 ", "-5", "0x5"):
            with pytest.raises(SettingsError):
                settings.change(connection, "attempts", value, 1, "x")


def test_a_setting_is_reset_from_the_command_line(app_state, tmp_path):
    with app_state.db.writing() as connection:
        settings.change(connection, "attempts", "99", 1, "x")
    address = f"sqlite:///{tmp_path / 'work.db'}"
    result = CliRunner().invoke(
        app, ["serve", "--database", address, "--reset-setting", "attempts"]
    )
    assert result.exit_code == 0, result.output
    with app_state.db.reading() as connection:
        assert settings.current(connection).attempts == 5
    wrong = CliRunner().invoke(app, ["serve", "--database", address, "--reset-setting", "nothing"])
    assert wrong.exit_code != 0
