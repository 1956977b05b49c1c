/* Draws the charts: takes each still picture's place and shows the values at the instant one points at.

   Reads numbers from the JSON block; writes text only as text. Without it the page is complete. */
(() => {
  "use strict";
  const HEIGHT = 210, LEFT = 66, NARROW = 420, PAGE = 10;
  const block = document.getElementById("data");
  if (!block) return;
  const data = JSON.parse(block.textContent);
  const last = data.times.length - 1;
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const font = "12px " + getComputedStyle(document.body).fontFamily;
  const WIDTHS = { solid: 2, thin: 1.25, dashed: 1.25, dots: 2, points: 2 };
  const DASHES = { dashed: [3, 4] };

  function shown(value, unit) {
    if (value === null || value === undefined) return "–";
    const [number, of] = unit === "ms" && value >= 1000 ? [value / 1000, "s"] : [value, unit];
    const text = number >= 100 || number === Math.round(number)
      ? Math.round(number).toLocaleString("en-US")
      : String(Number(number.toPrecision(3)));
    return of === "/s" || !of ? text : text + " " + of;
  }

  /* The same with where it lies, in the unit of the value. */
  function sure(line, at, unit, none) {
    const value = line.values[at] ?? none;
    const ends = line.ranges[at];
    const text = shown(value, unit);
    if (!ends || value === null) return text;
    const scale = unit === "ms" && value >= 1000 ? 1000 : 1;
    return text + " (" + ends.map((end) => shown(end / scale, "")).join("–") + ")";
  }

  /* Ticks as the file gives them; every second one where they would crowd. */
  function along(axis, sparse) {
    return {
      splits: (chart) => axis.ticks.filter((_, at) => !sparse(chart) || at % 2 === 0),
      values: (chart, splits) => splits.map((value) => axis.texts[axis.ticks.indexOf(value)]),
      filter: (chart, splits) => splits,
      font,
      stroke: () => token("muted"),
    };
  }

  /* Under the lines: storms, each from its cut on. */
  function storms(chart) {
    const { ctx, bbox } = chart;
    ctx.save();
    for (const [from, to] of data.spans) {
      const x = chart.valToPos(from, "x", true);
      ctx.fillStyle = token("shade");
      ctx.fillRect(x, bbox.top, Math.max(chart.valToPos(to, "x", true) - x, devicePixelRatio), bbox.height);
      ctx.strokeStyle = token("muted");
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }

  /* Marked instants, such as a deploy: a line, and its name where that fits. */
  function flags(chart) {
    const { ctx, bbox } = chart;
    let edge = -Infinity;
    ctx.save();
    ctx.font = Math.round(12 * devicePixelRatio) + "px " + getComputedStyle(document.body).fontFamily;
    ctx.lineJoin = "round";
    for (const { at, text, tone } of data.flags) {
      const x = Math.round(chart.valToPos(at, "x", true)) + 0.5; // crisp
      ctx.strokeStyle = ctx.fillStyle = token(tone);
      ctx.lineWidth = 1.4 * devicePixelRatio;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      if (!text || x - edge < 74 * devicePixelRatio) continue;
      edge = x;
      const left = x + ctx.measureText(text).width + 8 * devicePixelRatio > bbox.left + bbox.width;
      ctx.textAlign = left ? "right" : "left";
      ctx.strokeStyle = token("page");
      ctx.lineWidth = 3 * devicePixelRatio;
      const place = [x + (left ? -5 : 5) * devicePixelRatio, bbox.top + 11 * devicePixelRatio];
      ctx.strokeText(text, ...place);
      ctx.fillText(text, ...place);
    }
    ctx.restore();
  }

  /* Where a value lies, from end to end. */
  function whiskers(plot) {
    return (chart) => {
      const { ctx } = chart;
      const half = 3 * devicePixelRatio;
      ctx.save();
      ctx.lineWidth = 1.2 * devicePixelRatio;
      for (const line of plot.lines) {
        ctx.strokeStyle = token(line.tone);
        ctx.beginPath();
        line.ranges.forEach((ends, at) => {
          if (ends === null) return;
          const x = chart.valToPos(data.times[at], "x", true);
          const [low, high] = ends.map((end) => chart.valToPos(Math.max(end, plot.axis.range[0]), "y", true));
          ctx.moveTo(x, low);
          ctx.lineTo(x, high);
          for (const y of [low, high]) {
            ctx.moveTo(x - half, y);
            ctx.lineTo(x + half, y);
          }
        });
        ctx.stroke();
      }
      ctx.restore();
    };
  }

  /* Marks: a shape for each window in which something happened, and how often, where that fits. */
  function marks(plot) {
    const levels = [...plot.axis.ticks].reverse();
    return (chart) => {
      const { ctx } = chart;
      plot.lines.forEach((line, row) => {
        let edge = -Infinity;
        line.values.forEach((value, at) => {
          if (value === null) return;
          const x = chart.valToPos(data.times[at], "x", true);
          ctx.save();
          ctx.translate(x, chart.valToPos(levels[row], "y", true));
          ctx.scale(devicePixelRatio, devicePixelRatio);
          ctx.strokeStyle = token(line.tone);
          ctx.lineWidth = 2.2;
          ctx.lineCap = "round";
          ctx.stroke(new Path2D(data.shapes[line.style]));
          if (x - edge >= 26 * devicePixelRatio) {
            ctx.font = font;
            ctx.fillStyle = token("muted");
            ctx.textAlign = "center";
            ctx.fillText(shown(value, ""), 0, 18);
            edge = x;
          }
          ctx.restore();
        });
      });
    };
  }

  /* Points that no line reaches, because there is nothing on either side of them. */
  function alone(chart, row) {
    const values = chart.data[row];
    return values.flatMap((value, at) => (value != null && values[at - 1] == null && values[at + 1] == null ? [at] : []));
  }

  function lines(plot) {
    return plot.lines.map((line) => ({
      label: line.name,
      stroke: () => token(line.tone),
      width: WIDTHS[line.style],
      dash: DASHES[line.style],
      points: plot.kind === "marks" ? { show: false } : { show: true, size: line.style === "dots" ? 10 : 5, filter: alone, fill: () => token(line.tone) },
      paths: plot.kind === "marks" ? () => null : undefined,
    }));
  }

  function options(place, plot) {
    const sparse = (chart) => chart.width < NARROW;
    const [low] = plot.axis.range;
    const quiet = plot.kind === "marks";
    return {
      width: place.clientWidth,
      height: HEIGHT,
      padding: [10, 20, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, sync: { key: "run" }, points: { show: !quiet, size: 7 } },
      scales: {
        x: { time: false, range: data.axis.range },
        y: { range: plot.axis.range, distr: plot.axis.log ? 3 : 1 },
      },
      axes: [
        { ...along(data.axis, sparse), size: 28, gap: 4, grid: { show: false },
          ticks: { stroke: () => token("muted"), width: 1, size: 4 } },
        { ...along(plot.axis, () => false), size: LEFT, gap: 6,
          grid: { stroke: () => token("line"), width: 1 }, ticks: { show: false } },
      ],
      series: [{}, ...lines(plot)],
      bands: plot.kind !== "band" ? [] : [
        { series: [2, 1], fill: () => token("accent") + "33" },
        { series: [3, 2], fill: () => token("accent") + "1f" },
      ],
      hooks: { drawClear: [storms], draw: [...(quiet ? [marks(plot)] : [whiskers(plot)]), flags], setCursor: [(chart) => tell(place, plot, chart)] },
      low,
    };
  }

  /* The values at the instant of the cursor, beside the names of the lines; and as a slider's value, to be read out. */
  function tell(place, plot, chart) {
    const at = chart.cursor.left >= 0 ? chart.cursor.idx : null;
    const keys = place.parentNode.querySelector(".keys");
    const texts = plot.lines.map((line) => (at === null || at === undefined ? "" : sure(line, at, plot.unit, plot.kind === "marks" ? 0 : null)));
    keys.querySelectorAll(".now").forEach((slot, row) => { slot.textContent = texts[row]; });
    keys.querySelector(".instant").textContent = texts[0] === "" ? "" : data.stretches[at];
    if (texts[0] === "") return;
    place.setAttribute("aria-valuenow", String(at));
    const told = plot.lines.map((line, row) => line.name + " " + texts[row]).join(", ");
    place.setAttribute("aria-valuetext", data.stretches[at] + ": " + told);
  }

  function steer(place, chart) {
    const go = (at) => {
      const x = chart.valToPos(data.times[Math.min(Math.max(at, 0), last)], "x");
      chart.setCursor({ left: x, top: 0 }, true, true);
    };
    place.addEventListener("keydown", (event) => {
      const now = chart.cursor.left >= 0 && chart.cursor.idx !== null ? chart.cursor.idx : -1;
      const steps = { ArrowRight: now + 1, ArrowUp: now + 1, ArrowLeft: now - 1, ArrowDown: now - 1,
        PageUp: now + PAGE, PageDown: now - PAGE, Home: 0, End: last };
      if (event.key in steps) go(steps[event.key]);
      else if (event.key === "Escape") chart.setCursor({ left: -10, top: -10 }, true, true);
      else return;
      event.preventDefault();
    });
  }

  function draw(place) {
    const plot = data.plots[place.dataset.plot];
    const still = place.querySelector(".still");
    const given = options(place, plot);
    const drawn = plot.lines.map((line) => line.values.map((value) => (value === null ? null : Math.max(value, given.low))));
    const chart = new uPlot(given, [data.times, ...drawn], place);
    place.classList.add("live");
    const told = { tabindex: 0, role: "slider", "aria-orientation": "horizontal", "aria-valuemin": 0, "aria-valuemax": last,
      "aria-valuenow": 0, "aria-label": still.getAttribute("aria-label"), "aria-valuetext": "arrow keys move along the run" };
    for (const [name, value] of Object.entries(told)) place.setAttribute(name, String(value));
    steer(place, chart);
    new ResizeObserver(() => {
      if (place.clientWidth > 0 && place.clientWidth !== chart.width) chart.setSize({ width: place.clientWidth, height: HEIGHT });
    }).observe(place);
    return chart;
  }

  const charts = [...document.querySelectorAll(".plot")].map(draw);
  document.documentElement.classList.add("drawn");
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.forEach((chart) => chart.redraw(false)));
})();
