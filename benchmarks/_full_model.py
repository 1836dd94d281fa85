"""Features, model, sentences and sample of :mod:`benchmarks._full_script`."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from scipy import special

from benchmarks import _plain_script as plain
from benchmarks._full_sheet import HARD, INFO, SAID, WEAK, Sheet
from benchmarks._plain_ties import Frames

EXPLAINED = 0.02  # a smaller contribution gets no sentence
TOKENS = {  # a feature's name in Chinese, token by token
    "enterprise": "企业", "institution": "机构", "pair": "双方", "agent": "代办机构", "device": "设备",
    "n": "申请数", "sum": "申请金额", "30D": "前30天", "90D": "前90天", "365D": "前一年", "first": "首次",
    "deal": "往来", "per": "人均", "employee": "从业人员", "to": "比", "revenue": "营业收入", "days": "天数",
    "service": "服务", "outlying": "异常程度", "hard": "硬规则", "strong": "强疑点", "weak": "弱疑点",
    "hits": "命中数", "rule": "规则", "score": "分", "price": "价格", "log": "对数", "ratio": "倍数",
    "z": "偏离", "p": "偶然概率", "q": "错报率", "excess": "超额", "share": "占比", "ring": "团伙",
    "surprise": "罕见程度", "strength": "紧密程度", "own": "双方自身", "tie": "关联", "weight": "权重",
    "ties": "关联数", "text": "文本", "similarity": "相似度", "firms": "企业数", "report": "成果说明",
    "chars": "字数", "title": "服务名称", "in": "见于", "same": "相同", "day": "当日", "amount": "金额",
    "contract": "合同", "claim": "申请", "invoice": "发票", "confirmation": "确认", "expiry": "到期",
    "voucher": "创新券", "spent": "已用", "age": "年龄", "researcher": "研发人员", "employees": "从业人员数",
    "rd": "研发", "staff": "人数", "quantity": "数量", "claimed": "申领", "past": "此前", "improper": "问题率",
    "clients": "客户", "burst": "突增", "institutions": "往来机构", "faithful": "专一", "market": "市场",
    "rest": "其余", "base": "起点",
}  # fmt: skip


def _before(c: pd.DataFrame, key: str, value: str, window: str, how: str) -> np.ndarray:
    """A figure of the same party's claims on earlier days of the window, in the order of ``c``."""
    ordered = c.sort_values([key, "submitted_on"], kind="stable")
    rolled = getattr(
        ordered.set_index("submitted_on").groupby(key)[value].rolling(window, closed="left"), how
    )()
    known = ordered[key].notna()
    out = pd.Series(np.nan, index=c.index)
    out[ordered.index[known]] = rolled.to_numpy()
    return out.to_numpy()


def _found_before(c: pd.DataFrame, f: Frames, key: str) -> np.ndarray:
    """Share found improper among the party's audits decided before the claim's day."""
    done = f["outcomes"].merge(c[["claim_id", key]], on="claim_id").sort_values("decided_on")
    done["bad"] = done["verdict"].ne("clean").groupby(done[key]).cumsum()
    done["rate"] = done["bad"] / (done.groupby(key).cumcount() + 1)
    left = c[[key, "submitted_on"]].reset_index().sort_values("submitted_on")
    right = done[[key, "decided_on", "rate"]].astype({"decided_on": left["submitted_on"].dtype})
    near = pd.merge_asof(left, right, left_on="submitted_on", right_on="decided_on", by=key,
                         allow_exact_matches=False)  # fmt: skip
    return near.set_index("index")["rate"].reindex(c.index).to_numpy()


def features(f: Frames, s: Sheet, dear: pd.DataFrame, ring: dict[str, Any], tied: pd.DataFrame,
             near: pd.DataFrame) -> pd.DataFrame:  # fmt: skip
    """Some seventy figures a claim, those of the past strictly from earlier days."""
    c = s.c
    claim = pd.Index(c["claim_id"])
    x = plain.behaviour(f).reindex(claim).astype(float)
    strong = [code for code in SAID if code not in (*HARD, *WEAK, *INFO)]
    for name, codes in (("hard_hits", HARD), ("strong_hits", strong), ("weak_hits", WEAK)):
        x[name] = s.hits(codes)
    x["rule_score"] = 1 - 0.05 ** x["hard_hits"] * 0.5 ** x["strong_hits"] * 0.8 ** x["weak_hits"]
    price = dear.reindex(claim)
    x["price_z"], x["price_log_ratio"] = price["price_z"], np.log(price["price_ratio"])
    x["price_p_log"] = -np.log10(price["p_value"].clip(lower=1e-12))
    x["price_q_log"] = -np.log10(price["q_value"].clip(lower=1e-12))
    x["price_excess_share"] = (
        price["excess_amount"] / (price["unit_price"] * price["quantity"])
    ).to_numpy()
    x["price_market_n"] = price["n_market"]
    of = ring["claims"].drop_duplicates("claim_id").set_index("claim_id")["ring"].reindex(claim)
    shown = ring["rings"].set_index("ring")
    for name, column in (("ring_surprise", "surprise"), ("ring_score", "score")):
        x[name] = of.map(shown[column]).fillna(0.0).to_numpy()
    firmly = ring["members"].set_index("party_id")["strength"]
    x["ring_strength"] = np.where(
        of.notna(), np.minimum(c["enterprise_id"].map(firmly), c["institution_id"].map(firmly)), 0
    )
    both = tied.set_index(["party_x", "party_y"])["weight"]
    for a, b in (("enterprise_id", "institution_id"), ("institution_id", "enterprise_id")):
        at = pd.MultiIndex.from_frame(c[[a, b]])
        x["own_tie_weight"] = x.get("own_tie_weight", 0.0) + np.nan_to_num(
            both.reindex(at).to_numpy()
        )
    ends = pd.concat(
        [tied[[p, "weight"]].set_axis(["party", "weight"], axis=1) for p in ("party_x", "party_y")]
    )
    ends = ends.groupby("party")["weight"].agg(["sum", "size"])
    x["enterprise_tie_weight"] = c["enterprise_id"].map(ends["sum"]).fillna(0).to_numpy()
    x["enterprise_ties"] = c["enterprise_id"].map(ends["size"]).fillna(0).to_numpy()
    x["text_similarity"] = near["similarity"].reindex(claim).fillna(0)
    x["text_firms"] = near["firms"].reindex(claim).fillna(0)
    x["report_chars"] = c["report_text"].str.len().to_numpy()
    words = zip(c["service_title"].fillna(""), c["report_text"].fillna(""), strict=True)
    x["title_in_report"] = [float(np.mean([t[k : k + 2] in r for k in range(len(t) - 1)])) if len(t) > 1 and r
                            else np.nan for t, r in words]  # fmt: skip
    _papers(x, f, s)
    _history(x, f, c)
    return x.replace([np.inf, -np.inf], np.nan)


def _papers(x: pd.DataFrame, f: Frames, s: Sheet) -> None:
    """Days between papers, sizes, and what some rules measured."""
    c, day = s.c, np.timedelta64(1, "D")
    first = (
        f["invoices"].groupby("contract_id")["issued_on"].min().reindex(c["contract_id"]).to_numpy()
    )
    confirmed = c["confirmed_at"].dt.tz_convert("Asia/Shanghai").dt.tz_localize(None)
    for name, late, early in (("contract_to_claim", c["submitted_on"], c["k_signed_on"]),
                              ("contract_to_invoice", first, c["k_signed_on"]),
                              ("service_to_confirmation", confirmed, c["service_end_on"]),
                              ("claim_to_expiry", c["v_expires_on"], c["submitted_on"]),
                              ("enterprise_age", c["submitted_on"], c["e_founded_on"]),
                              ("institution_age", c["submitted_on"], c["i_founded_on"])):  # fmt: skip
        x[f"{name}_days"] = ((late - early) / day).to_numpy()
    x["voucher_spent_share"] = (
        c.groupby("voucher_id")["voucher_used"].cumsum() / c["v_face_value"]
    ).to_numpy()
    x["voucher_share"] = (c["voucher_used"] / c["contract_amount"]).to_numpy()
    x["quantity_per_researcher"] = (c["quantity"] / (c["e_rd_employees"] + 1)).to_numpy()
    for name, column in (
        ("claimed_log", "claimed_amount"),
        ("contract_log", "contract_amount"),
        ("revenue_log", "e_annual_revenue"),
    ):
        x[name] = np.log1p(c[column]).to_numpy()
    for name, column in (
        ("employees", "e_employees"),
        ("rd_employees", "e_rd_employees"),
        ("institution_staff", "i_staff"),
        ("quantity", "quantity"),
    ):
        x[name] = c[column].to_numpy()
    for code in ("T05", "T13", "T14", "T16", "T18", "T19", "T21", "T23"):
        x[code] = s.answers[code][1]


def _history(x: pd.DataFrame, f: Frames, c: pd.DataFrame) -> None:
    """What the parties, and those they deal with, did and were found to have done before."""
    for name, key in (("agent", "agent_id"), ("device", "device_id")):
        x[f"{name}_n_30D"] = _before(c, key, "claimed_amount", "30D", "count")
    for name, key in (("enterprise", "enterprise_id"), ("institution", "institution_id")):
        x[f"same_day_{name}"] = (
            c.groupby([key, "submitted_on"])["claim_id"].transform("size").to_numpy() - 1
        )
        x[f"{name}_past_improper"] = _found_before(c, f, key)
        x[f"{name}_burst"] = (
            12 * x[f"{name}_n_30D"] / x[f"{name}_n_365D"].where(x[f"{name}_n_365D"] >= 6)
        )
    x["same_amount_n"] = c.groupby(["institution_id", "contract_amount"]).cumcount().to_numpy()
    x["pair_share"] = x["pair_n_365D"] / x["enterprise_n_365D"].where(lambda n: n > 0)
    state = c.assign(claims=x["enterprise_n_365D"].to_numpy(), faithful=x["pair_share"].to_numpy(), burst=x["institution_burst"].to_numpy(),
                     firm_bad=x["enterprise_past_improper"].to_numpy(), house_bad=x["institution_past_improper"].to_numpy(),
                     new=x["first_deal"].to_numpy())  # fmt: skip
    for name, key, value, window, how in (
        ("clients_n_365D", "institution_id", "claims", "90D", "mean"),
        ("clients_faithful_share", "institution_id", "faithful", "90D", "mean"),
        ("clients_first_share", "institution_id", "new", "90D", "mean"),
        ("clients_past_improper", "institution_id", "firm_bad", "365D", "mean"),
        ("institutions_burst", "enterprise_id", "burst", "365D", "max"),
        ("institutions_past_improper", "enterprise_id", "house_bad", "365D", "mean"),
    ):
        x[name] = _before(state, key, value, window, how)


def scored(f: Frames, s: Sheet, x: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The open claims by expected loss, and each feature's exact part of their log-odds."""
    done = (
        f["outcomes"]
        .query("verdict != 'undetermined'")
        .drop_duplicates("claim_id")
        .set_index("claim_id")
    )
    known = x.index.isin(done.index)
    bad = done["verdict"].ne("clean").reindex(x.index[known])
    weight = (1 / done["inclusion_prob"].clip(lower=0.01)).reindex(x.index[known])
    model = lgb.LGBMClassifier(n_estimators=150, num_leaves=15, max_depth=5, learning_rate=0.05, min_child_samples=10,
                               subsample=0.8, subsample_freq=1, random_state=1, verbose=-1)  # fmt: skip
    model.fit(x[known], bad, sample_weight=weight / weight.mean())
    parts = pd.DataFrame(model.booster_.predict(x[~known], pred_contrib=True), index=x.index[~known],
                         columns=[*x.columns, "base"])  # fmt: skip
    c = s.c.set_index("claim_id").loc[parts.index]
    table = c[["programme", "enterprise_id", "institution_id", "claimed_amount"]].copy()
    table["log_odds"] = parts.sum(axis=1)
    table["risk"] = special.expit(table["log_odds"])
    table.loc[x.loc[parts.index, "hard_hits"] > 0, "risk"] = table["risk"].clip(lower=0.5)
    table["expected_loss"] = (table["risk"] * table["claimed_amount"]).round(2)
    table = table.sort_values("expected_loss", ascending=False, kind="stable")
    table["rank"] = np.arange(1, len(table) + 1)
    top = parts.drop(columns="base").to_numpy().argmax(axis=1)
    said = [f"{in_chinese(name)} / {name.replace('_', ' ')}" for name in x.columns]
    table["top_reason"] = pd.Series(np.array(said)[top], index=parts.index)
    return table, parts


def in_chinese(name: str) -> str:
    if name in SAID:
        return SAID[name][0]
    return "".join(TOKENS.get(token, token) for token in name.split("_"))


def sampled(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A tenth, fixed in size: probability in proportion to the loss, drawn systematically."""
    n = max(1, len(table) // 10)
    size = 0.2 / len(table) + 0.8 * table["expected_loss"] / table["expected_loss"].sum()
    pi = np.zeros(len(table))
    sure = np.zeros(len(table), dtype=bool)
    while True:  # what would be drawn more than once is certain, the others share the rest
        pi = np.where(sure, 1.0, (n - sure.sum()) * size / size[~sure].sum())
        if not (pi[~sure] >= 1).any():
            break
        sure |= pi >= 1
    draw = np.random.default_rng(1)
    order = draw.permutation(len(table))
    steps = np.floor(np.cumsum(pi[order]) + draw.random() - 1e-9)
    drawn = np.zeros(len(table), dtype=bool)
    drawn[order] = np.diff(steps, prepend=0.0) > 0
    frame = table[["enterprise_id", "expected_loss", "claimed_amount"]].assign(
        inclusion_prob=pi, drawn=drawn
    )
    plan = frame[drawn].assign(
        rank=table["rank"], stratum=np.where(sure[drawn], "certainty", "risk")
    )
    values = list(zip(plan["expected_loss"], plan["rank"], plan["inclusion_prob"], strict=True))
    plan["reason_zh"] = [
        f"预计损失{loss:,.0f}元（{len(table):,}件中列第{rank:,}位），入样概率{p:.1%}"
        for loss, rank, p in values
    ]
    plan["reason_en"] = [f"expected loss {loss:,.0f} yuan (rank {rank:,} of {len(table):,}), probability {p:.1%}"
                         for loss, rank, p in values]  # fmt: skip
    return plan, frame


def estimated(f: Frames) -> pd.DataFrame:
    """Share and amount found improper, from past audits by inverse probabilities (Hajek)."""
    done = f["outcomes"].merge(f["claims"][["claim_id", "claimed_amount"]], on="claim_id")
    w, bad = 1 / done["inclusion_prob"], done["verdict"].ne("clean").astype(float)
    amount = f["claims"]["claimed_amount"].sum()
    rows = []
    for name, y, base in (
        ("claim_share", bad, w * 0 + 1),
        ("improper_share", done["disallowed_amount"], done["claimed_amount"]),
    ):
        rate = (w * y).sum() / (w * base).sum()
        error = np.sqrt((w**2 * (y - rate * base) ** 2).sum()) / (w * base).sum()
        rows.append((name, rate, rate - 1.96 * error, rate + 1.96 * error))
    rows.append(("improper_amount", *(amount * v for v in rows[-1][1:])))
    return pd.DataFrame(rows, columns=["quantity", "estimate", "low", "high"])


def explained(
    x: pd.DataFrame, parts: pd.DataFrame, table: pd.DataFrame, plan: pd.DataFrame
) -> pd.DataFrame:
    """A sentence in two languages for every contribution that counts: first tenth and sample.

    These are the claims the product explains; every ranked claim has its ``top_reason``.
    """
    ids = table.index[: len(table) // 10].union(plan.index)
    part = parts.loc[ids]
    row, column = np.nonzero(np.abs(part.to_numpy()) >= EXPLAINED)
    names = np.array([*x.columns, "base"])
    value = x.loc[ids].assign(base=np.nan).to_numpy()[row, column]
    peer = np.append(x.median().to_numpy(), np.nan)[column]
    out = pd.DataFrame({"claim_id": ids.to_numpy()[row], "feature": names[column], "value": value, "peer_value": peer,
                        "contribution": part.to_numpy()[row, column]})  # fmt: skip
    out["size"] = -out["contribution"].abs()
    out = out.sort_values(["claim_id", "size"], ignore_index=True).drop(columns="size")
    out["position"] = out.groupby("claim_id").cumcount()
    chinese = {name: in_chinese(name) for name in names}
    english = {name: SAID[name][1] if name in SAID else name.replace("_", " ") for name in names}
    told = [
        ["未知 unknown" if np.isnan(v) else f"{v:,.2f}" for v in out[x]]
        for x in ("value", "peer_value")
    ]
    rows = list(zip(out["feature"], *told, out["contribution"], strict=True))
    out["sentence_zh"] = [f"{chinese[n]} {v}（全体中位 {m}），{'加重' if d > 0 else '减轻'}疑点 {d:+.2f}"
                          for n, v, m, d in rows]  # fmt: skip
    out["sentence_en"] = [f"{english[n]}: {v} (median of all {m}), speaks {'for' if d > 0 else 'against'} looking, {d:+.2f}"
                          for n, v, m, d in rows]  # fmt: skip
    return out


def typologies(long: pd.DataFrame, dear: pd.DataFrame) -> pd.DataFrame:
    """One row a claim and kind of irregularity that anything speaks for, with the evidence."""
    hit = long[(long["outcome"] == "hit") & ~long["rule_code"].isin(INFO)]
    speaks = hit[["claim_id", "rule_code"]].astype(str)
    speaks["score"] = speaks["rule_code"].map(dict.fromkeys(WEAK, 0.2)).fillna(0.5)
    price = dear.index[dear["p_value"] < 0.05]
    dearer = pd.DataFrame(
        {"claim_id": price, "rule_code": "T04", "score": 1 - dear.loc[price, "p_value"].to_numpy()}
    )
    every = pd.concat([speaks, dearer]).rename(columns={"rule_code": "typology"})
    every["share"] = every["score"] / every.groupby("claim_id")["score"].transform("sum")
    return every
