"""Numbers beyond each end of a range, and the ends themselves."""

import pytest

from emp_plugins.check import Recipe
from emp_plugins.check.settings.arithmetic.ranges import RANGES, check


def said(path, value):
    data = value
    for step in reversed(path):
        data = {step: data}
    return [finding.key for finding in check(Recipe("a.yml", data))]


@pytest.mark.parametrize(("path", "allowed"), RANGES.items(), ids=[".".join(key) for key in RANGES])
def test_ends(path, allowed):
    ends = [end for end in (allowed.least, allowed.most) if end is not None]
    open_ends = [end for end in (allowed.above, allowed.below) if end is not None]
    lowest, highest = min(ends + open_ends), max(ends + open_ends)
    bounded = allowed.most is not None or allowed.below is not None
    outside = [*open_ends, lowest - 1, *([highest + 1] if bounded else [])]
    for value in outside:
        assert said(path, value) == [".".join(path)]
        assert said(path, str(value)) == [".".join(path)]  # YAML 1.1 reads 5e-6 as text
    for value in ends:
        assert said(path, value) == []


@pytest.mark.parametrize("value", [None, True, "auto", float("nan"), 10**400, [1], {"a": 1}])
def test_what_is_no_number_is_left_to_the_check_of_types(value):
    assert said(("lora_r",), value) == []


@pytest.mark.parametrize(("vllm", "told"), [(True, []), (False, ["trl.top_k"])])
def test_minus_one_is_no_limit_to_vllm_alone(vllm, told):
    recipe = Recipe("a.yml", {"trl": {"top_k": -1, "use_vllm": vllm}})
    assert [finding.key for finding in check(recipe)] == told


@pytest.mark.parametrize("value", ["small", "1e-5x", "nan"])
def test_a_learning_rate_is_text_to_the_schema(value):
    assert said(("learning_rate",), value) == ["learning_rate"]
