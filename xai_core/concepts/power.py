"""What a test of so many pictures can see, while a concept is still being put together."""

from __future__ import annotations

from xai_core.tcav.settings import LEAST, USUAL

MEDIUM = 30  # distinct pictures from which on a medium effect is seen


def hint(distinct: int, pool: bool = False) -> str:
    """One sentence about a concept, or a pool of counter-examples, of so many different pictures.

    A concept is tested where its CAVs are right on held-out pictures more often than chance: a one-sided binomial
    test at 5 % on 2·round(n/3) pictures, a third of the concept and as many counter-examples. The effect is strong
    where CAVs are truly right on 95 of 100 pictures, medium at 80, and seen where such CAVs pass 9 times of 10. With
    the test's p interpolated by the incomplete beta function (Clopper and Pearson 1934), strong effects take the 10
    pictures that a test takes anyway, of whose held-out ones 91 % must be right; medium effects take 29, and 71 %. With
    7 pictures not even 100 % would do.
    """
    pictures = f"{distinct:,} distinct picture{'' if distinct == 1 else 's'}"
    if pool:
        return f"{pictures}: {_as_pool(distinct)}"
    if distinct < LEAST:
        return f"{pictures}: {_more(LEAST - distinct)} needed to test."
    if distinct < MEDIUM:
        return f"{pictures}: enough to see a strong effect; {MEDIUM} would see a medium one."
    some = f" A test takes {USUAL.most} of them." if distinct > USUAL.most else ""
    return f"{pictures}: enough to see a medium effect.{some}"


def _as_pool(distinct: int) -> str:
    """Random concepts, and what each is compared with, come from the pool both."""
    if distinct < 2 * LEAST:
        return f"{_more(2 * LEAST - distinct)} needed to compare with."
    if distinct < 2 * USUAL.most:
        return f"enough for concepts of up to {distinct // 2} pictures; {2 * USUAL.most} would do for any."
    return "enough to compare any concept with."


def _more(count: int) -> str:
    return "1 more is" if count == 1 else f"{count} more are"
