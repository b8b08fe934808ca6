"""What is built and stays: the collector is kept off it, and is as it was afterwards, whatever happened."""

import gc
import sys

import pytest

from monitor import memory


def test_the_collector_is_off_while_much_is_made_and_then_as_it_was() -> None:
    with memory.collector_off():
        assert not gc.isenabled()
        with memory.collector_off():
            pass
        assert not gc.isenabled()

    assert gc.isenabled()


def test_what_is_built_beside_others_stays_and_lets_them_have_their_turn() -> None:
    turn = sys.getswitchinterval()
    gc.unfreeze()
    try:
        with memory.beside_others():
            built = [[number] for number in range(1000)]
            assert sys.getswitchinterval() == pytest.approx(memory.TURN)

        assert gc.get_freeze_count() >= len(built)
        assert gc.isenabled()
    finally:
        gc.unfreeze()
    assert sys.getswitchinterval() == turn


def test_after_a_failure_nothing_stays_and_all_is_as_it_was() -> None:
    turn, frozen = sys.getswitchinterval(), gc.get_freeze_count()

    with pytest.raises(ValueError, match="wrong"), memory.beside_others():
        raise ValueError("wrong")

    assert (gc.isenabled(), sys.getswitchinterval(), gc.get_freeze_count()) == (True, turn, frozen)
