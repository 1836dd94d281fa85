"""Null samples: the graph with its edges rewired, every degree kept by season and region."""

from __future__ import annotations

import numpy as np

from fraud_pipeline.rings.graph.bipartite import BipartiteGraph
from fraud_pipeline.rings.parameters import RingParameters


def rewired(graph: BipartiteGraph, rng: np.random.Generator) -> BipartiteGraph:
    """The graph with institutions dealt out anew among the edges of each season and region.

    Keeps the edges of every enterprise and every institution, season by season and region by
    region, and every identity tie; only the question *which* enterprise went *where* is left to
    chance.
    """
    enterprise = np.repeat(np.arange(graph.n_enterprises), np.diff(graph.enterprise_ptr))
    cell = (
        graph.enterprise_season * graph.region_total.shape[1] + graph.enterprise_region[enterprise]
    )
    order = np.lexsort((rng.random(graph.enterprise_institution.size), cell))
    slots = np.argsort(cell, kind="stable")
    institution = np.empty_like(graph.enterprise_institution)
    institution[slots] = graph.enterprise_institution[order]
    by_institution = np.argsort(institution, kind="stable")
    return graph._replace(
        enterprise_institution=institution,
        institution_enterprise=enterprise[by_institution],
        institution_season=graph.enterprise_season[by_institution],
    )


def null_sample(graph: BipartiteGraph, settings: RingParameters, number: int) -> BipartiteGraph:
    """The null sample of that number, made without those before it.

    A null sample draws one number an edge from the one stream of the seed; its own begin where those
    of the sample before it end.
    """
    stream = np.random.PCG64(settings.seed)
    stream.advance(number * graph.enterprise_institution.size)
    return rewired(graph, np.random.Generator(stream))
