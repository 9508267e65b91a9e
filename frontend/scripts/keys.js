// Keys for lists: "/" searches, "j" and "k" move, "x" chooses, Enter opens, "?" shows this. Pages work without them.
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
    "/": () => document.querySelector("main .filters [name=q], #search")?.focus(),
    j: () => move(1),
    k: () => move(-1),
    x: () => current?.querySelector("input[type=checkbox]")?.click(),
    "?": () => document.querySelector("#keys-help")?.togglePopover?.(),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// "All of this page": the box in the head of a list.
for (const box of document.querySelectorAll("input[data-all]")) {
  box.addEventListener("change", () => {
    for (const one of document.querySelectorAll(`input[name="${box.dataset.all}"]`)) one.checked = box.checked;
  });
}
