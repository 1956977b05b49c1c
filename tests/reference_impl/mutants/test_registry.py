"""The tuple of all mutants against the folder they live in, and what they say of themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

import reference_impl.mutants as folder
from audit.checks import RULES
from audit.load.ledger import Counts
from audit.load.result import MEASURES
from reference_impl.mutants import MUTANTS, Dose, Mutant
from reference_impl.parts import Parts

SHARED = {"__init__", "blind", "control", "kind", "pieces", "rewriting"}
ROWS = range(1, 89)

each_mutant = pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)


def test_every_file_is_in_the_tuple_and_its_name_is_its_id() -> None:
    files = {path.stem for path in Path(folder.__file__).parent.glob("*.py")} - SHARED
    assert [mutant.id for mutant in MUTANTS] == list(dict.fromkeys(mutant.id for mutant in MUTANTS))
    assert files == {mutant.id.replace("-", "_") for mutant in MUTANTS}


@each_mutant
def test_it_names_what_it_plants_and_who_must_notice(mutant: Mutant) -> None:
    assert mutant.title and not mutant.title.endswith(".")
    assert mutant.rows and set(mutant.rows) <= set(ROWS)
    assert {*mutant.trips.rules, *mutant.trips.may} <= {rule.id for rule in RULES}
    assert not set(mutant.trips.rules) & set(mutant.trips.may)
    assert mutant.trips.rules or mutant.trips.counts
    assert set(mutant.trips.counts) <= {*Counts.__slots__, *MEASURES}


@each_mutant
def test_it_replaces_some_parts_and_shares_none_with_another_server(mutant: Mutant) -> None:
    parts, good = mutant.parts(), Parts()
    replaced = [name for name in good.__slots__ if getattr(parts, name) is not getattr(good, name)]
    assert replaced
    assert all(issubclass(getattr(parts, name), getattr(good, name)) for name in replaced)
    assert all(getattr(mutant.parts(), name) is not getattr(parts, name) for name in replaced)


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_a_rate_is_a_share(rate: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        MUTANTS[0].parts(rate)


def test_the_same_seed_decides_the_same_again_and_at_the_rate_asked_for() -> None:
    one, other = (Dose(rate=0.2, seed=5).chance() for _ in range(2))
    hits = [one.hit() for _ in range(2_000)]
    assert hits == [other.hit() for _ in range(2_000)]
    assert 300 < sum(hits) < 500
    assert not any(Dose(rate=0).chance().hit() for _ in range(100))
    assert hits != [chance.hit() for chance in [Dose(rate=0.2, seed=6).chance()] for _ in range(2_000)]
