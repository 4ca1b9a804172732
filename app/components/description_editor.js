// Edits the descriptions of a relation, grouped by facet, and reports them as they are typed: once
// the keys have rested for a moment, and at once when a field is left. User text is only ever set
// with textContent and value.
const views = new WeakMap();

function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

/** Line breaks are no part of a description. */
const oneLine = (text) => text.replace(/[\r\n\u2028\u2029]+/g, " ");
const length = (text) => Array.from(text).length;

class Editor {
  constructor(root) {
    Object.assign(this, { root, token: null, seq: 0, rows: [], timer: 0 });
    this.live = make("div", "rocd-live");
    this.live.setAttribute("aria-live", "polite");
  }

  update(data, emit) {
    Object.assign(this, { data, emit });
    if (data.token !== this.token) {
      this.token = data.token;
      this.seq = data.seq;
      this.rows = [];
      this.draw();
    }
    for (const section of this.sections) this.paintSection(section);
    for (const row of this.rows) this.paint(row);
  }

  // ---- reports -------------------------------------------------------------
  later() {
    clearTimeout(this.timer);
    this.waits = true;
    this.timer = setTimeout(() => this.send(), this.data.wait);
  }

  now() {
    if (this.waits) this.send();
  }

  send() {
    clearTimeout(this.timer);
    this.waits = false;
    this.seq = Math.max(this.seq + 1, Date.now());
    const rows = this.ordered().map((row) => [row.facet, row.area.value]);
    this.emit({ token: this.token, seq: this.seq, rows });
  }

  ordered() {
    return this.sections.flatMap((s) => this.rows.filter((row) => row.facet === s.facet.id));
  }

  // ---- drawing -------------------------------------------------------------
  draw() {
    this.sections = this.data.facets.map((facet) => this.section(facet));
    this.root.replaceChildren(...this.sections.map((s) => s.element), this.live);
    for (const [facet, text] of this.data.rows) this.add(facet, text);
  }

  section(facet) {
    const element = make("section", "rocd-facet");
    const head = make("div", "rocd-head");
    const body = make("div", "rocd-body");
    const more = make("button", "rocd-more", "+ Add");
    more.type = "button";
    more.setAttribute("aria-label", `Add a description: ${facet.name}`);
    more.onclick = () => {
      const row = this.add(facet.id, "");
      this.update(this.data, this.emit);
      row.area.focus();
    };
    head.append(make("h4", "", facet.name), make("span", "rocd-hint", facet.hint), more);
    element.append(head, body);
    return { facet, element, body, more };
  }

  add(facet, text) {
    const section = this.sections.find((s) => s.facet.id === facet);
    const element = make("div", "rocd-row");
    const area = make("textarea", "");
    area.rows = 1;
    area.dir = "auto";
    area.spellcheck = true;
    area.value = text;
    const note = make("div", "rocd-note");
    const drop = make("button", "rocd-drop", "\u00d7");
    drop.type = "button";
    const row = { facet, element, area, note, drop, section };
    area.oninput = () => {
      if (oneLine(area.value) !== area.value) area.value = oneLine(area.value);
      this.paint(row);
      this.later();
    };
    area.onkeydown = (event) => {
      event.stopPropagation(); // single keys are shortcuts of the page
      if (event.key === "Enter") {
        event.preventDefault();
        this.waits = true;
        this.now();
      }
    };
    area.onblur = () => this.now();
    drop.onclick = () => this.remove(row);
    element.append(area, drop, note);
    section.body.append(element);
    this.rows.push(row);
    this.paint(row);
    return row;
  }

  remove(row) {
    const had = row.area.value;
    this.rows.splice(this.rows.indexOf(row), 1);
    row.element.remove();
    this.live.textContent = "Description removed.";
    row.section.more.focus();
    if (had.trim()) this.send();
    this.update(this.data, this.emit);
  }

  paintSection(section) {
    const own = this.rows.filter((row) => row.facet === section.facet.id);
    const closed = this.data.readonly || (section.facet.id === "backward" && this.data.symmetric);
    section.more.hidden = closed;
    section.element.hidden = closed && !own.length;
    own.forEach((row, n) => {
      row.area.setAttribute("aria-label", `${section.facet.name} ${n + 1}`);
      row.drop.setAttribute("aria-label", `Remove ${section.facet.name} ${n + 1}`);
    });
  }

  paint(row) {
    const { area, note } = row;
    const text = area.value.trim();
    const base = this.data.base[row.facet] || [];
    row.element.classList.toggle("rocd-changed", text !== "" && !base.includes(text));
    const known = this.seq === this.data.seq || !this.waits;
    const [, , found] = known
      ? this.data.problems.find(([f, t]) => f === row.facet && t === text) || []
      : [];
    const many = length(text);
    const close = many > this.data.longest * 0.8 ? `${many} of ${this.data.longest} characters` : "";
    note.textContent = found || close;
    note.classList.toggle("rocd-problem", Boolean(found));
    area.setAttribute("aria-invalid", String(Boolean(found)));
    area.readOnly = this.data.readonly;
    row.drop.hidden = this.data.readonly;
    this.fit(area);
  }

  /** As high as its text. */
  fit(area) {
    area.style.height = "auto";
    if (area.scrollHeight) area.style.height = `${area.scrollHeight + 2}px`;
  }
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".rocd");
  let view = views.get(root);
  if (!view) {
    view = new Editor(root);
    views.set(root, view);
    // Texts wrap anew when the column's width changes.
    view.resized = new ResizeObserver(([entry]) => {
      if (entry.contentRect.width === view.width) return;
      view.width = entry.contentRect.width;
      for (const row of view.rows) view.fit(row.area);
    });
    view.resized.observe(root);
  }
  view.update(data, (value) => setStateValue("written", value));
  return () => {
    view.now();
    view.resized.disconnect();
  };
}
