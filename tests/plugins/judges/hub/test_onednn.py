import pytest

torch = pytest.importorskip("torch")

from emp_plugins.judges.hub.onednn import speed_up  # noqa: E402


def layers():
    torch.manual_seed(0)
    inner = torch.nn.Sequential(torch.nn.Linear(32, 64), torch.nn.GELU())
    return torch.nn.Sequential(inner, torch.nn.Linear(64, 3, bias=False)).eval()


@pytest.mark.parametrize("shape", [(1, 32), (5, 32), (2, 7, 32)])
def test_the_results_are_those_of_torch(shape):
    model, fast = layers(), layers()
    speed_up(fast)
    speed_up(fast)  # a second time changes nothing
    assert not any(isinstance(module, torch.nn.Linear) for module in fast.modules())
    inputs = torch.randn(shape)
    with torch.inference_mode():
        torch.testing.assert_close(fast(inputs), model(inputs), rtol=1e-5, atol=1e-5)


def test_other_formats_are_left_alone():
    model = layers().to(torch.bfloat16)
    speed_up(model)
    assert sum(isinstance(module, torch.nn.Linear) for module in model.modules()) == 2
