"""A city's own rules over a shipped pack, as an agency would write them; ``quote`` may be empty."""

OVERRIDE = """
id = "shanxi"
extends = "shanxi"
[sources.own]
title_zh = "太原市兑付办法"
title_en = "Taiyuan's own rules"
[[rules]]
key = "excess_share"
region = "太原"
value = 0.5
source = "own"
{quote}
clause_zh = "超出部分补助50%"
clause_en = "half of what lies above"
"""
