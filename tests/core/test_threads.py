"""Linear algebra of learning keeps to one thread, and only while it learns."""

import numpy as np
from threadpoolctl import threadpool_info

from fraud_pipeline.core.threads import one_blas_thread
from fraud_pipeline.risk import ridge


def blas_threads():
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_a_limited_function_has_one_thread_and_leaves_the_others_as_they_were():
    before = blas_threads()
    assert before and set(one_blas_thread(blas_threads)()) == {1}
    assert blas_threads() == before


def test_weights_are_learned_with_one_thread(monkeypatch):
    threads = set()

    def minimize(*arguments, **options):
        threads.update(blas_threads())
        return searched(*arguments, **options)

    searched = ridge.minimize
    monkeypatch.setattr(ridge, "minimize", minimize)
    u, improper = np.eye(4), np.array([1.0, 0.0, 1.0, 0.0])
    ridge.learn(u, improper, np.ones(4), np.zeros(4), np.full(4, 0.5))
    assert threads == {1}
