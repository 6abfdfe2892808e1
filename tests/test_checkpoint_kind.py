"""What is no plain table of weights is refused as what it is, before anything in it could run or unfold."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save as safetensors_bytes

from checkpoint_files import CANARY, Evil, hostile, legacy, saved, state, zipped
from xai_core.checkpoints.checkpoint import Refusal
from xai_core.checkpoints.child import clean
from xai_core.checkpoints.kind import kind_of
from xai_core.limits import CHECKPOINT_BYTES
from xai_core.progress import silent

HOSTILE = hostile()


def refused(data: bytes, folder: Path, name: str = "weights.pt") -> str:
    """The rest of the sentence that begins with the file's name."""
    upload, out = folder / "upload", folder / "out"
    upload.write_bytes(data)
    out.mkdir()
    with pytest.raises(Refusal) as caught:
        clean(upload, kind_of(upload, name), out, silent)
    assert not list(out.iterdir()), "nothing is stored of a file that is refused"
    return str(caught.value)


@pytest.mark.parametrize("name", HOSTILE)
def test_an_odd_file_is_refused_in_words_that_name_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data, words = HOSTILE[name]
    message = refused(data, tmp_path)
    assert words in message
    assert message.endswith("."), "a cause and a next step"
    assert message.count(". ") >= 1, "a cause and a next step"
    assert not any(word in message for word in ("weights_only", "Traceback", "Error", str(tmp_path), "allowlist"))
    assert not (tmp_path / CANARY).exists()


def test_the_canary_would_have_sung(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pickle.loads(pickle.dumps(Evil()))
    assert (tmp_path / CANARY).exists()


def test_a_tensorflow_checkpoint_is_known_by_its_name_where_its_bytes_say_nothing(tmp_path: Path) -> None:
    message = refused(bytes(range(200, 256)) * 9, tmp_path, "model.ckpt.data-00000-of-00001")
    assert "is part of a TensorFlow checkpoint" in message


def test_a_file_over_the_limit_is_refused_by_its_size_alone(tmp_path: Path) -> None:
    upload = tmp_path / "large.pt"
    with upload.open("wb") as file:
        file.truncate(CHECKPOINT_BYTES + 1)
    with pytest.raises(
        Refusal, match=rf"than the limit of {CHECKPOINT_BYTES // 2**20} MB \({CHECKPOINT_BYTES:,} bytes\)"
    ):
        kind_of(upload, "large.pt")


@pytest.mark.parametrize("form", [saved, legacy])
def test_what_torch_saves_of_a_state_dict_is_read(form: object, tmp_path: Path) -> None:
    assert callable(form)
    upload = tmp_path / "weights.pt"
    upload.write_bytes(form({"state_dict": state(), "epoch": 3, "lr": 0.1}))
    found = clean(upload, kind_of(upload, "weights.pt"), tmp_path, silent)
    assert [name for name, _ in found["shapes"]] == list(state())


def test_an_archive_without_checksums_is_read_and_said(tmp_path: Path) -> None:
    before = torch.serialization.get_crc32_options()
    torch.serialization.set_crc32_options(False)
    try:
        data = saved(state())
    finally:
        torch.serialization.set_crc32_options(before)
    upload = tmp_path / "weights.pt"
    upload.write_bytes(data)
    found = clean(upload, kind_of(upload, "weights.pt"), tmp_path, silent)
    assert any("has no checksums" in note for note in found["notes"])


def test_a_model_of_ours_whose_weights_were_changed_is_refused(tmp_path: Path) -> None:
    card = json.dumps({"schema": 1, "sha256": "0" * 64}).encode()
    data = zipped(model__json=card, weights__safetensors=safetensors_bytes(state()))
    (tmp_path / "upload.zip").write_bytes(data)
    with pytest.raises(Refusal, match="is a model of ours, but damaged"):
        clean(tmp_path / "upload.zip", kind_of(tmp_path / "upload.zip", "upload.zip"), tmp_path, silent)


def test_no_file_of_this_room_opens_models_in_a_way_that_runs_code() -> None:
    room = Path(kind_of.__code__.co_filename).parent
    text = "\n".join(path.read_text(encoding="utf-8") for path in room.glob("*.py"))
    calls = [line for line in text.splitlines() if "torch.load(" in line]
    assert calls
    assert all("weights_only=True" in line for line in calls)
    banned = ("pickle.load", "Unpickler(", "jit.load", "export.load", "allow_pickle", "strict=False", "extractall")
    assert not [word for word in banned if word in text]
