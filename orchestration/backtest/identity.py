"""Who is who on a day: the components of the links whose evidence was there by its end."""

from __future__ import annotations

import importlib.util
from functools import cache
from types import ModuleType

import numpy as np

from ingestion.settings import PROJECT_ROOT
from orchestration.backtest.history import Flags, History, Ints

WALK = PROJECT_ROOT / "dbt_project/models/intermediate/identity/int_links_walked.py"


def components_on(history: History, limits: dict[str, int], day: int) -> Ints:
    """The person of each node at the end of `day`: the smallest node of its component.

    limits: identifiers of each type that one person may have (seeds/identity/identity_limits.csv).
    Nodes that nobody has seen by then are components of their own, or stand in one as the forced
    links have it; they are never the smallest of one with a node that was seen.
    """
    links, decisions = history.links, history.decisions
    found = links["day"] <= day
    forced = decisions["is_forced"].astype(np.bool_)
    left = np.concatenate((decisions["left_node"][forced], links["left_node"][found]))
    right = np.concatenate((decisions["right_node"][forced], links["right_node"][found]))
    components = connected(history.node_count, left, right)
    torn = _in_conflict(history, limits, components, left, right)
    if not torn.any():
        return components
    accepted = _walked(history, limits, left, right, torn[components[left]], int(forced.sum()))
    return connected(history.node_count, left[accepted], right[accepted])


def connected(count: int, left: Ints, right: Ints) -> Ints:
    """The smallest node that each of `count` nodes can be reached from by pairs left, right."""
    labels = np.arange(count, dtype=np.int64)
    while True:
        lowest = labels.copy()
        one, other = labels[left], labels[right]
        smaller = np.minimum(one, other)
        for ends in (one, other, left, right):
            np.minimum.at(lowest, ends, smaller)
        while not np.array_equal(further := lowest[lowest], lowest):
            lowest = further
        if np.array_equal(lowest, labels):
            return labels
        labels = lowest


def _in_conflict(
    history: History, limits: dict[str, int], components: Ints, left: Ints, right: Ints
) -> Flags:
    """For each component (by its smallest node): too many names, or two that may not be one."""
    torn = np.zeros(history.node_count, np.bool_)
    types = history.nodes["identifier_type"]
    linked = np.zeros(history.node_count, np.bool_)
    linked[left] = linked[right] = True
    for kind, most in limits.items():
        own = components[linked & (types == kind)]
        torn |= np.bincount(own, minlength=history.node_count) > most
    decisions = history.decisions
    forbidden = ~decisions["is_forced"].astype(np.bool_)
    one = components[decisions["left_node"][forbidden]]
    other = components[decisions["right_node"][forbidden]]
    torn[one[one == other]] = True
    return torn


def _walked(
    history: History,
    limits: dict[str, int],
    left: Ints,
    right: Ints,
    is_in_doubt: Flags,
    forced_count: int,
) -> Flags:
    """Which links are accepted: those in doubt are taken in order, forced ones first."""
    names = history.nodes["node_id"]
    decisions = history.decisions
    forbidden = ~decisions["is_forced"].astype(np.bool_)
    people = _walk().People(
        limits,
        [
            (names[one], names[other])
            for one, other in zip(
                decisions["left_node"][forbidden], decisions["right_node"][forbidden], strict=True
            )
        ],
    )
    doubtful = np.flatnonzero(is_in_doubt).tolist()
    first = [at for at in doubtful if at < forced_count]
    first.sort(key=lambda at: _walk().place((names[left[at]], names[right[at]])))
    accepted = np.ones(len(left), np.bool_)
    for at in [*first, *(at for at in doubtful if at >= forced_count)]:
        refused = people.join(names[left[at]], names[right[at]], is_forced=at < forced_count)
        accepted[at] = refused is None
    return accepted


@cache
def _walk() -> ModuleType:
    """The model that takes links in order, so that there is one definition of it."""
    specification = importlib.util.spec_from_file_location(WALK.stem, WALK)
    if specification is None or specification.loader is None:
        raise ImportError(f"{WALK} cannot be read")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
