"""Actions that a browser repeats, and choices that it keeps, until it is told that they were heard."""

from __future__ import annotations

from contextlib import closing

import pytest
import streamlit as st
from playwright.sync_api import Browser

from pages.ui.components import heard
from pages.ui.components.scripts import script


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


def test_a_choice_is_heard_with_its_value_and_what_is_none_changes_nothing(state: dict[str, object]):
    heard.note("frame", {"at": 3, "number": "1-1"})
    for sent in (None, 3, {"at": 3}, {"at": 3, "number": 3}):
        heard.note("frame", sent)

    assert heard.latest("frame") == "1-1"


def plain(main: str) -> str:
    """The script around choices, to be run without a component."""
    return script("shared/base", "shared/choice", main).replace("export default function", "function mount")


LATE_DISPLAY = """
script => {
    const known = 'setTimeout, performance';
    let now = 0;
    const clock = {now: () => (now += 1e6)}; // an hour between any two moments
    const [Gallery, Choice] = new Function(known, `${script}; return [Gallery, Choice]`)(later => later(), clock);
    const sent = [], seen = [], none = () => undefined;
    const made = () => Object.assign(Object.create(Gallery.prototype), {
        choice: new Choice(), actions: {heard: none}, bar: {root: document.body}, arrange: none, columns: none,
        draw: none,
    });
    const [one, other] = [made(), made()];
    window.addEventListener('second-look-display', ({detail}) => other.adopt(detail));
    const told = (opacity, by) => {
        const data = {panels: [], display: {opacity}, display_heard: by === null ? '' : sent[by].number};
        for (const gallery of [one, other]) {
            gallery.update({data, setStateValue: (_, value) => sent.push(value), setTriggerValue: none});
        }
        seen.push([one.display.opacity, other.display.opacity]);
    };
    told(1, null);
    one.change({opacity: 0.3}, true);
    one.change({opacity: 0.5}, true);
    told(0.3, 0);
    told(0.5, 1);
    told(0.9, 1);
    return {seen, sent: sent.map(each => each.opacity)};
}
"""


@pytest.mark.browser
def test_an_answer_that_comes_late_does_not_undo_how_maps_are_drawn(chromium: Browser):
    with closing(chromium.new_page()) as page:
        found = page.evaluate(LATE_DISPLAY, plain("gallery/main"))
    assert found["sent"] == [0.3, 0.5]
    assert found["seen"] == [[1, 1], [0.5, 0.5], [0.5, 0.5], [0.9, 0.9]]


LATE_FRAME = """
script => {
    const [Player, Choice] = new Function(`${script}; return [Player, Choice]`)();
    const sent = [], seen = [], none = () => undefined;
    const frames = Array.from({length: 10}, () => ({words: '', says: '', warning: ''}));
    const live = document.createElement('p');
    const own = {live, controls: {update: none}, actions: {heard: none}, choice: new Choice()};
    const player = Object.assign(Object.create(Player.prototype), {...own, spread: none, arrange: none, paint: none});
    const told = (frame, by) => {
        const data = {frames, frame, frame_heard: by === null ? '' : sent[by].number};
        player.update({data, setStateValue: (_, value) => sent.push(value), setTriggerValue: none});
        seen.push(player.at);
    };
    told(0, null);
    for (const at of [3, 7]) {
        player.at = at;
        player.settle();
    }
    told(3, 0);
    told(7, 1);
    told(2, 1);
    return {seen, sent: sent.map(each => each.at)};
}
"""


@pytest.mark.browser
def test_an_answer_that_comes_late_does_not_take_the_slider_back(chromium: Browser):
    with closing(chromium.new_page()) as page:
        found = page.evaluate(LATE_FRAME, plain("player/main"))
    assert found == {"seen": [0, 7, 7, 2], "sent": [3, 7]}  # at last Python moves it by itself
