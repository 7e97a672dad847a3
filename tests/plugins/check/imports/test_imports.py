"""Names of Python objects that Axolotl would lose or take for something else."""

import sys

import pytest

from emp_plugins.check.imports.modules import module_file

needs_axolotl = pytest.mark.skipif(module_file("axolotl") is None, reason="needs the train extra")
MODULES = {
    "my_plugins": "from axolotl.integrations.base import BasePlugin\n"
    "class Mine(BasePlugin):\n    pass\n",
    "my_star": "from os import *\n",
    "my_broken": "import no_such_package\nclass Mine:\n    pass\n",
    "my_guarded": "try:\n    import no_such_package\nexcept ImportError:\n    pass\n"
    "class Mine:\n    pass\n",
    "my_rewards": """\
import functools
number = 3
print("imported")
def length(prompts, completions, **columns):
    return [0.0]
async def later(prompts, completions, **columns):
    return [0.0]
def fixed(prompts, completions):
    return [0.0]
def alone(**columns):
    return [0.0]
class Later:
    async def __call__(self, prompts, completions, **columns):
        return [0.0]
class Now:
    def __call__(self, prompts, completions, **columns):
        return [0.0]
asynchronous, object_, partial = Later(), Now(), functools.partial(length, weight=2)
""",
    "my_failing": "raise KeyError('x')\n",
    "my_exit": "raise SystemExit(3)\n",
    "my_syntax": "def fn(:\n",
    "my_data": "number = 1\ndef default(cfg, **kwargs):\n    return lambda row: row\n",
    "my_strategy/__init__": "",
    "my_strategy/chat": "def load(tokenizer, cfg):\n    return None\n",
}


@pytest.fixture(autouse=True)
def modules(write):
    """The user's modules in the working folder, which is on no path."""
    for name, source in MODULES.items():
        write(f"{name}.py", source)
    before, path = set(sys.modules), list(sys.path)
    yield
    assert sys.path == path  # a check leaves it as it was
    for name in set(sys.modules) - before:
        if name.startswith("my_"):
            del sys.modules[name]


@pytest.mark.parametrize(
    ("name", "message", "suggestion"),
    [
        ("emp_plugins.EmpathyPlugn", "no such plugin", "did you mean emp_plugins.EmpathyPlugin?"),
        ("emp_plugins.prompts", "no such plugin", "write module.ClassName"),
        ("EmpathyPlugin", "no such plugin", "did you mean emp_plugins.EmpathyPlugin?"),
        ("emp_plugin.EmpathyPlugin", "emp_plugin: no such module", "did you mean emp_plugins?"),
        ("my_plugins.Mnie", "my_plugins has no Mnie", "did you mean my_plugins.Mine?"),
        # Axolotl prints a traceback and trains without the plugin
        ("my_broken.Mine", "imports no_such_package, which is not installed",
         "pip install no_such_package"),
        ("no_such_module.Plugin", "Axolotl would go on without it",
         "run from the folder that holds it, or install it"),
        pytest.param("axolotl.integrations.liger.LigerPlugn", "has no LigerPlugn",
                     "did you mean axolotl.integrations.liger.LigerPlugin?", marks=needs_axolotl),
        pytest.param("axolotl.integrations.ligr.LigerPlugin", "no such module",
                     "did you mean axolotl.integrations.liger?", marks=needs_axolotl),
    ],
)  # fmt: skip
def test_plugins_that_do_not_resolve(one, name, message, suggestion):
    found = one("imports", f"plugins:\n  - emp_plugins.EmpathyPlugin\n  - {name}\n")
    assert (found.line, found.key, found.severity) == (3, "plugins[1]", "error")
    assert message in found.message
    assert found.suggestion == suggestion


@pytest.mark.parametrize(
    "name",
    [
        "emp_plugins.EmpathyPlugin",
        "emp_plugins.plugin.EmpathyPlugin",
        "my_plugins.Mine",
        "my_star.path",  # who knows what a star brings
        "my_guarded.Mine",
        pytest.param("axolotl.integrations.liger.LigerPlugin", marks=needs_axolotl),
        pytest.param("liger.LigerPlugin", marks=needs_axolotl),  # Axolotl looks in its own, too
    ],
)
def test_plugins_that_resolve(findings, name):
    assert findings("imports", f"plugins: [{name}]\n") == []


def test_plugins_are_not_imported(findings):
    """A plugin imports Axolotl, which takes half a minute."""
    findings("imports", "plugins: [my_plugins.Mine]\n")
    assert "my_plugins" not in sys.modules


GATE = "empathy: {rewards: {safety: {}}}\n"


@pytest.mark.parametrize(
    ("name", "message", "suggestion"),
    [
        # Axolotl would ask the hub for a reward model of this name
        ("my_rewardz.length", "cannot be imported (No module named 'my_rewardz')",
         "did you mean my_rewards.length?"),
        ("my_broken.fn", "cannot be imported (No module named 'no_such_package')", ""),
        ("my_rewards.lenght", "has no attribute 'lenght'", "did you mean my_rewards.length?"),
        ("my_rewards.number", "is not a function", ""),
        ("my_failing.fn", "fails when imported (KeyError: 'x')", ""),
        ("my_exit.fn", "fails when imported (SystemExit: 3)", ""),
        ("my_syntax.fn", "fails when imported (SyntaxError", ""),
        ("my_rewards.asynchronous", "is not awaited by TRL", ""),
        ("my_rewards.fixed", "TRL passes every column and completion_ids, trainer_state",
         "add **columns to its parameters"),
        ("my_rewards.alone", "Axolotl wants prompts and completions at least",
         "def fn(prompts, completions, **columns)"),
        ("org/reward-model", "a reward model cannot be gated", ""),
        ("length", "a reward model cannot be gated", ""),
    ],
)  # fmt: skip
def test_functions_that_cannot_be_used(one, name, message, suggestion):
    text = f"rl: grpo\ntrl:\n  reward_funcs:\n    - my_rewards.length\n    - {name}\n"
    found = one("imports", text + GATE)
    assert (found.line, found.key, found.severity) == (5, "trl.reward_funcs[1]", "error")
    assert message in found.message
    assert found.suggestion == suggestion


@pytest.mark.parametrize("name", ["length", "later", "object_", "partial"])
def test_functions_that_can(findings, name, capsys):
    text = f"rl: grpo\ntrl:\n  reward_funcs: [my_rewards.{name}]\n"
    assert findings("imports", text + GATE) == []
    assert capsys.readouterr().out == ""  # what a module prints is no part of our output


def test_reward_models_without_the_gate(findings):
    text = "rl: grpo\ntrl:\n  reward_funcs: [org/model, lenght]\n"
    (found,) = findings("imports", text)
    assert (found.severity, found.key) == ("warning", "trl.reward_funcs[1]")
    assert findings("imports", text.replace("grpo", "dpo")) == []  # which reads no rewards


@pytest.mark.parametrize(
    ("rl", "kind", "suggestion"),
    [
        ("grpo", "emp_plugins.promts", "did you mean emp_plugins.prompts?"),
        ("sft", "emp_plugins.dialogues", ""),
        ("dpo", "chatml.intell", "did you mean chatml.intel?"),
        ("dpo", "llama4", "did you mean llama3?"),
        ("kto", "chatml.default", ""),
        ("orpo", "chatml.argilla", "did you mean chat_template.argilla?"),
        ("dpo", "my_data.number", ""),
        ("dpo", "my_data.nothing", ""),
        ("dpo", "my_failing.fn", ""),
        ("sft", "chat_templat", "did you mean chat_template?"),
        ("sft", "chat_template.default", "did you mean chat_template?"),  # only for preferences
        ("sft", "my_strategy.none", ""),
        (
            "sft",
            "my_data",
            "a type of your own is a module in a package, PACKAGE.MODULE, with a function load",
        ),
        ("sft", "../", ""),
        ("dpo", "a/b", ""),
        pytest.param("dpo", "x" * 300, "", id="a name that no system takes"),
    ],
)
def test_types_that_do_not_resolve(findings, rl, kind, suggestion):
    method = "" if rl == "sft" else f"rl: {rl}\n"
    text = f"{method}datasets:\n  - path: org/name\n    type: {kind}\n"
    (found,) = findings("imports", text)
    assert (found.key, found.severity) == ("datasets[0].type", "error")
    assert found.message.startswith(f"{kind}: ")
    if suggestion:
        assert found.suggestion == suggestion


@pytest.mark.parametrize(
    ("rl", "kind"),
    [
        ("grpo", "emp_plugins.prompts"),
        ("grpo", "my_data.default"),
        ("grpo", "my_data"),  # completed to my_data.default
        ("dpo", "chatml"),
        ("dpo", "chat_template.default"),
        ("kto", "llama3.ultra"),
        ("orpo", "chat_template.argilla"),
        ("dpo", "my.deep.module"),  # the check of ignored settings explains the second dot
        ("kto", "chat_template.argilla"),  # and this
        ("sft", "chat_template"),
        ("sft", "alpaca:chat"),
        ("sft", "alpaca_chat.load_qa"),
        ("sft", "bradley_terry.chat_template"),
        ("sft", "my_strategy.chat"),
        ("dpo", "{field_prompt: question}"),
        ("dpo", ""),
    ],
)
def test_types_that_do(findings, rl, kind):
    method = "" if rl == "sft" else f"rl: {rl}\n"
    assert findings("imports", f"{method}datasets:\n  - path: org/n\n    type: {kind}\n") == []


@pytest.mark.parametrize(
    ("text", "key", "package"),
    [
        ("rl: grpo\ntrl: {use_vllm: true}", "trl.use_vllm", "vllm"),
        ("flash_attention: true", "flash_attention", "flash_attn"),
        ("use_comet: true\nwandb_project:", "use_comet", "comet_ml"),
    ],
)
def test_packages(findings, text, key, package):
    found = findings("imports", text + "\n")
    if module_file(package):
        assert found == []
        return
    (note,) = found
    assert (note.key, note.severity) == (key, "note")
    assert f"needs {package}, which is not installed here" in note.message
    assert note.suggestion.startswith("pip install")


def test_a_missing_package_is_told_once(one, monkeypatch):
    from emp_plugins.check.imports import packages

    monkeypatch.setattr(packages, "installed", lambda package: package != "wandb")
    assert one("imports", "wandb_project: a\nuse_wandb: true\n").key == "wandb_project"


def test_judges_name_the_extra(one, monkeypatch):
    from emp_plugins.check.imports import packages

    monkeypatch.setattr(packages, "installed", lambda package: package != "transformers")
    text = "empathy:\n  judges:\n    emotion: {backend: hf, model: org/name}\n    risk: {}\n"
    found = one("imports", text)
    assert (found.line, found.key) == (3, "empathy.judges.emotion")
    assert found.suggestion == "pip install 'empathy-recipes[judges]'"


@pytest.mark.parametrize("key", ["trackio_project_name: p", "use_trackio: true"])
def test_a_trackio_that_fails(one, monkeypatch, key):
    monkeypatch.setattr("importlib.metadata.version", lambda name: "0.19.0")
    found = one("imports", f"{key}\n")
    assert (found.severity, found.key) == ("error", key.split(":")[0])
    assert "trackio 0.19.0 fails when the run starts" in found.message


@pytest.mark.parametrize("key", ["trackio_project_name: p", "use_trackio: false"])
def test_a_trackio_that_runs(findings, monkeypatch, key):
    versions = {"trackio_project_name: p": "0.21.2", "use_trackio: false": "0.19.0"}
    monkeypatch.setattr("importlib.metadata.version", lambda name: versions[key])
    assert all(found.severity == "note" for found in findings("imports", f"{key}\n"))
