import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from emp_datagen.cli import main as datagen
from emp_plugins.completion import Template
from emp_tooling.tiny import (
    ARCHITECTURES,
    DEMO_BANK,
    PERSONAS,
    SIZE,
    VOCABULARY,
    build_model,
    build_tokenizer,
    write_unaligned,
)

RECIPES = Path(__file__).parents[2] / "recipes"


@pytest.fixture(scope="module")
def tokenizer():
    return build_tokenizer()


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    out = tmp_path_factory.mktemp("tiny") / "pairs.jsonl"
    clients = ["--personas", ",".join(PERSONAS), "--n", "400", "--risk-share", "0.25"]
    form = ["--header", "short", "--structure", "--no-judge", "--bank", str(DEMO_BANK)]
    done = CliRunner().invoke(datagen, ["pairs", *clients, *form, "--out", str(out)])
    assert done.exit_code == 0, done.output
    return out


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_tokenizer_is_the_same_on_every_call(tokenizer):
    again = build_tokenizer()
    assert len(tokenizer) == VOCABULARY
    assert tokenizer.backend_tokenizer.to_str() == again.backend_tokenizer.to_str()


SEVEN = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}
FUSED = {"qkv_proj", "o_proj", "gate_up_proj", "down_proj"}


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_every_architecture_is_the_true_one(arch, tmp_path):
    """Its own class and projections, and small; what is saved comes back the same."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    count = build_model(tmp_path / "a", arch)
    assert 1_200_000 < count < 1_210_000
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "a")
    assert type(model).__name__.lower() == f"{arch}forcausallm"
    linear = {
        name.rpartition(".")[2]
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear)
    }
    assert linear - {"lm_head"} == (FUSED if arch == "phi3" else SEVEN)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "a")
    assert model.config.eos_token_id == tokenizer.convert_tokens_to_ids("<|im_end|>")
    ids = torch.arange(16).unsqueeze(0)
    logits = model(ids).logits
    assert logits.shape == (1, 16, VOCABULARY) and torch.isfinite(logits).all()
    far = model(torch.zeros(1, SIZE["max_position_embeddings"], dtype=torch.long)).logits
    assert torch.isfinite(far).all()  # no position is out of reach


def test_the_same_seed_gives_the_same_files(tmp_path):
    build_model(tmp_path / "a")
    build_model(tmp_path / "again")
    build_model(tmp_path / "other", seed=1)
    weights = [
        (tmp_path / name / "model.safetensors").read_bytes() for name in ("a", "again", "other")
    ]
    assert weights[0] == weights[1] != weights[2]


def test_only_gemma_refuses_a_system_message(tokenizer):
    """As the real one does, whose template TRL ships."""
    from importlib.resources import files

    from jinja2.exceptions import TemplateError

    messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}]
    refused = []
    for arch, (_, template) in ARCHITECTURES.items():
        told = {"chat_template": template, "tokenize": False}
        assert tokenizer.apply_chat_template(messages[1:], **told)
        try:
            assert "Be kind." in tokenizer.apply_chat_template(messages, **told)
        except TemplateError:
            refused.append(arch)
    assert refused == ["gemma"]
    real = files("trl").joinpath("chat_templates/gemma.jinja").read_text()
    for template in (build_tokenizer("gemma").chat_template, real):
        with pytest.raises(TemplateError, match="System role not supported"):
            tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False)


@pytest.mark.parametrize("text", ["I lie awake.", "<answer>\nÉtait-ce moi? 我 🙂\n</answer>", ""])
def test_any_text_comes_back(tokenizer, text):
    ids = tokenizer.encode(text, add_special_tokens=False)
    assert tokenizer.decode(ids, clean_up_tokenization_spaces=False) == text


def test_what_the_demo_trains_on_fits_its_recipes(tokenizer, pairs):
    """Nothing is cut off: a reply without its end tag would teach the broken form."""
    sft, grpo = (
        yaml.safe_load((RECIPES / name).read_text())
        for name in ("tiny_sft.yml", "tiny_grpo_empathy.yml")
    )
    for row in read(pairs):
        for name in ("chosen", "rejected"):
            reply = len(tokenizer.encode(row[name][-1]["content"])) + 1
            assert reply <= grpo["trl"]["max_completion_length"]
            whole = tokenizer.apply_chat_template([*row["prompt"], *row[name]], tokenize=False)
            assert len(tokenizer.encode(whole)) <= sft["sequence_len"]


@pytest.mark.parametrize(("errors", "bare"), [(0.0, 0.0), (1.0, 0.0), (0.5, 0.4), (0.0, 1.0)])
def test_unaligned_data_has_the_shares_that_were_asked_for(pairs, tmp_path, errors, bare):
    out, again = tmp_path / "u.jsonl", tmp_path / "again.jsonl"
    rows = read(pairs)
    assert write_unaligned(pairs, out, errors, bare, seed=0) == len(rows)
    write_unaligned(pairs, again, errors, bare, seed=0)
    assert again.read_bytes() == out.read_bytes()
    template, wrong, stripped = Template(), 0, 0
    for row, made in zip(rows, read(out), strict=True):
        *prompt, reply = made["messages"]
        assert prompt == row["prompt"] and reply["role"] == "assistant"
        answers = [
            template.parse(row[name][-1]["content"]).answer for name in ("chosen", "rejected")
        ]
        answer = template.parse(reply["content"]).answer
        stripped += answer is None
        wrong += (answer or reply["content"]) == answers[1]
    # three standard errors of 400 draws
    assert wrong / len(rows) == pytest.approx(errors, abs=0.075)
    assert stripped / len(rows) == pytest.approx(bare, abs=0.075)
