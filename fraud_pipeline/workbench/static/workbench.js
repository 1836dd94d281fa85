// Shortcuts only: every page works without this file.
"use strict";
(() => {
  const typing = (target) => target.closest("input:not([type=radio]):not([type=checkbox]), select, textarea");
  const rows = () => [...document.querySelectorAll("#queue tbody tr")].filter((row) => row.querySelector("a.open"));
  let at = -1;
  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    at = Math.min(all.length - 1, Math.max(0, at + step));
    all.forEach((row, k) => row.classList.toggle("current", k === at));
    all[at].querySelector("a.open").focus();
  };
  const press = (selector) => {
    const found = document.querySelector(selector);
    if (found) found.click();
    return Boolean(found);
  };
  const keys = {
    j: () => move(1), k: () => move(-1), t: () => press("#take-next"), u: () => press("#undo"),
    "/": () => { const box = document.querySelector("main input[name=find]") || document.querySelector("#find-all"); if (box) box.focus(); return Boolean(box); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (/^[1-5]$/.test(event.key)) {
      const picks = document.querySelectorAll("#decide input[name=verdict]");
      if (picks.length) { picks[Number(event.key) - 1].focus(); picks[Number(event.key) - 1].click(); event.preventDefault(); }
    } else if (keys[event.key] && keys[event.key]() !== false) event.preventDefault();
  });
  // One tick picks every claim of the page.
  const all = document.querySelector("#pick-all");
  if (all) {
    all.hidden = false;
    all.addEventListener("change", () => document.querySelectorAll("#queue input[name=claim]").forEach((box) => { box.checked = all.checked; }));
  }
  // Only the reasons that go with the chosen verdict are offered.
  const reason = document.querySelector("#reason");
  document.querySelectorAll("#decide input[name=verdict]").forEach((pick) => pick.addEventListener("change", () => {
    for (const option of reason.options) {
      option.hidden = option.disabled = Boolean(option.dataset.fits) && !option.dataset.fits.split(" ").includes(pick.value);
      if (option.hidden && option.selected) reason.value = "";
    }
  }));
  // The ring's day follows the slider; the graph follows at once, the rest of the page by the button.
  const days = document.querySelector("#days");
  if (days) {
    const shown = document.querySelector("#day");
    days.addEventListener("input", () => {
      const day = new Date(days.dataset.first + "T00:00:00Z");
      day.setUTCDate(day.getUTCDate() + Number(days.value));
      shown.textContent = day.toISOString().slice(0, 10);
    });
  }
  // A form is sent once, however often it is clicked.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
    window.setTimeout(() => delete event.target.dataset.sent, 3000);
  });
})();
