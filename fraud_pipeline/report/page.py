"""The page of a run: one self-contained HTML file, readable without network or script."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import jinja2
from markupsafe import Markup

from fraud_pipeline.core.currency import HOME
from fraud_pipeline.core.templates import InCurrency
from fraud_pipeline.explain import percent
from fraud_pipeline.report import svg
from fraud_pipeline.vocabulary.risk import BANDS
from fraud_pipeline.vocabulary.verdicts import STRATA

GLOSSARY = (
    ("rank", "排序，1 为最先看", "1 = look first"),
    ("risk", "核查会发现问题的概率；随机抽查结论不足时只分高、中、低三档", "probability that an audit finds something; bands while too few verdicts are by chance"),
    ("expected loss", "概率 × 一旦属实损失的公共资金", "probability times the public money lost if true"),
    ("inclusion probability", "抽样前该申请被抽中的概率", "the claim's chance to be drawn, fixed before the draw"),
    ("certainty / risk / huzhou / random", "必查、按风险、按湖州三类、随机", "why a claim was drawn"),
    ("p, q", "偶然出现的概率；考虑多次检验后的错误发现率", "chance of a coincidence; false discovery rate"),
    ("n/a", "缺少资料而无法判断，不等于通过", "could not be asked for want of data; not the same as passed"),
)  # fmt: skip


def render(facts: dict[str, Any]) -> str:
    """The HTML of a run's facts; the same facts give the same bytes."""
    package = jinja2.PackageLoader("fraud_pipeline.report")
    code = facts.get("currency", HOME)
    loader = InCurrency(package, code)
    environment = jinja2.Environment(
        loader=loader, autoescape=jinja2.select_autoescape(("j2", "html")), trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    environment.filters["abs"] = abs
    environment.globals.update(
        strip=svg.strip, bar=svg.bar, ring=svg.ring, percent=percent, bands=BANDS, strata=STRATA
    )
    style, script = (loader.get_source(environment, n)[0] for n in ("report.css", "report.js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    # style and script are this package's own files
    return environment.get_template("report.html.j2").render(
        f=facts, glossary=GLOSSARY, style=Markup(style), script=Markup(script), script_hash=digest,  # noqa: S704
    )  # fmt: skip
