"""TOML that is a bomb, or torn, ends in one line: settings, mappings, packs and schedules."""

import contextlib
import time
from decimal import Decimal
from importlib.resources import files as resources

import pytest

from flows.schedule import read_schedule
from fraud_pipeline import ingest
from fraud_pipeline.core.toml_text import parse_toml
from fraud_pipeline.errors import FraudPipelineError
from fraud_pipeline.programmes.parse import parse_pack
from fraud_pipeline.settings import parse_settings

BOMBS = {
    "lists": "a = " + "[" * 100_000,
    "tables": "a = " + "{b = " * 100_000,
    "a key of many parts": "a" + ".b" * 100_000 + " = 1",
    "a quoted key of many parts": '"a=b"' + '."b c"' * 100_000 + " = 1",
    "a header of many parts": "[" + ".".join("x" * 100_000) + "]\na = 1",
    "a long number": "a = " + "9" * 20_000,
    "a long text": "a = '" + "x" * 5_000_000 + "'",
    "an exponent": "a = 1e999999999999999999999",
}


@pytest.fixture(params=BOMBS.values(), ids=BOMBS.keys())
def bomb(request):
    return request.param


def one_line(read):
    with pytest.raises(FraudPipelineError) as refused:
        read()
    text = str(refused.value)
    assert "\n" not in text and len(text) < 500
    assert text.startswith("bad.toml") or "/bad.toml" in text


def test_a_bomb_is_one_line_wherever_it_is_read(bomb, tmp_path):
    one_line(lambda: parse_settings(bomb, "bad.toml"))
    one_line(lambda: ingest.parse_mapping(bomb, "bad.toml"))
    one_line(lambda: parse_pack(bomb, "bad.toml", None))
    (tmp_path / "bad.toml").write_text(bomb)
    one_line(lambda: read_schedule(tmp_path / "bad.toml"))


def test_a_long_word_is_searched_in_one_pass():
    """Three million signs: a search that began anew at each of them would take hours."""
    for text in (
        "a = '" + "x" * 3_000_000 + "'",
        "a = " + "'' " * 1_000_000,
        "a" + " " * 3_000_000,
    ):
        begun = time.process_time()
        with contextlib.suppress(ValueError):
            parse_toml(text)
        assert time.process_time() - begun < 20


def test_what_is_written_by_people_is_read():
    text = 'a.b.c = 0.5\n[x."y z".w]\nlist = [0.1, 0.2]\ntext = "1.2.3.4 ... www.example.org"\n'
    assert parse_toml(text, Decimal)["a"]["b"]["c"] == Decimal("0.5")
    assert parse_toml("text = '" + "a.b " * 200 + "'")["text"].startswith("a.b")


def test_a_pack_with_one_changed_byte_is_read_or_refused_in_one_line():
    """Every 40th byte of a shipped pack in turn, and never a traceback."""
    data = (resources("fraud_pipeline.programmes") / "packs" / "wuhan.toml").read_bytes()
    n_refused = 0
    for k in range(0, len(data), 40):
        changed = data[:k] + bytes([data[k] ^ 4]) + data[k + 1 :]
        try:
            parse_pack(changed.decode("utf-8", "replace"), "bad.toml", None)
        except FraudPipelineError as error:
            n_refused += 1
            assert "\n" not in str(error)
    assert n_refused > 0
