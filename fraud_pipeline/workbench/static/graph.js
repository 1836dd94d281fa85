// The interactive graph of ties (Cytoscape.js). Without this file the page has a drawn picture.
"use strict";
(() => {
  const root = document.querySelector("#graph[data-src]");
  if (!root || !window.cytoscape) return;
  let cy, words, nodeKinds, tieKinds, shownKinds = new Set(), leastDegree = 0, lastDay = null, grouping = "none";

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value != null) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };
  const say = (text, ...numbers) => numbers.reduce((said, n) => said.replace("%d", n), text);
  const signOf = (kind) => {
    const sign = make("span", { class: "graph-sign", "aria-hidden": "true" }, nodeKinds[kind].sign);
    sign.style.color = nodeKinds[kind].colour;
    return sign;
  };

  const style = () => [
    { selector: "node:childless", style: {
      shape: "data(shape)", "background-color": "data(colour)", label: "data(text)", width: 30, height: 30, "font-size": 11,
      "text-wrap": "wrap", "text-max-width": 110, "text-valign": "bottom", "text-margin-y": 3, color: "#1f2733", "text-overflow-wrap": "anywhere",
      "text-background-color": "#ffffff", "text-background-opacity": 0.85, "text-background-padding": 1, "min-zoomed-font-size": 6 } },
    { selector: "node[?marked]", style: { "border-width": 3, "border-color": "#1f2733" } },
    { selector: "node:parent", style: { "background-color": "#ffffff", "background-opacity": 0.6, "border-color": "#8895a3", "border-width": 1, label: "data(label)", "font-size": 13, "text-valign": "top", shape: "round-rectangle", padding: 18 } },
    { selector: "edge", style: { width: 2, "line-color": "data(colour)", "curve-style": "bezier", "control-point-step-size": 28 } },
    { selector: "edge[!direct]", style: { "line-style": "dashed" } },
    { selector: "edge[kind='money_back'], edge[kind='payment']", style: { "target-arrow-shape": "triangle", "target-arrow-color": "data(colour)" } },
    { selector: ".faded", style: { opacity: 0.18 } },
    { selector: "node:selected", style: { "border-width": 5, "border-color": "#d98200" } },
    { selector: ".out", style: { display: "none" } },
  ];

  const nodeElement = (node) => ({ group: "nodes", data: {
    ...node, shape: nodeKinds[node.kind].shape, colour: nodeKinds[node.kind].colour, text: node.more ? `${node.label} (+${node.more})` : node.label } });
  const edgeElement = (edge) => ({ group: "edges", data: {
    ...edge, colour: tieKinds[edge.kind].colour, direct: !(edge.kind in nodeKinds), title: [tieKinds[edge.kind].label, edge.since, edge.detail].filter(Boolean).join(", ") } });

  const arrange = () => {
    const shown = cy.elements(":visible");
    shown.layout({ name: "circle", animate: false }).run();
    shown.layout({ name: "cose", animate: false, randomize: false, nodeDimensionsIncludeLabels: true, idealEdgeLength: () => 70, nodeRepulsion: () => 9000, padding: 24, numIter: 1500 }).run();
    cy.fit(shown, 24);
  };

  // What the filters leave out is hidden; the tables always show what the picture shows.
  const filter = () => {
    cy.batch(() => {
      const ties = cy.edges().filter((edge) => shownKinds.has(edge.data("kind")) && (lastDay === null || !edge.data("since") || edge.data("since") <= lastDay));
      const degree = (node) => node.connectedEdges().intersection(ties).length;
      const least = lastDay === null && shownKinds.size === Object.keys(tieKinds).length ? leastDegree : Math.max(1, leastDegree);
      const kept = cy.nodes(":childless").filter((node) => (node.data("shared") ? degree(node) > 1 : degree(node) >= least));
      cy.nodes(":childless").forEach((node) => { node.toggleClass("out", !kept.contains(node)); });
      cy.edges().forEach((edge) => { edge.toggleClass("out", !(ties.contains(edge) && kept.contains(edge.source()) && kept.contains(edge.target()))); });
      cy.nodes(":parent").forEach((group) => { group.toggleClass("out", group.children().every((child) => child.hasClass("out"))); });
    });
    tables();
  };

  const group = () => {
    cy.batch(() => {
      cy.nodes(":childless").forEach((node) => { node.move({ parent: null }); });
      cy.remove("node[?isGroup]");
      if (grouping === "none") return;
      const names = new Map();
      const own = (node) => node.data(grouping) || words.unknown;
      cy.nodes().forEach((node) => {
        if (node.data("isGroup")) return;
        const around = node.data("shared") ? [...new Set(node.neighborhood("node").map(own))] : [own(node)];
        if (around.length === 1) names.set(node.id(), around[0]);
      });
      for (const name of new Set(names.values())) cy.add({ group: "nodes", data: { id: `group:${name}`, label: name, isGroup: true } });
      for (const [id, name] of names) cy.getElementById(id).move({ parent: `group:${name}` });
    });
    filter();
    arrange();
  };

  const tieRow = (edge) => make("tr", {}, make("td", {}, edge.source().data("label")), make("td", {}, tieKinds[edge.data("kind")].label), make("td", {}, edge.target().data("label")), make("td", {}, edge.data("since") || words.unknown), make("td", {}, edge.data("detail")));
  const table = (caption, heads, rows) => make("table", {}, make("caption", {}, caption), make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))), make("tbody", {}, ...rows));
  const tables = () => {
    const nodes = cy.nodes(":childless:visible"), edges = cy.edges(":visible");
    root.querySelector("#graph-count").textContent = say(words.shown, nodes.length, edges.length);
    root.querySelector("#graph-tables").replaceChildren(
      table(words.nodes_table, [words.node, words.kind, words.n_ties, words.hidden], nodes.map((node) => make("tr", {},
        make("td", {}, make("button", { type: "button", class: "quiet", onclick: () => look(node) }, node.data("label")), node.data("code") && node.data("code") !== node.data("label") ? make("code", {}, " " + node.data("code")) : ""),
        make("td", {}, nodeKinds[node.data("kind")].label), make("td", { class: "num" }, String(node.connectedEdges(":visible").length)), make("td", { class: "num" }, node.data("more") ? `+${node.data("more")}` : "")))),
      table(words.ties_table, [words.from, words.kind, words.to, words.since, words.detail], edges.map(tieRow)));
    const list = root.querySelector("#graph-find"), chosen = list.value;
    list.replaceChildren(make("option", { value: "" }, words.choose), ...nodes.map((node) => make("option", { value: node.id() }, `${nodeKinds[node.data("kind")].label} ${node.data("label")}`)));
    list.value = nodes.some((node) => node.id() === chosen) ? chosen : "";
  };

  // The chosen node: who it is, its ties, how many parties are not shown, and the button that adds them.
  const look = (node, said) => {
    cy.elements().removeClass("faded").unselect();
    cy.elements(":childless").not(node.closedNeighborhood()).addClass("faded");
    node.select();
    root.querySelector("#graph-find").value = node.id();
    const data = node.data(), lines = [];
    if (data.region) lines.push(data.region);
    if (data.elsewhere) lines.push(say(words.elsewhere, data.elsewhere));
    if (said) lines.push(said);
    const items = node.connectedEdges(":visible").map((edge) => {
      const other = edge.source().same(node) ? edge.target() : edge.source();
      return make("li", {}, `${tieKinds[edge.data("kind")].label}: ${other.data("label")}`, ...[edge.data("since"), edge.data("detail")].filter(Boolean).map((text) => make("span", { class: "dim" }, ` ${text}`)));
    });
    root.querySelector(".graph-detail").replaceChildren(
      make("h3", {}, signOf(data.kind), ` ${data.label}`), make("p", { class: "dim" }, nodeKinds[data.kind].label, data.code && data.code !== data.label ? make("code", {}, ` ${data.code}`) : ""),
      ...lines.map((line) => make("p", {}, line)),
      data.more ? make("p", {}, make("button", { type: "button", id: "graph-expand", class: "primary", onclick: () => expand(node) }, say(words.expand, data.more))) : "",
      data.href ? make("p", {}, make("a", { href: data.href }, words.open)) : "",
      make("h3", {}, `${words.ties} (${items.length})`), make("ul", {}, ...items));
  };
  const unlook = () => {
    cy.elements().removeClass("faded");
    root.querySelector(".graph-detail").replaceChildren(make("p", { class: "dim" }, words.none));
  };

  const expand = async (node) => {
    let graph;
    try {
      const answer = await fetch(node.data("expand"));
      if (!answer.ok) return;
      graph = await answer.json();
    } catch { return; }
    const before = cy.nodes().length, at = node.position();
    learn(graph);
    const parties = graph.nodes.filter((one) => !one.shared);
    const fresh = graph.nodes.filter((one) => cy.getElementById(one.id).empty());
    cy.batch(() => {
      fresh.forEach((one, k) => { cy.add({ ...nodeElement(one), position: { x: at.x + 110 * Math.cos((2 * Math.PI * k) / fresh.length), y: at.y + 110 * Math.sin((2 * Math.PI * k) / fresh.length) } }); });
      graph.edges.filter((one) => cy.getElementById(one.id).empty()).forEach((one) => { cy.add(edgeElement(one)); });
      const left = graph.left_out || 0;
      node.data("more", left && !node.data("shared") ? left : 0);
      node.data("text", node.data("more") ? `${node.data("label")} (+${left})` : node.data("label"));
    });
    const added = fresh.filter((one) => !one.shared).length;
    kindBoxes();
    if (grouping === "none") filter(); else group();
    if (cy.nodes().length > before) arrange();
    const said = parties.length && added ? say(words.expanded, added) : words.nothing;
    look(node, graph.left_out ? `${said}; ${say(words.left_out, graph.left_out)}` : said);
  };

  // Kinds of tie that a graph brings are known from then on, and shown.
  const learn = (graph) => {
    for (const kind of Object.keys(graph.tie_kinds)) if (!(kind in tieKinds)) shownKinds.add(kind);
    Object.assign(tieKinds, graph.tie_kinds);
  };
  const kindBoxes = () => {
    const boxes = Object.entries(tieKinds).map(([kind, term]) => {
      const line = make("span", { class: `graph-line${kind in nodeKinds ? " dashed" : ""}`, "aria-hidden": "true" });
      line.style.color = term.colour;
      const box = make("input", { type: "checkbox", name: "graph-kind", value: kind, checked: shownKinds.has(kind), onchange: (event) => { shownKinds[event.target.checked ? "add" : "delete"](kind); filter(); } });
      return make("label", { class: "pick" }, box, line, term.label);
    });
    root.querySelector("#graph-kinds").replaceChildren(make("legend", {}, words.kinds), ...boxes);
    const present = [...new Set(cy.nodes(":childless").map((node) => node.data("kind")))].filter(Boolean);
    root.querySelector(".graph-legend").replaceChildren(...present.map((kind) => make("li", {}, signOf(kind), ` ${nodeKinds[kind].label}`)));
  };

  // The page's own slider moves the graph too; elsewhere the graph has one, over the days of its ties.
  const slider = (days) => {
    const page = document.querySelector("#days");
    if (page) {
      const follow = () => {
        const day = new Date(page.dataset.first + "T00:00:00Z");
        day.setUTCDate(day.getUTCDate() + Number(page.value));
        lastDay = Number(page.value) < Number(page.max) ? day.toISOString().slice(0, 10) : null;
        filter();
      };
      page.addEventListener("input", follow);
      return { follow };
    }
    if (days.length < 2) return {};
    const shown = make("output", { id: "graph-day-shown" }, days[days.length - 1]);
    const range = make("input", { type: "range", id: "graph-day", min: 0, max: days.length - 1, value: days.length - 1, "aria-valuetext": days[days.length - 1], oninput: () => {
      const day = days[Number(range.value)];
      shown.textContent = day;
      range.setAttribute("aria-valuetext", day);
      lastDay = Number(range.value) < days.length - 1 ? day : null;
      filter();
    } });
    return { field: make("label", { title: words.no_day }, words.day, range, shown) };
  };

  const tools = (days) => {
    const button = (key, act) => make("button", { type: "button", onclick: act }, words[key]);
    const time = slider(days);
    const degree = make("input", { type: "number", id: "graph-degree", min: 0, max: 99, value: 0, oninput: (event) => { leastDegree = Number(event.target.value) || 0; filter(); } });
    const groups = make("select", { id: "graph-group", onchange: (event) => { grouping = event.target.value; group(); } }, ...["none", "programme", "source", "region"].map((name) => make("option", { value: name }, words[`group_${name}`])));
    const find = make("select", { id: "graph-find", onchange: (event) => { const node = cy.getElementById(event.target.value); if (node.nonempty()) { look(node); cy.center(node); } else unlook(); } });
    const select = button("select", () => {
      cy.elements().unselect().removeClass("faded");
      const fits = cy.nodes(":childless:visible").filter((node) => node.connectedEdges(":visible").length >= Math.max(1, leastDegree));
      fits.select();
      root.querySelector(".graph-detail").replaceChildren(make("p", {}, say(words.selected, fits.length)), make("ul", {}, ...fits.map((node) => make("li", {}, `${node.data("label")} (${node.connectedEdges(":visible").length})`))));
    });
    const saves = ["png", "svg", "graphml"].map((kind) => make("button", { type: "button", "data-save": kind, onclick: () => window.graphFiles[kind](cy, root.dataset.name) }, kind === "graphml" ? "GraphML" : kind.toUpperCase()));
    return [
      make("div", { class: "graph-tools" }, make("fieldset", { id: "graph-kinds" })),
      make("div", { class: "graph-tools" }, make("label", {}, words.degree, degree), select, make("label", {}, words.group, groups), make("label", {}, words.find, find), ...(time.field ? [time.field] : [])),
      make("div", { class: "graph-tools" }, button("in", () => zoom(1.25)), button("out", () => zoom(0.8)), button("fit", () => cy.fit(cy.elements(":visible"), 24)), button("arrange", arrange), make("span", { class: "dim" }, words.save), ...saves, make("span", { class: "dim", id: "graph-count", role: "status" })),
      time.follow,
    ];
  };
  const zoom = (factor) => cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  const keys = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] };

  const start = (graph) => {
    words = graph.words, nodeKinds = graph.node_kinds, tieKinds = {};
    learn(graph);
    const days = [...new Set(graph.edges.map((edge) => edge.since).filter(Boolean))].sort();
    const canvas = make("div", { class: "graph-canvas", tabindex: "0", role: "application", "aria-label": `${root.querySelector("h2").textContent}. ${words.table}`, "aria-describedby": "graph-how" });
    const [kinds, filters, view, follow] = tools(days);
    root.append(make("p", { class: "dim", id: "graph-how" }, words.how), kinds, make("ul", { class: "graph-legend" }), filters,
      make("div", { class: "graph-body" }, canvas, make("aside", { class: "graph-detail", "aria-live": "polite", "aria-label": words.ties, tabindex: "0" })), view,
      make("details", {}, make("summary", {}, words.table), make("div", { id: "graph-tables", class: "scroll", tabindex: "0", role: "region", "aria-label": words.table })));
    root.hidden = false;
    document.querySelectorAll(".picture").forEach((picture) => { picture.hidden = true; });
    cy = window.cytoscape({ container: canvas, elements: [...graph.nodes.map(nodeElement), ...graph.edges.map(edgeElement)], style: style(), layout: { name: "preset" }, minZoom: 0.1, maxZoom: 4, userZoomingEnabled: false });
    canvas.addEventListener("focus", () => cy.userZoomingEnabled(true));
    canvas.addEventListener("blur", () => cy.userZoomingEnabled(false));
    cy.on("tapstart", () => canvas.focus({ preventScroll: true }));
    cy.on("tap", "node:childless", (event) => look(event.target));
    cy.on("dbltap", "node:childless", (event) => { if (event.target.data("more")) expand(event.target); });
    cy.on("tap", (event) => { if (event.target === cy) unlook(); });
    canvas.addEventListener("keydown", (event) => {
      if (event.key in keys) cy.panBy({ x: keys[event.key][0], y: keys[event.key][1] });
      else if (event.key === "+" || event.key === "=") zoom(1.25);
      else if (event.key === "-") zoom(0.8);
      else if (event.key === "0") cy.fit(cy.elements(":visible"), 24);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    kindBoxes();
    unlook();
    if (follow) follow(); else filter();
    arrange();
    root.cytoscape = cy;
    root.dataset.ready = "1";
  };

  const load = async () => {
    let graph;
    try {
      const answer = await fetch(root.dataset.src);
      if (!answer.ok) return;
      graph = await answer.json();
    } catch { return; } // the page was left, or the server is gone: the drawn picture stays
    start(graph);
  };
  load();
})();
