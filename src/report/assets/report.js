// Draws the panels of every backend, keeps their time axes and markers together, and explains scale events.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const all = [0, data.horizon > 0 ? data.horizon : 1];
  const mostReplicas = Math.max(2, highest(data.backends.flatMap((one) => [one.ready_max, one.desired_max])));
  const mostDemanded = Math.max(mostReplicas, highest(data.backends.map((one) => one.demand)));
  // A limit far above everything would press the rest flat.
  const maxIsNear = data.max <= 1.6 * mostReplicas;
  const charts = [];
  const logs = [];
  const readings = byId("reading").querySelectorAll("tbody tr");
  let view = all;
  let marker = null;
  let width = 0;

  // Numbers and times.
  function highest(lists) {
    let most = -Infinity;
    for (const list of lists) for (const value of list) if (value !== null && value > most) most = value;
    return most;
  }
  function lowestPositive(lists) {
    let least = Infinity;
    for (const list of lists) for (const value of list) if (value !== null && value > 0 && value < least) least = value;
    return least;
  }
  function digits(value, most = 3) {
    if (value === null || value === undefined) return "–";
    if (value !== 0 && Math.abs(value) >= 10 ** most) return Math.round(value).toLocaleString("en-US");
    return String(Number(value.toPrecision(most)));
  }
  function latency(seconds) {
    if (seconds === null || seconds === undefined) return "–";
    if (seconds < 1e-3) return `${digits(seconds * 1e6)} µs`;
    return seconds < 1 ? `${digits(seconds * 1e3)} ms` : `${digits(seconds)} s`;
  }
  function clock(seconds) {
    const whole = Math.round(seconds);
    const two = (number) => String(number).padStart(2, "0");
    const days = Math.floor(whole / 86400);
    const time = `${Math.floor((whole % 86400) / 3600)}:${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
    return days > 0 ? `${days} d ${time}` : time;
  }
  function span(seconds) {
    const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
    const [worth, name] = units.find(([worth]) => seconds >= worth) || [1, "s"];
    return `${digits(seconds / worth)} ${name}`;
  }
  const TIME_STEPS = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000, 864000,
    1728000, 4320000, 8640000, 17280000, 43200000, 86400000,
  ];
  function tickLabels(_, splits, __, ___, step) {
    const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
    const [worth, name] = units.find(([worth]) => step >= worth && step % worth === 0) || [1, "s"];
    const last = splits.length > 0 ? splits[splits.length - 1] : 0;
    // Hundreds of minutes say little.
    if (worth < 86400 && last > (worth === 3600 ? 172800 : 7200)) {
      return splits.map((at) => (step % 60 === 0 ? clock(at).replace(/:00$/, "") : clock(at)));
    }
    return splits.map((at) => `${digits(at / worth, 6)} ${name}`);
  }
  const short = (value) => (Math.abs(value) >= 1e6 ? `${digits(value / 1e6)}M` : Math.abs(value) >= 1e4 ? `${digits(value / 1e3)}k` : digits(value, 6));

  // Of a logarithmic axis only powers of ten are told.
  const decades = (_, splits) => splits.map((value) => (Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-6 ? value : null));

  // Colours are looked up at each drawing, so that they follow the scheme and the printer.
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const faded = (name, share) => {
    const hex = colour(name);
    const parts = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    return `rgba(${parts.join(",")},${share})`;
  };
  const shade = () => Number(colour("shade"));

  // Series of a panel: what is read, how it is drawn.
  const stepped = uPlot.paths.stepped({ align: 1 });
  const line = (read, name, width) => ({ read, stroke: () => colour(name), width, paths: stepped, points: { show: false } });
  const hidden = (read) => ({ read, stroke: null, width: 0, paths: stepped, points: { show: false } });
  const area = (read, name, share) => ({ ...hidden(read), fill: () => faded(name, share) });
  const band = (low, high, name, share) => ({ series: [high, low], fill: () => faded(name, share) });
  const latencies = () => data.backends.flatMap((one) => [one.p50, one.p95, one.p99]);
  const slowest = Math.max(highest(latencies()), data.objective * 1.2);
  const fastest = Math.min(lowestPositive(latencies()), data.objective);
  const isWide = slowest / fastest > 20;
  const fromZero = (top) => [0, top > 0 ? top * 1.06 : 1];
  const PANELS = {
    demand: {
      height: 190,
      series: [
        area("ready_min", "sky-blue", 0.3), area("ready_max", "sky-blue", 0.3),
        { ...line("rate", "faint", 1), scale: "rate" },
        line("demand", "vermillion", 2),
      ],
      range: fromZero(mostDemanded),
      isCount: true,
      rate: fromZero(highest(data.backends.map((one) => one.rate))),
    },
    replicas: {
      height: 190,
      series: [
        area("ready_min", "sky-blue", 0.3), area("ready_max", "sky-blue", 0.3),
        hidden("desired_min"), hidden("desired_max"), line("desired", "ink", 1.5),
      ],
      bands: [band(3, 4, "ink", 0.25)],
      range: fromZero(Math.max(mostReplicas, maxIsNear ? data.max : 0) * 1.06),
      isCount: true,
      below: (plot) => {
        rule(plot, data.min, "faint");
        if (maxIsNear) rule(plot, data.max, "faint");
      },
      above: events,
    },
    usage: {
      height: 150,
      series: [hidden("usage_min"), hidden("usage_max"), line("usage", "purple", 1.5)],
      bands: [band(1, 2, "purple", 0.3)],
      range: fromZero(Math.max(highest(data.backends.map((one) => one.usage_max)), 1.5)),
      below: (plot) => {
        const top = plot.valToPos(data.tolerance[1], "y", true);
        const bottom = plot.valToPos(data.tolerance[0], "y", true);
        fill(plot, plot.bbox.left, top, plot.bbox.width, bottom - top, faded("green", 0.25));
        rule(plot, 1, "green");
      },
      empty: "the controller saw no usage",
    },
    latency: {
      height: 210,
      series: [line("p50", "sky-blue", 2), line("p95", "blue", 1), line("p99", "ink", 1.5)],
      bands: [band(1, 2, "sky-blue", 0.25), band(2, 3, "blue", 0.12)],
      range: isWide ? [fastest / 1.3, slowest * 1.3] : fromZero(slowest),
      isLog: isWide,
      above: (plot) => rule(plot, data.objective, "vermillion"),
      empty: "no request was answered",
      hasTimes: true,
    },
  };

  // What is drawn beside the series.
  function fill(plot, left, top, width, height, style) {
    const box = plot.bbox;
    const right = Math.min(left + width, box.left + box.width);
    const from = Math.max(left, box.left);
    if (right <= from) return;
    plot.ctx.fillStyle = style;
    plot.ctx.fillRect(from, top, right - from, height);
  }
  function rule(plot, value, name) {
    const y = Math.round(plot.valToPos(value, "y", true));
    const { ctx, bbox } = plot;
    if (y < bbox.top || y > bbox.top + bbox.height) return;
    ctx.save();
    ctx.strokeStyle = colour(name);
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.setLineDash([6 * devicePixelRatio, 5 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.restore();
  }
  function events(plot, backend) {
    const { ctx, bbox } = plot;
    const size = 5 * devicePixelRatio;
    const drawn = new Set();
    ctx.save();
    for (const decision of data.backends[backend].decisions) {
      if (decision.t < view[0] || decision.t > view[1]) continue;
      const x = plot.valToPos(decision.t, "x", true);
      const up = decision.to > decision.from;
      const place = `${Math.round(x / devicePixelRatio / 2)}${up}`;
      if (drawn.has(place)) continue;
      drawn.add(place);
      const y = up ? bbox.top + size : bbox.top + 2.4 * size;
      ctx.fillStyle = colour(up ? "vermillion" : "blue");
      ctx.beginPath();
      ctx.moveTo(x, y + (up ? -size : size));
      ctx.lineTo(x - size * 0.8, y);
      ctx.lineTo(x + size * 0.8, y);
      ctx.fill();
    }
    ctx.restore();
  }
  function violations(plot, backend) {
    const style = faded("orange", shade());
    const shadeSpan = (from, to) => fill(plot, from, plot.bbox.top, to - from, plot.bbox.height, style);
    let open = null;
    // Spans that share a pixel are shaded once.
    for (const [from, to] of data.backends[backend].violations) {
      const left = Math.floor(plot.valToPos(from, "x", true));
      const right = Math.max(Math.ceil(plot.valToPos(to, "x", true)), left + 1);
      if (open && left <= open[1]) {
        open[1] = Math.max(open[1], right);
      } else {
        if (open) shadeSpan(open[0], open[1]);
        open = [left, right];
      }
    }
    if (open) shadeSpan(open[0], open[1]);
  }
  function chosen(plot, backend) {
    const decision = logs[backend] && logs[backend].chosen();
    if (!decision || decision.t < view[0] || decision.t > view[1]) return;
    const x = plot.valToPos(decision.t, "x", true);
    fill(plot, x - devicePixelRatio, plot.bbox.top, 2 * devicePixelRatio, plot.bbox.height, colour("ink"));
  }

  function draw(figure, backend) {
    const panel = PANELS[figure.dataset.panel];
    const one = data.backends[backend];
    // The last point lasts as long as the others.
    const last = one.at.length > 0 ? Math.min(one.at[one.at.length - 1] + one.step, data.horizon) : 0;
    const isShort = one.at.length > 0 && last > one.at[one.at.length - 1];
    const column = (values) => (isShort ? [...values, values[values.length - 1]] : values);
    const columns = [isShort ? [...one.at, last] : one.at, ...panel.series.map((series) => column(one[series.read]))];
    if (panel.isLog) for (const values of columns.slice(1)) values.forEach((value, at) => { if (value !== null && value <= 0) values[at] = null; });
    if (panel.empty && columns.slice(1).every((values) => values.every((value) => value === null))) {
      const text = document.createElement("p");
      text.className = "empty";
      text.textContent = panel.empty;
      figure.append(text);
    }
    const axis = { stroke: () => colour("ink"), grid: { stroke: () => colour("grid"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    const options = {
      width, height: panel.height + (panel.hasTimes ? 26 : 0),
      legend: { show: false },
      padding: [6, panel.rate ? 0 : 56, 4, 0],
      cursor: {
        y: false, points: { show: false }, drag: { x: true, y: false, setScale: false },
        bind: { dblclick: () => () => zoom(all[0], all[1]) },
      },
      scales: { x: { time: false, range: () => view }, y: { range: panel.range, distr: panel.isLog ? 3 : 1 } },
      axes: [
        { ...axis, show: true, size: panel.hasTimes ? 26 : 0, incrs: TIME_STEPS, space: 90, values: panel.hasTimes ? tickLabels : (_, splits) => splits.map(() => "") },
        {
          ...axis, size: 58, space: 34,
          incrs: panel.isCount ? [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6, 1e7, 1e8, 1e9] : undefined,
          ...(panel.isLog ? { grid: { ...axis.grid, filter: decades }, filter: decades } : {}),
          values: figure.dataset.panel === "latency"
            ? (_, splits) => splits.map((value) => (value === null ? "" : latency(value)))
            : (_, splits) => splits.map(short),
        },
      ],
      series: [{}, ...panel.series.map(({ read, ...rest }) => rest)],
      bands: panel.bands,
      hooks: {
        drawClear: [(plot) => { violations(plot, backend); if (panel.below) panel.below(plot, backend); }],
        draw: [(plot) => { if (panel.above) panel.above(plot, backend); chosen(plot, backend); }],
        setSelect: [(plot) => {
          if (plot.select.width > 2) {
            zoom(plot.posToVal(plot.select.left, "x"), plot.posToVal(plot.select.left + plot.select.width, "x"));
          }
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        }],
      },
    };
    if (panel.rate) {
      options.scales.rate = { range: panel.rate };
      options.axes.push({ ...axis, scale: "rate", side: 1, size: 56, space: 40, grid: { show: false }, values: (_, splits) => splits.map(short) });
    }
    const plot = new uPlot(options, columns, figure);
    plot.over.addEventListener("mousemove", (event) => {
      mark(plot.posToVal(event.clientX - plot.over.getBoundingClientRect().left, "x"), plot);
    });
    plot.over.addEventListener("mouseleave", () => place(null));
    // A click beside no drag opens the scale event below it.
    plot.over.addEventListener("click", () => {
      if (plot.cursor.left >= 0) openNear(backend, plot.posToVal(plot.cursor.left, "x"), 8 * (view[1] - view[0]) / plot.over.clientWidth);
    });
    charts.push(plot);
  }

  // The view and the marker, shared by all panels.
  function zoom(from, to) {
    const least = Math.min(all[1], 10);
    const length = Math.min(Math.max(to - from, least), all[1]);
    const middle = (from + to) / 2;
    const begin = Math.min(Math.max(middle - length / 2, 0), all[1] - length);
    view = [begin, begin + length];
    for (const plot of charts) plot.batch(() => plot.setScale("x", { min: view[0], max: view[1] }));
    place(null);
    byId("range").textContent = `Shown: ${clock(view[0])} to ${clock(view[1])} (${span(view[1] - view[0])})`;
  }
  function pan(by) {
    zoom(view[0] + by, view[1] + by);
  }
  function scale(factor) {
    const middle = marker !== null && marker >= view[0] && marker <= view[1] ? marker : (view[0] + view[1]) / 2;
    zoom(middle - (middle - view[0]) * factor, middle + (view[1] - middle) * factor);
  }
  function mark(time, from) {
    marker = Math.min(Math.max(time, 0), all[1]);
    place(from);
    byId("at").textContent = clock(marker);
    data.backends.forEach((one, index) => {
      const at = pointAt(one.at, marker);
      const counts = (low, high) => (low === undefined ? "–" : low === high ? String(low) : `${low}–${high}`);
      const texts = at < 0 ? [] : [
        String(one.demand[at]), counts(one.ready_min[at], one.ready_max[at]), String(one.desired[at]),
        digits(one.rate[at], 4), digits(one.usage[at]), latency(one.p50[at]), latency(one.p95[at]), latency(one.p99[at]),
      ];
      const cells = readings[index].cells;
      texts.forEach((text, nth) => { cells[nth + 1].textContent = text; });
    });
  }
  // Puts the marker where it belongs in all panels, but in the one under the pointer.
  function place(pointed) {
    const isShown = marker !== null && marker >= view[0] && marker <= view[1];
    for (const plot of charts) {
      if (plot !== pointed) plot.setCursor({ left: isShown ? plot.valToPos(marker, "x") : -10, top: 0 }, false);
    }
  }
  function pointAt(times, time) {
    let low = 0;
    let high = times.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (times[middle] <= time) low = middle; else high = middle - 1;
    }
    return high < 0 ? -1 : low;
  }
  function reveal(time) {
    if (time < view[0] || time > view[1]) pan(time - (view[0] + view[1]) / 2);
    mark(time, null);
  }

  // The log of scale events.
  function element(name, text, parent) {
    const made = document.createElement(name);
    made.textContent = text;
    if (parent) parent.append(made);
    return made;
  }
  function explanation(decision) {
    const list = document.createElement("dl");
    const say = (term, text) => { element("dt", term, list); element("dd", text, list); };
    say("Inputs", `replicas asked for ${decision.from}, ready ${decision.ready}; ${digits(decision.rate, 4)} requests/s`);
    const sync = decision.sync;
    if (!sync) {
      say("Decided by", decision.to > decision.from ? "KEDA at a poll: a trigger is active, it wakes the workload" : "KEDA at a poll: no trigger has been active for the cooldown");
      return list;
    }
    say("What the metrics came to", sync.reason);
    sync.votes.forEach((vote, index) => say(data.metrics[index] || `metric ${index + 1}`, vote));
    const steps = [];
    if (sync.asked !== null) steps.push(`asked for ${sync.asked}`);
    if (sync.stabilized !== null) steps.push(`after stabilization ${sync.stabilized}`);
    steps.push(`written ${decision.to}`);
    say("From proposal to scale", steps.join(", "));
    say("What bound it", sync.bound === null ? "nothing: the count is the metrics' own" : sync.bound);
    return list;
  }
  function log(aside, backend) {
    const one = data.backends[backend];
    const list = aside.querySelector("ol");
    const buttons = [];
    let open = -1;
    const toggle = (index, isOpen) => {
      const item = buttons[index].parentNode;
      item.className = isOpen ? "open" : "";
      buttons[index].setAttribute("aria-expanded", String(isOpen));
      if (isOpen) item.append(explanation(one.decisions[index])); else item.lastChild.remove();
    };
    const choose = (index) => {
      const before = open;
      if (before >= 0) toggle(before, false);
      open = before === index ? -1 : index;
      if (open >= 0) {
        toggle(open, true);
        reveal(one.decisions[open].t);
        // Only the list is scrolled, not the page.
        const item = buttons[open].parentNode;
        const top = item.offsetTop - list.offsetTop;
        if (top < list.scrollTop || top + item.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = top - 40;
      }
      for (const plot of charts) plot.redraw(false);
    };
    const rows = document.createDocumentFragment();
    one.decisions.forEach((decision, index) => {
      const item = element("li", "", rows);
      const button = element("button", "", item);
      button.type = "button";
      button.setAttribute("aria-expanded", "false");
      element("time", clock(decision.t), button);
      element("b", `${decision.from} → ${decision.to}`, button);
      const bound = decision.sync ? decision.sync.bound : "KEDA";
      element("span", bound === null ? "" : bound, button);
      button.addEventListener("click", () => choose(index));
      buttons.push(button);
    });
    list.append(rows);
    const count = one.decisions.length + one.decisions_left_out;
    const left = one.decisions_left_out > 0 ? `; the first ${one.decisions.length} are listed` : "";
    aside.querySelector("p").textContent = count === 0
      ? "The scale was never changed."
      : `${count.toLocaleString("en-US")} in all${left}. Choose one to see inputs, formula and what bound it; the last column is what bound it.`;
    if (count === 0) list.hidden = true;
    return {
      chosen: () => (open < 0 ? null : one.decisions[open]),
      open: (index) => { if (index !== open) choose(index); buttons[index].focus({ preventScroll: true }); },
    };
  }
  function openNear(backend, time, within) {
    let best = -1;
    data.backends[backend].decisions.forEach((decision, index) => {
      const distance = Math.abs(decision.t - time);
      if (distance <= within && (best < 0 || distance < Math.abs(data.backends[backend].decisions[best].t - time))) best = index;
    });
    if (best >= 0) logs[backend].open(best);
  }

  // The page.
  const groups = [...document.querySelectorAll(".charts")];
  const room = () => Math.max(groups.length > 0 ? groups[0].clientWidth : 0, 300);
  width = room();
  groups.forEach((group, backend) => {
    group.querySelectorAll("figure").forEach((figure) => draw(figure, backend));
    group.addEventListener("keydown", (event) => {
      if (event.target !== group || event.ctrlKey || event.altKey || event.metaKey) return;
      const length = view[1] - view[0];
      const here = marker === null ? view[0] : marker;
      const step = Math.max(length / 200, data.backends[backend].step);
      const keys = {
        ArrowLeft: () => (event.shiftKey ? pan(-length / 4) : reveal(Math.max(here - step, 0))),
        ArrowRight: () => (event.shiftKey ? pan(length / 4) : reveal(Math.min(here + step, all[1]))),
        "+": () => scale(0.5), "=": () => scale(0.5), "-": () => scale(2), 0: () => zoom(all[0], all[1]),
        Enter: () => openNear(backend, here, Infinity),
      };
      if (keys[event.key]) {
        keys[event.key]();
        event.preventDefault();
      }
    });
  });
  document.querySelectorAll(".log").forEach((aside, backend) => logs.push(log(aside, backend)));
  byId("in").addEventListener("click", () => scale(0.5));
  byId("out").addEventListener("click", () => scale(2));
  byId("all").addEventListener("click", () => zoom(all[0], all[1]));
  const step = data.backends.length > 0 ? data.backends[0].step : 0;
  byId("grain").textContent =
    `Each point stands for ${span(step)}: the highest demand and latency, the fewest and most ready replicas, the lowest and highest usage ` +
    "and count asked for; the arrival rate is the mean. The log has each scale event at its own time.";
  zoom(all[0], all[1]);
  mark(0, null);

  function resize(to) {
    if (to === width) return;
    width = to;
    for (const plot of charts) plot.setSize({ width, height: plot.height });
  }
  new ResizeObserver(() => resize(room())).observe(document.querySelector("main"));
  const redraw = () => { for (const plot of charts) plot.redraw(false, true); };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  matchMedia("print").addEventListener("change", redraw);
  // Paper is narrow, and nothing can be unfolded on it.
  const folded = [...document.querySelectorAll("main details")];
  addEventListener("beforeprint", () => { resize(680); folded.forEach((one) => { one.open = true; }); redraw(); });
  addEventListener("afterprint", () => { folded.forEach((one) => { one.open = false; }); resize(room()); redraw(); });
})();
