import pytest

from emp_tooling.recipes.header import memory, read_header

HEADER = """\
# yaml-language-server: $schema=x.json
# What:    DPO on a model: one
#          line more.
# Needs:   one CUDA GPU with 24 GB, and data:
#            emp-datagen pairs
# Run:     axolotl train x.yml

# Later:   not a field
base_model: x  # Nor: this
"""


def test_fields_of_the_first_comment():
    assert read_header(HEADER) == {
        "What": "DPO on a model: one line more.",
        "Needs": "one CUDA GPU with 24 GB, and data: emp-datagen pairs",
        "Run": "axolotl train x.yml",
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "base_model: x\n# What: too late\n",
        "# plain words before the key\nrl: dpo\n",
        "#\n#\n",
    ],
)
def test_no_header(text):
    assert read_header(text) == {}


@pytest.mark.parametrize(
    ("needs", "shown"),
    [
        ("one CUDA GPU with 24 GB (estimate, not measured), and pairs", "24 GB"),
        ("two CUDA GPUs with 48 GB each", "2 x 48 GB"),
        ("16 CUDA GPUs with 80 GB each", "16 x 80 GB"),
        ("one CUDA GPU with 6 GB, or a CPU and patience", "6 GB"),
        ("one CUDA GPU with 12 GB, better two CUDA GPUs with 24 GB", "12 GB"),  # the first counts
        ("two CPU cores, about a minute", "no GPU"),
        ("patience", "None"),
        ("24 GB of disk", "None"),  # not of a GPU
    ],
)
def test_memory(needs, shown):
    assert str(memory(needs)) == shown
