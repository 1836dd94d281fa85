"""Null samples: the graph with its edges rewired, every degree kept by season and region."""

from __future__ import annotations

import numpy as np

from fraud_pipeline.rings.graph.bipartite import Web
from fraud_pipeline.rings.parameters import RingParameters


def rewired(web: Web, rng: np.random.Generator) -> Web:
    """The web with institutions dealt out anew among the dealings of each season and region.

    Keeps the dealings of every firm and every institution, season by season and region by
    region, and every identity tie; only the question *which* firm went *where* is left to
    chance.
    """
    firm = np.repeat(np.arange(web.n_firms), np.diff(web.firm_ptr))
    cell = web.firm_season * web.region_total.shape[1] + web.firm_region[firm]
    order = np.lexsort((rng.random(web.firm_inst.size), cell))
    slots = np.argsort(cell, kind="stable")
    inst = np.empty_like(web.firm_inst)
    inst[slots] = web.firm_inst[order]
    by_inst = np.argsort(inst, kind="stable")
    return web._replace(
        firm_inst=inst, inst_firm=firm[by_inst], inst_season=web.firm_season[by_inst]
    )


def chance_world(web: Web, settings: RingParameters, number: int) -> Web:
    """The chance world of that number, made without those before it.

    A world draws one number a dealing from the one stream of the seed; its own begin where those
    of the world before it end.
    """
    stream = np.random.PCG64(settings.seed)
    stream.advance(number * web.firm_inst.size)
    return rewired(web, np.random.Generator(stream))
