// Shows the sections that hold every word of the query, those with a word in the heading first.
"use strict";
(function () {
  const results = document.getElementById("site-results");
  const field = document.getElementById("site-query");
  if (!results || !field) return;
  const query = new URLSearchParams(location.search).get("q") || "";
  if (!query.trim()) return;
  field.value = query;
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);

  // Words found in the title and heading count ten times those in the text; 0 when one is missing.
  function weight([title, heading, , text]) {
    const top = (title + " " + heading).toLowerCase();
    const body = text.toLowerCase();
    let sum = 0;
    for (const word of words) {
      if (!top.includes(word) && !body.includes(word)) return 0;
      sum += (top.includes(word) ? 10 : 0) + (body.includes(word) ? 1 : 0);
    }
    return sum;
  }

  function excerpt(text) {
    const at = Math.max(0, Math.min(...words.map((w) => text.toLowerCase().indexOf(w)).filter((i) => i >= 0), text.length));
    const start = Math.max(0, (Number.isFinite(at) && at < text.length ? at : 0) - 60);
    return (start ? "… " : "") + text.slice(start, start + 220) + (start + 220 < text.length ? " …" : "");
  }

  const found = window.SEARCH_INDEX.map((section) => [weight(section), section])
    .filter(([sum]) => sum > 0)
    .sort((a, b) => b[0] - a[0])
    .slice(0, 50);
  for (const [, [title, heading, address, text]] of found) {
    const entry = document.createElement("p");
    const link = document.createElement("a");
    link.href = base_url + "/" + address;
    link.textContent = title === heading ? title : title + " · " + heading;
    entry.append(link, document.createElement("br"), excerpt(text));
    results.append(entry);
  }
  if (!found.length) results.textContent = "Nothing found · 没有找到";
  results.hidden = false;
})();
