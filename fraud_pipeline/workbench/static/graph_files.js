// The graph on the screen as files: PNG by the library, SVG and GraphML from its elements.
"use strict";
(() => {
  const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
  const round = (value) => Math.round(value * 10) / 10;
  const corners = { diamond: 4, hexagon: 6, pentagon: 5, triangle: 3, star: 10, rhomboid: 4, octagon: 8 };

  const save = (name, content, kind) => {
    const blob = content instanceof Blob ? content : new Blob([content], { type: kind });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  const outline = (node) => {
    const { x, y } = node.position(), size = node.width() / 2, shape = node.data("shape"), colour = node.data("colour");
    if (shape === "ellipse") return `<circle cx="${round(x)}" cy="${round(y)}" r="${size}" fill="${colour}"/>`;
    if (shape === "rectangle") return `<rect x="${round(x - size)}" y="${round(y - size)}" width="${2 * size}" height="${2 * size}" fill="${colour}"/>`;
    const n = corners[shape] || 4;
    const points = [...Array(n).keys()].map((k) => {
      const angle = -Math.PI / 2 + (2 * Math.PI * k) / n, radius = shape === "star" && k % 2 ? size / 2 : size;
      return `${round(x + radius * Math.cos(angle))},${round(y + radius * Math.sin(angle))}`;
    });
    return `<polygon points="${points.join(" ")}" fill="${colour}"/>`;
  };

  const svg = (cy) => {
    const shown = cy.elements(":visible"), box = shown.boundingBox(), parts = [];
    shown.nodes(":parent").forEach((node) => {
      const b = node.boundingBox({ includeLabels: false });
      parts.push(`<rect x="${round(b.x1)}" y="${round(b.y1)}" width="${round(b.w)}" height="${round(b.h)}" fill="#ffffff" stroke="#8895a3"/><text x="${round(b.x1 + 6)}" y="${round(b.y1 - 5)}" font-size="13">${escape(node.data("label"))}</text>`);
    });
    shown.edges().forEach((edge) => {
      const a = edge.source().position(), b = edge.target().position();
      parts.push(`<line x1="${round(a.x)}" y1="${round(a.y)}" x2="${round(b.x)}" y2="${round(b.y)}" stroke="${edge.data("colour")}" stroke-width="2"${edge.data("direct") ? "" : ' stroke-dasharray="5 4"'}><title>${escape(edge.data("title"))}</title></line>`);
    });
    shown.nodes(":childless").forEach((node) => {
      const { x, y } = node.position();
      parts.push(`<g>${outline(node)}<text x="${round(x)}" y="${round(y + node.height() / 2 + 13)}" font-size="11" text-anchor="middle">${escape(node.data("label"))}</text></g>`);
    });
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${round(box.x1 - 20)} ${round(box.y1 - 20)} ${round(box.w + 40)} ${round(box.h + 40)}" font-family="sans-serif">${parts.join("\n")}</svg>\n`;
  };

  const graphml = (cy) => {
    const shown = cy.elements(":visible");
    const keys = [["kind", "node"], ["label", "node"], ["code", "node"], ["region", "node"], ["programme", "node"], ["kind", "edge"], ["since", "edge"], ["detail", "edge"]];
    const values = (element, of) => keys.filter(([name, where]) => where === of && element.data(name)).map(([name]) => `<data key="${of}_${name}">${escape(element.data(name))}</data>`).join("");
    return `<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n${keys.map(([name, of]) => `<key id="${of}_${name}" for="${of}" attr.name="${name}" attr.type="string"/>`).join("\n")}\n<graph edgedefault="undirected">\n${shown.nodes(":childless").map((node) => `<node id="${escape(node.id())}">${values(node, "node")}</node>`).join("\n")}\n${shown.edges().map((edge) => `<edge source="${escape(edge.data("source"))}" target="${escape(edge.data("target"))}">${values(edge, "edge")}</edge>`).join("\n")}\n</graph></graphml>\n`;
  };

  window.graphFiles = {
    png: (cy, name) => cy.png({ full: true, scale: 2, bg: "#ffffff", output: "blob-promise" }).then((blob) => save(`${name}.png`, blob)),
    svg: (cy, name) => save(`${name}.svg`, svg(cy), "image/svg+xml"),
    graphml: (cy, name) => save(`${name}.graphml`, graphml(cy), "application/xml"),
  };
})();
