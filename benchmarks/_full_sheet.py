"""The sheet of answers of :mod:`benchmarks._full_script`, and texts that are nearly the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer

from benchmarks._plain_ties import Frames

HIT, PASS, UNKNOWN = 0, 1, 2
OUTCOMES = ["hit", "pass", "not_applicable"]
SILENT = ["L16", "L17", "L18", "L19", "L20", "L21", "L22", "L23", "L24", "L25", "L26", "L28", "L29"]
HARD = [f"L{n:02}" for n in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 14, 15)]
WEAK = ["L27", "T06", "T10", "T20", "T24"]
INFO = ["L13", "T03", "T04", "T08", "T09", "T25", *SILENT]
SAID = {  # what is measured, in both languages; the figures are put behind it
    "L01": ("企业两年内领券总额", "vouchers received within two years"),
    "L02": ("用券占合同比例", "voucher share of the contract"),
    "L03": ("兑付倍数", "claimed against voucher used"),
    "L04": ("兑付主体不是机构", "not redeemed by the institution"),
    "L05": ("合同不在合同表中", "no contract on record"),
    "L06": ("上年营业收入", "last year's revenue"),
    "L07": ("企业资格不在范围内", "no eligible qualification"),
    "L08": ("企业不在辖区", "enterprise outside the region"),
    "L09": ("机构类别不在范围内", "institution category not listed"),
    "L10": ("服务类型不在范围内", "service type not listed"),
    "L11": ("制度生效前申请，早到天数", "days before the programme began"),
    "L12": ("申请时在负面清单上的主体数", "parties on the negative list"),
    "L13": ("当年累计发券", "vouchers issued so far in the year"),
    "L14": ("券累计使用超面值或过期", "voucher used beyond its face or after its last day"),
    "L15": ("机构不在辖区", "institution outside the region"),
    "L27": ("共同股东持股", "holding of a person in common"),
    "T01": ("文本与他企相似度", "similarity to another firm's text"),
    "T02": ("90天内知识产权申请件数", "filings within 90 days"),
    "T03": ("券到期前用尽，剩余天数", "days left when the voucher was spent"),
    "T04": ("单价为同名服务中位的倍数", "times the median price under the same title"),
    "T05": ("他人持券或付款份额", "voucher held or contract paid by others"),
    "T06": ("研发人员数", "R&D staff"),
    "T07": ("货物迹象项数", "signs of goods"),
    "T08": ("作废未用的券数", "vouchers lapsed unused"),
    "T09": ("无合同而占全年资金份额", "share of the year's money without a contract"),
    "T10": ("成果说明字数且无数据", "characters of a report without a figure"),
    "T11": ("申请与合同金额相差", "claim and contract differ by"),
    "T13": ("共用联系方式的企业数", "firms that share one contact and its institutions"),
    "T14": ("回款占已付款", "share of the payment that came back"),
    "T15": ("首次申请时成立天数", "age of the firm at its first claim"),
    "T16": ("重复使用的单据号", "document numbers used before"),
    "T17": ("略低于限额的合同份数", "contracts just below a limit"),
    "T18": ("双方关联强度", "strength of the link between the parties"),
    "T19": ("时间顺序超出容许天数", "days out of order"),
    "T20": ("同一零头金额的企业数", "firms with the same odd amount"),
    "T21": ("作废红冲未补或购销方不符", "voided or foreign invoices"),
    "T22": ("强制检测字样", "words of mandatory testing"),
    "T23": ("共用一个账户的企业数", "firms behind one account"),
    "T24": ("收入占上限比例", "revenue as a share of the limit"),
    "T25": ("企业在该孵化器内", "tenant of the incubator it buys from"),
    "T26": ("确认早于服务结束天数或批量确认", "days confirmed too early, or bulk"),
}

FILINGS = ["patent_invention", "patent_utility", "patent_design", "trademark", "software_copyright"]


class Sheet:
    """The claims in order with all that belongs to each, and the answers as they are given."""

    def __init__(self, f: Frames) -> None:
        c = f["claims"].sort_values(["submitted_on", "claim_id"], ignore_index=True)
        for mark, name, key in (("v", "vouchers", "voucher_id"), ("k", "contracts", "contract_id"),
                                ("e", "enterprises", "enterprise_id"),
                                ("i", "institutions", "institution_id")):  # fmt: skip
            right = f[name].drop_duplicates(key).add_prefix(f"{mark}_")
            c = c.merge(right, left_on=key, right_on=f"{mark}_{key}", how="left")
        self.f, self.c = f, c
        self.answers: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}

    def put(
        self, code: str, fires: Any, measured: Any = np.nan, limit: Any = np.nan, known: Any = True
    ) -> None:
        """``fires`` and ``known`` as booleans of the claims or one for all; unknown is no pass."""
        n = len(self.c)
        hit = np.broadcast_to(np.asarray(pd.Series(fires).fillna(False), dtype=bool), n)
        seen = np.broadcast_to(np.asarray(known, dtype=bool), n)
        outcome = np.where(hit, HIT, np.where(seen, PASS, UNKNOWN)).astype(np.int8)
        figures = (np.broadcast_to(np.asarray(v, dtype=float), n) for v in (measured, limit))
        self.answers[code] = (outcome, *figures)  # type: ignore[assignment]

    def by_claim(self, values: pd.Series) -> np.ndarray:
        return values.reindex(self.c["claim_id"]).to_numpy()

    def hits(self, codes: list[str]) -> np.ndarray:
        counted: np.ndarray = np.sum([self.answers[x][0] == HIT for x in codes], axis=0)
        return counted

    def long(self) -> pd.DataFrame:
        """One row a claim and rule, as the product publishes them."""
        codes = sorted(self.answers)
        n = len(self.c)
        rows = pd.DataFrame({
            "claim_id": pd.Categorical.from_codes(np.tile(np.arange(n), len(codes)), self.c["claim_id"]),
            "rule_code": pd.Categorical.from_codes(np.repeat(np.arange(len(codes)), n), codes),
            "outcome": pd.Categorical.from_codes(
                np.concatenate([self.answers[x][0] for x in codes]), OUTCOMES),
            "measured": np.concatenate([self.answers[x][1] for x in codes]),
            "limit": np.concatenate([self.answers[x][2] for x in codes]),
        })  # fmt: skip
        for at, language in enumerate(("sentence_zh", "sentence_en")):
            text = np.full(len(rows), None, dtype=object)
            for k, code in enumerate(codes):
                outcome, measured, limit = self.answers[code]
                where = np.flatnonzero(outcome == HIT)
                words = SAID.get(code, ("规则未知", "no rule known"))[at]
                pattern = "{}：{:,.4g}（限值{:,.4g}）" if at == 0 else "{}: {:,.4g} (line {:,.4g})"
                text[k * n + where] = [pattern.format(words, m, x) for m, x in
                                       zip(measured[where], limit[where], strict=True)]  # fmt: skip
                unknown = "规则或数据未知" if at == 0 else "rule or data not known"
                text[k * n + np.flatnonzero(outcome == UNKNOWN)] = unknown
            rows[language] = text
        return rows


def _grams(texts: Any, n: int) -> sparse.csr_matrix:
    hashed = HashingVectorizer(analyzer="char", ngram_range=(n, n), binary=True, norm=None,
                               alternate_sign=False, n_features=1 << 24, dtype=np.float32)  # fmt: skip
    return hashed.transform(texts)


def near_texts(f: Frames) -> pd.DataFrame:
    """Best match of each claim's texts among all other firms: similarity, nearest claim, firms.

    Only distinct texts of one kind that share passages of ten characters found with at most 30
    firms are compared (a sparse product over rare columns), by Jaccard on 5-grams.
    """
    c = f["claims"].merge(f["contracts"][["contract_id", "text"]], on="contract_id", how="left")
    c["given"] = c["claim_id"].map(
        f["deliverables"].dropna(subset=["text"]).groupby("claim_id")["text"].first()
    )
    found = []
    for column in ("report_text", "text", "given"):
        docs = c[["claim_id", "enterprise_id", column]].dropna()
        if docs.empty:
            continue
        docs = docs.assign(said=docs[column].str.replace(r"\s", "", regex=True))
        docs = docs[docs["said"].str.len() >= 40]
        if docs.empty:
            continue
        code, said = pd.factorize(docs["said"])
        docs["code"] = code
        firms = docs.groupby("code")["enterprise_id"].nunique().to_numpy()
        x = _grams(said, 10).tocsc()
        spread = np.asarray(x.T @ firms.astype(np.float32))
        rare = x[:, (spread > 1) & (spread <= 30)].tocsr()
        near = sparse.triu(rare @ rare.T, k=1).tocoo()
        kept = near.data >= 4
        a, b = near.row[kept], near.col[kept]
        at, inside = np.unique(np.r_[a, b], return_inverse=True)
        share = np.zeros(len(a))
        if len(a):
            five = _grams(said[at], 5)
            size = np.asarray(five.sum(axis=1)).ravel()
            one, two = inside[: len(a)], inside[len(a) :]
            common = np.asarray(five[one].multiply(five[two]).sum(axis=1)).ravel()
            share = common / (size[one] + size[two] - common)
        own = np.flatnonzero((firms > 1) & (firms <= 30) & (np.diff(rare.indptr) >= 4))
        pairs = pd.DataFrame({"a": np.r_[a, b, own], "b": np.r_[b, a, own],
                              "similarity": np.r_[share, share, np.ones(len(own))]})  # fmt: skip
        pairs = pairs[pairs["similarity"] >= 0.5].merge(
            docs[["code", "claim_id", "enterprise_id"]], left_on="a", right_on="code"
        )
        pairs = pairs.merge(
            docs[["code", "claim_id", "enterprise_id"]],
            left_on="b",
            right_on="code",
            suffixes=("", "_near"),
        )
        found.append(
            pairs[pairs["enterprise_id"].ne(pairs["enterprise_id_near"])].assign(kind=column)
        )
    every = pd.concat(found).sort_values("similarity", ascending=False, kind="stable")
    every["firms"] = every.groupby("claim_id")["enterprise_id_near"].transform("nunique")
    best = every.drop_duplicates("claim_id").set_index("claim_id")
    return best[
        ["similarity", "claim_id_near", "kind", "firms", "enterprise_id_near", "enterprise_id"]
    ]
