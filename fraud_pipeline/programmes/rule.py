"""What a rule is, and what it is given to judge claims by.

A rule is a file in ``rules/`` with a ``RULE``. Its ``evaluate`` answers for every
claim it was asked about, one row a claim, in the columns

    claim_id   the claim
    hit        true, false, or null where it cannot be judged
    why        null, or why it cannot be judged: 'table.column' that is empty, or a
               code of :data:`fraud_pipeline.programmes.words.REASONS`
    measured   the figure that was compared; lim: what it was compared with
    evidence   for hits: other claims, documents or rows that show it, at most a few

and any further columns its sentences name. Claims whose programme does not publish
the parameters in ``law`` are never asked, nor any claim when a table of ``needs`` was
not supplied; the evaluator answers those with the reason.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import pyarrow as pa

from fraud_pipeline.core.sql import query
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.scope import EVERYTHING, Scope
from fraud_pipeline.settings import ProgrammeSettings


@dataclass(frozen=True)
class RuleContext:
    """What a check sees: the claims to judge, the law of their day, and all tables.

    ``claims_to_judge`` holds the claims to judge, sorted by claim_id, without their long texts
    and with a ``regime``; ``law`` has one row a regime and one column a pack key
    (plus ``<key>_clause``). ``tables['claims']`` holds every claim, asked or not.
    """

    tables: Tables
    claims_to_judge: pa.Table
    law: pa.Table
    settings: ProgrammeSettings
    as_of: date
    scope: Scope = EVERYTHING
    cache: dict[str, Future[pa.Table]] = field(default_factory=dict, repr=False, compare=False)

    def of(self, chosen: pa.Array) -> RuleContext:
        """The same context with the ``chosen`` (true) of the claims only."""
        return dataclasses.replace(self, claims_to_judge=self.claims_to_judge.filter(chosen))

    def within(self, scope: Scope) -> RuleContext:
        """The same context in which statements see the tables and columns of ``scope`` only."""
        return dataclasses.replace(self, scope=scope)

    def cached(self, name: str, compute: Callable[[], pa.Table]) -> pa.Table:
        """A table several checks read, made by the first of them.

        It must not depend on which claims were asked.
        """
        future: Future[pa.Table] = Future()
        first = self.cache.setdefault(name, future)  # atomic: checks run on several threads
        if first is future:
            try:
                future.set_result(compute())
            except BaseException as error:
                future.set_exception(error)
        return first.result()

    def query(
        self,
        statement: str,
        parameters: Mapping[str, Any] | None = None,
        **more: pa.Table,
    ) -> pa.Table:
        """One SELECT over ``claims_to_judge``, ``law``, the tables of the scope and ``more``."""
        visible = {name: self.tables[name] for name in self.scope.tables}
        views = {**visible, "claims_to_judge": self.claims_to_judge, "law": self.law, **more}
        return query(statement, views, dict(parameters or {}))


@dataclass(frozen=True)
class Rule:
    """A limit of a programme or a red flag.

    ``severity``: hard = money is not due by the rule; strong and weak = a lead;
    info = described, never scored. The sentence templates name columns of the answer
    as ``{column:kind}`` (see :func:`fraud_pipeline.programmes.words.sentences`).
    ``scope``: what it may look at; its statements find no other table. ``feature``: whether
    its hits are a feature of the risk model (``flag_t01``). ``weighed``: whether
    a hit counts in the score by its severity; what describes the claimant counts like info.
    ``compares_days``: where a date names a month only, the rule is asked again with other days of
    it, and answers nothing where they would change its answer.
    """

    code: str
    severity: Literal["hard", "strong", "weak", "info"]
    title_zh: str
    title_en: str
    hit_zh: str
    hit_en: str
    evaluate: Callable[[RuleContext], pa.Table]
    scope: Scope = EVERYTHING
    typology: str | None = None
    needs: tuple[str, ...] = ()
    law: tuple[str, ...] = ()
    feature: bool = False
    weighed: bool = True
    check_zh: str = "请核对登记数据与制度包"  # what to look at when it hits most claims
    check_en: str = "check the register and the programme pack"
    compares_days: bool = False
    long: bool = False  # takes as long as a dozen others
