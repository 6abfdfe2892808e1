// What a person asks of one panel, on its way to Python. A click that meets a rerun of the page can get lost, so an
// action is sent again until Python says that it has heard it; Python obeys each number once.

const SEND_AGAIN_AFTER = 2000; // ms without a word
const SENT_AT_MOST = 30;
let actionsMade = 0;

class Actions {
  // `send` goes to Python; it is replaced with every run of the page.
  send = () => {};

  act(action) {
    this.latest = { ...action, number: `${Date.now()}-${(actionsMade += 1)}` };
    this.press(this.latest, SENT_AT_MOST);
  }

  press(action, left) {
    this.send(action);
    clearTimeout(this.again);
    if (left > 1) this.again = setTimeout(() => this.press(action, left - 1), SEND_AGAIN_AFTER);
  }

  heard(number) {
    if (this.latest?.number === number) clearTimeout(this.again);
  }

  // The action that was waiting for an answer, once.
  take() {
    const { latest } = this;
    this.forget();
    return latest;
  }

  // Nothing is sent again from a page that is no longer there.
  forget() {
    clearTimeout(this.again);
    this.latest = null;
  }
}
