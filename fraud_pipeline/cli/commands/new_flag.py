"""``fraud-pipeline new-flag T40``: the three files of a new red flag, ready to be filled in.

The rule, its page and its golden case (which the tests find by name). Nothing else is touched: rules
are found by the listing of their package, and a rule's own file says what it may look at, whether it is
a feature, and what it is called.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

import fraud_pipeline
from fraud_pipeline.cli.output import show
from fraud_pipeline.core.report import Report
from fraud_pipeline.errors import ProgrammeError

_RULE = '''"""{title_en}: say here what is compared with what, and whom it acquits."""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings

# One row a claim, in order of nth. `hit` is null exactly where `why` says what is not known.
_STATEMENT = """
SELECT a.claim_id, a.contract_amount::DOUBLE AS measured, $most AS lim, measured > $most AS hit,
       NULL::VARCHAR AS why
  FROM claims_to_judge a
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {{"most": 1_000_000.0}}  # move it to ProgrammeSettings: thresholds are no code


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="{code}",
    severity="info",  # hard | strong | weak | info; strong only once its fire rate is measured
    typology=None,
    # What it may look at: a table it reads and does not name is not there. See schema/scope.py.
    scope=Scope(Level.CLAIM),
    feature=False,  # True: the risk model has a feature flag_{lower} that says whether it fired
    title_zh="{title_zh}",
    title_en="{title_en}",
    hit_zh="合同金额{{measured:money}}元，预警阈值{{lim:money}}元",
    hit_en="a contract of {{measured:money}} yuan, line {{lim:money}} yuan",
    evaluate=evaluate,
)
'''

_PAGE = """# {code} {title_en} · {title_zh}

Severity: described, never scored. Typology: –. Tables: `claims`. Law it must know: none.

## What it measures

The amount of the contract.

## Worked example

F1 is over 1,000,000.01 yuan, a hit; P2 over 1,000,000 passes.

Rows like these stand in `tests/programmes/golden/{code}.toml`, and the tests run them.

## Why it is a red flag

To be written.

## Innocent explanations

To be written: a flag without any is not understood yet.

## Exclusions

To be written.

## Settings

To be written.

## Source

To be written.
"""

_GOLDEN = """# F fires, P passes, N cannot be judged: the first letter of a claim says what is expected.
claims = [
  {{claim_id = "F1", contract_amount = 1000000.01}}, {{claim_id = "P2", contract_amount = 1000000}},
]
[expected.F1]
measured = 1000000.01
limit = 1000000.0
zh = "合同金额1,000,000.01元，预警阈值1,000,000元"
en = "a contract of 1,000,000.01 yuan, line 1,000,000 yuan"
"""


def new_flag(
    code: Annotated[str, typer.Argument(help="Code of the flag, e.g. T40 or L30.")],
    title_en: Annotated[str, typer.Option(help="What it is called.")] = "New flag",
    title_zh: Annotated[str, typer.Option(help="What it is called in Chinese.")] = "新疑点",
) -> None:
    """Write rule, page and golden case of a new red flag into this checkout.

    Example: fraud-pipeline new-flag T40 --title-en "Paid before service"
    """
    root = Path(fraud_pipeline.__file__).parents[1]
    written = [path.relative_to(root) for path in stamp(root, code, title_en, title_zh)]
    show(Report("\n".join(map(str, written)), {"code": code, "written": written}))


def stamp(root: Path, code: str, title_en: str, title_zh: str) -> list[Path]:
    """Write the files of flag ``code`` into the checkout at ``root``; their paths.

    Raises ProgrammeError, writing nothing, for a code that is malformed or taken, or where
    there is no checkout (an installed package has no tests and no docs to write to).
    """
    if not re.fullmatch(r"[LT]\d\d", code):
        raise ProgrammeError(f"{code!r} is no code of a flag: L or T and two digits, like T40")
    rules = root / "fraud_pipeline/programmes/rules"
    pages, goldens = root / "docs/flags", root / "tests/programmes/golden"
    for folder in (rules, pages, goldens):
        if not folder.is_dir():
            raise ProgrammeError(f"{folder}: not there; new flags are stamped into a checkout")
    existing = [*rules.glob(f"{code.lower()}_*.py"), *pages.glob(f"{code}.md")]
    if existing:
        raise ProgrammeError(f"{code} is taken: {existing[0].relative_to(root)}")
    words = {"code": code, "lower": code.lower(), "title_en": title_en, "title_zh": title_zh}
    name = f"{code.lower()}_{re.sub(r'[^a-z0-9]+', '_', title_en.lower()).strip('_') or 'flag'}"
    contents = {
        rules / f"{name}.py": _RULE.format(**words),
        pages / f"{code}.md": _PAGE.format(**words),
        goldens / f"{code}.toml": _GOLDEN.format(**words),
    }
    for path, text in contents.items():
        path.write_text(text, "utf-8")
    return list(contents)
