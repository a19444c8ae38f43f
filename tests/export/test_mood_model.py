"""The mood reader's network: which weights learn how fast, and whether its graph says what it says."""

from __future__ import annotations

from pathlib import Path

import player  # noqa: F401 - before onnxruntime: it forbids the telemetry

# isort: split
import numpy as np
import onnxruntime
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from scripts.train.mood import export, optimizer  # noqa: E402
from scripts.train.mood_model import MoodModel, layer_of, mean_of  # noqa: E402


@pytest.fixture(scope="module")
def model() -> MoodModel:
    torch.manual_seed(0)
    return MoodModel().eval()


def test_the_graph_says_what_the_network_says_whatever_the_padding(model: MoodModel, tmp_path: Path) -> None:
    export(model, tmp_path / "mood.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "mood.onnx")
    ids = np.array([[101, 1037, 4251, 2314, 102], [101, 1037, 102, 0, 0]])
    mask = (ids > 0).astype(np.int64)
    found = session.run(None, {"ids": ids, "mask": mask})
    with torch.no_grad():
        said = model(torch.from_numpy(ids), torch.from_numpy(mask))
    for one, other in zip(found, said, strict=True):
        np.testing.assert_allclose(one, other.numpy(), atol=1e-5)
    alone = session.run(None, {"ids": ids[1:, :3], "mask": mask[1:, :3]})
    np.testing.assert_allclose(alone[0], found[0][1:], atol=1e-5)


def test_layers_learn_slower_further_from_the_heads(model: MoodModel) -> None:
    names = [name for name, _ in model.named_parameters()]
    layers = {layer_of(name) for name in names}
    assert layers == {None, -1, 0, 1, 2, 3, 4, 5}
    rates: dict[int | None, set[float]] = {}
    for name, group in zip(names, optimizer(model).param_groups, strict=True):
        rates.setdefault(layer_of(name), set()).add(group["lr"])
    assert all(len(each) == 1 for each in rates.values())
    ordered = [max(rates[layer]) for layer in (-1, 0, 1, 2, 3, 4, 5, None)]
    assert ordered == sorted(ordered)
    assert len(set(ordered)) == len(ordered)


def test_the_mean_of_two_models_is_the_mean_of_their_weights() -> None:
    first, second = MoodModel(), MoodModel()
    wanted = (first.point.weight + second.point.weight) / 2
    mean = mean_of([first, second])
    torch.testing.assert_close(mean.point.weight, wanted)
    assert mean.encoder.embeddings.position_ids.dtype == torch.int64, "what is no weight is left alone"
