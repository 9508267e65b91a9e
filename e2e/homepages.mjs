// Staff find out which of 600 homepages live, and decide about all of them: by keyboard, and many at once; customers are asked and answer.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startLab } from "./lab/homepages.mjs";
import { login, out, photographer, startBrowser, startPanel } from "./panel.mjs";

const shots = process.env.SCREENSHOTS ?? join(out, "screenshots");
mkdirSync(shots, { recursive: true });

const api = (page, path) => page.evaluate(async (p) => (await fetch(p)).json(), path);

/** All homepages as the API lists them. */
async function all(page) {
  const items = [];
  for (let cursor = ""; cursor !== null;) {
    const part = await api(page, `/api/v1/homepages?limit=500${cursor && `&cursor=${cursor}`}`);
    items.push(...part.items);
    cursor = part.next_cursor;
  }
  return items;
}

/** Held against the truth: at least 99 % right, and nothing that lives is taken for dead. */
function judged(items, truth) {
  const DEAD = ["placeholder", "parked", "server_default", "error", "unreachable", "no_address", "nxdomain"];
  const seen = new Map(items.map((h) => [h.name, h]));
  const wrong = truth.filter((t) => seen.get(t.name)?.class !== t.cls);
  assert.ok(wrong.length <= truth.length / 100, `${wrong.length} of ${truth.length}: ${JSON.stringify(wrong.slice(0, 5).map((w) => [w, seen.get(w.name)?.class]))}`);
  const killed = wrong.filter((t) => t.cls.startsWith("alive") && DEAD.includes(seen.get(t.name)?.class));
  assert.deepEqual(killed, [], "no live homepage is taken for dead");
  return wrong.length;
}

async function enter(page, panel) {
  await page.goto(`${panel.url}/login`);
  await page.fill("[name=email]", login.email);
  await page.fill("[name=password]", login.password);
  await page.click("main button.primary");
  await page.waitForSelector(".areas");
}

async function sweep(page, panel) {
  await page.goto(`${panel.url}/homepages`);
  const began = Date.now();
  await page.click('form[action="/homepages/sweep"] button');
  await page.waitForSelector(".sweep progress");
  await page.waitForSelector('form[action="/homepages/sweep"] button', { timeout: 120_000 });
  return Date.now() - began;
}

/** Decides a page of rows by keyboard; answers the slowest key press in milliseconds. */
async function triage(page, panel) {
  await page.goto(`${panel.url}/homepages?class=alive`);
  const rows = await page.locator("table.list tbody tr").count();
  assert.equal(rows, 50);
  await page.keyboard.press("j");
  await page.waitForSelector("#evidence h2", { timeout: 5000 });
  const slowest = await page.evaluate(async (n) => {
    const column = document.querySelector("#triage").dataset.column;
    let slowest = 0;
    for (let i = 0; i < n - 1; i++) {
      const row = document.querySelector("tr[data-current]");
      const cell = [...row.cells].find((c) => c.dataset.label === column);
      const [before, began] = [cell.textContent, performance.now()];
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "m", bubbles: true }));
      if (cell.textContent === before) throw new Error(`nothing changed in row ${i}`);
      await new Promise((r) => requestAnimationFrame(() => setTimeout(r)));
      slowest = Math.max(slowest, performance.now() - began);
    }
    return slowest;
  }, rows);
  // The last one differently, and back.
  await page.keyboard.press("d");
  await page.waitForURL(/page=2/);
  await page.goto(`${panel.url}/homepages?class=alive&decision=undecided`);
  await page.keyboard.press("j");
  const before = await page.innerText("tr[data-current]");
  const kept = () => page.waitForResponse((r) => /plan$|undo$/.test(r.url()) && r.ok());
  await Promise.all([kept(), page.keyboard.press("a")]);
  await Promise.all([kept(), page.keyboard.press("u")]);
  assert.equal(await page.innerText("table.list tbody tr"), before, "what was taken back is as it was");
  return slowest;
}

/** Decides about all that a filter leaves. */
async function bulk(page, panel, query, decision, shot) {
  await page.goto(`${panel.url}/homepages?${query}`);
  await page.click('.head a[href^="/homepages/decide"]');
  await page.selectOption("[name=decision]", decision);
  await page.click("main .card form button");
  await page.waitForSelector('form[action="/homepages/decide"][method=post]');
  if (shot) await shot("homepages-preview");
  await page.click('form[action="/homepages/decide"][method=post] button');
  await page.waitForSelector('form[action^="/audit/"]');
}

/** Without scripts: one is made that is in no papers, changed, decided about, and taken back. */
async function plainly(browser, panel, context, { lang, width }) {
  const plain = await browser.newContext({ viewport: { width, height: 900 }, locale: lang, javaScriptEnabled: false, reducedMotion: "reduce" });
  const page = await plain.newPage();
  page.setDefaultTimeout(15_000);
  const photo = photographer(shots, { lang, width, scripts: false });
  await enter(page, panel);
  await page.goto(`${panel.url}/homepages?class=parked`);
  await photo(page, "homepages");
  await page.click('.head a[href="/homepages/new"]');
  await page.fill("#f-name", "nachzuegler.example");
  await page.fill("#f-aliases", "*.nachzuegler.example a b");
  await page.click("main form button.primary");
  assert.ok(await page.locator("main .error").first().isVisible(), "what is wrong is said at its field");
  await photo(page, "homepage-new-wrong");
  await page.fill("#f-aliases", "*.nachzuegler.example");
  await page.click("main form button.primary");
  await page.waitForSelector(".flash.good");
  await page.click('.head a[href$="/edit"]');
  await page.check("[name=kind][value=redirect]");
  await page.fill("#f-target", "https://neu.example");
  await page.click("main form button.primary");
  await page.waitForSelector(".flash.good");
  await page.check("[name=decision][value=move]");
  await page.click("main .card.form button.primary");
  await page.waitForSelector('form[action^="/audit/"]');
  await photo(page, "homepage");
  await page.click('form[action^="/audit/"] button');
  assert.ok(await page.locator("[name=decision][value=undecided]").isChecked());
  await plain.close();
  const shown = await context.newPage();
  await shown.goto(`${panel.url}/homepages/new`);
  await photographer(shots, { lang, width })(shown, "homepage-new");
  await shown.close();
}

async function journey(browser, panel, lab, { lang, width }) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, locale: lang });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const photo = photographer(shots, { lang, width });
  const shot = (title) => photo(page, title);
  await enter(page, panel);
  // Where they move to; what is old the papers say.
  await page.goto(`${panel.url}/homepages/servers`);
  await page.fill("#f-name", "web-1");
  await page.check("[name=side][value=new]");
  await page.fill("#f-addresses", lab.fresh);
  await page.click("main .card.form button.primary");
  await page.waitForSelector(".flash.good");
  await shot("web-servers");

  const took = await sweep(page, panel);
  const first = judged(await all(page), lab.truth);
  await shot("homepages");
  await sweep(page, panel);
  const second = judged(await all(page), lab.truth);
  assert.equal(lab.forbidden(), 0, "nobody was led to where nobody is led");
  await page.goto(`${panel.url}/homepages/map`);
  assert.equal(await page.locator("a.dot").count(), lab.truth.length);
  await shot("homepages-map");

  let slowest = 0;
  if (width > 1000) {
    slowest = await triage(page, panel);
    await page.goto(`${panel.url}/homepages?class=parked`);
    await page.keyboard.press("j");
    await page.waitForSelector("#evidence h2");
    await shot("homepages-triage");
  }
  await bulk(page, panel, "class=alive&decision=undecided", "move");
  await bulk(page, panel, "class=moved_away", "proposed", shot);
  for (const cls of ["nxdomain", "parked", "error", "unreachable", "no_address", "server_default"]) await bulk(page, panel, `class=${cls}`, "drop");
  await bulk(page, panel, "decision=undecided", "ask");
  const decided = await all(page);
  assert.equal(decided.filter((h) => h.decision === "undecided").length, 0, "about every homepage it is decided");
  const alive = decided.find((h) => h.class === "alive");
  await sweep(page, panel);
  await page.goto(`${panel.url}/homepages/${alive.id}`);
  assert.ok((await page.innerText("main")).includes(lang === "de" ? "Alt neben neu" : "Old beside new"));
  await shot("homepage");
  await page.goto(`${panel.url}/homepages/map`);
  await shot("homepages-decided");
  await page.goto(`${panel.url}/homepages/course`);
  await shot("homepages-course");
  await plainly(browser, panel, context, { lang, width });

  // A letter to each customer that is asked; one of them answers by the link in it.
  await page.goto(`${panel.url}/homepages?decision=ask&class=placeholder`);
  await page.click('.head a[href^="/homepages/decide"]');
  await page.click('form[action="/homepages/letters"] button >> nth=0');
  await page.waitForSelector("table.list");
  await page.click("table.list details summary >> nth=0");
  await shot("homepages-letters");
  await page.click('form[action="/homepages/letters"] button.primary');
  await page.waitForSelector("p[role=status]");
  const mails = join(panel.env.HOSTLER_DATA_DIR, "mails");
  const find = () => spawnSync("grep", ["-rhoE", "http://localhost:[0-9]+/homepage-answer/[0-9a-z=]+", mails]);
  let link = "";
  for (let i = 0; i < 100 && !link; i++) {
    const decode = "import email,glob,re,sys\nfor f in glob.glob(sys.argv[1]+'/*.eml'):\n  t=email.message_from_file(open(f)).get_payload(decode=True).decode()\n  m=re.search(r'http://\\S+/homepage-answer/\\w+',t)\n  if m: print(m.group(0)); break\n";
    link = execFileSync("python3", ["-c", decode, mails]).toString().trim();
    if (!link) await new Promise((r) => setTimeout(r, 100));
  }
  assert.ok(link, String(find().stdout));
  const guest = await (await browser.newContext({ viewport: { width: 360, height: 800 }, locale: lang })).newPage();
  await guest.goto(link);
  await photographer(shots, { lang, width: 360 })(guest, "homepage-answer");
  for (const box of await guest.locator("input[value=keep]").all()) await box.check();
  await guest.click("main button.primary");
  await guest.waitForSelector(".flash.good");
  await guest.context().close();
  const kept = (await all(page)).filter((h) => (h.decided_by ?? "").startsWith("(letter"));
  assert.ok(kept.length > 0 && kept.every((h) => h.decision === "move"));

  // What a customer sees of it.
  await page.goto(`${panel.url}/customers/${kept[0].customer_id}`);
  await page.click('form[action$="/view-as"] button, a[href$="/view-as"]');
  await page.waitForSelector(".acting");
  await page.goto(`${panel.url}/homepages/${kept[0].id}`);
  await shot("homepage-customer");
  await context.close();
  return { took, wrong: [first, second], slowest: Math.round(slowest) };
}

const browser = await startBrowser();
let failed = 0;
for (const variant of [{ lang: "de", width: 1440 }, { lang: "en", width: 360 }]) {
  const lab = await startLab(variant.width > 1000 ? 600 : 60);
  const panel = await startPanel(process.env.HOSTLER_BIN, lab.settings);
  try {
    const made = spawnSync(panel.binary, ["import", "papers", lab.papers], { env: panel.env });
    assert.equal(made.status, 0, String(made.stderr));
    const told = await journey(browser, panel, lab, variant);
    console.log(`homepages ${variant.lang} ${variant.width}: ok, ${lab.truth.length} homepages in ${told.took} ms, wrong ${told.wrong}, slowest key ${told.slowest} ms`);
  } catch (error) {
    failed += 1;
    console.error(`homepages ${variant.lang} ${variant.width}:`, error);
  } finally {
    await panel.stop();
    lab.stop();
  }
}
await browser.close();
process.exitCode = failed === 0 ? 0 : 1;
