import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emp_plugins.judges.memo import Memo


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), max_size=8), max_size=8), st.integers(1, 4))
def test_values_are_right_at_any_size(batches, size):
    memo = Memo(size)
    for batch in batches:
        asked = []
        values = memo.fetch(
            batch, lambda keys, asked=asked: asked.extend(keys) or [k * k for k in keys]
        )
        assert values == [key * key for key in batch]
        assert len(asked) == len(set(asked))
        assert len(memo._values) <= size


def test_the_longest_unused_is_forgotten():
    memo, asked = Memo(2), []
    for key in ("a", "b", "a", "c", "a", "b"):  # c pushes b out, not a
        memo.fetch([key], lambda keys: asked.extend(keys) or keys)
    assert asked == ["a", "b", "c", "b"]
    assert memo.computed == 4


def test_a_failure_is_not_remembered():
    memo = Memo(4)
    with pytest.raises(RuntimeError):
        memo.fetch(["a"], fail)
    assert memo.fetch(["a"], lambda keys: [1]) == [1]
    assert memo.computed == 1


def fail(keys):
    raise RuntimeError("judge is down")


def test_threads_can_share_it():
    memo, wrong = Memo(8), []

    def ask(offset):
        for start in range(300):
            keys = [(start + offset + step) % 20 for step in range(5)]
            if memo.fetch(keys, lambda missing: [key * 2 for key in missing]) != [
                k * 2 for k in keys
            ]:
                wrong.append(keys)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
