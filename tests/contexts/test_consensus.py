"""How sure a partition is: votes, foresight and agreement over samples."""

from __future__ import annotations

import pytest

from strangler.contexts import consensus
from strangler.contexts.consensus import Sample, adjusted_rand, foresight, vote
from strangler.contexts.engine import Ties


def test_adjusted_rand_is_one_for_equal_and_about_zero_for_one_cluster() -> None:
    assert adjusted_rand([0, 0, 1, 1], [5, 5, 7, 7]) == 1.0
    assert adjusted_rand([0, 0, 0, 0], [0, 0, 1, 1]) == 0.0
    assert adjusted_rand([0, 0, 1, 1, 2], [0, 0, 1, 2, 2]) == pytest.approx((1 - 0.4) / (2 - 0.4))
    assert adjusted_rand([0], [5]) == 1.0
    assert adjusted_rand([0, 1], [0, 1]) == 1.0


def sample(**owner: str) -> Sample:
    return Sample(Ties([], [], {}), {int(number[1:]): word for number, word in owner.items()})


def test_a_concept_holds_a_module_from_a_third_of_the_samples_on() -> None:
    drawn = [sample(m0="tax", m1="tax"), sample(m0="tax", m2="box"), sample(m1="box", m0="box")]
    assert vote(4, drawn) == {0: "tax", 1: "box", 2: "box"}
    assert vote(4, [*drawn, sample()]) == {0: "tax"}


def test_foresight_is_what_shuffled_labels_would_not_have_foretold() -> None:
    later = {(0, 1): 3.0, (1, 2): 1.0}
    assert foresight([0, 0, 1, 1], later) == pytest.approx(3 / 4 - 4 / 12)
    assert foresight([0, 0, 0, 0], later) == pytest.approx(0.0)
    assert foresight([0, 1, 2, 3], later) == pytest.approx(0.0)
    assert foresight([0, 0], {}) == 0.0


def test_communities_are_matched_by_what_they_have_in_common() -> None:
    home, back = consensus._match([0, 0, 0, 1, 1, 2], [5, 5, 6, 6, 6, 6])
    assert home == {0: 5, 1: 6, 2: 6}  # 2 of 5, against 1 of 7; of 6 the best is 1: 2 of 6
    assert back == {5: 0, 6: 1}
    # 0 has three in 6 as well, but it is large: the smaller one is the better match for its two.
    home, _ = consensus._match([0, 0, 0, 0, 0], [1, 1, 2, 2, 2])
    assert home == {0: 2}
    home, _ = consensus._match([0, 0, *[1] * 8], [3, 4, *[4] * 8])
    assert home == {0: 3, 1: 4}
    home, back = consensus._match([0, 0, 1, 1], [7, 8, 7, 8])
    assert home == {0: 7, 1: 7}  # equally good: the first
    assert back == {7: 0, 8: 0}


def test_resolutions_are_tried_only_where_modules_are_left_that_no_concept_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    land, book = object(), object()
    groups = {0.5: [0, 1, 2, 3], 1.0: [0, 0, 1, 1], 2.0: [0, 0, 1, 1]}
    later = {(0, 1): 3.0}
    monkeypatch.setattr(consensus, "ahead", lambda land: (Ties([], [], {}), later))
    monkeypatch.setattr(consensus, "hold", lambda *_: {})
    monkeypatch.setattr(consensus, "cut", lambda a, b, c, resolution, seed: (groups[resolution], None))
    drawn = [sample(), sample()]
    assert consensus.choose_resolution(land, book, "packages", 0, drawn) == 0.5  # type: ignore[arg-type]
    assert consensus.choose_resolution(land, book, "concepts", 0, drawn) == 1.0  # type: ignore[arg-type]
