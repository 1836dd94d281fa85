"""The measures on one page, for a person; no script, nothing fetched from anywhere."""

from __future__ import annotations

from html import escape

from fraud_pipeline.monitor.alarms import Alarm
from fraud_pipeline.monitor.freshness import Freshness, as_text
from fraud_pipeline.monitor.measures import Measures, Rate
from fraud_pipeline.vocabulary.messages import language, t

_STYLE = """
body{font:15px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;
color:#1b1b1b;background:#fff}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}caption{text-align:left;font-weight:600;padding:.3rem 0}
th,td{padding:.2rem .7rem;border-bottom:1px solid #ccc;text-align:right}
th:first-child,td:first-child{text-align:left}.alarm{border-left:4px solid #b00020;padding:.3rem .8rem;background:#fdf1f2}
.calm{border-left:4px solid #1b6e3c;padding:.3rem .8rem;background:#f0f7f2}
@media (prefers-color-scheme: dark){body{color:#eee;background:#161616}th,td{border-color:#444}
.alarm{background:#3a1a1e}.calm{background:#16301f}}
"""
_TOP = 15


def as_page(measures: Measures | None, fresh: Freshness, raised: list[Alarm]) -> str:
    """A whole HTML page."""
    body = [
        f"<h1>{t('monitor.title')}</h1>",
        *(f"<p>{escape(line)}</p>" for line in as_text(fresh).splitlines()),
        *_alarms(raised),
        *(_sections(measures) if measures else []),
    ]
    return (
        f'<!doctype html><html lang="{language()}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{t('monitor.title')}</title><style>{_STYLE}</style></head><body><main>"
        + "\n".join(body)
        + "</main></body></html>\n"
    )


def _alarms(raised: list[Alarm]) -> list[str]:
    if not raised:
        return [f'<p class="calm">{t("monitor.no_alarms")}</p>']
    return [f'<p class="alarm" role="alert">{escape(str(alarm))}</p>' for alarm in raised]


def _sections(m: Measures) -> list[str]:
    before = m.before or "—"
    silent = sorted(m.missing.items(), key=lambda item: -(item[1][0] - (item[1][1] or 0)))[:_TOP]
    fired = sorted(m.rules.items(), key=lambda item: (-item[1]["n_hit"], item[0]))[:_TOP]
    return [
        f"<p>{escape(t('monitor.compared', run_id=m.run_id, before=before))}</p>",
        _table(t("monitor.volumes"), ["table", "in", "clean", "quarantined", "clean before"],
               [[t, r["rows_in"], r["rows_clean"], r["rows_quarantined"], r["rows_clean_before"]]
                for t, r in m.volumes.items()]),
        _table(t("monitor.missing"), ["column", "now", "before"],
               [[c, _share(now), _share(old)] for c, (now, old, _) in silent]),
        _table(t("monitor.features"), ["feature", "PSI", "chance", "n"],
               [[s.name, f"{s.psi:.3f}", f"{s.p_value:.1e}", s.n_now] for s in m.features[:_TOP]]),
        _table(t("monitor.scores"), ["score", "PSI", "chance", "n"],
               [[s.name, f"{s.psi:.3f}", f"{s.p_value:.1e}", s.n_now] for s in m.scores]),
        _table(t("monitor.rules"), ["rule", "title", "hits", "before", "errors"],
               [[c, r["title_zh"], r["n_hit"], r["n_hit_before"], r["n_error"]] for c, r in fired]),
        _table(t("monitor.hits"), ["selected by", "recent (90 d)", "earlier"],
               [[name, _rate(now), _rate(old)] for name, (now, old) in m.hit_rates.items()]),
        _table(t("monitor.queue"), ["open", "median days", "oldest", "> 60 d", "listed"],
               [[m.queue.open, f"{m.queue.median_days:.0f}", m.queue.oldest_days,
                 m.queue.waiting_long, m.queue.listed]]),
        _table(t("monitor.steps"), ["step", "seconds", "before"],
               [[k, f"{now:.2f}", None if old is None else f"{old:.2f}"]
                for k, (now, old) in m.steps.items()]),
    ]  # fmt: skip


def _table(caption: str, heads: list[str], rows: list[list[object]]) -> str:
    head = "".join(f'<th scope="col">{escape(h)}</th>' for h in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{'—' if c is None else escape(str(c))}</td>" for c in row) + "</tr>"
        for row in rows
    )
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value:.1%}"


def _rate(rate: Rate | None) -> str | None:
    if rate is None:
        return None
    return f"{rate.share:.0%} [{rate.low:.0%}, {rate.high:.0%}] n={rate.n}"
