// What a person has set and sees already, on its way to Python: until Python says that it has heard it, what Python
// passes is from before, and must not undo it.

let choicesMade = 0;

class Choice {
  // Its number, for Python to say back.
  make() {
    this.number = `${Date.now()}-${(choicesMade += 1)}`;
    return this.number;
  }

  heard(number) {
    if (this.number === number) this.number = null;
  }

  get waits() {
    return Boolean(this.number);
  }
}
