// Draws the page's charts (ECharts) from the options in the page. Each chart has a table with the same numbers.
"use strict";
(() => {
  const compact = (value, zh) => new Intl.NumberFormat(zh ? "zh-CN" : "en-GB", { notation: "compact", maximumFractionDigits: 1 }).format(value);
  const zh = document.documentElement.lang.startsWith("zh");
  window.drawChart = (figure, option) => {
    const place = figure.querySelector(".chart");
    const chart = window.echarts.getInstanceByDom(place) || window.echarts.init(place);
    for (const axis of [option.xAxis, option.yAxis].flat().filter((one) => one && one.type === "value")) {
      axis.axisLabel = { ...axis.axisLabel, formatter: axis.percent ? (v) => `${Math.round(v * 1000) / 10}%` : (v) => compact(v, zh) };
    }
    chart.setOption({ animation: false, textStyle: { fontFamily: "sans-serif" }, color: ["#1d5b8f", "#a8481a", "#2f6b4c", "#7a2f6d"], tooltip: { renderMode: "richText", confine: true, ...option.tooltip }, ...option }, true);
    window.addEventListener("resize", () => chart.resize());
    figure.dataset.drawn = "1";
    return chart;
  };
  document.querySelectorAll("figure[data-option]").forEach((figure) => window.drawChart(figure, JSON.parse(figure.dataset.option)));
})();
