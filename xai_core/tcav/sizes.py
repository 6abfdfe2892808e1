"""How many pictures a test can use, and the words where they are too few."""

from __future__ import annotations

from xai_core.tcav.settings import LEAST, Settings


def set_size(distinct: int, counters: int, relative: bool, settings: Settings) -> int:
    """Pictures of a set, the same for the concept and its counter-sets; 0 where there are too few (`too_few`).

    At most `settings.most` and all `distinct` ones. A random concept and its counter-set come from the pool both, so
    half of it is the most; of other concepts' pictures (`relative`) the concept's own are there as well.
    """
    size = min(distinct, settings.most, counters if relative else counters // 2)
    return size if size >= LEAST else 0


def too_few(distinct: int, counters: int, relative: bool, shared: int = 0) -> str:
    """Why `set_size` is 0, and what to do; numbers are of distinct pictures. `shared` more are the concept's too."""
    if distinct < LEAST:
        return f"A concept needs at least {LEAST} different pictures to be tested; this one has {distinct}. Add more."
    least = LEAST if relative else 2 * LEAST
    whose = "pictures of the other concepts" if relative else "counter-examples"
    if shared:
        return (
            f"At least {least} different {whose} are needed to compare with; there are {counters}, as {shared} "
            "are also pictures of this concept. Choose others."
        )
    return f"At least {least} different {whose} are needed to compare with; there are {counters}. Add more."
