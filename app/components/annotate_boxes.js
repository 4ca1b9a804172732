// Marks the mentions of an item again: in the sentence with the span marker, on the picture by
// dragging a box.
const SMALLEST = 4; // pixels on screen; a smaller drag is a click that slipped

class Again {
  constructor(desk) {
    this.desk = desk;
    const { content } = desk;
    this.id = content.id;
    this.size = content.size;
    this.boxes = content.places.filter((place) => !Array.isArray(place));
    this.before = JSON.stringify(content.places);
    this.frame = desk.picture({ ...content, places: [] });
    const box = desk.marker(content, false);
    this.view = box.view;
    this.slot = this.view.active;
    const buttons = put(
      "div", "roca-row",
      desk.button("roca-tool roca-main", () => this.save(), "Save the marks", keyCap("Ctrl+Enter")),
      desk.button("roca-tool", () => desk.stopMarking(), "Leave them as they were", keyCap("Esc")),
    );
    const hint = put(
      "div", "roca-meta",
      "Arrows move by word, Shift extends, Enter marks, 1 and 2 choose the mention to set.",
      content.picture ? " Drag on the picture to mark a box." : "",
    );
    desk.fill("item", this.frame, box, hint, buttons);
    this.drawBoxes();
    if (this.frame) this.frame.onpointerdown = (event) => this.pressed(event);
    this.view.text.focus();
  }

  /** The marker's report: a box whose place was taken by words is gone. */
  changed(report) {
    const places = report.marks.filter((mark) => mark === "box").length;
    if (places < this.boxes.length) {
      const cleared = report.marks.indexOf(null);
      const slot = cleared < 0 ? this.slot : cleared;
      this.boxes.splice(Math.min(slot, this.boxes.length - 1), 1);
    }
    this.slot = report.active;
    this.drawBoxes();
  }

  drawBoxes() {
    if (!this.frame) return;
    for (const old of this.frame.querySelectorAll(".roca-boxmark")) old.remove();
    const slots = [0, 1].filter((slot) => this.view.marks[slot] === "box");
    slots.forEach((slot, n) => {
      if (this.boxes[n]) this.frame.append(boxMark(this.boxes[n].box, this.size, slot));
    });
  }

  // ---- a box by dragging ------------------------------------------------------
  pressed(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    const start = this.at(event);
    this.frame.setPointerCapture(event.pointerId);
    this.frame.onpointermove = (move) => this.preview(start, this.at(move));
    this.frame.onpointerup = (up) => {
      this.frame.onpointermove = this.frame.onpointerup = null;
      this.take(start, this.at(up));
    };
  }

  /** Where the pointer is, in the picture's own pixels. */
  at(event) {
    const { left, top, width, height } = this.frame.querySelector("img").getBoundingClientRect();
    this.scale = this.size[0] / width;
    const x = Math.min(Math.max(event.clientX - left, 0), width) * this.scale;
    const y = Math.min(Math.max(event.clientY - top, 0), height) * (this.size[1] / height);
    return [Math.round(x * 10) / 10, Math.round(y * 10) / 10];
  }

  preview(a, b) {
    this.drawBoxes();
    this.frame.append(boxMark(corners(a, b), this.size, this.view.active));
  }

  take(a, b) {
    const box = corners(a, b);
    const least = SMALLEST * this.scale;
    if (box[2] - box[0] < least || box[3] - box[1] < least) return this.drawBoxes();
    const { view } = this;
    const slot = view.active;
    const n = view.marks.slice(0, slot).filter((mark) => mark === "box").length;
    this.boxes.splice(n, view.marks[slot] === "box" ? 1 : 0, { box });
    view.marks[slot] = "box";
    // Text comes before boxes; two boxes keep their order.
    if (wrongOrder(view.marks)) view.marks.reverse();
    const empty = view.marks.findIndex((mark) => !mark);
    view.active = this.slot = empty < 0 ? view.marks.lastIndexOf("box") : empty;
    view.render();
    this.drawBoxes();
  }

  // ---- the end ----------------------------------------------------------------
  places() {
    const boxes = this.boxes.slice();
    return this.view.marks.map((mark) => (mark === "box" ? boxes.shift() : mark));
  }

  save() {
    const places = this.places();
    if (places.some((place) => !place)) return this.desk.say("Mark both mentions first.");
    if (JSON.stringify(places) === this.before) return this.desk.stopMarking();
    this.close();
    this.desk.talk.add({ action: "mark-again", item: this.id, places, ...this.desk.seen() });
    this.desk.say("");
    this.desk.stopMarking();
  }

  close() {
    clearInterval(this.view.timer);
    document.removeEventListener("mouseup", this.view.finish);
  }
}

function corners([a, b], [c, d]) {
  return [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];
}
