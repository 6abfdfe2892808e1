"""Actions that a browser repeats until it is told that they were heard."""

from __future__ import annotations

import pytest
import streamlit as st

from pages.ui.components import heard


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    held: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", held)
    return held


def test_an_action_is_heard_once_however_often_it_is_sent(state: dict[str, object]):
    state["panels"] = {"action": {"kind": "stop", "panel": "slow", "number": "1-1"}}

    assert heard.latest("panels") == ""
    assert (heard.once("panels") or {})["kind"] == "stop"
    assert heard.latest("panels") == "1-1"
    assert heard.once("panels") is None


def test_the_same_wish_again_is_a_new_action(state: dict[str, object]):
    for number in ("1-1", "1-2"):
        state["panels"] = {"action": {"kind": "stop", "panel": "slow", "number": number}}
        assert heard.once("panels") is not None


def test_one_component_does_not_silence_another(state: dict[str, object]):
    for key in ("panels", "player"):
        state[key] = {"action": {"kind": "stop", "panel": "slow", "number": "1-1"}}
        assert heard.once(key) is not None


@pytest.mark.parametrize("sent", [None, "stop", 7, {}, {"kind": "stop"}, {"kind": "stop", "number": 3}])
def test_what_is_no_numbered_action_is_not_heard(state: dict[str, object], sent: object):
    state["panels"] = {"action": sent}

    assert heard.once("panels") is None
    assert heard.latest("panels") == ""
