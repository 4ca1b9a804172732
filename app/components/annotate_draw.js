// Draws the Annotate page's browser part. User text is only ever set with textContent.
const NONE_NAME = "None";
const TOOLS = [
  ["back", "\u2190", "Back"],
  ["undo", "Ctrl+Z", "Undo"],
  ["redo", "Ctrl+Shift+Z", "Redo"],
  ["none", "0", "None of these"],
  ["search", "/", "Other relation"],
  ["skip", "S", "Skip"],
  ["later", "\u2192", "Later"],
  ["swap", "D", "Swap direction"],
  ["remark", "M", "Mark again"],
  ["flag", "F", "Flag"],
  ["comment", "C", "Comment"],
  ["wrong", "W", "Description is wrong"],
  ["blind", "H", "Hide suggestions"],
  ["help", "?", "Keys"],
];

/** An element with children; texts become text, empty ones are left out. */
function put(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

function keyCap(text) {
  return put("kbd", "roca-key", text);
}

const sameLabel = (a, b) => Boolean(a && b && a[0] === b[0] && a[1] === b[1]);

class AnnotateView {
  constructor(root) {
    this.root = root;
    this.parts = {};
    const names = ["alert", "head", "tools", "item", "list", "guide", "dialog", "live"];
    for (const name of names) this.parts[name] = root.querySelector(`.roca-${name}`);
    this.parts.live.setAttribute("aria-live", "polite");
    this.parts.alert.setAttribute("role", "alert");
    this.stamps = [];
  }

  fill(part, ...children) {
    this.parts[part].replaceChildren(...children.filter(Boolean));
  }

  say(message) {
    this.parts.live.textContent = message;
    this.note = message;
    this.drawState();
  }

  button(className, action, ...children) {
    const made = put("button", className, ...children);
    made.type = "button";
    // The second click of a double click would fall on the next item.
    made.onclick = (event) => event.detail < 2 && action();
    return made;
  }

  // ---- words ----------------------------------------------------------------
  relationName(id) {
    if (id === NONE_NAME) return "none of these";
    return this.guides?.relations[id]?.name ?? id;
  }

  labelWords(label, names) {
    if (!label) return put("span", "", "no label");
    const [relation, direction] = label;
    if (relation === NONE_NAME) return put("span", "", "none of these");
    const ends = names.map((name, n) => put("bdi", `roca-end${n + 1}`, shortened(name)));
    if (direction === "backward") ends.reverse();
    const arrow = direction === "both" ? " \u2194 " : " \u2192 ";
    const middle = put("span", "roca-name", this.relationName(relation));
    return put("span", "roca-words", ends[0], arrow, middle, arrow, ends[1]);
  }

  // ---- everything -------------------------------------------------------------
  draw() {
    const { current, content } = this;
    this.root.dataset.at = current;
    this.root.dataset.ready = content?.ready ? "1" : "0";
    this.drawHead();
    this.drawTools();
    this.drawItem();
    this.drawList();
    this.drawGuide();
    this.drawAlert();
  }

  drawHead() {
    const { total } = this.data;
    const done = Math.min(this.finishedNow(), total);
    const bar = put("div", "roca-progress", put("i", ""));
    bar.firstChild.style.width = `${total ? (100 * done) / total : 0}%`;
    bar.setAttribute("role", "progressbar");
    bar.setAttribute("aria-valuenow", String(done));
    bar.setAttribute("aria-valuemax", String(total));
    bar.setAttribute("aria-label", "Items finished");
    const words = [`${done.toLocaleString("en")} of ${total.toLocaleString("en")} done`];
    words.push(...this.pace(total - done));
    this.fill("head", put("span", "roca-count", words.join(" \u00b7 ")), this.stateLine(), bar);
  }

  /** Items a minute while working, and the time left; pauses of over two minutes do not count. */
  pace(left) {
    const times = this.stamps.slice(-60);
    let spent = 0;
    for (let n = 1; n < times.length; n += 1) spent += Math.min(times[n] - times[n - 1], 120_000);
    if (times.length < 4 || !spent) return [];
    const rate = ((times.length - 1) * 60_000) / spent;
    const minutes = left / rate;
    const said = minutes < 60 ? `${Math.max(1, Math.round(minutes))} min` : hours(minutes);
    return [`${rate < 10 ? rate.toFixed(1) : Math.round(rate)} a minute`, `about ${said} left`];
  }

  stateLine() {
    const line = put("span", "roca-saved");
    line.setAttribute("role", "status");
    const { outbox, problem, silent, last } = this.talk;
    const steps = outbox.length === 1 ? "1 step" : `${outbox.length} steps`;
    if (problem || (silent && outbox.length)) {
      line.classList.add("roca-bad");
      line.append(`Not saved: ${steps}. Kept here, being tried again`);
    } else if (outbox.length) line.append(`Saving ${steps}\u2026`);
    else if (this.note) line.append(this.note);
    else if (last) line.append(`Saved${last.outcome.clock ? ` ${last.outcome.clock}` : ""}`);
    else line.append("Nothing to save yet");
    line.dataset.unsaved = String(outbox.length);
    return line;
  }

  drawState() {
    if (this.data) {
      this.drawHead();
      this.drawAlert();
    }
  }

  drawTools() {
    const on = { blind: this.blind, swap: this.turned, remark: Boolean(this.again) };
    const buttons = TOOLS.map(([action, key, words]) => {
      const made = this.button("roca-tool", () => this.act(action), words, keyCap(key));
      if (action in on) made.setAttribute("aria-pressed", String(on[action]));
      made.disabled = !this.can(action);
      return made;
    });
    this.fill("tools", ...buttons);
  }

  drawAlert() {
    const { problem, silent, outbox, refused } = this.talk;
    const boxes = refused.map((one, n) => this.refusal(one, n));
    if (problem || (silent && outbox.length)) boxes.unshift(this.unsaved());
    this.fill("alert", ...boxes);
  }

  unsaved() {
    const { problem, outbox } = this.talk;
    const why = problem
      ? `Expected ${problem.error[0]}. Found ${problem.error[1]}. ${problem.error[2]}`
      : "The server does not answer.";
    const rows = outbox.slice(0, 5).map((step) => put("li", "", this.stepWords(step)));
    if (outbox.length > 5) rows.push(put("li", "", `and ${outbox.length - 5} more`));
    return put(
      "div", "roca-box roca-box-bad",
      put("b", "", "Not saved yet. Nothing is lost: it is kept in this browser and tried again."),
      put("div", "", why), put("ul", "", ...rows),
      this.button("roca-tool", () => this.talk.send(), "Try now"),
    );
  }

  refusal({ step, error }, n) {
    const dismiss = () => {
      this.talk.refused.splice(n, 1);
      this.drawAlert();
    };
    return put(
      "div", "roca-box roca-box-bad",
      put("b", "", "This was not accepted: ", this.stepWords(step)),
      put("div", "", `Expected ${error[0]}. Found ${error[1]}. ${error[2]}`),
      step.item ? this.button("roca-tool", () => this.go(step.item), "Go to the item") : null,
      this.button("roca-tool", dismiss, "Dismiss"),
    );
  }

  stepWords(step) {
    const names = this.items.get(step.item)?.names ?? ["first", "second"];
    const said = step.text ? `: ${shortened(step.text, 80)}` : "";
    if (step.action === "label") return this.labelWords(step.label, names);
    return put("span", "", `${STEP_NAMES[step.action] ?? step.action}${said}`);
  }

  // ---- the item ---------------------------------------------------------------
  drawItem() {
    if (this.again) return; // being marked again: its marker keeps itself up to date
    const { content } = this;
    if (!content) return this.fill("item", this.noItem());
    if (content.gone) return this.fill("item", put("div", "roca-box", content.gone));
    const marker = this.marker(content, true);
    this.fill("item", this.picture(content), marker, ...this.about(content));
  }

  noItem() {
    if (this.current || this.expecting()) return put("div", "roca-box", "Fetching the next item\u2026");
    return put(
      "div", "roca-box",
      put("b", "", "This queue is finished. "),
      "Choose another one above, or go back with \u2190 to look at what you did.",
    );
  }

  marker(content, readonly) {
    const box = put("div", "roca-marker");
    box.append(this.root.querySelector("template").content.cloneNode(true));
    const root = box.querySelector(".rocm");
    root.dataset.name = "annotate";
    root.classList.toggle("rocm-dark", isDark(this.root));
    root.classList.toggle("rocm-read", readonly);
    const view = new View(root);
    const marks = content.places.map((place) => (Array.isArray(place) ? place : "box"));
    view.update(
      {
        sentence: content.sentence, marks, active: 0, token: content.id, session: "", seq: 0,
        readonly, heat: [], most: 0, label: "Sentence",
      },
      (report) => this.again?.changed(report),
    );
    box.view = view;
    return box;
  }

  picture(content) {
    if (!content.picture) return null;
    const image = put("img", "");
    image.src = content.picture;
    image.alt = content.picture_text || "The item's picture";
    image.draggable = false;
    const frame = put("div", "roca-picture", image);
    content.places.forEach((place, slot) => {
      if (!Array.isArray(place)) frame.append(boxMark(place.box, content.size, slot));
    });
    return frame;
  }

  about(content) {
    const read = content.types.map((type, n) => type || (!this.blind && content.read[n]) || "?");
    const lines = [
      put("div", "roca-meta", `Types: 1 ${read[0]}, 2 ${read[1]} \u00b7 from ${content.source}`),
    ];
    if (content.picture_text) {
      lines.push(put("div", "roca-meta", "Picture text: ", put("bdi", "", content.picture_text)));
    }
    const label = this.standing(content);
    if (label) lines.unshift(label);
    for (const flag of content.flags) {
      lines.push(put("div", "roca-flag", "Flagged: ", put("bdi", "", flag)));
    }
    if (content.flags.length) {
      const close = this.button("roca-tool", () => this.act("unflag"), "Close the flags", keyCap("Shift+F"));
      lines.push(close);
    }
    for (const [action, who, when, text, relation] of content.remarks) {
      if (action === "flag") continue;
      const about = relation ? ` on ${this.relationName(relation)}` : "";
      lines.push(put("div", "roca-meta", `${when} ${who}${about}: `, put("bdi", "", text)));
    }
    return lines;
  }

  standing(content) {
    const parts = [];
    const words = (label) => this.labelWords(label, content.names);
    if (content.own) parts.push("Your label: ", words(content.own));
    else if (content.skipped) parts.push("You skipped this item");
    else if (content.label && !this.blind) {
      parts.push(content.by ? `Label by ${content.by}: ` : "Label in the data set: ", words(content.label));
    }
    if (content.others.length) {
      if (parts.length) parts.push(" \u00b7 ");
      parts.push(`also labelled by ${content.others.join(", ")}`);
    }
    if (content.disputed) parts.push(" \u00b7 labels differ");
    return parts.length ? put("div", "roca-standing", ...parts) : null;
  }

  // ---- suggestions --------------------------------------------------------------
  drawList() {
    const { content } = this;
    const rows = [];
    if (this.alike && !this.blind) rows.push(this.alikeNotice());
    if (!content || content.gone) return this.fill("list", ...rows);
    if (this.blind) rows.push(this.hiddenNotice());
    else if (!content.ready) rows.push(put("div", "roca-box", "Finding relations\u2026"));
    else if (content.problem) rows.push(put("div", "roca-box roca-box-bad", `No suggestions: ${content.problem}`));
    else rows.push(...this.suggestionRows(content));
    this.fill("list", ...rows);
  }

  hiddenNotice() {
    return put(
      "div", "roca-box",
      "Suggestions are hidden, which is recorded with what you save. Press ", keyCap("/"),
      " to choose a relation, ", keyCap("0"), " for none, ", keyCap("H"), " to show them.",
    );
  }

  suggestionRows(content) {
    const rows = [];
    this.looked.add(this.current);
    const offered = this.offered();
    const passing = content.ranked.filter((entry) => entry.passes).length;
    offered.forEach((label, n) => {
      if (n === passing) rows.push(put("div", "roca-line", "None of these"));
      rows.push(this.suggestion(content, label, n));
    });
    if (passing >= offered.length) rows.push(put("div", "roca-line", "None of these"));
    if (content.votes) {
      const many = content.votes === 1 ? "1 correction of a near pair" : `${content.votes} corrections of near pairs`;
      rows.push(put(
        "div", "roca-meta", `${many} voted on this order (+ and \u2212 beside the scores). `,
        keyCap("O"), " opens the item on Analyze, which names them and can switch them off.",
      ));
    }
    for (const note of content.notes) rows.push(put("div", "roca-meta", note));
    return rows;
  }

  suggestion(content, label, n) {
    const entry = content.ranked[n];
    const made = this.button(
      "roca-suggestion", () => this.accept(n),
      keyCap(String(n + 1)),
      put(
        "span", "roca-said",
        this.labelWords(label, content.names),
        put("span", "roca-why", put("bdi", "", entry.why)),
      ),
      put("span", "roca-score", entry.score.toFixed(2), this.voted(entry)),
    );
    made.dataset.relation = label[0];
    made.classList.toggle("roca-passes", entry.passes);
    made.classList.toggle("roca-hand", n === this.hand);
    made.classList.toggle("roca-mine", sameLabel(content.own, label));
    return made;
  }

  /** What remembered corrections add to a relation's margin, where they do. */
  voted({ memory }) {
    if (!memory) return null;
    const made = put("span", "roca-memory", `${memory > 0 ? "+" : "\u2212"}${Math.abs(memory).toFixed(2)}`);
    made.title = "What corrections of near pairs add to it";
    return made;
  }

  alikeNotice() {
    const many = this.alike.entries.length;
    const said = many === 1 ? "1 look-alike has" : `${many} look-alikes have`;
    return this.button(
      "roca-box roca-alike", () => this.act("alike"),
      `${said} the same wrong answer as your last correction: check them `, keyCap("L"),
    );
  }
}

const STEP_NAMES = {
  skip: "skip", flag: "flag", unflag: "close flags", comment: "comment", undo: "undo", redo: "redo",
  "wrong-description": "a description is wrong", "mark-again": "marked again", later: "later",
};

function shortened(text, length = 44) {
  const line = Array.from(text.split(/\s+/u).join(" "));
  return line.length <= length ? line.join("") : `${line.slice(0, length - 1).join("").trimEnd()}\u2026`;
}

function hours(minutes) {
  return `${Math.floor(minutes / 60)} h ${Math.round(minutes % 60)} min`;
}

/** A mention's box over the picture, in per cent of its size. */
function boxMark([left, top, right, bottom], [width, height], slot) {
  const mark = put("div", `roca-boxmark roca-boxmark${slot + 1}`, put("b", "", String(slot + 1)));
  mark.style.left = `${(100 * left) / width}%`;
  mark.style.top = `${(100 * top) / height}%`;
  mark.style.width = `${(100 * (right - left)) / width}%`;
  mark.style.height = `${(100 * (bottom - top)) / height}%`;
  return mark;
}
