// Where a person has moved to on the map and what they seek: Python keeps it for the page's address, and may lead there.

const LOOKED_AFTER = 800; // ms at rest
const SOUGHT = 100; // letters

class Looking extends Moving {
  // Something of it may have changed; Python hears where it comes to rest.
  looked() {
    clearTimeout(this.resting);
    if (this.data?.looking) this.resting = setTimeout(() => this.reportLooking(), LOOKED_AFTER);
  }

  reportLooking() {
    if (!this.camera || this.gone) return;
    const now = { ...this.camera.share(), find: this.toolbar.search.value.trim().slice(0, SOUGHT) };
    if (same(now, this.saidLooking)) return;
    this.saidLooking = now;
    this.sendLooking({ ...now, number: this.choice.make() });
  }

  // Python's, unless it says back what it has heard, or has not heard the latest yet.
  lookWhere(looking) {
    if (!looking || this.choice.waits || same(looking, this.saidLooking)) return;
    this.saidLooking = looking;
    this.camera.look(looking);
    this.toolbar.search.value = looking.find;
    this.find(looking.find.toLowerCase());
  }

  forget() {
    clearTimeout(this.resting);
    super.forget();
  }
}

function same(one, other) {
  return ["zoom", "x", "y", "find"].every((name) => one[name] === other?.[name]);
}
