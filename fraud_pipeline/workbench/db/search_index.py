"""The index behind the search box: texts of eleven kinds, each with what it leads to.

A claim is found by its own number and by those of its contract, invoices and voucher; a party by
name, pinyin of the name, initials of the pinyin, and code; persons, phones, accounts and agents
by their text; rings by their number. Texts are compared in capitals without signs and spaces.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import duckdb
import pyarrow as pa
from pypinyin import lazy_pinyin

from fraud_pipeline.workbench.db import suffix_index
from fraud_pipeline.workbench.db.suffix_index import SuffixIndex

_CANDIDATES = 4_000  # texts looked at for one kind and search
_RARE = 3_000  # a pair of characters in more texts than this says too little
_LIKE = 60  # texts compared with the search by likeness
_ALIKE = 0.55  # share of characters in common, in order, from which two names are alike
_MATCHED = "upper(regexp_replace({0}, '[^\\p{{L}}\\p{{N}}]', '', 'g'))"

# kind -> SELECT of (text as shown, key of what it leads to)
_TEXTS = {
    "claim": "SELECT claim_id AS shown, claim_id AS target FROM claims",
    "contract": """SELECT contract_id, claim_id FROM claims WHERE contract_id <> ''
        UNION ALL SELECT k.registration_no, c.claim_id FROM claims c JOIN contracts k USING (contract_id)
        WHERE k.registration_no <> ''""",
    "invoice": """SELECT i.invoice_no, c.claim_id FROM invoices i JOIN claims c USING (contract_id)
        WHERE i.invoice_no <> ''""",
    "voucher": "SELECT voucher_id, claim_id FROM claims WHERE voucher_id <> ''",
    "enterprise": """SELECT enterprise_id, enterprise_id FROM enterprises
        UNION ALL SELECT name, enterprise_id FROM enterprises WHERE name <> ''""",
    "institution": """SELECT institution_id, institution_id FROM institutions
        UNION ALL SELECT name, institution_id FROM institutions WHERE name <> ''""",
    "person": "SELECT value, entity FROM entities WHERE kind = 'person'",
    "phone": "SELECT value, entity FROM entities WHERE kind = 'phone'",
    "account": "SELECT value, entity FROM entities WHERE kind = 'account'",
    "agent": "SELECT value, entity FROM entities WHERE kind = 'agent'",
    "ring": "SELECT ring_id, ring_id FROM rings",
}
KINDS = tuple(_TEXTS)
WITH_PINYIN = (
    "enterprise",
    "institution",
    "person",
)  # kinds whose texts are names, found by pinyin too
_SCHEMA = pa.schema([("matched", pa.string()), ("shown", pa.string()), ("target", pa.string())])
# Part of the copy's file name: texts selected by other statements are another copy.
LAYOUT = repr((_TEXTS, _MATCHED, WITH_PINYIN, suffix_index._WIDTH))


@dataclass(frozen=True)
class Match:
    """One text found: as shown, what it leads to, and how well it fits (lower is better)."""

    shown: str
    target: str
    order: float


class KindIndex:
    """The texts of one kind and their suffixes."""

    def __init__(self, texts: pa.Table, suffixes: SuffixIndex):
        self._texts, self._suffixes = texts, suffixes

    def containing(self, wanted: str) -> list[Match]:
        """Texts that hold ``wanted`` (normalised): equal first, then beginning with it."""
        matches = []
        for matched, shown, target in self._rows(self._suffixes.candidates(wanted, _CANDIDATES)):
            if wanted in matched:
                order = 0 if matched == wanted else 1 if matched.startswith(wanted) else 2
                matches.append(Match(shown, target, order + len(matched) / 1000))
        return _best(matches)

    def equal(self, wanted: str) -> list[Match]:
        """Texts equal to ``wanted`` (normalised)."""
        return [match for match in self.containing(wanted) if match.order < 1]

    def alike(self, wanted: str) -> list[Match]:
        """Names that share pairs of characters with ``wanted`` (normalised), most alike first."""
        size = 4 if wanted.isascii() else 2
        pairs = {wanted[at : at + size] for at in range(len(wanted) - size + 1)}
        shared = Counter(
            row for pair in pairs for row in self._suffixes.rows_with(pair, _RARE).tolist()
        )
        rows = [row for row, _ in shared.most_common(_LIKE)]
        matches = []
        for matched, shown, target in self._rows(rows):
            likeness = SequenceMatcher(None, wanted, matched, autojunk=False).ratio()
            if likeness >= _ALIKE:
                matches.append(Match(shown, target, 10 - likeness))
        return _best(matches)

    def _rows(self, rows: Iterable[int]) -> Iterator[tuple[str, str, str]]:
        columns = [self._texts.column(name) for name in _SCHEMA.names]
        for row in rows:
            yield tuple(column[int(row)].as_py() for column in columns)


def _best(matches: list[Match]) -> list[Match]:
    """In order of fit, each target once."""
    best: dict[str, Match] = {}
    for match in sorted(matches, key=lambda m: (m.order, m.shown, m.target)):
        best.setdefault(match.target, match)
    return list(best.values())


def normalised(text: str) -> str:
    """The text in capitals, without signs and spaces, full-width characters as usual ones.

    >>> normalised("ht-５ （a）")
    'HT5A'
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in plain if c.isalnum())


SearchIndexes = dict[str, KindIndex]


def build_in_memory(connection: duckdb.DuckDBPyConnection) -> SearchIndexes:
    """The index of every kind, in memory."""
    return {kind: KindIndex(texts, index) for kind, texts, index in _built(connection)}


def write_files(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Writes the index of every kind into ``folder``."""
    for kind, texts, index in _built(connection):
        suffix_index.save(index, folder / f"search-{kind}")
        with (
            pa.OSFile(str(folder / f"search-{kind}.arrow"), "wb") as sink,
            pa.ipc.new_file(sink, texts.schema) as writer,
        ):
            writer.write_table(texts)


def open_mapped(folder: Path) -> SearchIndexes:
    """Opens the indexes that ``write_files`` wrote."""
    indexes = {}
    for kind in KINDS:
        reader = pa.ipc.open_file(pa.memory_map(str(folder / f"search-{kind}.arrow")))
        texts = reader.read_all()
        indexes[kind] = KindIndex(texts, suffix_index.open_mapped(folder / f"search-{kind}"))
    return indexes


def _built(
    connection: duckdb.DuckDBPyConnection,
) -> Iterator[tuple[str, pa.Table, SuffixIndex]]:
    for kind, statement in _TEXTS.items():
        matched = _MATCHED.format("shown")
        texts = connection.sql(
            f"SELECT {matched} AS matched, shown, target FROM ({statement}) AS t(shown, target)"  # noqa: S608
            " ORDER BY matched, target"
        ).to_arrow_table()
        texts = texts.cast(_SCHEMA)
        if kind in WITH_PINYIN:
            texts = pa.concat_tables([texts, _with_pinyin(texts)])
        texts = texts.combine_chunks()
        yield kind, texts, suffix_index.build(texts["matched"])


def _with_pinyin(texts: pa.Table) -> pa.Table:
    """Further rows with the pinyin of each Chinese name and with its initials."""
    rows = [
        (spelt, shown, target)
        for matched, shown, target in zip(*(texts[n].to_pylist() for n in _SCHEMA.names), strict=True)
        if not matched.isascii()
        for spelt in _spellings(matched)
    ]  # fmt: skip
    columns = list(zip(*rows, strict=True)) if rows else [(), (), ()]
    return pa.table(
        [pa.array(column, pa.string()) for column in columns], names=_SCHEMA.names
    ).cast(_SCHEMA)


def _spellings(name: str) -> tuple[str, str]:
    """The pinyin of a name and its initials, in capitals.

    >>> _spellings("武汉星维")
    ('WUHANXINGWEI', 'WHXW')
    """
    syllables = [syllable.upper() for syllable in lazy_pinyin(name)]
    return "".join(syllables), "".join(s[:1] for s in syllables)
