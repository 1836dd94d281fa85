"""The font with Chinese characters that documents embed, found in the system's font folders."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fraud_pipeline.errors import SettingsError

FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts",
    "/Library/Fonts", "/System/Library/Fonts", "C:/Windows/Fonts",
)  # fmt: skip
# (regular, bold) files of fonts with simplified Chinese, best first.
_FILES = (
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    ("NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf"),
    ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"),
    ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf"),
    ("SourceHanSansSC-Regular.otf", "SourceHanSansSC-Bold.otf"),
    ("SourceHanSansCN-Regular.otf", "SourceHanSansCN-Bold.otf"),
    ("msyh.ttc", "msyhbd.ttc"), ("PingFang.ttc", "PingFang.ttc"),
    ("Hiragino Sans GB.ttc", "Hiragino Sans GB.ttc"),
    ("wqy-microhei.ttc", "wqy-microhei.ttc"), ("wqy-zenhei.ttc", "wqy-zenhei.ttc"),
    ("simhei.ttf", "simhei.ttf"),
)  # fmt: skip
_SIMPLIFIED = ("SC", "CN", "GB", "YaHei", "Hei")  # in the name of the font wanted in a collection


@dataclass(frozen=True)
class FontFile:
    """A font in a file; ``number``: its place in a collection (.ttc)."""

    path: Path
    number: int


@cache
def chinese_fonts() -> tuple[FontFile, FontFile]:
    """(regular, bold); the regular one twice where there is no bold one. Raises SettingsError."""
    present: dict[str, Path] = {}
    for folder in FOLDERS:
        for path in sorted(Path(folder).expanduser().rglob("*.[to]t[fc]")):
            present.setdefault(path.name, path)
    for regular, bold in _FILES:
        if regular in present:
            return _font(present[regular]), _font(present.get(bold, present[regular]))
    raise SettingsError(
        "没有找到中文字体，请安装 Noto Sans CJK 等字体后重启 / no font with Chinese characters was "
        "found; install one such as Noto Sans CJK and restart"
    )


def _font(path: Path) -> FontFile:
    return FontFile(path, _number(path) if path.suffix.lower() == ".ttc" else 0)


def _number(path: Path) -> int:
    """The place of the simplified Chinese font in a collection; 0 when none is named so."""
    collection = importlib.import_module("fontTools.ttLib").TTCollection(str(path), lazy=True)
    names = [str(font["name"].getDebugName(4) or "") for font in collection.fonts]
    for mark in _SIMPLIFIED:
        for number, name in enumerate(names):
            if mark in name and "Mono" not in name:
                return number
    return 0
