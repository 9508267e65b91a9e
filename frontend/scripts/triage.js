// Triage by keyboard: "m", "a", "d", "e", "0" decide about the current row, "u" takes the last decision back, "c" looks again.
// What a key does is shown at once and sent then; where it cannot be kept, it is shown as it was.
const place = document.querySelector("#triage");
const said = document.querySelector("#triage-said");
const panel = document.querySelector("#evidence");
const undoable = [];
const current = () => document.querySelector("table.list tr[data-current]");
const idOf = (row) => row?.querySelector("input[name=pick]")?.value;
const press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));

async function api(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: { "content-type": "application/json", accept: "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.status === 204 ? null : answer.json();
}

function cellOf(row) {
  return [...row.cells].find((cell) => cell.dataset.label === place.dataset.column);
}

function tell(text) {
  said.textContent = text;
}

async function decide(row, shown) {
  const [id, cell] = [idOf(row), cellOf(row)];
  if (!id) return;
  const before = cell ? [...cell.childNodes] : [];
  cell?.replaceChildren(...[...shown.childNodes].map((node) => node.cloneNode(true)));
  const name = row.querySelector("a")?.textContent ?? "";
  tell(`${name}: ${shown.textContent}`);
  const last = row === [...row.parentNode.rows].at(-1);
  if (!last) press("j");
  let kept;
  // Before it is sent: whoever takes it back at once means this one.
  undoable.push({ entry: new Promise((resolve) => { kept = resolve; }), row, cell, before });
  try {
    const done = await api("POST", "/api/v1/homepages/plan", {
      selection: { ids: [id] },
      change: { decision: shown.dataset.decision },
    });
    if (done.items.length !== 1 || done.items[0].errors.length > 0) throw new Error(done.items[0]?.errors[0]?.detail ?? "404");
    kept(done.audit);
    if (last && place.dataset.next) location.assign(place.dataset.next);
  } catch (error) {
    kept(null);
    cell?.replaceChildren(...before);
    tell(`${name}: ${place.dataset.failed} (${error.message})`);
    said.classList.remove("sr");
  }
}

async function undo() {
  const last = undoable.pop();
  if (!last) return;
  const after = [...(last.cell?.childNodes ?? [])];
  last.cell?.replaceChildren(...last.before);
  tell(last.cell?.textContent ?? "");
  try {
    const entry = await last.entry;
    if (entry !== null) await api("POST", `/api/v1/audit/${entry}/undo`);
  } catch (error) {
    last.cell?.replaceChildren(...after);
    tell(`${place.dataset.failed} (${error.message})`);
    said.classList.remove("sr");
  }
}

let wanted;
async function evidence() {
  const id = idOf(current());
  if (!id || !matchMedia("(min-width: 1100px)").matches) return;
  wanted = id;
  // Whoever runs down the list is shown what they stop at.
  await new Promise((later) => setTimeout(later, 120));
  if (wanted !== id) return;
  const answer = await fetch(`/homepages/${id}/evidence`);
  if (!answer.ok || wanted !== id) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  panel.replaceChildren(...page.body.childNodes);
  panel.hidden = false;
  document.querySelector("main").classList.add("beside");
}

if (place) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target.closest?.("input, select, textarea, [contenteditable]");
    if (field && field.type !== "checkbox") return;
    const shown = place.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (shown && current()) {
      event.preventDefault();
      decide(current(), shown);
    } else if (event.key === "u") {
      event.preventDefault();
      undo();
    } else if (event.key === "c" && current()) {
      event.preventDefault();
      const row = current();
      api("POST", "/api/v1/homepages/sweep", { ids: [idOf(row)] }).then(() => location.reload(), (error) => tell(error.message));
    } else if (event.key === "Escape") {
      panel.hidden = true;
      document.querySelector("main").classList.remove("beside");
    } else if (event.key === "j" || event.key === "k") {
      evidence();
    }
  });
}

// How far the look at all of them is.
const sweep = document.querySelector(".sweep[data-job]");
if (sweep) {
  const [bar, text, note] = ["progress", "[data-text]", "[data-note]"].map((part) => sweep.querySelector(part));
  const look = async () => {
    const job = await api("GET", `/api/v1/jobs/${sweep.dataset.job}`);
    if (!["waiting", "running"].includes(job.state)) return location.reload();
    bar.max = Math.max(job.progress_total, 1);
    bar.value = job.progress_done;
    text.textContent = text.textContent.replace(/^\D*\d+\D+\d+/, (old) => {
      const numbers = [job.progress_done, job.progress_total];
      return old.replace(/\d+/g, () => numbers.shift());
    });
    note.textContent = job.progress_note ?? "";
    setTimeout(look, 1000);
  };
  setTimeout(look, 700);
}
