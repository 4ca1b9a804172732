// Guidelines beside the item, and what opens over it: search, a text to write, look-alikes, keys.
const ASKED = {
  flag: ["Why is this item flagged?", "A reason"],
  comment: ["A comment on this item", "Comment"],
  "wrong-description": ["", "What is wrong with it?"],
};
const HELP_ROWS = [
  ["1 to 9", "accept the suggestion with that number, and go on"],
  ["Enter", "accept the suggestion at hand; \u2191 and \u2193 choose it"],
  ["0", "none of these"],
  ["/", "any other relation: type to search, \u2191 \u2193, Enter"],
  ["S", "skip the item"],
  ["\u2192", "later: go on and keep the item among your drafts"],
  ["\u2190 or Backspace", "back to the item before"],
  ["Ctrl+Z", "undo your own last step, on whatever item, also after a restart"],
  ["Ctrl+Shift+Z or Ctrl+Y", "do again what you undid last"],
  ["D", "swap the direction of the suggestions"],
  ["M", "mark the mentions again; the pair becomes a new item"],
  ["F, Shift+F", "flag with a reason; close the flags"],
  ["C", "comment"],
  ["W", "a description of the relation at hand is wrong (the label may be right)"],
  ["H", "hide or show the suggestions"],
  ["L", "look-alikes of your last correction"],
  ["O", "open the item on the Analyze page"],
  ["Esc", "close what is open"],
];

class AnnotateDialogs extends AnnotateView {
  // ---- guidelines -----------------------------------------------------------
  drawGuide() {
    const relation = this.relationAtHand();
    const guide = relation && this.guides?.relations[relation];
    if (!guide || !this.content || this.content.gone) return this.fill("guide");
    const direction = this.labelAtHand()?.[1];
    const names = direction === "backward" ? this.content.names.slice().reverse() : this.content.names;
    const of = (...kinds) => guide.descriptions
      .filter(([facet]) => kinds.includes(facet))
      .map(([, words, text]) => this.description(words, text, names));
    const cues = of("forward", "backward", "wording", "picture");
    this.fill(
      "guide",
      put("div", "roca-title", `Guidelines: ${guide.name}`),
      put("div", "roca-meta", `${guide.types.join(" \u2192 ")} \u00b7 ${guide.phrase}`),
      ...of("definition"),
      ...of("contrast"),
      ...this.pairs("Examples", guide.examples),
      ...this.pairs("Counter-examples", guide.counter),
      cues.length ? put("div", "roca-title", "Cues") : null,
      ...cues,
      this.button("roca-tool", () => this.act("wrong"), "A description is wrong", keyCap("W")),
    );
    this.parts.guide.scrollTop = 0;
  }

  description(words, text, names) {
    const facet = put("span", "roca-facet", words);
    return put("div", "roca-text", facet, " ", put("bdi", "", rendered(text, names)));
  }

  pairs(title, pairs) {
    const others = (pairs ?? []).filter(({ id }) => id !== this.current).slice(0, 3);
    if (!others.length) return [];
    const rows = others.map((pair) => put(
      "div", "roca-pair",
      put("bdi", "", pair.text),
      put("div", "roca-meta", this.labelWords(pair.label, pair.names), pair.picture ? " (with a picture)" : ""),
    ));
    return [put("div", "roca-title", title), ...rows];
  }

  // ---- what opens over the item ----------------------------------------------
  open(kind, ...children) {
    this.from = document.activeElement;
    this.dialog = kind;
    const panel = put("div", `roca-panel roca-panel-${kind}`, ...children);
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-modal", "true");
    panel.setAttribute("aria-label", kind);
    panel.onkeydown = (event) => this.dialogKey(event);
    this.fill("dialog", panel);
    this.parts.dialog.classList.add("roca-open");
    panel.tabIndex = -1;
    (panel.querySelector("input") ?? panel).focus({ preventScroll: true });
    panel.scrollIntoView({ block: "nearest" });
    this.drawTools();
  }

  closeDialog() {
    this.dialog = null;
    this.found = null;
    this.parts.dialog.classList.remove("roca-open");
    this.fill("dialog");
    this.root.focus({ preventScroll: true });
    this.drawTools();
    this.drawGuide();
  }

  dialogKey(event) {
    event.stopPropagation();
    if (event.key === "Escape") this.closeDialog();
    else if (this.dialog === "search") this.searchKey(event);
    else if (this.dialog === "look-alikes") this.alikeKey(event);
  }

  ask(action, relation = "") {
    let [title, hint] = ASKED[action];
    if (relation) title = `What is wrong with the description of "${this.relationName(relation)}"?`;
    const field = put("input", "roca-field");
    Object.assign(field, { type: "text", placeholder: hint, maxLength: 5000 });
    field.setAttribute("aria-label", title);
    const form = put("form", "", put("div", "roca-title", title), field, put(
      "div", "roca-meta",
      relation ? "This is kept apart from the item's label, which you can still give. " : "",
      keyCap("Enter"), " saves, ", keyCap("Esc"), " closes",
    ));
    form.onsubmit = (event) => {
      event.preventDefault();
      const text = field.value.trim();
      if (!text) return this.say("Write it down first, or close with Esc.");
      this.closeDialog();
      this.remark(action, text, relation);
    };
    this.open(action, form);
  }

  help() {
    const rows = HELP_ROWS.map(([key, words]) => put("tr", "", put("td", "", keyCap(key)), put("td", "", words)));
    this.open(
      "help",
      put("div", "roca-title", "Keys"),
      put("table", "", put("tbody", "", ...rows)),
      put("div", "roca-meta", "Keys do nothing while you type in a field."),
      this.button("roca-tool", () => this.closeDialog(), "Close", keyCap("Esc")),
    );
  }

  // ---- search -----------------------------------------------------------------
  search() {
    const field = put("input", "roca-field");
    Object.assign(field, { type: "text", placeholder: "Type a relation", autocomplete: "off" });
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-label", "Any other relation");
    field.oninput = () => this.drawFound(field.value, 0);
    this.rows = put("div", "roca-found");
    this.rows.setAttribute("role", "listbox");
    this.open("search", put("div", "roca-title", "Any other relation"), field, this.rows);
    this.drawFound("", 0);
  }

  drawFound(text, at) {
    const wanted = text.toLowerCase().split(/\s+/u).filter(Boolean);
    const found = this.labels().filter(({ words }) => wanted.every((word) => words.includes(word)));
    const starts = ({ words }) => Number(wanted.length > 0 && !words.startsWith(wanted[0]));
    found.sort((a, b) => starts(a) - starts(b));
    this.found = { list: found, at: Math.min(Math.max(at, 0), Math.max(found.length - 1, 0)), text };
    this.rows.replaceChildren(...found.map(({ label }, n) => {
      const row = this.button("roca-option", () => this.chooseFound(n), this.labelWords(label, this.content.names));
      row.tabIndex = -1;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", String(n === this.found.at));
      return row;
    }));
    if (!found.length) this.rows.append(put("div", "roca-meta", "No relation has these words."));
    this.rows.children[this.found.at]?.scrollIntoView({ block: "nearest" });
    this.drawGuide();
  }

  searchKey(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    if (event.key in steps) this.drawFound(this.found.text, this.found.at + steps[event.key]);
    else if (event.key === "Enter" && !event.isComposing && !event.repeat) this.chooseFound(this.found.at);
    else return;
    event.preventDefault();
  }

  chooseFound(n) {
    const chosen = this.found?.list[n];
    if (!chosen) return;
    this.closeDialog();
    this.label(chosen.label);
  }

  /** Every label there is: each relation in each direction. */
  labels() {
    const out = [];
    for (const [id, guide] of Object.entries(this.guides?.relations ?? {})) {
      const words = `${guide.name} ${guide.phrase} ${id}`.toLowerCase();
      for (const direction of guide.directions) out.push({ label: [id, direction], words });
    }
    out.push({ label: [NONE_NAME, "both"], words: "none of these" });
    return out;
  }

  // ---- look-alikes --------------------------------------------------------------
  lookAlikes() {
    const rows = this.alike.entries.map((entry, n) => this.alikeRow(entry, n));
    const words = put("span", "");
    const save = this.button("roca-tool roca-main", () => this.saveAlike(), words, keyCap("Enter"));
    this.counted = () => {
      const many = this.checked().length;
      words.textContent = many === 1 ? "Save 1 label" : `Save ${many} labels`;
      save.disabled = !many;
    };
    this.open(
      "look-alikes",
      put("div", "roca-title", "The same wrong answer as the one you corrected"),
      put("div", "roca-meta", keyCap("\u2191 \u2193"), " move, ", keyCap("Space"), " checks, ",
        keyCap("A"), " checks all. Each becomes a row of its own, and can be undone by itself."),
      put("div", "roca-found", ...rows),
      put("div", "roca-row", save,
        this.button("roca-tool", () => this.dropAlike(), "None of them", keyCap("N"))),
    );
    this.counted();
  }

  alikeRow(entry, n) {
    const box = put("input", "");
    Object.assign(box, { type: "checkbox", id: `roca-alike-${n}` });
    box.onchange = () => this.counted();
    const words = put(
      "label", "roca-said",
      put("bdi", "", entry.text),
      put("span", "roca-why", "answered ", this.labelWords(entry.predicted, entry.names), " \u00b7 would become ",
        this.labelWords(entry.label, entry.names),
        entry.present && !this.blind ? put("span", "", " \u00b7 label now ", this.labelWords(entry.present, entry.names)) : null),
    );
    words.htmlFor = box.id;
    return put("div", "roca-option roca-alikerow", box, words, put("span", "roca-score", entry.similarity.toFixed(2)));
  }

  checks() {
    return Array.from(this.parts.dialog.querySelectorAll("input[type=checkbox]"));
  }

  checked() {
    return this.checks().flatMap((box, n) => (box.checked ? [this.alike.entries[n]] : []));
  }

  alikeKey(event) {
    const boxes = this.checks();
    const at = boxes.indexOf(document.activeElement);
    const key = event.key.toLowerCase();
    if (key === "arrowdown") boxes[Math.min(at + 1, boxes.length - 1)].focus();
    else if (key === "arrowup") boxes[Math.max(at - 1, 0)].focus();
    else if (key === "a") {
      const on = boxes.some((box) => !box.checked);
      for (const box of boxes) box.checked = on;
      this.counted();
    } else if (key === "n") this.dropAlike();
    else if (key === "enter" && at >= 0 && !event.repeat) this.saveAlike();
    else return;
    event.preventDefault();
  }

  saveAlike() {
    const chosen = this.checked();
    if (!chosen.length) return this.say("Check some first.");
    for (const { item, label, predicted, version } of chosen) {
      this.finish(item, {
        action: "label", item, label, predicted, version, offered: [predicted], shown: true, batch: true,
      });
    }
    this.dropAlike();
    const next = this.gone.has(this.current) ? this.next(this.current) : this.current;
    if (next !== this.current) this.go(next);
    else this.draw();
  }

  dropAlike() {
    this.alike = null;
    this.closeDialog();
    this.drawList();
  }
}

/** A description with both arguments named. */
function rendered(text, [head, tail]) {
  return text.split("{head}").join(head).split("{tail}").join(tail);
}
