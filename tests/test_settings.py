"""Settings are read strictly: a typo must never silently score with defaults."""

import pytest

from fraud_pipeline.core.trees import as_tree, from_tree
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.settings import Settings, parse_settings


def test_empty_text_gives_the_defaults():
    assert parse_settings("") == Settings()


def test_a_value_is_read_into_its_step():
    assert parse_settings("[audit]\nbudget_share = 0.2").audit.budget_share == 0.2


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[audit]\nbudget_shere = 0.2", "audit.budget_shere"),
        ("[audits]\nx = 1", "audits"),
        ("[audit]\nbudget_share = 'much'", "audit.budget_share"),
        ("[report]\ntop_claims = true", "report.top_claims"),
        ("audit = 3", "audit"),
        ("[audit", "settings.toml"),
    ],
)
def test_a_mistake_is_an_error_that_names_the_key(text, named):
    with pytest.raises(SettingsError, match=named):
        parse_settings(text)


def test_every_default_survives_a_round_trip_through_plain_values():

    def lists(value):
        if isinstance(value, dict):
            return {k: lists(v) for k, v in value.items() if v is not None}
        return [lists(v) for v in value] if isinstance(value, tuple) else value

    assert from_tree(Settings, lists(as_tree(Settings())), "round trip") == Settings()
