"""A column of cells as its distinct words and where each of them stands.

Whatever is asked of a cell is asked of each distinct word once; most columns of a million rows
have few. Parquet keeps its columns that way itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True)
class Coded:
    """``words``: strings, none null, a word may stand there twice or be used nowhere; ``at``:
    int32 (rows,), which word each row has."""

    words: pa.Array
    at: pa.Array

    @staticmethod
    def of(cells: pa.Array) -> Coded:
        """Of text, or of text that is coded already; a null is an empty cell."""
        coded = cells if pa.types.is_dictionary(cells.type) else cells.dictionary_encode()
        words, at = coded.dictionary.cast(pa.string()), coded.indices.cast(pa.int32())
        if at.null_count or words.null_count:
            at = pc.fill_null(at, len(words))
            words = pc.fill_null(pa.concat_arrays([words, pa.array([""])]), "")
        return Coded(words, at)

    @staticmethod
    def constant(word: str, n: int) -> Coded:
        return Coded(pa.array([word], pa.string()), pa.repeat(pa.scalar(0, pa.int32()), n))

    def __len__(self) -> int:
        return len(self.at)

    def text(self, rows: np.ndarray | slice = slice(None)) -> pa.Array:
        """The cells of some rows as they stood."""
        at = self.at[rows] if isinstance(rows, slice) else self.at.take(pa.array(rows))
        return self.words.take(at)

    def rows(self, words: pa.Array) -> np.ndarray:
        """Which rows (bool) have a word for which ``words`` says true; null counts as false."""
        chosen = pc.fill_null(words, False).to_numpy(zero_copy_only=False)
        if not chosen.any():
            return np.zeros(len(self), dtype=bool)
        return np.asarray(chosen[self.at.to_numpy()])

    def moved(self, rows: np.ndarray) -> Coded:
        """Row k as row ``rows[k]`` was."""
        return Coded(self.words, self.at.take(pa.array(rows)))

    def with_words(self, words: pa.Array) -> Coded:
        """Every word exchanged for another."""
        return Coded(words, self.at)

    def is_empty(self) -> pa.Array:
        """Of each word, whether there is nothing to be read in it."""
        return pc.equal(pc.utf8_trim_whitespace(self.words), "")
