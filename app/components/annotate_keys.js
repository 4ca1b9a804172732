// What each key does, and how the page moves from item to item: at once, while steps are being
// saved.
const HELD = 60; // items
const TRAIL = 500; // items one can go back through

class AnnotateDesk extends AnnotateDialogs {
  constructor(root) {
    super(root);
    this.talk = new Talk(this);
    this.items = new Map();
    Object.assign(this, { data: null, queue: "", current: "", ahead: [], before: [], trail: [], forth: [] });
    Object.assign(this, { gone: new Set(), hand: 0, turned: false, dialog: null, again: null });
    Object.assign(this, { guides: null, alike: null, alikeOf: "", found: null, note: "" });
    this.blind = stored("localStorage", (s) => s.getItem("roc-blind")) === "1";
    this.looked = new Set(); // items whose suggestions were on screen, hidden since or not
    this.listener = (event) => this.key(event);
    window.addEventListener("keydown", this.listener, true);
  }

  get content() {
    return this.items.get(this.current);
  }

  // ---- what the server says -----------------------------------------------------
  update(data, emit) {
    const first = !this.data;
    this.data = data;
    this.emit = emit;
    const opened = data.queue !== this.queue;
    if (opened) this.openQueue(data);
    for (const item of data.items) this.take(item);
    if (data.guides) this.guides = data.guides;
    if (data.alike && data.alike.of !== this.alikeOf) this.takeAlike(data.alike);
    this.talk.receive(data);
    // A report that was made before the last step knows nothing of what came after it.
    if (opened || this.talk.round >= this.talk.seq) {
      this.ahead = data.ahead;
      this.before = data.before;
    }
    if (first) this.talk.adopt();
    if (!this.current && !this.talk.waiting()) this.go(this.next(""), false);
    this.draw();
    if (opened) this.root.focus({ preventScroll: true });
  }

  openQueue(data) {
    Object.assign(this, { queue: data.queue, current: data.at, trail: [], forth: [], hand: 0, turned: false });
    this.gone.clear();
    this.stopMarking();
  }

  /** An item; its suggestions stay as they are while it is on screen: numbers must not move. */
  take(item) {
    const known = this.items.get(item.id);
    const keep = item.id === this.current && known?.ready && known.ranked.length && !item.gone;
    const { ready, problem, ranked, predicted, version, notes, votes, read } = known ?? {};
    const suggestions = { ready, problem, ranked, predicted, version, notes, votes, read };
    this.items.delete(item.id);
    this.items.set(item.id, keep ? { ...item, ...suggestions } : item);
    for (const id of this.items.keys()) {
      if (this.items.size <= HELD) break;
      if (id !== this.current) this.items.delete(id);
    }
  }

  takeAlike(alike) {
    this.alikeOf = alike.of;
    const entries = alike.entries.filter((entry) => !this.gone.has(entry.item));
    this.alike = entries.length ? { entries } : null;
    if (alike.problem.length) this.say(`Look-alikes cannot be read: ${alike.problem.join(". ")}`);
  }

  holds() {
    const have = {};
    for (const [id, item] of this.items) have[id] = item.v;
    const lacking = [this.current, ...this.ahead.slice(0, 4), ...this.trail.slice(-1)];
    const wants = lacking.filter((id) => id && !this.items.has(id));
    return {
      queue: this.queue, at: this.current ?? "", have, wants,
      guides: this.guides?.name ?? "", alike: this.alikeOf,
    };
  }

  /** What became of a step. */
  settled(step, outcome) {
    if (outcome.state === "refused") return this.gone.delete(step.item);
    if (outcome.nothing) return this.say(`Nothing to ${step.action}.`);
    if (step.action === "undo") this.gone.delete(outcome.item);
    if (step.action === "undo") this.note = "Undone";
    if (step.action === "redo") this.note = "Done again";
    if (outcome.goto) this.go(outcome.goto, step.action === "mark-again");
    return null;
  }

  finishedNow() {
    const unsaved = new Set(
      this.talk.outbox.filter((s) => ["label", "skip"].includes(s.action)).map((s) => s.item),
    );
    return this.data.done + unsaved.size;
  }

  /** Whether the item on screen has not come yet. */
  lacks() {
    return Boolean(this.current && !this.content);
  }

  expecting() {
    return this.talk.seq > this.talk.round || this.data.pending;
  }

  // ---- from item to item ----------------------------------------------------------
  next(id) {
    const place = this.ahead.indexOf(id);
    const order = [...this.ahead.slice(place + 1), ...this.ahead.slice(0, place + 1)];
    return order.find((other) => other !== id && !this.gone.has(other)) ?? "";
  }

  go(id, remember = true) {
    if (remember && this.current && this.current !== id) this.trail.push(this.current);
    if (this.trail.length > TRAIL) this.trail.shift();
    this.stopMarking();
    Object.assign(this, { current: id, hand: 0, turned: false });
    this.draw();
    this.talk.report();
  }

  back() {
    const id = this.trail.pop() ?? this.before.find((other) => other !== this.current);
    if (!id) return this.say("This is the first item.");
    if (this.current) this.forth.push(this.current);
    return this.go(id, false);
  }

  // ---- suggestions ----------------------------------------------------------------
  /** Labels on offer, in the direction they are shown in; none while they are hidden. */
  offered() {
    if (this.blind || !this.content?.ready) return [];
    const turn = { forward: "backward", backward: "forward", both: "both" };
    return this.content.ranked.map(({ label: [id, way] }) => [id, this.turned ? turn[way] : way]);
  }

  labelAtHand() {
    if (this.found) return this.found.list[this.found.at]?.label;
    return this.offered()[this.hand] ?? this.content?.own;
  }

  relationAtHand() {
    const relation = this.labelAtHand()?.[0];
    return relation === NONE_NAME ? "" : relation;
  }

  /** What the log keeps of the answer with each step. */
  seen() {
    const { predicted, version, ranked, ready } = this.content ?? {};
    if (!ready || !predicted) return {};
    return { predicted, version, offered: ranked.map(({ label }) => label), shown: this.looked.has(this.current) };
  }

  // ---- steps ------------------------------------------------------------------------
  accept(n) {
    const label = this.offered()[n];
    if (label) this.label(label);
    else if (this.blind) this.say("Suggestions are hidden: press / to choose, H to show them.");
  }

  label(label) {
    const { current } = this;
    if (!current || !this.content || this.content.gone) return;
    this.finish(current, { action: "label", item: current, label, ...this.seen() });
    Object.assign(this.content, { own: label, skipped: false });
    this.go(this.next(current));
  }

  skip() {
    const { current } = this;
    this.finish(current, { action: "skip", item: current, ...this.seen() });
    if (this.content) Object.assign(this.content, { skipped: true });
    this.go(this.next(current));
  }

  finish(item, step) {
    this.note = "";
    this.forth = [];
    this.stamps.push(Date.now());
    this.gone.add(item);
    this.talk.add(step);
  }

  later() {
    const { current, content } = this;
    if (content && !content.own && !this.gone.has(current)) this.talk.add({ action: "later", item: current });
    this.go(this.forth.pop() ?? this.next(current));
  }

  /** A flag, comment or remark on a description; the item stays. */
  remark(action, text, relation = "") {
    const { content } = this;
    this.note = "";
    this.talk.add({ action, item: content.id, text, relation, ...this.seen() });
    if (action === "flag") content.flags.push(text);
    else content.remarks.push([action, this.data.annotator, "now", text, relation]);
    this.draw();
  }

  unflag() {
    if (!this.content?.flags.length) return;
    this.talk.add({ action: "unflag", item: this.current });
    this.content.flags = [];
    this.draw();
  }

  takeBack(action) {
    this.note = "";
    this.talk.add({ action });
    this.drawTools();
    this.drawState();
  }

  hide() {
    this.blind = !this.blind;
    stored("localStorage", (s) => s.setItem("roc-blind", this.blind ? "1" : "0"));
    this.draw();
  }

  stopMarking() {
    if (!this.again) return;
    this.again.close();
    this.again = null;
    this.root.focus({ preventScroll: true });
    this.draw();
  }

  // ---- keys ---------------------------------------------------------------------------
  can(action) {
    if (["help", "blind"].includes(action)) return true;
    if (this.talk.waiting()) return false;
    if (action === "back") return this.trail.length + this.before.length > 0;
    if (["undo", "redo"].includes(action)) return true;
    if (action === "alike") return Boolean(this.alike) && !this.blind;
    if (action === "wrong") return Boolean(this.content && this.relationAtHand());
    if (action === "swap") return this.offered().length > 0;
    return Boolean(this.content) && (!this.content.gone || action === "later");
  }

  act(action, number = 0) {
    if (!this.can(action)) return;
    const acts = {
      help: () => this.help(),
      blind: () => this.hide(),
      back: () => this.back(),
      undo: () => this.takeBack("undo"),
      redo: () => this.takeBack("redo"),
      none: () => this.label([NONE_NAME, "both"]),
      search: () => this.search(),
      skip: () => this.skip(),
      later: () => this.later(),
      flag: () => this.ask("flag"),
      unflag: () => this.unflag(),
      comment: () => this.ask("comment"),
      wrong: () => this.ask("wrong-description", this.relationAtHand()),
      alike: () => this.lookAlikes(),
      open: () => window.open(`./?item=${encodeURIComponent(this.current)}`, "_blank", "noopener"),
      swap: () => {
        this.turned = !this.turned;
        this.draw();
      },
      remark: () => {
        this.again = new Again(this);
        this.drawTools();
      },
      accept: () => this.accept(number),
      hand: () => {
        const last = this.offered().length - 1;
        this.hand = Math.min(Math.max(this.hand + number, 0), Math.max(last, 0));
        this.drawList();
        this.drawGuide();
      },
    };
    acts[action]();
  }

  key(event) {
    if (!this.root.isConnected || !this.root.offsetParent || !this.data) return;
    const target = event.composedPath()[0];
    if (this.dialog) {
      // Focus may have been lost to the page; Escape still closes.
      if (!this.parts.dialog.contains(target)) this.elsewhere(event);
      return;
    }
    if (this.again) this.markingKey(event, target);
    else if (!typesIn(target, this.root)) this.pressed(event, target);
  }

  elsewhere(event) {
    if (event.key === "Escape") this.closeDialog();
  }

  markingKey(event, target) {
    if (event.key === "Escape") this.stopMarking();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.again.save();
    else if (["1", "2"].includes(event.key) && !typesIn(target, this.root)) {
      this.again.view.choose(Number(event.key) - 1);
      this.again.view.text.focus();
    } else return;
    swallow(event);
  }

  pressed(event, target) {
    const [action, number] = this.meant(event, target) ?? [];
    if (!action) return;
    swallow(event);
    const repeats = ["hand", "back"].includes(action);
    if (!event.repeat || repeats) this.act(action, number);
  }

  /** The action of a key, if it has one here. */
  meant(event, target) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.altKey) return null;
    if (event.ctrlKey || event.metaKey) {
      if (key === "z") return [event.shiftKey ? "redo" : "undo"];
      return key === "y" ? ["redo"] : null;
    }
    if (/^[1-9]$/u.test(key)) return ["accept", Number(key) - 1];
    if (key === "Enter") return target.closest?.("button, a, summary") ? null : ["accept", this.hand];
    if (key === "f") return [event.shiftKey ? "unflag" : "flag"];
    return KEYS[key] ?? null;
  }
}

const KEYS = {
  0: ["none"], "/": ["search"], s: ["skip"], Backspace: ["back"], ArrowLeft: ["back"],
  ArrowRight: ["later"], ArrowUp: ["hand", -1], ArrowDown: ["hand", 1], d: ["swap"], m: ["remark"],
  h: ["blind"], c: ["comment"], w: ["wrong"], l: ["alike"], o: ["open"], "?": ["help"],
};

/** Whether a key belongs to a field, a menu or another control of the page. */
function typesIn(target, root) {
  if (!target.closest) return false;
  if (target.closest("input, textarea, select, [contenteditable='true'], [contenteditable='']")) return true;
  if (root.contains(target)) return false;
  return Boolean(target.closest("[role=tab], [role=combobox], [role=listbox], [role=dialog], [role=menu], [role=slider]"));
}

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

const desks = new WeakMap();

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".roca");
  let desk = desks.get(root);
  if (!desk) {
    desk = new AnnotateDesk(root);
    desks.set(root, desk);
  }
  root.classList.toggle("roca-dark", isDark(root));
  desk.update(data, (value) => setStateValue("report", value));
  return () => {
    clearTimeout(desk.talk.timer);
    window.removeEventListener("keydown", desk.listener, true);
    desks.delete(root);
  };
}
