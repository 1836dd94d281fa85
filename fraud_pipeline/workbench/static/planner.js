// The audit planner: figures of several budgets are asked for one after another, and the slider moves between them.
"use strict";
(() => {
  const form = document.querySelector("#planner[data-budgets]");
  if (!form || !window.drawChart) return;
  const words = JSON.parse(form.dataset.words), budgets = JSON.parse(form.dataset.budgets), points = new Map();
  const slider = form.querySelector("#budget"), shown = form.querySelector("#budget-shown"), figures = document.querySelector("#figures");
  const figure = document.querySelector("#curve"), table = document.querySelector("#points tbody");
  let asked = 0;
  const number = (value, digits = 0) => new Intl.NumberFormat("en-US", { maximumFractionDigits: digits }).format(value);
  const cells = (p) => [number(p.budget), number(p.recovery), `${number(100 * p.covered_share, 1)}% (${p.covered})`, `±${number(100 * p.half_width, 1)}`];
  const write = () => {
    const budget = budgets[Number(slider.value)], point = points.get(budget);
    shown.textContent = say(words.claims, budget);
    slider.setAttribute("aria-valuetext", say(words.claims, budget));
    figures.textContent = !point ? words.computing : point.problem ? point.problem : point.sentence;
    document.querySelector("#chosen").textContent = budget;
    if (point) {
      document.querySelector("#frontier").innerHTML = point.picture ?? "";  // made by the server from numbers alone
      document.querySelector("#frontier-text").textContent = point.picture_text ?? "";
    }
    table.replaceChildren(...budgets.filter((b) => points.has(b)).map((b) => {
      const row = document.createElement("tr"), p = points.get(b);
      if (b === budget) row.className = "current";
      row.append(...(p.problem ? [number(b), words.impossible, "—", "—"] : cells(p)).map((text) => { const cell = document.createElement("td"); cell.textContent = text; return cell; }));
      return row;
    }));
    const known = budgets.map((b) => points.get(b)).filter((p) => p && !p.problem);
    const line = (name, key, axis, scale) => ({ name, type: "line", yAxisIndex: axis, symbolSize: 7, data: known.map((p) => [p.budget, p[key] * scale]), ...(axis ? {} : { markLine: { symbol: "none", silent: true, label: { formatter: "{c}" }, data: [{ xAxis: budget }] } }) });
    window.drawChart(figure, {
      aria: { enabled: true }, legend: { top: 0 }, grid: { left: 8, right: 8, top: 84, bottom: 40, containLabel: true }, tooltip: { trigger: "axis" },
      xAxis: { type: "value", name: words.budget, nameLocation: "middle", nameGap: 26, min: 0 },
      yAxis: [{ type: "value", name: words.recovery, nameTextStyle: { align: "left" } }, { type: "value", name: words.percent, min: 0, max: 100, nameTextStyle: { align: "right" }, splitLine: { show: false } }],
      series: [line(words.recovery, "recovery", 0, 1), line(words.coverage, "covered_share", 1, 100), line(words.half_width, "half_width", 1, 100)],
    });
  };
  const say = (text, n) => text.replace("%d", number(n));
  const fill = async () => {
    const turn = ++asked;
    for (const budget of budgets) {
      let answer;
      try {
        answer = await fetch(`/audit/planner.json?budget=${budget}&cover=${encodeURIComponent(form.dataset.cover)}`);
        if (turn !== asked || !answer.ok) return;
        points.set(budget, await answer.json());
      } catch { return; }
      write();
    }
    form.dataset.ready = "1";
  };
  slider.addEventListener("input", write);
  document.querySelector("#with-script").hidden = false;
  write();
  fill();
})();
