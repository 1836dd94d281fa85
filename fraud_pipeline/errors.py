"""Every error the product raises on purpose, under one root.

    FraudPipelineError             exit status 2, one line, never a traceback
    ├── InputError                 the data handed in cannot be used: names file, row, column
    │   └── SourceAwayError        ... just now: a database away, a file still being written
    ├── SettingsError              a settings or mapping file is wrong: names the key
    ├── ProgrammeError             a programme pack is wrong or unknown: names pack and key
    ├── UnknownRecordError         no such run, claim or ring
    ├── WorkspaceError             the workspace cannot be written: locked, read-only, full
    └── IntegrityError             something stored or computed is not what it must be:
                                   row accounting, keys, ranges, sums, hashes

Anything else that escapes is a bug of ours and keeps its traceback.
"""


class FraudPipelineError(Exception):
    """Root of the tree; the message is one line that a clerk can act on."""


class InputError(FraudPipelineError):
    """The data handed in cannot be used.

    Parameters are optional because a missing folder has no row; whatever is
    known is put in front of the message as ``file, sheet, row, column: message``.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        place = [part for part in (file, f"sheet {sheet}" if sheet else None) if part]
        if row is not None:
            place.append(f"row {row}")
        if column is not None:
            place.append(f"column {column}")
        super().__init__(f"{', '.join(place)}: {message}" if place else message)


class SourceAwayError(InputError):
    """The data cannot be read just now and may be later: the one bad input worth a retry."""


class SettingsError(FraudPipelineError):
    """A settings or mapping file has an unknown key or a value of the wrong type."""


class ProgrammeError(FraudPipelineError):
    """A programme pack is unknown, malformed or contradicts itself."""


class UnknownRecordError(FraudPipelineError):
    """A run, claim or ring was asked for that is not there."""


class WorkspaceError(FraudPipelineError):
    """The workspace cannot be used: locked by another run, read-only, or full."""


class IntegrityError(FraudPipelineError):
    """A stored or computed table breaks a promise; nothing is published."""
