// The zone editor: records are changed in their places, staged, judged while they are typed, and sent together. What is
// said of them comes from the rules in wasm (frontend/src/islands/desk.rs); this is what one sees of it. Without it the
// page has a form for each record.

/** An element with properties, listeners (`onclick`) and attributes (`aria-…`, `data-…`). */
function el(name, props = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (key.includes("-")) node.setAttribute(key, value);
    else node[key] = value;
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

const same = (a, b) => a !== null && b !== null && ["owner", "ttl", "rtype", "data"].every((k) => a[k] === b[k]);
const remark = ([error, text], name, classes = "") => el(name, { className: `${classes} ${error ? "bad" : "warning"}` }, `${error ? "✕" : "▲"} ${text}`);

class Editor {
  constructor(bundle, place) {
    this.data = JSON.parse(place.dataset.zoneEditor);
    this.rules = bundle.ZoneDesk.open(place.dataset.zoneEditor);
    this.lines = this.data.rows.map(({ id, ...was }) => this.line(id, was, { ...was }));
    for (const id of this.data.staged.remove) this.find(id).gone = true;
    for (const { id, type, ...rest } of this.data.staged.put) {
      const now = { ...rest, rtype: type };
      if (id === undefined) this.lines.push(this.line(null, null, now));
      else this.find(id).now = now;
    }
    this.general = el("ul", { className: "remarks", "aria-live": "polite" });
    this.fresh = el("tbody");
    this.kept = el("tbody");
    this.panel = this.makePanel();
    place.append(this.general, this.makeTools(), this.makeTable(), this.panel.section);
    for (const line of this.lines) this.show(line);
    const first = this.data.open === null ? null : this.find(this.data.open);
    if (first) this.edit(first);
    this.judge();
    // What is staged is not lost by a wrong click.
    addEventListener("beforeunload", (event) => {
      if (!this.sent && this.staged > 0) event.preventDefault();
    });
  }

  t(key) {
    return this.data.words[key] ?? "";
  }

  line(id, was, now) {
    this.keys = (this.keys ?? 0) + 1;
    return { key: this.keys, id, was, now, gone: false, open: false, row: el("tr"), faults: el("div") };
  }

  find(id) {
    return this.lines.find((line) => line.id === id);
  }

  makeTable() {
    const heads = ["col-owner", "", "col-type", "col-data"].map((key) => el("th", { scope: "col" }, key ? this.t(key) : "TTL"));
    const last = el("th", { scope: "col" }, el("span", { className: "sr" }, this.t("col-action")));
    for (const line of this.lines) (line.id === null ? this.fresh : this.kept).append(line.row);
    return el("table", { className: "list records" },
      el("caption", { className: "sr" }, this.t("tab-records")),
      el("thead", {}, el("tr", {}, ...heads, last)), this.fresh, this.kept);
  }

  makeTools() {
    const text = el("textarea", { rows: 6, className: "mono", spellcheck: false });
    const errors = el("ul", { className: "remarks", "aria-live": "polite" });
    const take = () => {
      const pasted = JSON.parse(this.rules.paste(text.value, this.t("line")));
      errors.replaceChildren(...pasted.errors.map((error) => remark([true, error], "li")));
      if (pasted.errors.length > 0) return;
      const there = (record) => this.lines.some(({ gone, now }) => !gone && ["owner", "rtype", "data"].every((k) => now[k] === record[k]));
      for (const record of pasted.records) if (!there(record)) this.add(record);
      text.value = "";
      paste.hidden = true;
      this.judge();
    };
    const paste = el("div", { className: "field", hidden: true },
      el("label", {}, this.t("editor-paste-label"), text), errors,
      el("p", { className: "buttons" }, el("button", { type: "button", onclick: take }, this.t("editor-paste-submit"))));
    const add = () => {
      this.edit(this.add({ owner: "", ttl: "", rtype: "A", data: "" }));
      this.judge();
    };
    const open = () => {
      paste.hidden = !paste.hidden;
      if (!paste.hidden) text.focus();
    };
    return el("div", {},
      el("p", { className: "buttons" },
        el("button", { type: "button", onclick: add }, this.t("record-new")),
        el("button", { type: "button", onclick: open }, this.t("editor-paste"))), paste);
  }

  makePanel() {
    const count = el("span", { className: "num" });
    const rows = el("tbody");
    const changes = el("input", { type: "hidden", name: "changes" });
    const button = (value, text, classes = "") => el("button", { name: "then", value, className: classes }, text);
    const stage = button("stage", this.t("editor-save"), "primary");
    const publish = button("publish", this.t("editor-publish"));
    const reset = el("button", { type: "button", onclick: () => this.resetAll() }, this.t("editor-reset-all"));
    const form = el("form", { method: "post", action: `${this.data.base}/changes`, onsubmit: () => { this.sent = true; } },
      el("input", { type: "hidden", name: "revision", value: this.data.revision }), changes,
      el("p", { className: "buttons" }, stage, publish, reset));
    const section = el("section", { className: "card staged", hidden: true, "aria-label": this.t("editor-staged") },
      el("h2", {}, this.t("editor-staged"), " ", count),
      el("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": this.t("editor-staged") },
        el("table", { className: "diff" }, rows)), form);
    return { section, count, rows, changes, stage, publish };
  }

  /** A new line, the newest on top. */
  add(record) {
    const line = this.line(null, null, record);
    this.lines.push(line);
    this.fresh.prepend(line.row);
    this.show(line);
    return line;
  }

  remove(line) {
    if (line.id === null) {
      this.lines.splice(this.lines.indexOf(line), 1);
      line.row.remove();
    } else {
      line.gone = true;
      this.show(line);
    }
    this.judge();
  }

  reset(line) {
    if (line.id === null) return this.remove(line);
    line.gone = false;
    line.now = { ...line.was };
    this.show(line);
    this.judge();
  }

  resetAll() {
    for (const line of [...this.lines]) this.reset(line);
  }

  /** The line as a row of the list. */
  show(line) {
    line.open = false;
    const { owner, ttl, rtype, data } = line.now;
    const open = (event) => {
      event.preventDefault();
      line.gone = false;
      this.edit(line);
      this.judge();
    };
    const touched = line.gone || (line.was !== null && !same(line.was, line.now));
    const [sign, word, act] = touched ? ["↶", "editor-reset", () => this.reset(line)] : ["×", "record-delete", () => this.remove(line)];
    const cell = (label, className, ...children) => el("td", { className, "data-label": label }, ...children);
    line.row.replaceChildren(
      el("th", { scope: "row", className: "mono break", "data-label": this.t("col-owner") }, el("a", { href: "#", onclick: open }, owner || "@")),
      cell("TTL", "num", ttl), cell(this.t("col-type"), "", rtype), cell(this.t("col-data"), "mono break", data, line.faults),
      el("td", {}, el("button", { type: "button", className: "plain", onclick: act, "aria-label": `${this.t(word)} ${owner} ${rtype}` }, sign)));
  }

  /** The line as fields. */
  edit(line) {
    line.open = true;
    const input = (label, name, props = {}) => el("label", {}, label,
      el("input", { className: "mono", spellcheck: false, value: line.now[name], ...props, oninput: (event) => this.type(line, name, event.target.value) }));
    const types = this.data.types.includes(line.now.rtype) ? this.data.types : [...this.data.types, line.now.rtype];
    const parts = el("div", { className: "fields parts" });
    const chosen = (event) => {
      this.type(line, "rtype", event.target.value);
      this.parts(line, parts);
    };
    const type = el("label", {}, this.t("col-type"), el("select", { onchange: chosen }, ...types.map((t) => el("option", { value: t, selected: t === line.now.rtype }, t))));
    const owner = input(this.t("col-owner"), "owner", { placeholder: "@" });
    const close = () => {
      this.show(line);
      this.judge();
      line.row.querySelector("a").focus();
    };
    const keys = (event) => {
      if (event.key === "Enter") event.preventDefault(), close();
      else if (event.key === "Escape") this.reset(line);
    };
    this.parts(line, parts);
    line.row.replaceChildren(el("td", { colSpan: 5, className: "edit", onkeydown: keys },
      el("div", { className: "fields" }, owner, input("TTL", "ttl", { placeholder: this.t("editor-ttl") }), type), parts, line.faults,
      el("p", { className: "buttons" },
        el("button", { type: "button", onclick: close }, this.t("editor-close")),
        el("button", { type: "button", onclick: () => this.reset(line) }, this.t("editor-reset")))));
    owner.querySelector("input").focus();
  }

  /** The data as one field for each part of its type. */
  parts(line, place) {
    const fields = JSON.parse(this.rules.fields(line.now.rtype, line.now.data));
    const values = fields.map(([, value]) => value);
    const help = this.t(`type-help-${line.now.rtype.toLowerCase()}`);
    const made = fields.map(([name, value], i) => {
      const long = line.now.rtype === "TXT";
      const typed = (event) => {
        values[i] = event.target.value.replace(/[\r\n]+/g, "");
        this.type(line, "data", values.join(" ").trim());
      };
      const input = el(long ? "textarea" : "input", { className: "mono wrap", spellcheck: false, value, oninput: typed });
      return el("label", { className: i === fields.length - 1 ? "wide" : "" }, name ? this.t(`part-${name}`) : this.t("col-data"), input);
    });
    place.replaceChildren(...made, help ? el("p", { className: "help wide" }, help) : "");
  }

  type(line, name, value) {
    line.now = { ...line.now, [name]: value };
    this.judge();
  }

  /** Asks the rules, and shows what they say. */
  judge() {
    const lines = this.lines.map(({ key, id, was, now, gone }) => ({ key, id, was, now: gone ? null : now }));
    const said = JSON.parse(this.rules.judge(JSON.stringify(lines)));
    this.general.replaceChildren(...said.general.map((one) => remark(one, "li")));
    for (const line of this.lines) {
      line.faults.replaceChildren(...(said.lines[line.key] ?? []).map((one) => remark(one, "p", "fault")));
      line.row.className = line.gone ? "removed" : line.was === null ? "added" : same(line.was, line.now) ? "" : "changed";
    }
    this.staged = said.changes.length;
    const { section, count, rows, changes, stage, publish } = this.panel;
    section.hidden = this.staged === 0;
    count.textContent = String(this.staged);
    changes.value = JSON.stringify(said.staged);
    stage.disabled = said.unreadable;
    publish.disabled = said.unreadable || said.errors;
    rows.replaceChildren(...said.changes.map(([sign, old, next]) =>
      el("tr", { className: { "+": "added", "~": "changed" }[sign] ?? "removed" },
        el("td", {}, sign), el("td", { className: "mono break" }, old && next ? `${old} → ${next}` : old + next))));
  }
}

/** Puts the editor into its place on the page. */
export const start = (bundle, place) => new Editor(bundle, place);
