// login → import → reconcile → edit a zone → diff → publish → versions, with and without JavaScript, and pictures of it.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { accessible, archive, login, out, picture, startBrowser, startPanel } from "./panel.mjs";

const shots = process.env.SCREENSHOTS ?? join(out, "screenshots");
mkdirSync(shots, { recursive: true });
let passed = 0;

/** Records changed in their places: judged while typed, staged, taken back one by one, sent together. */
async function editorJourney(page, shot, host, texts) {
  await page.waitForSelector("html[data-islands=live]");
  assert.equal(await page.locator(".unless-live").isVisible(), false, "the forms make room for the editor");
  const before = await page.locator("[data-zone-editor] .records tbody tr").count();
  await page.getByRole("button", { name: texts.record }).click();
  const added = page.locator("[data-zone-editor] .records tr.added");
  await added.locator(".fields input").first().fill(host);
  await added.locator(".parts input").fill("192.0.2.300");
  await added.locator(".fault.bad").first().waitFor();
  assert.equal(await page.locator("button[value=stage]").isDisabled(), true, "what cannot be read is not sent");
  await shot("zone-error");
  await added.locator(".parts input").fill("192.0.2.30");
  await added.locator(".fault.bad").waitFor({ state: "detached" });
  await added.locator(".parts input").press("Enter");
  assert.match(await added.innerText(), /192\.0\.2\.30/);
  // A type of several parts has a field for each.
  await page.getByRole("button", { name: texts.record }).click();
  const second = added.first();
  await second.locator("select").selectOption("SRV");
  assert.equal(await second.locator(".parts input").count(), 4);
  await second.locator(".fields input").first().fill("_imaps._tcp");
  for (const [i, value] of ["0", "5", "993", "mail.example.net."].entries()) await second.locator(".parts input").nth(i).fill(value);
  await shot("zone-fields");
  await second.locator(".parts input").last().press("Enter");
  assert.match(await second.innerText(), /0 5 993 mail\.example\.net\./);
  // One that goes, and comes back.
  const first = page.locator("[data-zone-editor] tbody >> nth=1 >> tr >> nth=-1");
  await first.locator("button.plain").click();
  assert.equal(await first.getAttribute("class"), "removed");
  assert.equal(await page.locator(".staged tbody tr").count(), 3);
  await shot("zone-staged");
  await first.locator("button.plain").click();
  assert.equal(await page.locator(".staged tbody tr").count(), 2);
  // Pasted text: what is there already does not come twice.
  await page.getByRole("button", { name: texts.paste }).click();
  const paste = page.locator("[data-zone-editor] .field textarea");
  await paste.fill(`${host} 300 IN A 192.0.2\n`);
  await page.getByRole("button", { name: texts.take }).click();
  await page.waitForSelector("[data-zone-editor] .field .bad");
  await paste.fill(`kopie-${host} 300 IN A 192.0.2.31\n`);
  await page.getByRole("button", { name: texts.take }).click();
  assert.equal(await page.locator("[data-zone-editor] .records tbody tr").count() - before, 3);
  await page.click("button[value=stage]");
  await page.waitForSelector(".flash.good");
  assert.match(page.url(), /\/publish$/);
  assert.match(await page.innerText("table.diff"), new RegExp(`kopie-${host}`));
}

async function journey(browser, panel, { scripts, lang, width }) {
  const name = `${scripts ? "js" : "nojs"}-${lang}-${width}`;
  const context = await browser.newContext({ javaScriptEnabled: scripts, locale: lang === "de" ? "de-DE" : "en-GB", viewport: { width, height: 900 }, reducedMotion: "reduce" });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const problems = [];
  page.on("console", (m) => m.type() === "error" && problems.push(m.text()));
  page.on("pageerror", (e) => problems.push(String(e)));
  const shot = async (title) => {
    await page.screenshot({ path: join(shots, `${title}-${name}.png`), fullPage: true });
    await picture(page, title, { lang, width, scripts });
    const wide = await page.locator("html").evaluate?.((h) => h.scrollWidth - h.clientWidth).catch(() => 0);
    if (scripts) {
      assert.ok(wide <= 0, `${title} scrolls sideways at ${width} px by ${wide}`);
      await accessible(page, `${title} (${name})`);
    }
  };
  const go = async (path) => {
    const answer = await page.goto(panel.url + path);
    assert.equal(answer.status(), 200, path);
  };
  const texts = lang === "de"
    ? { publish: /veröffentlichen/, applied: "übernommen", added: "Eintrag vormerken", version: "Veröffentlicht als Version 2", apply: /übernehmen$/, record: "Neuer Eintrag", paste: "Zonentext einfügen", take: "Einträge vormerken" }
    : { publish: /^Publish/, applied: "applied", added: "Stage record", version: "Published as version 2", apply: /^Take over/, record: "New record", paste: "Paste zone text", take: "Stage the records" };

  await page.goto(panel.url + "/domains");
  assert.match(page.url(), /\/login\?next=/);
  await shot("login");
  await page.fill("[name=email]", login.email);
  await page.fill("[name=password]", "falsches Passwort");
  await page.click("main button");
  assert.equal(await page.inputValue("[name=email]"), login.email, "what was typed is kept");
  assert.equal(await page.inputValue("[name=password]"), "");
  await page.fill("[name=password]", login.password);
  await page.click("main button");
  assert.match(page.url(), /\/domains$/);

  await go("/import");
  await shot("import");
  await page.setInputFiles("[name=papers]", archive("papers.tar.gz"));
  await page.click("main form button.primary");
  // The page reloads by itself while the job runs, with and without scripts.
  await page.waitForSelector("table.list", { timeout: 30_000 });
  await shot("plan");
  const apply = page.locator("main button.primary");
  if (await apply.count()) {
    await apply.click();
    await page.waitForSelector(`.head:has-text("${texts.applied}")`, { timeout: 30_000 });
  }
  await go("/");
  await shot("overview");
  await go("/reconciliation");
  assert.ok((await page.locator(".chips li").count()) >= 8, "kinds of problems");
  await shot("reconciliation");
  await page.click(".chip >> nth=1");
  assert.match(page.url(), /kind=/);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#kept tbody tr:first-child a")]);
  assert.ok(download.suggestedFilename().length > 0);

  for (const path of ["/customers", "/homepages", "/mail"]) {
    await go(path);
    await shot(path.slice(1));
  }
  await go("/customers");
  await page.click("tbody a >> nth=0");
  await shot("customer");

  await go("/domains?q=unterstrich");
  await page.click("table.list tbody a >> nth=0");
  await shot("zone");
  const host = `neu-${name}`;
  if (scripts) await editorJourney(page, shot, host, texts);
  else {
    await page.fill("#f-owner", host);
    await page.fill("#f-data", "192.0.2.300");
    await page.click(`button:has-text("${texts.added}")`);
    assert.equal(await page.inputValue("#f-owner"), host, "what was typed is kept");
    await page.waitForSelector("[aria-invalid=true]");
    await shot("zone-error");
    await page.fill("#f-data", "192.0.2.30");
    await page.click(`button:has-text("${texts.added}")`);
    await page.waitForSelector(".flash.good");
  }
  await page.click(".tabs a >> nth=1");
  if (scripts) {
    await page.waitForSelector("html[data-islands=live]");
    assert.deepEqual(problems.filter((p) => !/422/.test(p)), [], "the islands came to life without complaint");
    const text = await page.inputValue("#f-text");
    await page.fill("#f-text", `${text}kaputt IN A 1.2.3\n`);
    await page.waitForSelector(".remarks .bad");
    assert.match(await page.innerText(".remarks"), /1\.2\.3/, "judged while typing");
    await shot("zone-text");
    await page.fill("#f-text", text);
    await page.waitForSelector(".remarks .bad", { state: "detached" });
  } else {
    const text = await page.inputValue("#f-text");
    await page.fill("#f-text", `${text}kaputt IN A 1.2.3\n`);
    await page.click("main form button.primary");
    assert.match(await page.innerText(".errors"), /1\.2\.3/, "judged by the server");
    await page.fill("#f-text", `${text}; ${host}\n`);
    await page.click("main form button.primary");
    assert.match(page.url(), /\/publish$/);
  }
  await page.click(".tabs a >> nth=2");
  assert.match(await page.innerText("table.diff"), new RegExp(host));
  await shot("publish");
  await page.fill("#f-note", `Probe ${name}`);
  await page.getByRole("button", { name: texts.publish }).first().click();
  await page.waitForSelector(".flash.good");
  assert.match(page.url(), /\/versions$/);
  assert.match(await page.innerText("main"), new RegExp(`Probe ${name}`));
  await page.click(`form button >> nth=-1`);
  assert.match(page.url(), /from=\d+/);
  assert.match(await page.innerText("table.diff"), new RegExp(host), "the difference between two versions");
  await shot("versions");
  if (scripts) {
    for (const scheme of ["dark"]) {
      await page.emulateMedia({ colorScheme: scheme });
      await shot(`versions-${scheme}`);
      await go("/reconciliation");
      await shot(`reconciliation-${scheme}`);
      await go("/domains");
      await shot(`domains-${scheme}`);
      await page.emulateMedia({ colorScheme: "light" });
    }
  }
  await go("/domains");
  await shot("domains");
  if (width < 720) await page.locator(".person summary").click();
  else await page.click(".person summary");
  await page.click(".person button");
  assert.match(page.url(), /\/login$/);
  assert.deepEqual(problems.filter((p) => !/422|404/.test(p)), [], `${name}: errors in the browser`);
  await context.close();
  passed += 1;
  console.log(`journey ${name}: ok`);
}

const browser = await startBrowser();
let failed = 0;
try {
  for (const variant of [
    ...(process.env.UPDATE_PICTURES ? [{ scripts: true, lang: "en", width: 1440 }] : []),
    { scripts: true, lang: "de", width: 1440 },
    { scripts: false, lang: "en", width: 1440 },
    { scripts: true, lang: "en", width: 360 },
    { scripts: false, lang: "de", width: 360 },
  ]) {
    const panel = await startPanel(process.env.HOSTLER_BIN);
    try {
      await journey(browser, panel, variant);
    } catch (error) {
      failed += 1;
      console.error(`journey ${JSON.stringify(variant)}:`, error);
    } finally {
      await panel.stop();
    }
  }
} finally {
  await browser.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
