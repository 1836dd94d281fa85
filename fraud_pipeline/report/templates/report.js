document.getElementById("language").addEventListener("click", function () {
  var root = document.documentElement;
  var next = root.dataset.lang === "zh" ? "en" : "zh";
  root.dataset.lang = next;
  root.lang = next;
});
if (location.hash.indexOf("#claim-") === 0) {
  var row = document.getElementById(location.hash.slice(1));
  if (row) { row.open = true; }
}
