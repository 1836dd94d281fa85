"""Settings of the workbench: each is shown with unit, range, default and source, and kept to its range."""

import pytest

from fraud_pipeline.errors import SettingsError
from fraud_pipeline.workbench.db import settings


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_unit_range_default_and_source_of_each(signed, language):
    client = signed("auditor")
    client.cookies.set("workbench-language", language)
    page = client.get("/settings").text
    assert len(settings.SETTINGS) == 12
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


def test_a_value_that_an_earlier_version_accepted_stays_in_force(app_state):
    from fraud_pipeline.workbench.db import tables

    with app_state.db.writing() as connection:
        connection.execute(
            tables.SETTINGS.insert().values(key="lock_minutes", value="99999", by=1, at="2026")
        )
        assert settings.current(connection).lock_minutes == 99999
