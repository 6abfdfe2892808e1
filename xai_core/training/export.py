"""A model of the library as one file: a zip of its card and its weights, which can be imported again anywhere."""

from __future__ import annotations

import io
import zipfile

from xai_core.library import entries
from xai_core.library.home import in_words
from xai_core.names import safe_label
from xai_core.own_model import CARD, WEIGHTS

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip can hold: the same model gives the same bytes


def export(key: str) -> bytes:
    """The zip of the library's model of that key; LibraryError when there is none or it cannot be read."""
    entries.manifest("models", key)
    folder = entries.folder_of("models", key)
    buffer = io.BytesIO()
    with in_words(f"The model {safe_label(key)} was not exported"), zipfile.ZipFile(buffer, "w") as archive:
        for name in (CARD, WEIGHTS):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # else it would differ between operating systems
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, (folder / name).read_bytes())
    return buffer.getvalue()
