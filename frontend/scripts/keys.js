// Keys for lists: "/" searches, "j" and "k" move, "x" chooses, Enter opens, "?" tells. Pages work without them.
const rows = () => [...document.querySelectorAll("table.list tbody tr")];
const typing = (target) => target.closest("input, select, textarea, [contenteditable]");

function move(step) {
  const all = rows();
  if (all.length === 0) return;
  const now = all.findIndex((row) => row.dataset.current !== undefined);
  const next = all[Math.min(Math.max(now + step, 0), all.length - 1)];
  if (now >= 0) delete all[now].dataset.current;
  next.dataset.current = "";
  next.scrollIntoView({ block: "nearest" });
  (next.querySelector("a, input[type=checkbox]") ?? next).focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || (typing(event.target) && event.target.type !== "checkbox")) return;
  const current = document.querySelector("tr[data-current]");
  const act = {
    // The list's own search before the one for everything, which stands first on the page.
    "/": () => (document.querySelector("main .filters [name=q]") ?? document.querySelector("#search"))?.focus(),
    j: () => move(1),
    k: () => move(-1),
    x: () => current?.querySelector("input[name=pick]")?.click(),
    "?": () => document.querySelector("#keys-help")?.togglePopover?.(),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// "All of this page", and how many are chosen.
function boxes() {
  for (const box of document.querySelectorAll("input[data-all]")) {
    const all = () => [...document.querySelectorAll(`input[name="${box.dataset.all}"]`)];
    const button = box.form.querySelector("button");
    const text = button.textContent;
    const count = () => {
      const chosen = all().filter((one) => one.checked).length;
      button.disabled = chosen === 0;
      button.textContent = chosen === 0 ? text : `${text} (${chosen})`;
      box.checked = chosen > 0 && chosen === all().length;
      box.indeterminate = chosen > 0 && !box.checked;
    };
    box.addEventListener("change", () => {
      for (const one of all()) one.checked = box.checked;
      count();
    });
    for (const one of all()) one.addEventListener("change", count);
    // Without this script the box would do nothing. The browser keeps boxes over a reload.
    box.closest("label").hidden = false;
    count();
  }
}

// The page stands below this script, which is no module.
document.addEventListener("DOMContentLoaded", boxes);
