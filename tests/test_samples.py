"""The gallery shows the packages' own photographs, offline and without importing them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from skimage import data
from sklearn.datasets import load_sample_image

from xai_core.samples import sample, samples

ROOT = Path(__file__).parent.parent
PEERS = {
    "coffee": data.coffee,
    "cat": data.chelsea,
    "camera": data.camera,
    "astronaut": data.astronaut,
    "palace": lambda: load_sample_image("china.jpg"),
    "flower": lambda: load_sample_image("flower.jpg"),
}


@pytest.mark.parametrize("key", PEERS)
def test_a_sample_is_the_packages_own_picture(key: str) -> None:
    theirs = PEERS[key]()
    if theirs.ndim == 2:
        theirs = np.repeat(theirs[..., None], 3, axis=2)
    assert np.array_equal(sample(key).pixels, theirs)


def test_the_rocket_is_shown_in_the_colours_of_its_profile() -> None:
    rocket = sample("rocket")
    assert any("Adobe RGB" in note for note in rocket.notes)
    assert rocket.pixels.shape == data.rocket().shape
    assert 0 < np.abs(rocket.pixels.astype(int) - data.rocket()).mean() < 20


def test_every_sample_has_its_own_key_and_title() -> None:
    assert len({entry.key for entry in samples()}) == len({entry.title for entry in samples()}) == len(samples()) == 7
    assert samples()[0].key == "coffee"
    assert all(sample(entry.key).name == entry.title for entry in samples())


def test_a_sample_is_read_once_and_cannot_be_written() -> None:
    assert sample("coffee") is sample("coffee")
    with pytest.raises(ValueError, match="read-only"):
        sample("coffee").pixels[0, 0, 0] = 0


def test_an_unknown_sample_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        sample("../etc/passwd")


def test_the_gallery_imports_no_heavy_package() -> None:
    code = (
        "import sys; from xai_core.samples import sample, samples; [sample(entry.key) for entry in samples()]\n"
        "heavy = {'torch', 'skimage', 'sklearn', 'scipy', 'streamlit', 'plotly'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
