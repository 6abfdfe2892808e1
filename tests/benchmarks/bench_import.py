"""Importing photographs beside the bare decode-and-resize loop on all cores, interleaved in one process, as a ratio.

Run from the repository's root: python tests/benchmarks/bench_import.py [--pictures 2000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from PIL import Image
from skimage import data

from xai_core.datasets.importing import ImportDataset
from xai_core.datasets.pictures import THUMBNAIL
from xai_core.library import entries, incoming
from xai_core.library.home import VARIABLE

SIDE = 500


def photographs(count: int) -> list[bytes]:
    """Crops of a photograph, each with its own brightness and grain, as a camera would save them."""
    base, random = data.astronaut()[:SIDE, :SIDE].astype(np.int16), np.random.default_rng(0)
    found = []
    for number in range(count):
        turned = np.roll(base, (37 * number % SIDE, 61 * number % SIDE), axis=(0, 1))
        grain = random.integers(-6, 7, turned.shape, dtype=np.int16)
        image = Image.fromarray(np.clip(turned + grain, 0, 255).astype(np.uint8))
        image.save(out := io.BytesIO(), "JPEG", quality=85)
        found.append(out.getvalue())
    return found


def packed(pictures: list[bytes], path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, picture in enumerate(pictures):
            archive.writestr(f"photographs/class {number % 4}/{number}.jpg", picture)


def bare(pictures: list[bytes]) -> None:
    """What anybody would write: decode and shrink each on a pool of threads."""

    def work(picture: bytes) -> None:
        with Image.open(io.BytesIO(picture)) as image:
            image.convert("RGB").resize((THUMBNAIL, THUMBNAIL))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(work, pictures))


def ours(path: Path) -> None:
    """Everything between the upload and a data set on disk."""
    made = ImportDataset(incoming.stage([(path.name, path)]), "photographs").answer()
    entries.remove("datasets", made.key)


def peak() -> float:
    """The most memory that this process has had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="second-look-"))
    os.environ[VARIABLE] = str(folder / "home")
    try:
        pictures, path = photographs(options.pictures), folder / "photographs.zip"
        packed(pictures, path)
        packed(pictures[: options.pictures // 10], few := folder / "few.zip")
        megabytes = path.stat().st_size / 2**20
        print(
            f"{options.pictures} JPEG photographs of {SIDE} px, {megabytes:.0f} MB, {os.cpu_count()} cores, wall time"
        )
        ours(few)
        first = peak()
        times: dict[str, list[float]] = {"bare": [], "ours": []}
        cores: dict[str, list[float]] = {"bare": [], "ours": []}
        for _ in range(options.rounds):
            for name, work in (("bare", lambda: bare(pictures)), ("ours", lambda: ours(path))):
                start, busy = time.perf_counter(), time.process_time()
                work()
                times[name].append(time.perf_counter() - start)
                cores[name].append(time.process_time() - busy)
        for name, taken in times.items():
            pace = options.pictures / statistics.median(taken)
            work_done = f"{statistics.median(cores[name]):6.2f} s of all cores together"
            print(f"  {name:<6} {statistics.median(taken):6.2f} s ({work_done}) {pace:8.0f} pictures a second")
        for what, taken in (
            ("speed", times),
            ("speed by processor time", cores),
        ):  # the second where others compute too
            share = statistics.median(b / o for b, o in zip(taken["bare"], taken["ours"], strict=True))
            print(f"our {what} ÷ the bare one: {share:.2f}")
        print(f"peak memory: {first:.0f} MB after a tenth of the pictures, {peak():.0f} MB after all of them")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
