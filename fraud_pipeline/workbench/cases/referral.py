"""The content of a case's referral pack: sections with tables, in one language, without layout.

Evidence and documents are numbered (E1, D1); other sections cite these numbers, and the numbers
of documents that a sentence of evidence names stand beside it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from fraud_pipeline.core.currency import in_currency
from fraud_pipeline.vocabulary.documents import DELIVERABLES
from fraud_pipeline.vocabulary.parties import FIELDS, PARTIES
from fraud_pipeline.vocabulary.rings import SHARED, TIE_KINDS
from fraud_pipeline.vocabulary.services import SERVICES
from fraud_pipeline.vocabulary.term import label
from fraud_pipeline.vocabulary.verdicts import VERDICTS
from fraud_pipeline.workbench.cases.claim_view import timeline
from fraud_pipeline.workbench.cases.referral_parts import (
    Flow,
    Line,
    Material,
    Numbers,
    Referral,
    Row,
    Section,
)
from fraud_pipeline.workbench.cases.referral_words import METHOD, SECTIONS, TABLES

_MOST_TIES = 80
_MOST_CITED = 4  # documents of a claim that are cited where a sentence names none
_RARE_PRICE = 0.05
# The run numbers a ring's evidence by itself: "E12 …" and "[E1–E3]"; the pack has its own numbers.
_OWN_NUMBER, _OWN_NUMBERS = re.compile(r"^E\d+\s+"), re.compile(r"\[E\d[^\]]*\]")


class ReferralBuilder:
    """Builds the sections in one language (``zh`` or ``en``)."""

    def __init__(self, material: Material, language: str):
        self._m, self._zh, self._language = material, language == "zh", language
        self._numbers = Numbers()

    def build(self, title: str, cover: Sequence[tuple[str, str]]) -> Referral:
        documents = self._documents()  # first: evidence cites them
        evidence = self._evidence()
        flows = self._flows()
        sections = (
            self._summary(), self._parties(), self._claims(), evidence, self._money(flows),
            self._time_line(), documents, self._method(), self._hashes(),
        )  # fmt: skip
        return Referral(self._language, title, tuple(cover), sections, tuple(flows), self._ties())

    def _t(self, zh: str, en: str) -> str:
        return in_currency(zh if self._zh else en, self._m.currency)

    def _section(self, key: str, **parts: Any) -> Section:
        words = SECTIONS[key]
        code = self._m.currency
        columns = tuple(
            in_currency(c[0 if self._zh else 1], code, template=True) for c in words.columns
        )
        return Section(key, words.title[0 if self._zh else 1], columns=columns,
                       widths=words.widths, references=words.references, **parts)  # fmt: skip

    def _summary(self) -> Section:
        claims = self._m.claims
        total = sum((f["claim"]["claimed_amount"] for f in claims), Decimal(0))
        days = sorted(f["claim"]["submitted_on"] for f in claims)
        n = {kind: sum(p["kind"] == kind for p in self._m.parties) for kind in PARTIES}
        sentences = [self._t(
            f"本案涉及 {n['enterprise']} 家企业、{n['institution']} 家服务机构的 {len(claims)} 件兑付申请，申请金额合计 {_yuan(total)} 元。",
            f"The case holds {len(claims)} claims of {n['enterprise']} enterprises and {n['institution']} institutions, {_yuan(total)} yuan in all.",
        )]  # fmt: skip
        if days:
            sentences.append(self._t(f"申请日期自 {days[0]} 至 {days[-1]}。",
                                     f"They were submitted from {days[0]} to {days[-1]}."))  # fmt: skip
        back = [f for f in self._flows() if f.is_back]
        if back:
            amount = _yuan(sum((f.amount for f in back), Decimal(0)))
            sentences.append(self._t(f"服务机构向企业一方付款合计 {amount} 元，见“资金流向”。",
                                     f"Institutions paid {amount} yuan to enterprises; see “Money flow”."))  # fmt: skip
        paragraphs = ["".join(sentences) if self._zh else " ".join(sentences)]
        stories = (r["ring"]["story_zh" if self._zh else "story_en"] for r in self._m.rings)
        paragraphs += [_OWN_NUMBERS.sub("", story) for story in stories]
        paragraphs.append(self._t(
            "以下所列是供核查的疑点和材料，不是对任何企业、机构或个人的结论。",
            "What follows are leads and documents for review; it finds nothing about anybody.",
        ))  # fmt: skip
        lines = [
            Line((str(n), words, self._with_claims(ids)))
            for n, (words, ids) in enumerate(self._grounds(), start=1)
        ]
        return self._section("summary", paragraphs=tuple(paragraphs), lines=tuple(lines))

    def _grounds(self) -> list[tuple[str, list[str]]]:
        """Each kind of ground and the claims it stands on, most claims first."""
        claims: dict[str, list[str]] = defaultdict(list)
        for facts in self._m.claims:
            for rule in _hits(facts):
                title = rule["title_zh" if self._zh else "title_en"]
                claims[title].append(facts["claim"]["claim_id"])
        return sorted(claims.items(), key=lambda pair: (-len(pair[1]), pair[0]))

    def _with_claims(self, ids: list[str]) -> str:
        shown = ids[:12]
        more = len(ids) - len(shown)
        tail = self._t(f"等 {len(ids)} 件", f" and {more} more") if more else ""
        return self._t("、", ", ").join(shown) + tail

    def _parties(self) -> Section:
        lines = []
        for party in self._m.parties:
            row = party["row"] or {}
            contact = [f"{label(FIELDS, name, self._language)} {row[name]}"
                       for name in ("legal_representative", "phone", "bank_account") if row.get(name)]  # fmt: skip
            lines.append(Line((
                label(PARTIES, party["kind"], self._language), party["name"], party["key"],
                self._t("；", "; ").join(contact) or "—",
                " ".join(str(row[n]) for n in ("region", "founded_on") if row.get(n)) or "—",
            )))  # fmt: skip
        return self._section("parties", lines=tuple(lines))

    def _claims(self) -> Section:
        lines = []
        for facts in sorted(self._m.claims, key=lambda f: f["claim"]["submitted_on"]):
            claim = facts["claim"]
            verdict = facts.get("verdict")
            lines.append(Line((
                claim["claim_id"], self._name(claim["enterprise_id"]),
                self._name(claim["institution_id"]),
                label(SERVICES, claim["service_type"], self._language), str(claim["submitted_on"]),
                _yuan(claim["claimed_amount"]),
                label(VERDICTS, verdict, self._language) if verdict else "—",
                " ".join(self._numbers.of_claim[claim["claim_id"]]) or "—",
            )))  # fmt: skip
        return self._section("claims", lines=tuple(lines))

    def _name(self, party_id: str | None) -> str:
        return self._m.names.get(party_id or "", party_id or "—")

    def _evidence(self) -> Section:
        at = "_zh" if self._zh else "_en"
        lines = []
        for facts in self._m.claims:
            claim_id = facts["claim"]["claim_id"]
            for rule in _hits(facts):
                number = self._numbers.next_evidence(claim_id)
                cited = self._numbers.cited_in(rule["evidence"], rule["sentence_zh"])
                cited = cited or " ".join(self._numbers.of_claim_documents[claim_id][:_MOST_CITED])
                sentence = rule[f"sentence{at}"] or rule[f"title{at}"]
                lines.append(Line((number, claim_id, f"{rule[f'title{at}']}: {sentence}",
                                   self._clause(rule), cited), number))  # fmt: skip
            if (price := self._price(facts)) is not None:
                number = self._numbers.next_evidence(claim_id)
                lines.append(Line((number, claim_id, price, "—", ""), number))
        for ring in self._m.rings:
            for tie in [t for t in ring["ties"] if t["kind"] != "chance"][:_MOST_TIES]:
                number = self._numbers.next_evidence(None)
                kind = label(TIE_KINDS, tie["kind"], self._language)
                lines.append(Line((
                    number, ring["ring"]["ring_id"],
                    f"{kind}: {_OWN_NUMBER.sub('', tie[f'sentence{at}'] or '')}",
                    self._source(tie["source"]), self._numbers.cited_in(tie["sentence_zh"]),
                ), number))  # fmt: skip
        return self._section("evidence", lines=tuple(lines))

    def _source(self, source: str | None) -> str:
        """The tables that a sentence about a ring was made from, in words."""
        tables = [
            words[0 if self._zh else 1] for name, words in TABLES.items() if name in (source or "")
        ]
        return self._t("、", ", ").join(tables) or "—"

    def _clause(self, rule: Row) -> str:
        """The clause of the programme; it is quoted as published, in Chinese."""
        return rule["clause"] or "—"

    def _price(self, facts: Row) -> str | None:
        price = facts["price"]
        if not price or price["outcome"] != "scored" or (price["p_value"] or 1) >= _RARE_PRICE:
            return None
        values = tuple(_yuan(price[n]) for n in ("unit_price", "market_mid", "excess_amount"))
        ratio = f"{float(price['price_ratio']):.2f}" if price["price_ratio"] else "?"
        n = len([c for c in (price["comparables"] or "").split(";") if c])
        return self._t(
            f"单价偏高：单价 {values[0]} 元，同类中位价 {values[1]} 元，为其 {ratio} 倍；超出市场高位 {values[2]} 元；可比申请 {n} 件。",
            f"High price: {values[0]} yuan a unit where the market's median is {values[1]}, a ratio of {ratio}; {values[2]} yuan above the market's upper end; {n} comparable claims.",
        )  # fmt: skip

    def _flows(self) -> list[Flow]:
        sums: dict[tuple[str, str], tuple[Decimal, int]] = {}
        institutions = {f["claim"]["institution_id"] for f in self._m.claims}
        enterprises = {f["claim"]["enterprise_id"] for f in self._m.claims}
        counted: set[str] = set()
        for facts in self._m.claims:
            for payment in facts["payments"]:
                if payment["payment_id"] in counted:
                    continue
                counted.add(payment["payment_id"])
                pair = (payment["payer_id"] or "?", payment["payee_id"] or "?")
                amount, n = sums.get(pair, (Decimal(0), 0))
                sums[pair] = (amount + (payment["amount"] or 0), n + 1)
        flows = [
            Flow(self._name(payer), self._name(payee), amount, n,
                 payer in institutions and payee in enterprises)
            for (payer, payee), (amount, n) in sums.items()
        ]  # fmt: skip
        return sorted(flows, key=lambda f: (-f.amount, f.payer, f.payee))

    def _money(self, flows: Sequence[Flow]) -> Section:
        lines = tuple(
            Line((f.payer, f.payee, str(f.n), _yuan(f.amount),
                  self._t("机构付给企业", "institution to enterprise") if f.is_back else ""))
            for f in flows
        )  # fmt: skip
        return self._section("money", lines=lines)

    def _time_line(self) -> Section:
        events = [
            (day, facts["claim"]["claim_id"], self._t(zh, en), amount)
            for facts in self._m.claims for day, zh, en, amount in timeline(facts)
        ]  # fmt: skip
        lines = tuple(
            Line((day, claim_id, words, _yuan(amount) if amount is not None else ""))
            for day, claim_id, words, amount in sorted(events, key=lambda e: e[:3])
        )
        return self._section("time_line", lines=lines)

    def _documents(self) -> Section:
        lines: list[Line] = []

        def add(kind: str, key: str, claim_id: str, day: Any, amount: Any, source: Row) -> None:
            if key in self._numbers.documents:
                return
            number = f"D{len(lines) + 1}"
            self._numbers.documents[key] = number
            self._numbers.of_claim_documents[claim_id].append(number)
            place = f"{source.get('source_file') or ''} {source.get('source_row') or ''}".strip()
            lines.append(Line((number, kind, key, claim_id, str(day or "—"),
                               _yuan(amount) if amount is not None else "", place or "—"), number))  # fmt: skip

        for facts in self._m.claims:
            claim_id, contract = facts["claim"]["claim_id"], facts["contract"]
            if contract:
                add(self._t("合同", "contract"), contract["contract_id"], claim_id,
                    contract["signed_on"], contract["amount"], contract)  # fmt: skip
            for i in facts["invoices"]:
                add(self._t("发票", "invoice"), i["invoice_no"], claim_id, i["issued_on"],
                    i["amount"], i)  # fmt: skip
            for p in facts["payments"]:
                add(self._t("付款", "payment"), p["payment_id"], claim_id, p["paid_on"],
                    p["amount"], p)  # fmt: skip
            for d in facts["deliverables"]:
                add(label(DELIVERABLES, d["kind"], self._language),
                    d["reference_no"] or d["deliverable_id"], claim_id, d["issued_on"], None, d)  # fmt: skip
        for file in self._m.files:
            add(
                self._t("案件附件", "file of the case"),
                file["name"],
                "—",
                file["at"][:10],
                None,
                {},
            )
        return self._section("documents", lines=tuple(lines))

    def _method(self) -> Section:
        return self._section("method", paragraphs=tuple(self._t(zh, en) for zh, en in METHOD))

    def _hashes(self) -> Section:
        lines = [Line((name, digest)) for name, digest in self._m.hashes]
        lines += [Line((file["name"], file["sha256"])) for file in self._m.files]
        return self._section("hashes", lines=tuple(lines))

    def _ties(self) -> tuple[tuple[str, str, str], ...]:
        pairs = {
            (self._name(t["left_id"]), self._name(t["right_id"]),
             label(TIE_KINDS, t["kind"], self._language))
            for ring in self._m.rings for t in ring["pairs"] if t["kind"] in SHARED
        }  # fmt: skip
        return tuple(sorted(pairs))


def _hits(facts: Row) -> list[Row]:
    """The rules that fired and mean something."""
    return [r for r in facts["rules"] if r["outcome"] == "hit" and r["severity"] != "info"]


def _yuan(amount: Any) -> str:
    return "—" if amount is None else f"{Decimal(amount):,.2f}".removesuffix(".00")
