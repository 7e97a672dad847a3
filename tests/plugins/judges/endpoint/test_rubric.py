import pytest

from emp_plugins.errors import InputError
from emp_plugins.judges.endpoint import rubric

SCALE = "scale: {low: 0, high: 2}\n"
TWO = "criteria: {a: {description: x, weight: 3}, b: {description: y}}\n"


@pytest.mark.parametrize("name", rubric.names())
def test_shipped_rubrics(name):
    shipped = rubric.load(name)
    low, high = shipped.scale.low, shipped.scale.high
    assert shipped.value(dict.fromkeys(shipped.marks, low)) == 0
    assert shipped.value(dict.fromkeys(shipped.marks, high)) == 1


def test_weights_share_the_value(tmp_path):
    path = tmp_path / "r.yml"
    path.write_text(f"instructions: x\n{SCALE}{TWO}", encoding="utf-8")
    assert rubric.load(str(path)).value({"a": 2, "b": 0}) == 0.75


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "a rubric is a mapping"),
        (f"instructions: x\n{SCALE}criterias: {{}}", "did you mean 'criteria'"),
        ("instructions: x\nscale: {low: 2, high: 2}", "high must be above low"),
        ("instructions: x\nscale: {low: 0, high: .inf}", "scale.high"),
        ("instructions: x", "scale: field required"),
        (f"instructions: ''\n{SCALE}", "instructions"),
        (f"instructions: x\n{SCALE}criteria: {{a b: {{description: x}}}}", "no name"),
        (f"instructions: x\n{SCALE}criteria: {{score: {{description: x}}}}", "no name"),
        (f"instructions: x\n{SCALE}criteria: {{a: {{description: x, weight: 0}}}}", "weight"),
        ("a: [", "r.yml:"),
    ],
)
def test_bad_files(tmp_path, text, message):
    path = tmp_path / "r.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message) as caught:
        rubric.load(str(path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [("empaty", "did you mean 'empathy'"), ("mine/empathy.yml", "no such file")],
)
def test_unknown(name, message):
    with pytest.raises(InputError, match=message):
        rubric.load(name)
