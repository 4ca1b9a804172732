// What the Annotate page's browser part and the server tell each other. A step stays here, and in
// the browser's storage, until the server says that it is saved; it is sent again until then. Each
// has a token, so that one sent twice is kept once.
const PATIENCE = 4000; // milliseconds without an answer after which a report is sent again, at first
const LONGEST = 60000; // the same after several in vain
const RETRY = 3000; // milliseconds after which steps that could not be saved are sent again
const POLL = 300; // milliseconds between reports while something is being prepared
const QUICK = 20; // such reports in a row before they become rarer

function freshToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A store that may be missing or full: what is in it is a second copy only. */
function stored(name, change) {
  try {
    return change(window[name]);
  } catch {
    return null;
  }
}

class Talk {
  constructor(desk) {
    this.desk = desk;
    this.outbox = [];
    this.refused = [];
    Object.assign(this, { seq: 0, round: 0, polls: 0, timer: 0, adopted: 0, lates: 0 });
    Object.assign(this, { problem: null, silent: false, due: false, last: null });
    this.tab = stored("sessionStorage", (s) => s.getItem("roc-tab")) || freshToken();
    stored("sessionStorage", (s) => s.setItem("roc-tab", this.tab));
  }

  /** Keep a step until the server has it. */
  add(step) {
    this.outbox.push({ token: freshToken(), annotator: this.desk.data.annotator, ...step });
    this.store();
    this.report();
  }

  /** Report once, after everything that one key does has been done. */
  report() {
    if (this.due) return;
    this.due = true;
    queueMicrotask(() => {
      this.due = false;
      this.send();
    });
  }

  send() {
    clearTimeout(this.timer);
    this.seq = Math.max(this.seq + 1, Date.now());
    this.timer = setTimeout(() => this.late(), Math.min(PATIENCE * 2 ** this.lates, LONGEST));
    const steps = this.sendable();
    this.desk.emit({ seq: this.seq, ...this.desk.holds(), steps });
  }

  /** Steps that the server may keep: with a login, those of who has logged in. */
  sendable() {
    const { login, annotator } = this.desk.data;
    return this.outbox.filter((step) => !login || step.annotator === annotator);
  }

  /** Nothing was heard. A new report stops the server's work on the one before, so that a busy
   *  server must be given more and more time or it would never end one. */
  late() {
    this.silent = true;
    this.lates += 1;
    this.desk.drawState();
    this.send();
  }

  /** Take over what the server says of steps, and see when to report again. */
  receive(data) {
    const failed = data.outcomes.find((outcome) => outcome.state === "failed");
    this.problem = failed && this.step(failed.token) ? failed : null;
    for (const outcome of data.outcomes) {
      const step = this.step(outcome.token);
      if (step && outcome.state !== "failed") this.settle(step, outcome);
    }
    this.round = data.round;
    if (this.round >= this.seq) this.schedule(data.pending || this.desk.lacks());
    this.store();
  }

  schedule(pending) {
    clearTimeout(this.timer);
    this.silent = false;
    this.lates = 0;
    this.polls = pending ? this.polls + 1 : 0;
    let wait = 0;
    if (this.problem) wait = RETRY;
    else if (this.sendable().length) wait = POLL;
    else if (pending) wait = this.polls > QUICK ? 4 * POLL : POLL;
    if (wait) this.timer = setTimeout(() => this.send(), wait);
  }

  settle(step, outcome) {
    this.outbox = this.outbox.filter((other) => other !== step);
    if (outcome.state === "refused") this.refused.push({ step, error: outcome.error });
    else this.last = { step, outcome };
    this.desk.settled(step, outcome);
  }

  step(token) {
    return this.outbox.find((step) => step.token === token);
  }

  /** Whether an undo, redo or new pair is on its way: its answer says which item comes next. */
  waiting() {
    return this.outbox.find((s) => ["undo", "redo", "mark-again"].includes(s.action));
  }

  // ---- the copy in the browser ----------------------------------------------
  name(tab = this.tab) {
    return `roc-annotate:${this.desk.data.workspace}:${tab}`;
  }

  store() {
    stored("localStorage", (s) => {
      if (this.outbox.length) s.setItem(this.name(), JSON.stringify(this.outbox));
      else s.removeItem(this.name());
    });
  }

  /** Take over steps that an earlier page, or another tab, kept and could not send. */
  adopt() {
    const keys = stored("localStorage", (s) => Object.keys(s)) || [];
    for (const key of keys.filter((k) => k.startsWith(this.name("")))) {
      const steps = stored("localStorage", (s) => JSON.parse(s.getItem(key)));
      if (!Array.isArray(steps)) continue;
      const known = new Set(this.outbox.map((step) => step.token));
      this.outbox.push(...steps.filter((step) => step && step.token && !known.has(step.token)));
      if (key !== this.name()) stored("localStorage", (s) => s.removeItem(key));
    }
    this.adopted = this.outbox.length;
    this.store();
    if (this.outbox.length) this.report();
  }
}
