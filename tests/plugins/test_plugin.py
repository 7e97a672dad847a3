"""The plugin as Axolotl calls it."""

import pickle

import pytest

pytest.importorskip("axolotl", reason="needs the train extra")


@pytest.fixture
def manager(tmp_path, monkeypatch):
    from axolotl.integrations.base import PluginManager

    monkeypatch.chdir(tmp_path)
    made = PluginManager.get_instance()
    monkeypatch.setattr(made, "plugins", type(made.plugins)())
    return made


def register(manager, name="emp_plugins.EmpathyPlugin", **recipe):
    from axolotl.utils.dict import DictDefault

    cfg = DictDefault({"base_model": "org/model", "plugins": [name], "rl": "grpo", **recipe})
    manager.register(name)
    for plugin in manager.plugins.values():
        plugin.register(cfg)
    return cfg


BLOCK = {"rewards": {"empathy": {"weight": 2.0}, "safety": {}}}


@pytest.mark.parametrize("name", ["emp_plugins.EmpathyPlugin", "emp_plugins.plugin.EmpathyPlugin"])
def test_axolotl_gets_the_configured_reward(manager, name):
    """Through the function by which Axolotl resolves `trl.reward_funcs`."""
    from axolotl.core.trainers.grpo import GRPOStrategy

    cfg = register(manager, name, empathy=BLOCK)
    rewards = [GRPOStrategy.get_reward_func(path) for path in cfg.trl.reward_funcs]
    assert [reward.__name__ for reward in rewards] == ["empathy", "safety"]
    assert rewards[0].weight == 2.0
    assert pickle.loads(pickle.dumps(rewards[0])) == rewards[0]


def test_without_the_block_nothing_happens(manager):
    assert register(manager).trl is None


def test_a_later_recipe_that_never_named_us(manager):
    from axolotl.utils.dict import DictDefault

    register(manager, empathy=BLOCK)
    other = DictDefault({"base_model": "build/none", "plugins": ["other.Plugin"]})
    for plugin in manager.plugins.values():
        plugin.register(other)
    assert other.trl is None


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ({"empathy": {"rewards": {"safty": {}}}}, "did you mean 'safety'"),
        ({"base_model": "build/none"}, "build/none: no such folder"),
        ({"datasets": [{"path": "data/no.jsonl"}]}, r"datasets\[0\]\.path: data/no\.jsonl"),
    ],
)
def test_a_wrong_recipe_exits_with_one_line(manager, recipe, message):
    with pytest.raises(SystemExit, match=message) as caught:
        register(manager, **recipe)
    assert str(caught.value).startswith("Error: ")
    assert "\n" not in str(caught.value)


def test_unknown_name_without_a_recipe(manager):
    from emp_plugins import reward_funcs

    with pytest.raises(AttributeError, match="no recipe with an empathy: block"):
        reward_funcs.empathy  # noqa: B018


def test_cpu_processes_get_no_device_map(manager):
    cfg = register(manager)
    cfg.device, cfg.device_map = "cpu", "auto"
    next(iter(manager.plugins.values())).load_datasets(cfg)
    assert cfg.device_map is None
