"""``fraud-pipeline programme new``: asks for a programme's limits and writes its pack with a test."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from fraud_pipeline.cli.options import day
from fraud_pipeline.cli.output import show
from fraud_pipeline.core.report import Report
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.vocabulary.messages import one_of, t

# What is asked, in this order; Enter leaves a limit open. Keys of programmes/keys.py.
QUESTIONS = (
    "enterprise_cap_amount", "enterprise_cap_months", "subsidy_share_max", "voucher_share_of_contract_max",
    "use_max_amount", "voucher_validity_months", "annual_budget_amount", "repeat_days", "single_purchase_limit_amount",
)  # fmt: skip
_ID = re.compile(r"[a-z][a-z0-9_]{1,30}")


def new(
    programme: Annotated[str, typer.Argument(help="Id of the new pack: small letters, digits, _.")],
    to: Annotated[Path, typer.Option("--out", help="Folder of your own packs.")],
    starts: Annotated[str, typer.Option(help="First day of the programme, YYYY-MM-DD.")],
    currency: Annotated[str, typer.Option(help="ISO code of its currency.")] = "CNY",
) -> None:
    """Ask for a programme's limits and write the pack with a test of it.

    Example: fraud-pipeline programme new lingang --out packs --starts 2024-01-01
    """
    from fraud_pipeline.programmes import parse_pack
    from fraud_pipeline.programmes.keys import KEYS
    from fraud_pipeline.store import files

    if not _ID.fullmatch(programme):
        raise SettingsError(f"{programme!r} is no id: small letters, digits and _")
    name_zh = typer.prompt(one_of("中文名称", "name in Chinese"), default=programme, err=True)
    name_en = typer.prompt(one_of("英文名称", "name in English"), default=programme, err=True)
    limits = {}
    for key in QUESTIONS:
        words = one_of(KEYS[key].zh, KEYS[key].en)
        text = typer.prompt(
            f"{words} ({KEYS[key].unit or KEYS[key].kind})",
            default="",
            show_default=False,
            err=True,
        )
        if text.strip():
            limits[key] = _number(key, text)
    pack = _pack(programme, (name_zh, name_en), day(starts), currency, limits)
    parse_pack(pack, f"{programme}.toml")
    written = {
        to / f"{programme}.toml": pack,
        to / f"test_{programme}.py": _test(programme, limits),
    }
    for path in written:
        if path.exists():
            raise SettingsError(f"{path}: is there already")
    to.mkdir(parents=True, exist_ok=True)
    for path, text in written.items():
        files.write_bytes(path, text.encode())
    facts = {"programme": programme, "limits": limits, "written": list(written)}
    show(Report(t("programme.new", files=", ".join(map(str, written)), programme=programme), facts))


def _number(key: str, text: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", "").rstrip("%")) / (
            100 if text.strip().endswith("%") else 1
        )
    except InvalidOperation:
        raise SettingsError(f"{key}: {text!r} is no number") from None
    if not number.is_finite() or number <= 0:
        raise SettingsError(f"{key}: {text!r} is not above zero")
    return number


def _pack(
    programme: str, names: tuple[str, str], starts: date, currency: str, limits: Mapping[str, Decimal]
) -> str:  # fmt: skip
    """The pack as TOML; each limit names its key as its clause until somebody writes the clause in."""
    from fraud_pipeline.programmes.keys import KEYS

    head = [f"id = {_quoted(programme)}", f"name_zh = {_quoted(names[0])}", f"name_en = {_quoted(names[1])}",
            f"starts_on = {starts}", f"currency = {_quoted(currency)}", "", "[sources.own]",
            'title_zh = "本单位管理办法"', 'title_en = "Measures of the bureau"']  # fmt: skip
    rules = []
    for key, number in limits.items():
        zh, en = f"{KEYS[key].zh}：{number:f}", f"{KEYS[key].en}: {number:f}"
        rules += ["", "[[rules]]", f"key = {_quoted(key)}", f"value = {_value(number)}", 'source = "own"',
                  f"summary = {_quoted(zh)}", f"clause_zh = {_quoted(zh)}", f"clause_en = {_quoted(en)}"]  # fmt: skip
    return "\n".join([*head, *rules]) + "\n"


def _value(number: Decimal) -> str:
    return str(int(number)) if number == number.to_integral_value() else f"{number:f}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _test(programme: str, limits: Mapping[str, Decimal]) -> str:
    checks = "\n".join(
        f'    assert pack.value("{key}", pack.starts_on) == Decimal("{number:f}")'
        for key, number in limits.items()
    )
    return f'''"""The pack {programme}: it is well formed and says what its measures say."""

from decimal import Decimal
from pathlib import Path

from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.testing import check_pack

PACKS = load_packs(Path(__file__).with_name("{programme}.toml"))


def test_the_pack_is_well_formed():
    check_pack(PACKS["{programme}"], PACKS)


def test_the_limits_are_those_of_the_measures():
    pack = PACKS["{programme}"]
{checks}
'''
