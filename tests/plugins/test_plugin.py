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


RECIPE = {
    "base_model": "org/model",
    "rl": "grpo",
    "datasets": [{"path": "org/prompts", "type": "emp_plugins.prompts"}],
    "sequence_len": 512,
    "micro_batch_size": 8,
    "gradient_accumulation_steps": 1,
    "max_steps": 4,
    "learning_rate": 1e-5,
}
BLOCK = {"rewards": {"empathy": {"weight": 2.0}, "safety": {}}}


def register(manager, name="emp_plugins.EmpathyPlugin", **recipe):
    from axolotl.utils.dict import DictDefault

    cfg = DictDefault({**RECIPE, "plugins": [name], **recipe})
    manager.register(name)
    for plugin in manager.plugins.values():
        plugin.register(cfg)
    return cfg


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
    pairs = [{"path": "org/pairs", "type": "emp_plugins.pairs"}]
    assert register(manager, rl="dpo", datasets=pairs).trl is None


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
        ({"empathy": {"rewards": {"safty": {}}}}, r"empathy\.rewards\.safty: .*mean safety"),
        ({"base_model": "build/none"}, "build/none: no such folder"),
        ({"datasets": [{"path": "data/no.jsonl"}]}, r"datasets\[0\]\.path: data/no\.jsonl"),
    ],
)
def test_a_wrong_recipe_exits_with_one_line(manager, recipe, message):
    with pytest.raises(SystemExit, match=message) as caught:
        register(manager, **{"empathy": BLOCK, **recipe})
    assert str(caught.value).startswith("Error: ")
    assert "\n" not in str(caught.value)


def test_every_error_has_its_line(manager, tmp_path):
    import yaml

    file = tmp_path / "r.yml"
    wrong = {**RECIPE, "plugins": ["emp_plugins.EmpathyPlugin"], "empathy": BLOCK, "max_step": 3}
    wrong["trl"] = {"num_generations": 3}
    file.write_text(yaml.safe_dump(wrong, sort_keys=False))
    with pytest.raises(SystemExit) as caught:
        register(manager, **wrong, axolotl_config_path=str(file))
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[:3] for line in lines] == [
        ["Error", f"{file}:7:1", "micro_batch_size"],
        ["Error", f"{file}:18:1", "max_step"],
    ]


@pytest.mark.parametrize(
    "known",
    [
        {"device": "cpu", "world_size": 1, "local_rank": 0},  # validated: as a Ray worker gets it
        {"merge_lora": True},
        {"inference": True},
    ],
)
def test_only_a_run_that_trains_is_checked(manager, known):
    register(manager, max_step=3, **known)


@pytest.mark.parametrize(
    ("argv", "checked"),
    [
        (["/bin/axolotl", "train", "r.yml"], True),
        (["/bin/axolotl", "preprocess", "r.yml"], True),
        (["/lib/axolotl/cli/train.py", "r.yml"], True),
        (["/lib/axolotl/cli/evaluate.py", "r.yml"], True),
        (["/home/me/inference.py", "r.yml"], True),  # a script of the user's that trains
        ([""], True),
        (["/bin/axolotl", "merge-lora", "r.yml"], False),
        (["/bin/axolotl", "vllm-serve", "r.yml"], False),
        (["/bin/axolotl", "quantize", "r.yml"], False),
        (["/lib/axolotl/cli/main.py", "merge-lora", "r.yml"], False),
        (["/lib/axolotl/cli/inference.py", "r.yml"], False),
        (["/lib/axolotl/cli/merge_sharded_fsdp_weights.py", "r.yml"], False),
    ],
)
def test_commands_that_take_the_model_alone_need_no_data(manager, monkeypatch, argv, checked):
    """Such as `axolotl merge-lora` on another machine; it reads the recipe before it says so."""
    monkeypatch.setattr("sys.argv", argv)
    recipe = {"datasets": [{"path": "data/no.jsonl", "type": "emp_plugins.prompts"}]}
    if checked:
        with pytest.raises(SystemExit, match="data/no.jsonl"):
            register(manager, empathy=BLOCK, **recipe)
    else:
        assert register(manager, empathy=BLOCK, **recipe).trl is None


def test_unknown_name_without_a_recipe(manager):
    from emp_plugins import reward_funcs

    with pytest.raises(AttributeError, match="no recipe with an empathy: block"):
        reward_funcs.empathy  # noqa: B018


def test_cpu_processes_get_no_device_map(manager):
    cfg = register(manager, empathy=BLOCK)
    cfg.device, cfg.device_map = "cpu", "auto"
    next(iter(manager.plugins.values())).load_datasets(cfg)
    assert cfg.device_map is None
