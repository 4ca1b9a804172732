// Marks any number of mentions in a sentence; appended to span_marker.js, whose View it extends.
// A mark is [start, end], or the text that names a box; marks are kept in canonical order.
class Mentions extends View {
  constructor(root) {
    super(root);
    this.marks = [];
  }

  // ---- changes -------------------------------------------------------------
  mark(span, slot = -1) {
    if (!span || this.marks.some((m) => same(m, span))) return;
    if (slot >= 0) this.marks.splice(slot, 1);
    else if (this.full()) return this.say(`No more than ${this.data.limit} mentions.`);
    this.marks.push(span);
    this.marks.sort(inOrder);
    this.last = this.marks.indexOf(span);
    this.say(`Marked ${this.wordsOf(span)} as mention ${this.last + 1}.`);
    this.send();
  }

  clear(slot) {
    if (!(slot in this.marks)) return;
    this.marks.splice(slot, 1);
    this.last = Math.max(this.marks.length - 1, 0);
    this.say(`Mention ${slot + 1} cleared.`);
    this.send();
  }

  clearNearest() {
    const { u, v } = this.info.words[this.cursor] || { u: 0, v: 0 };
    const { u2c } = this.info;
    const hit = this.marks.findIndex((m) => isSpan(m) && m[0] < u2c[v] && u2c[u] < m[1]);
    this.clear(hit >= 0 ? hit : this.last);
  }

  full() {
    return this.marks.length >= this.data.limit;
  }

  // ---- drawing -------------------------------------------------------------
  drawSlots() {
    const chips = this.marks.map((mark, slot) => this.chip(mark, slot));
    const { limit } = this.data;
    const said = `${this.marks.length} of ${limit} mentions`;
    const more = this.full() ? `${said}: clear one to mark another` : said;
    this.head.replaceChildren(...chips, make("span", "rocm-count", more));
  }

  chip(mark, slot) {
    const chip = make("span", `rocm-chip ${this.side(slot)}`);
    chip.append(make("span", "rocm-number", String(slot + 1)));
    const name = make("bdi", "rocm-name", isSpan(mark) ? this.wordsOf(mark) : this.box(mark));
    name.title = name.textContent;
    const clear = make("button", "rocm-clear", "\u00d7");
    clear.type = "button";
    clear.setAttribute("aria-label", `Clear mention ${slot + 1}`);
    clear.onclick = () => this.clear(slot);
    chip.append(name, clear);
    return chip;
  }

  box(mark) {
    const boxes = this.marks.filter((m) => !isSpan(m));
    return boxes.length > 1 ? `box ${boxes.indexOf(mark) + 1}` : "the box";
  }

  /** The colour of a mark that belongs to the pair the page is looking at. */
  side(slot) {
    if (JSON.stringify(this.marks) !== JSON.stringify(this.data.marks)) return "rocm-other";
    return ["rocm-first", "rocm-second"][this.data.pair.indexOf(slot)] || "rocm-other";
  }

  piece(u, v, word, spans, heat) {
    const element = super.piece(u, v, word, [], heat);
    const within = [...spans.keys()].filter((n) => spans[n] && spans[n][0] <= u && v <= spans[n][1]);
    if (!within.length) return element;
    element.setAttribute("aria-selected", "true");
    const sides = within.map((n) => this.side(n));
    element.classList.add("rocm-marked", ...sides);
    const begun = within.filter((n) => spans[n][0] === u);
    if (begun.length) {
      const tag = begun.map((n) => n + 1).join(" ");
      element.dataset.tag = tag;
      element.classList.add("rocm-begin");
    }
    return element;
  }
}

/** Text before boxes, then start, then end; boxes stay as they are. */
function inOrder(a, b) {
  if (!isSpan(a) || !isSpan(b)) return Number(isSpan(b)) - Number(isSpan(a));
  return a[0] - b[0] || a[1] - b[1];
}

newView = (root) => new Mentions(root);
