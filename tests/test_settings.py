"""Settings are read strictly, described completely, and runs of earlier versions stay readable."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from fraud_pipeline.core.strict_models import validated
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.pricing.parameters import PricingParameters
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.settings import Settings, parse_settings, recorded_settings
from fraud_pipeline.settings.former import CONSTANTS, RENAMED
from fraud_pipeline.settings.model import described
from fraud_pipeline.settings.reference import page

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
TABLES = {name: type(getattr(Settings(), name)) for name in Settings.model_fields}
KEYS = [(table, key) for table, model in TABLES.items() for key in model.model_fields]


def test_empty_text_gives_the_defaults():
    assert parse_settings("") == Settings()


def test_a_value_is_read_into_its_step():
    assert parse_settings("[audit]\nbudget_share = 0.2").audit.budget_share == 0.2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[audit]\nbudget_shere = 0.2",
         "audit.budget_shere: unknown key (did you mean audit.budget_share?)"),
        ("[programmes]\nhub_cap = 3", "programmes.hub_cap: unknown key (did you mean graph.hub_cap?)"),
        ("[audits]\nx = 1", "audits: unknown key (did you mean audit?)"),
        ("[audit]\nbudget_share = 'much'", 'audit.budget_share: "much" is not a number'),
        ("[audit]\nbudget_share = 1.5", "audit.budget_share: 1.5 is above 1"),
        ("[audit]\nbudget_share = 0", "audit.budget_share: 0 is not above 0"),
        ("[audit]\nconfidence = 1.0", "audit.confidence: 1.0 is not below 1"),
        ("[audit]\namount_share = -0.1", "audit.amount_share: -0.1 is below 0"),
        ("[audit]\nconfidence = nan", "audit.confidence: NaN is not a finite number"),
        ("[audit]\nbudget_share = 2\nconfidence = 2", "audit.budget_share: 2 is above 1 (and 1 more)"),
        ("[audit]\nrandom_share = 0.7\namount_share = 0.7",
         "audit: random_share, amount_share and huzhou_share add up to 1.4, above 1"),
        ("[report]\ntop_claims = true", "report.top_claims: true is not a whole number"),
        ("[report]\ntop_claims = 1.5", "report.top_claims: 1.5 is not a whole number"),
        ("audit = 3", "audit: 3 is not a table"),
        ("[programmes]\nworkdays_known_until = '2026-02-30'",
         'programmes.workdays_known_until: "2026-02-30" is not a date like 2026-12-31'),
        ("[programmes]\nextra_holidays = ['soon']",
         'programmes.extra_holidays[0]: "soon" is not a date like 2026-12-31'),
        ("[programmes]\ngoods_words = '('",
         "programmes.goods_words: is not a regular expression: missing ), unterminated subpattern"
         " at position 0"),
        ("[programmes]\ngoods_words = 'a(?=b)'",
         "programmes.goods_words: is not a regular expression of RE2: no look-around, no"
         " back-references"),
        ("[programmes]\nstatutory_words = ''", 'programmes.statutory_words: "" is too short'),
        ("[programmes.service_min_days]\ntesting = -1",
         "programmes.service_min_days.testing: -1 is below 0"),
        ("[programmes.service_min_days]\ntestin = 3",
         "programmes.service_min_days: there is no service type testin (did you mean testing?)"),
        ("[programmes]\ngoods_vat_rates = [0.13, 13]", "programmes.goods_vat_rates[1]: 13 is above 1"),
        ("[rings]\nmax_steps = 9",
         "rings.max_steps is no longer a setting (constant of the ring search)"),
        ("[rings]\nmin_firms = 4\nmin_enterprises = 3",
         "rings.min_firms is rings.min_enterprises now; both are given"),
        ("[audit", "Expected ']' at the end of a table declaration (at end of document)"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_file_and_key(text, line):
    with pytest.raises(SettingsError) as error:
        parse_settings(text)
    assert str(error.value) == f"settings.toml: {line}"


def test_the_command_ends_with_status_2_and_one_line(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("[audit]\nbudget_share = 1.5\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "from fraud_pipeline.cli.app import main; main()", "score", "--data",
         str(tmp_path), "--settings", str(file), "-w", str(tmp_path / "w")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert done.returncode == 2
    assert len(lines) == 1 and lines[0].endswith(f"{file}: audit.budget_share: 1.5 is above 1")


def test_dates_are_read_as_text_and_as_dates_of_toml():
    for text in ("2027-12-31", "'2027-12-31'"):
        read = parse_settings(f"[programmes]\nworkdays_known_until = {text}")
        assert read.programmes.workdays_known_until.isoformat() == "2027-12-31"


@pytest.mark.parametrize("old", sorted(RENAMED))
def test_an_old_name_is_read_as_the_new_one(old):
    table, _, key = old.partition(".")
    value = Settings().as_tree()[table][RENAMED[old]]
    shown = f"'{value}'" if isinstance(value, str) else value
    assert parse_settings(f"[{table}]\n{key} = {shown}") == Settings()


def test_no_former_key_is_a_setting():
    keys = {f"{table}.{key}" for table, key in KEYS}
    assert not keys & (set(RENAMED) | set(CONSTANTS))
    assert {f"{old.partition('.')[0]}.{new}" for old, new in RENAMED.items()} <= keys


def test_every_default_survives_a_round_trip_through_a_manifest():
    assert validated(Settings, Settings().as_tree(), "round trip") == Settings()
    assert recorded_settings(Settings().as_tree(), "round trip") == Settings()


def test_a_manifest_of_an_earlier_version_is_read_without_its_constants():
    """What is no setting any more belongs to the code, whose version the manifest names."""
    tree = {
        "rings": {"null_worlds": 9, "max_steps": 7, "seed": 1},
        "audit": {"rounds_a_year": 12, "blind_spot_prob": 0.5},
        "ingest": {"earliest_on": "1980-01-01", "block_bytes": 5},
        "a_step_that_is_gone": {"x": 1},
    }
    read = recorded_settings(tree, "run 1")
    assert read.rings.null_samples == 9 and read.audit.rounds_per_year == 12
    assert read.ingest.earliest_on.year == 1980
    with pytest.raises(SettingsError, match=r"run 1: audit\.confidence: 7 is not below 1"):
        recorded_settings({"audit": {"confidence": 7}}, "run 1")


def test_a_copy_is_validated():
    assert Settings().audit.model_copy(update={"confidence": 0.9}).confidence == 0.9
    for wrong in ({"confidence": 2.0}, {"confidance": 0.9}, {"confidence": "0.9"}):
        with pytest.raises(ValidationError):
            Settings().audit.model_copy(update=wrong)
    with pytest.raises(ValidationError):
        Settings().audit.confidence = 0.9


def test_settings_reach_a_task_of_the_cluster_unchanged():
    for settings in (Settings(), RingParameters(null_samples=3), PricingParameters()):
        assert pickle.loads(pickle.dumps(settings)) == settings  # noqa: S301 - our own bytes


@pytest.mark.parametrize("parameters", [RingParameters, PricingParameters])
def test_parameters_take_over_the_settings_and_keep_their_constants(parameters):
    public = parameters.__bases__[0]
    first = next(iter(public.model_fields))
    changed = public().model_copy(update={first: 7})
    assert getattr(parameters.of(changed), first) == 7
    assert parameters.of(None) == parameters.of(public()) == parameters()
    own = parameters.of(changed)
    assert parameters.of(own) is own


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_every_setting_says_what_it_is(table, key):
    field = TABLES[table].model_fields[key]
    about = described(field)
    assert field.description and about.unit and about.range and about.source
    assert f"| `{key}` |" in PAGE.read_text("utf-8")


def test_the_reference_page_is_current():
    assert PAGE.read_text("utf-8") == page(), "python -m fraud_pipeline.settings > docs/settings.md"


def test_reading_settings_loads_nothing_heavy():
    code = (
        "import sys; import fraud_pipeline.settings; "
        "print([m for m in ('pyarrow', 'numpy', 'pandas', 'duckdb', 'numba') if m in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
