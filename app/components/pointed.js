// A small card beside the point under the pointer, a ring around the primary one, and clicks. The
// chart belongs to another element of the page, so it is looked for, and again when it was drawn
// anew; it is left as it is, so that zoom and selection stay.
const kept = new WeakMap();
const PAUSE = 150; // milliseconds the pointer rests before the server is asked
const GAP = 64; // pixels between pointer and card, so that the chart's own label stays free

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const card = parentElement.querySelector(".roch");
  const now = kept.get(parentElement) ?? { chart: null, row: null, timer: 0, at: [0, 0] };
  kept.set(parentElement, now);
  now.tell = (row) => setStateValue("row", row);
  now.ring ??= ringElement();

  const hide = () => { card.style.display = "none"; };
  const place = () => {
    const [x, y] = now.at;
    const { width, height } = card.getBoundingClientRect();
    const left = Math.min(Math.max(x - width / 2, 8), window.innerWidth - width - 8);
    const above = y - height - GAP;
    card.style.left = `${left}px`;
    card.style.top = `${above > 8 ? above : y + GAP}px`;
  };
  const show = () => {
    if (data.row === null || data.row !== now.row || !(data.picture || data.lines.length)) {
      hide();
      return;
    }
    const picture = card.querySelector("img");
    picture.style.display = data.picture ? "block" : "none";
    if (data.picture) picture.src = data.picture;
    card.querySelector("div").replaceChildren(...data.lines.map((line) => {
      const one = document.createElement("p");
      one.textContent = line;
      one.dir = "auto";
      return one;
    }));
    card.style.display = "block";
    place();
  };
  const enter = (event) => {
    const row = event.points[0]?.customdata;
    now.row = typeof row === "number" ? row : null;
    now.at = [event.event.clientX, event.event.clientY];
    clearTimeout(now.timer);
    hide();
    if (now.row === null) return;
    if (now.row === data.row) show();
    else now.timer = setTimeout(() => now.tell(now.row), PAUSE);
  };
  const leave = () => {
    now.row = null;
    clearTimeout(now.timer);
    hide();
  };
  const click = (event) => {
    const row = event.points[0]?.customdata;
    if (typeof row === "number") setTriggerValue("clicked", row);
  };
  const drawRing = () => {
    const layout = now.chart?._fullLayout;
    const box = now.chart?.querySelector(".svg-container");
    now.ring.style.display = "none";
    if (!data.ring || !layout?.xaxis?.d2p || !box) return;
    const [x, y] = [layout.xaxis.d2p(data.ring[0]), layout.yaxis.d2p(data.ring[1])];
    if (x < 0 || y < 0 || x > layout.xaxis._length || y > layout.yaxis._length) return;
    if (now.ring.parentElement !== box) box.append(now.ring);
    now.ring.style.left = `${layout.xaxis._offset + x}px`;
    now.ring.style.top = `${layout.yaxis._offset + y}px`;
    now.ring.style.display = "block";
  };
  const attach = () => {
    const chart = [...document.querySelectorAll(".js-plotly-plot")].pop() ?? null;
    if (chart === now.chart || (chart && !chart.on)) return;
    detach();
    now.chart = chart;
    now.listeners = {
      plotly_hover: enter, plotly_unhover: leave, plotly_click: click,
      plotly_afterplot: drawRing, plotly_relayouting: drawRing,
    };
    for (const [name, listener] of Object.entries(now.listeners)) chart?.on(name, listener);
    drawRing();
  };
  const detach = () => {
    for (const [name, listener] of Object.entries(now.listeners ?? {})) {
      now.chart?.removeListener?.(name, listener);
    }
    now.chart = null;
  };

  clearInterval(now.watch);
  detach();
  attach();
  now.watch = setInterval(attach, 500);
  show();
  return () => {
    clearInterval(now.watch);
    clearTimeout(now.timer);
    detach();
    now.ring.remove();
  };
}

// Two circles, so that it shows on every colour.
function ringElement() {
  const ring = document.createElement("div");
  ring.className = "roc-ring";
  ring.style.cssText = "position:absolute;display:none;width:16px;height:16px;"
    + "transform:translate(-50%,-50%);pointer-events:none;border-radius:50%;"
    + "border:2px solid #1f1f1f;box-shadow:0 0 0 2px #ffffff, inset 0 0 0 1px #ffffff";
  return ring;
}
