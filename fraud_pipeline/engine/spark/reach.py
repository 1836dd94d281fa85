"""How far each check looks: what must lie together for its answer to be the whole's.

    enterprise   the claim, its papers, its enterprise's claims and vouchers, the other claims on
                 those vouchers
    institution  the institution's claims
    together     everything; checks named in one line share what they make on the way

A check that is not listed looks at everything: a new one is right before it is fast. The test
compares every listed one with the whole on worlds with several programmes.
"""

from __future__ import annotations

INSTITUTION = frozenset({"T20", "T26"})

# What the widest need besides claims, vouchers and enterprises (which place a claim in its
# regime). All of it is read into one task: see the sizing in docs/scaling.md.
TOGETHER: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("T01",), ("contracts", "deliverables")),
    (("T16",), ("contracts", "deliverables", "invoices")),
    (("L26", "L27", "T18"), ("institutions", "relations")),
    (("T14",), ("institutions", "payments")),
    (("T23",), ("payments",)),
    (("T13",), ()),
    (("T02",), ()),
    (("T04",), ("market_prices",)),
    (("L13", "T09"), ("contracts",)),
)

ENTERPRISE = frozenset(
    {f"L{n:02d}" for n in range(1, 30)} - {"L13", "L26", "L27"}
    | {"T03", "T05", "T06", "T07", "T08", "T10", "T11", "T15", "T17", "T19", "T21", "T22",
       "T24", "T25"}
)  # fmt: skip

# Long columns a check that looks at everything does without.
UNREAD = {
    "claims": ("report_text", "source_file", "source_sheet", "source_row"),
    "contracts": ("text",),
    "deliverables": ("text",),
}
READS_TEXTS = frozenset({"T01"})


def parted(codes: list[str]) -> tuple[list[str], list[str], list[tuple[list[str], list[str]]]]:
    """``codes`` by reach: (enterprise, institution, [(together, further tables) …]).

    >>> parted(["L03", "T20", "X99"])
    (['L03'], ['T20'], [(['X99'], ['*'])])
    """
    enterprise = [c for c in codes if c in ENTERPRISE]
    institution = [c for c in codes if c in INSTITUTION]
    together = [
        ([c for c in group if c in codes], list(tables))
        for group, tables in TOGETHER
        if any(c in codes for c in group)
    ]
    listed = {*enterprise, *institution, *(c for group, _ in together for c in group)}
    strange = [c for c in codes if c not in listed]
    return enterprise, institution, together + [([c], ["*"]) for c in strange]
