// Marks up to two mentions in a sentence, or shows the share of each word.
// Offsets that leave this file count code points, end exclusive. User text is only ever set with
// textContent.
const views = new WeakMap();
const SPACE = /^\s+$/u;
const RESEND = 3000; // milliseconds
const JOINERS = new Set(["-", "'", "\u2019", "_", "."]);

/** Words as {u, v} in UTF-16 units; "@name", "#tag" and "rock-n-roll" stay one word. */
function words(text) {
  const parts = Array.from(new Intl.Segmenter(undefined, { granularity: "word" }).segment(text));
  const out = [];
  for (const part of parts) {
    if (SPACE.test(part.segment)) continue;
    const u = part.index;
    const v = u + part.segment.length;
    const last = out[out.length - 1];
    const touches = last && last.v === u;
    const opened = touches && part.isWordLike && last.open;
    const joined = touches && part.isWordLike && last.joined;
    if (opened || joined) {
      Object.assign(last, { v, open: false, joined: false, word: true });
    } else if (touches && last.word && JOINERS.has(part.segment) && isWordAt(text, v)) {
      Object.assign(last, { v, joined: true });
    } else {
      const open = part.segment === "@" || part.segment === "#";
      out.push({ u, v, open, joined: false, word: part.isWordLike });
    }
  }
  return out;
}

function isWordAt(text, index) {
  return /^[\p{L}\p{N}]/u.test(text.slice(index, index + 2));
}

/** Everything about a text that does not change with its marks. */
function analyse(text) {
  const c2u = [];
  const u2c = new Int32Array(text.length + 1);
  let u = 0;
  for (const character of Array.from(text)) {
    for (let i = 0; i < character.length; i += 1) u2c[u + i] = c2u.length;
    c2u.push(u);
    u += character.length;
  }
  u2c[u] = c2u.length;
  c2u.push(u);
  const cuts = Array.from(new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text));
  const bounds = cuts.map((cut) => cut.index).concat(text.length);
  return { text, c2u, u2c, bounds, words: words(text) };
}

/** A range in UTF-16 units widened to whole graphemes and cleared of outer white space. */
function snap(info, from, to) {
  let u = Math.max(...info.bounds.filter((b) => b <= from));
  let v = Math.min(...info.bounds.filter((b) => b >= to));
  while (u < v && SPACE.test(info.text[u])) u += 1;
  while (v > u && SPACE.test(info.text[v - 1])) v -= 1;
  return u < v ? [info.u2c[u], info.u2c[v]] : null;
}

const isSpan = (mark) => Array.isArray(mark);
const same = (a, b) => isSpan(a) && isSpan(b) && a[0] === b[0] && a[1] === b[1];

/** Canonical order: text before box, then start, then end. */
function wrongOrder([a, b]) {
  if (!a || !b) return false;
  if (!isSpan(a)) return isSpan(b);
  return isSpan(b) && (a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]));
}

function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

class View {
  constructor(root) {
    this.root = root;
    this.head = root.querySelector(".rocm-slots");
    this.text = root.querySelector(".rocm-text");
    this.legend = root.querySelector(".rocm-legend");
    this.live = root.querySelector(".rocm-live");
    Object.assign(this, { token: null, seq: 0, marks: [null, null], active: 0, last: 0 });
    Object.assign(this, { cursor: -1, anchor: -1, focused: false, from: null });
    this.finish = (event) => this.released(event);
  }

  update(data, emit) {
    this.emit = emit;
    this.data = data;
    if (!this.info || this.info.text !== data.sentence) this.info = analyse(data.sentence);
    const other = data.token !== this.token || data.session !== this.session;
    if (data.token !== this.token) Object.assign(this, { cursor: -1, anchor: -1 });
    if (other) this.seq = 0;
    if (other || data.seq >= this.seq) {
      clearInterval(this.timer);
      this.marks = data.marks.map((m) => (isSpan(m) ? m.slice() : m));
      this.active = data.active;
    }
    this.token = data.token;
    this.session = data.session;
    this.listen();
    this.render();
  }

  listen() {
    const on = !this.data.readonly;
    this.text.tabIndex = on ? 0 : -1;
    this.text.setAttribute("role", on ? "listbox" : "group");
    this.text.setAttribute("aria-label", this.data.label);
    if (on) this.text.setAttribute("aria-multiselectable", "true");
    this.text.onmousedown = on ? (event) => this.pressed(event) : null;
    this.text.onkeydown = on ? (event) => this.key(event) : null;
    this.text.onfocus = on ? () => this.focus(true) : null;
    this.text.onblur = on ? () => this.focus(false) : null;
  }

  // ---- changes -------------------------------------------------------------
  send() {
    this.seq = Math.max(this.seq + 1, Date.now());
    const { token, session, seq, active, marks } = this;
    const report = { token, session, seq, active, marks, base: this.data.marks };
    this.emit(report);
    this.render();
    // A server that was restarted hears of nothing until the page speaks again.
    clearInterval(this.timer);
    this.timer = setInterval(() => this.emit({ ...report, marks: report.marks.slice() }), RESEND);
  }

  mark(span, slot = this.active) {
    if (!span) return;
    const other = 1 - slot;
    if (same(span, this.marks[other])) this.marks[other] = null;
    this.marks[slot] = span;
    this.last = slot;
    if (wrongOrder(this.marks)) {
      this.marks.reverse();
      this.last = other;
    }
    const empty = this.marks.findIndex((m) => !m);
    this.active = empty < 0 ? this.last : empty;
    this.say(`Marked ${this.wordsOf(span)} as mention ${this.last + 1}.`);
    this.send();
  }

  clear(slot) {
    if (!this.marks[slot]) return;
    this.marks[slot] = null;
    this.active = slot;
    this.say(`Mention ${slot + 1} cleared.`);
    this.send();
  }

  choose(slot) {
    this.active = slot;
    this.send();
  }

  say(message) {
    this.live.textContent = message;
  }

  wordsOf(span) {
    return this.info.text.slice(this.info.c2u[span[0]], this.info.c2u[span[1]]);
  }

  // ---- mouse ---------------------------------------------------------------
  pressed(event) {
    if (event.button !== 0) return;
    this.from = event.target.closest("[data-w]");
    document.addEventListener("mouseup", this.finish, { once: true });
  }

  released(event) {
    const selection = window.getSelection();
    const range = selection.rangeCount ? selection.getRangeAt(0) : null;
    const dragged = range && !range.collapsed && range.intersectsNode(this.text);
    if (event.detail > 1) {
      selection.removeAllRanges();
    } else if (dragged) {
      const span = snap(this.info, this.offset(range, true), this.offset(range, false));
      selection.removeAllRanges();
      this.mark(span);
    } else if (this.from) {
      this.clicked(Number(this.from.dataset.w), event.shiftKey);
    }
  }

  clicked(index, extend) {
    const { u, v } = this.info.words[index];
    const span = snap(this.info, u, v);
    this.cursor = this.anchor = index;
    const hit = this.marks.findIndex((m) => isSpan(m) && m[0] < span[1] && span[0] < m[1]);
    const last = this.marks[this.last];
    if (extend && isSpan(last)) {
      this.mark([Math.min(last[0], span[0]), Math.max(last[1], span[1])], this.last);
    } else if (hit >= 0) this.clear(hit);
    else this.mark(span);
  }

  /** UTF-16 offset of one end of a DOM range inside the text. */
  offset(range, start) {
    const node = start ? range.startContainer : range.endContainer;
    if (!this.text.contains(node)) return start ? 0 : this.info.text.length;
    const before = document.createRange();
    before.selectNodeContents(this.text);
    before.setEnd(node, start ? range.startOffset : range.endOffset);
    return before.toString().length;
  }

  // ---- keyboard ------------------------------------------------------------
  focus(on) {
    this.focused = on;
    if (on && this.cursor < 0 && this.info.words.length) this.cursor = this.anchor = 0;
    this.root.classList.toggle("rocm-focus", on);
    this.paintCursor();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const rtl = getComputedStyle(this.text).direction === "rtl" ? -1 : 1;
    const end = this.info.words.length - 1;
    const steps = { ArrowRight: rtl, ArrowDown: 1, ArrowLeft: -rtl, ArrowUp: -1 };
    const jumps = { Home: 0, End: end };
    if (event.key in steps) this.go(this.cursor + steps[event.key], event.shiftKey);
    else if (event.key in jumps) this.go(jumps[event.key], event.shiftKey);
    else if (event.key === "Enter" || event.key === " ") this.markCursor();
    else if (event.key === "Backspace" || event.key === "Delete") this.clearNearest();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  go(index, extend) {
    const end = this.info.words.length - 1;
    if (end < 0) return;
    this.cursor = Math.min(Math.max(index, 0), end);
    if (!extend) this.anchor = this.cursor;
    this.paintCursor();
    const at = this.text.querySelector(`[data-w="${this.cursor}"]`);
    at.scrollIntoView({ block: "nearest" });
    this.text.setAttribute("aria-activedescendant", at.id);
  }

  markCursor() {
    if (this.cursor < 0) return;
    const [a, b] = [this.anchor, this.cursor].sort((x, y) => x - y);
    this.mark(snap(this.info, this.info.words[a].u, this.info.words[b].v));
  }

  clearNearest() {
    this.clear(this.marks[this.active] ? this.active : this.last);
  }

  // ---- drawing -------------------------------------------------------------
  render() {
    const top = this.text.scrollTop;
    this.drawSlots();
    this.drawText();
    this.drawLegend();
    this.text.scrollTop = top;
    this.paintCursor();
  }

  drawSlots() {
    this.head.hidden = this.data.readonly;
    if (this.data.readonly) return;
    this.head.replaceChildren(...[0, 1].map((slot) => this.slot(slot)));
  }

  slot(slot) {
    const box = make("span", `rocm-slot rocm-slot${slot + 1}`);
    const mark = this.marks[slot];
    const choose = make("button", "rocm-choose");
    choose.type = "button";
    choose.setAttribute("aria-pressed", String(this.active === slot));
    choose.title = `Set mention ${slot + 1} next`;
    choose.append(make("span", "rocm-number", String(slot + 1)));
    const name = make("bdi", mark ? "rocm-name" : "rocm-name rocm-none");
    name.textContent = isSpan(mark) ? this.wordsOf(mark) : mark ? "a box" : "not marked yet";
    choose.append(name);
    if (this.active === slot) choose.append(make("span", "rocm-now", mark ? "editing" : "next"));
    choose.onclick = () => this.choose(slot);
    box.append(choose);
    if (mark) {
      const clear = make("button", "rocm-clear", "\u00d7");
      clear.type = "button";
      clear.setAttribute("aria-label", `Clear mention ${slot + 1}`);
      clear.onclick = () => this.clear(slot);
      box.append(clear);
    }
    return box;
  }

  drawText() {
    const { text, c2u } = this.info;
    const spans = this.marks.map((m) => (isSpan(m) ? [c2u[m[0]], c2u[m[1]]] : null));
    const heat = this.data.heat.map(([s, e, v]) => [c2u[s], c2u[e], v]);
    const cuts = new Set([0, text.length]);
    for (const { u, v } of this.info.words) cuts.add(u).add(v);
    for (const part of [...spans, ...heat]) if (part) cuts.add(part[0]).add(part[1]);
    const at = Array.from(cuts).sort((a, b) => a - b);
    const pieces = [];
    let word = 0;
    for (let i = 0; i + 1 < at.length; i += 1) {
      const [u, v] = [at[i], at[i + 1]];
      while (word < this.info.words.length && this.info.words[word].v <= u) word += 1;
      const inside = word < this.info.words.length && this.info.words[word].u <= u;
      pieces.push(this.piece(u, v, inside ? word : -1, spans, heat));
    }
    this.text.replaceChildren(...pieces);
  }

  piece(u, v, word, spans, heat) {
    const element = make("span", "rocm-piece", this.info.text.slice(u, v));
    if (word >= 0) {
      element.dataset.w = word;
      element.id = `${this.root.dataset.name}-${word}-${u}`;
      if (!this.data.readonly) element.setAttribute("role", "option");
    }
    spans.forEach((span, slot) => {
      if (!span || u < span[0] || v > span[1]) return;
      element.classList.add(`rocm-m${slot + 1}`);
      element.setAttribute("aria-selected", "true");
      if (u === span[0]) element.classList.add(`rocm-b${slot + 1}`);
      if (v === span[1]) element.classList.add(`rocm-e${slot + 1}`);
    });
    const share = heat.find((part) => part[0] <= u && v <= part[1]);
    if (share) {
      element.style.backgroundColor = this.colour(share[2]);
      element.title = `${share[2] >= 0 ? "+" : "\u2212"}${Math.abs(share[2]).toFixed(3)}`;
    }
    return element;
  }

  colour(share) {
    const most = this.data.most || 1;
    const strength = Math.min(Math.abs(share) / most, 1);
    return `color-mix(in srgb, var(--rocm-${share >= 0 ? "for" : "against"}) ${Math.round(
      strength * 100,
    )}%, transparent)`;
  }

  drawLegend() {
    this.legend.hidden = !this.data.heat.length;
    if (this.legend.hidden) return;
    const most = (this.data.most || 0).toFixed(2);
    this.legend.replaceChildren(
      make("span", "", `speaks against \u2212${most}`),
      make("span", "rocm-scale"),
      make("span", "", `+${most} speaks for`),
    );
  }

  paintCursor() {
    const [a, b] = [this.anchor, this.cursor].sort((x, y) => x - y);
    for (const element of this.text.querySelectorAll("[data-w]")) {
      const w = Number(element.dataset.w);
      element.classList.toggle("rocm-cursor", this.focused && w >= a && w <= b);
    }
  }
}

/** Another kind of marker, in a file that is appended to this one, puts its own class here. */
let newView = (root) => new View(root);

/** Whether the theme's page colour is dark, from the theme variable the host sets. */
function isDark(root) {
  const probe = getComputedStyle(root).getPropertyValue("--st-background-color").trim();
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(probe);
  if (!hex) return false;
  return hex.slice(1).reduce((sum, part) => sum + parseInt(part, 16), 0) < 384;
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".rocm");
  let view = views.get(root);
  if (!view) {
    view = newView(root);
    views.set(root, view);
  }
  root.dataset.name = data.name;
  root.classList.toggle("rocm-dark", isDark(root));
  root.classList.toggle("rocm-read", data.readonly);
  view.update(data, (value) => setStateValue("marks", value));
  return () => {
    clearInterval(view.timer);
    document.removeEventListener("mouseup", view.finish);
  };
}
