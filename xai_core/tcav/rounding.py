"""Scores and p in few digits, which never say what is not so."""

from __future__ import annotations

import math


def score_words(score: float) -> str:
    """Two digits, but never 0, 0.5 or 1 for what is not; "no score" for nan."""
    if math.isnan(score):
        return "no score"
    if score not in (0.0, 1.0) and (score < 0.005 or score >= 0.995):
        return "below 0.01" if score < 0.5 else "above 0.99"
    text = f"{score:.2f}"
    if text == "0.50" and score != 0.5:
        return "just below 0.5" if score < 0.5 else "just above 0.5"
    return text


def p_words(p: float, alpha: float) -> str:
    """Never "0.000", and never on the other side of `alpha` than the p itself; "no p" for nan."""
    if math.isnan(p):
        return "no p"
    if p < 0.001:
        return "p below 0.001"
    text = f"{p:.3f}" if p < 0.1 else f"{p:.2f}"
    if p > alpha >= float(text):
        return f"p just above {alpha:g}"
    return f"p just below {alpha:g}" if p <= alpha < float(text) else f"p = {text}"
