// A customer is invited, sets up a second factor, edits a record, is refused and corrects it; staff change an address over
// many zones, look first, and take it back; automation does the same by the API; staff look with a customer's eyes.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { login, out, photographer, startBrowser, startPanel } from "./panel.mjs";

const shots = process.env.SCREENSHOTS ?? join(out, "screenshots");
mkdirSync(shots, { recursive: true });
const ADDRESS = "chefin@muehle.example";
const PASSWORD = "drei rote Fahrräder am Kanal";

/** The six digits of a secret at a time (RFC 6238). */
function code(secret, at = Date.now()) {
  const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((octet) => Number.parseInt(octet, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const hash = createHmac("sha1", key).update(step).digest();
  const from = hash[19] & 15;
  return String((hash.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Papers of a provider with fifty customers, each with a zone that has one address. */
function papers() {
  const folder = mkdtempSync(join(tmpdir(), "hpeople-"));
  mkdirSync(join(folder, "dns/zones"), { recursive: true });
  const [customers, domains] = [["Kundennr;Firma;E-Mail"], ["Domain;Kundennr"]];
  for (let i = 0; i < 50; i++) {
    const name = `kunde${i}.example`;
    customers.push(`K${i};${i === 0 ? "Bäckerei Mühle" : `Firma ${i}`};post@${name}`);
    domains.push(`${name};K${i}`);
    writeFileSync(join(folder, "dns/zones", name),
      `$TTL 3600\n@ SOA ns1.h.example. hostmaster.h.example. ${2020010100 + i} 14400 1800 1209600 3600\n@ NS ns1.h.example.\n@ NS ns2.h.example.\n@ A 192.0.2.10\nwww CNAME @\n@ MX 10 mail\nmail A 192.0.2.25\n@ TXT "v=spf1 mx -all"\n`);
  }
  writeFileSync(join(folder, "customers.csv"), `${customers.join("\n")}\n`);
  writeFileSync(join(folder, "domains.csv"), `${domains.join("\n")}\n`);
  return folder;
}

/** The newest mail to an address, as the panel keeps it where no mail server is set. */
async function mail(panel, to) {
  const folder = join(panel.env.HOSTLER_DATA_DIR, "mails");
  for (let i = 0; i < 100; i++) {
    try {
      const files = readdirSync(folder).filter((f) => f.endsWith(".eml")).sort().reverse();
      for (const file of files) {
        const text = readFileSync(join(folder, file), "utf8");
        if (text.includes(`To: ${to}`)) {
          const [head, ...body] = text.split("\r\n\r\n");
          const raw = body.join("\n\n");
          if (/base64/i.test(head)) return Buffer.from(raw, "base64").toString();
          return raw.replace(/=\r?\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
        }
      }
    } catch {}
    await new Promise((r) => setTimeout(r, 100));
  }
  throw new Error(`no mail to ${to}`);
}

async function journey(browser, panel, { lang, width }) {
  const t = lang === "de"
    ? { record: "Neuer Eintrag", take: "Änderungen erlauben", change: /Zonen ändern$/, back: "Alles zurücknehmen", plan: /Tarif/ }
    : { record: "New record", take: "Allow changes", change: /^Change \d+ zones/, back: "Take all of it back", plan: /plan/ };
  const open = async () => {
    const context = await browser.newContext({ locale: lang === "de" ? "de-DE" : "en-GB", viewport: { width, height: 900 }, reducedMotion: "reduce" });
    context.setDefaultTimeout(15_000);
    return context.newPage();
  };
  const shot = photographer(shots, { lang, width });
  const staff = await open();
  await staff.goto(`${panel.url}/login`);
  await staff.fill("[name=email]", login.email);
  await staff.fill("[name=password]", login.password);
  await staff.click("main button");

  // Staff invite the customer.
  await staff.goto(`${panel.url}/customers?q=K0`);
  await staff.click('tbody a:text-is("K0")');
  await shot(staff, "customer-one");
  await staff.click('main a[href^="/logins"]');
  await staff.fill("#f-email", ADDRESS);
  await staff.fill("#f-name", "Anna Mühle");
  await staff.selectOption("#f-role", "owner");
  await staff.click("main section.card button.primary");
  await staff.waitForSelector(".flash.good");
  await shot(staff, "logins");

  // She takes it up, sets up codes, and comes in with one.
  const link = (await mail(panel, ADDRESS)).match(/\/link\/[0-9a-f]+/)[0];
  const customer = await open();
  await customer.goto(panel.url + link);
  await shot(customer, "welcome");
  await customer.fill("#f-new_password", PASSWORD);
  await customer.click("main button.primary");
  const enter = async () => {
    await customer.fill("[name=email]", ADDRESS);
    await customer.fill("[name=password]", PASSWORD);
    await customer.click("main button.primary");
  };
  await enter();
  await shot(customer, "customer-overview");
  await customer.goto(`${panel.url}/account/security`);
  await customer.click("form[action='/account/totp'] button");
  const secret = await customer.innerText("main code");
  await shot(customer, "second-factor");
  await customer.fill("#f-code", code(secret));
  await customer.click("form[action='/account/totp/confirm'] button");
  assert.equal(await customer.locator(".codes li").count(), 10);
  const recovery = await customer.innerText(".codes li:first-child");
  await shot(customer, "recovery");
  await customer.context().clearCookies();
  await customer.goto(`${panel.url}/login`);
  await enter();
  await shot(customer, "second");
  // The code that set it up is used already; a recovery code works.
  await customer.fill("#f-code", recovery);
  await customer.click("main form[action='/login/second'] button");
  await customer.waitForURL(/\/$/);

  // She edits a record: her plan and the lint have their say.
  await customer.goto(`${panel.url}/domains`);
  assert.equal(await customer.locator("tbody tr").count(), 1, "her own domain only");
  await customer.click("tbody a");
  const zone = customer.url();
  const add = async (owner, type, data) => {
    await customer.waitForSelector("html[data-islands=live]");
    await customer.getByRole("button", { name: t.record }).click();
    const row = customer.locator("[data-zone-editor] .records tr.added").first();
    await row.locator(".fields input").first().fill(owner);
    await row.locator("select").selectOption(type);
    await row.locator(".parts input").fill(data);
    await row.locator(".parts input").press("Enter");
  };
  await add("@", "NS", "ns.evil.example.");
  await customer.click("button[value=stage]");
  assert.match(await customer.innerText(".errors"), t.plan);
  await customer.waitForSelector("html[data-islands=live]");
  const refused = customer.locator("[data-zone-editor] .records tr.added");
  assert.match(await refused.innerText(), /ns\.evil\.example/, "what was refused is kept");
  await shot(customer, "plan-refuses");
  await refused.locator("button.plain").click();
  await add("shop", "CNAME", "mail");
  await add("shop", "A", "192.0.2.81");
  await customer.waitForSelector("[data-zone-editor] .records .fault.bad");
  assert.ok(await customer.locator("button[value=publish]").isDisabled(), "the lint refuses a CNAME beside other data");
  await shot(customer, "lint-refuses");
  await customer.click("button[value=stage]");
  await customer.waitForSelector(".flash.good");
  assert.ok(await customer.locator(".flash form button").count(), "and a way back");
  assert.equal(await customer.locator("form[action$='/publish'] button").count(), 0, "nor on the server");
  await customer.goto(zone);
  await customer.waitForSelector("html[data-islands=live]");
  await customer.locator('[data-zone-editor] tr:has-text("CNAME"):has-text("shop") button.plain').click();
  await customer.click("button[value=publish]");
  await customer.waitForSelector(".flash.good");
  assert.match(customer.url(), /\/versions$/);

  // Staff move an address over fifty zones, looking first, and take it back.
  await staff.goto(`${panel.url}/domains?q=kunde`);
  await shot(staff, "domains-facets");
  await staff.click('main a[href^="/zones/bulk"]');
  await staff.fill("#f-from", "192.0.2.25");
  await staff.fill("#f-to", "198.51.100.25");
  await staff.click("main form button.primary");
  assert.equal(await staff.locator("main section h3").count(), 50, "each zone is shown");
  assert.match(await staff.innerText("main section:has(h3) >> nth=0"), /192\.0\.2\.25 → 198\.51\.100\.25/);
  await shot(staff, "bulk-preview");
  await staff.getByRole("button", { name: t.change }).click();
  await staff.waitForSelector(`button:has-text("${t.back}")`, { timeout: 30_000 });
  assert.equal(await staff.locator("tbody tr").count(), 50, "a result for each zone");
  await shot(staff, "bulk-result");
  await staff.click(`button:has-text("${t.back}")`);
  await staff.waitForSelector(".flash.good");
  await staff.goto(`${panel.url}/domains?zone=changed&q=kunde`);
  await staff.waitForSelector(".empty");
  assert.equal(await staff.locator("tbody tr").count(), 0, "everything is as it was");

  // Two of them, chosen with the keys.
  await staff.goto(`${panel.url}/domains?q=kunde`);
  for (const key of ["j", "x", "j", "x"]) await staff.keyboard.press(key);
  assert.equal(await staff.locator("input[name=pick]:checked").count(), 2);
  await shot(staff, "domains-chosen");
  await staff.click("form.chosen button");
  await staff.fill("#f-from", "192.0.2.25");
  await staff.fill("#f-to", "198.51.100.25");
  await staff.click("main form button.primary");
  assert.equal(await staff.locator("main section h3").count(), 2);

  // Automation does the same.
  await staff.goto(`${panel.url}/account/tokens`);
  await staff.fill("#f-name", "Robot");
  for (const action of ["hosting.read", "zones.bulk", "zones.edit", "papers.read"]) await staff.check(`input[value="${action}"]`);
  await staff.click("section.form button.primary");
  const token = await staff.innerText("#token");
  await shot(staff, "tokens");
  const call = async (method, path, body) => {
    const answer = await fetch(panel.url + path, { method, headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: body && JSON.stringify(body) });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
    return answer.status === 204 ? null : answer.json();
  };
  const wanted = { selection: { q: "kunde" }, operation: { do: "replace_address", from: "192.0.2.25", to: "198.51.100.25" } };
  assert.equal((await call("POST", "/api/v1/zones/bulk?dry_run=true", wanted)).items.length, 50);
  const { job } = await call("POST", "/api/v1/zones/bulk", wanted);
  while ((await call("GET", `/api/v1/jobs/${job}`)).state !== "done") await new Promise((r) => setTimeout(r, 100));
  assert.equal((await call("GET", "/api/v1/domains?zone=changed&limit=500")).total, 50);

  // With a customer's eyes: marked, and locked until it is taken over.
  await staff.goto(`${panel.url}/customers?q=K1`);
  await staff.click('tbody a:text-is("K1")');
  await staff.click("form[action$='/view-as'] button");
  await staff.waitForSelector(".acting");
  await staff.goto(`${panel.url}/domains`);
  assert.equal(await staff.locator("tbody tr").count(), 1);
  await shot(staff, "view-as");
  await staff.click(`.acting button:has-text("${t.take}")`);
  await staff.waitForSelector(".acting");
  await staff.click("form[action='/view-as/end'] button");
  await staff.goto(`${panel.url}/audit`);
  assert.equal(await staff.locator(".acting").count(), 0);
  await shot(staff, "log");
  await staff.click("tbody tr:nth-child(1) td:nth-child(2) a");
  await staff.waitForURL(/\/audit\/\d+$/);
  await shot(staff, "log-entry");
  for (const path of ["/help", "/help/people", "/search?q=kunde1", "/account", "/account/sessions", "/api/v1"]) {
    await staff.goto(panel.url + path);
    await shot(staff, path.replace(/[^a-z0-9]+/g, "-").replace(/^-/, "page-"));
  }
  // "/" leads to the search, "j" to the first row.
  await staff.goto(`${panel.url}/domains`);
  await staff.keyboard.press("j");
  assert.equal(await staff.locator("tr[data-current]").count(), 1);
  await staff.keyboard.press("/");
  assert.ok(await staff.evaluate(() => document.activeElement.matches("main .filters [name=q]")), "the list's own search");
  await staff.evaluate(() => document.activeElement.blur());
  await staff.keyboard.press("?");
  assert.ok(await staff.locator("#keys-help").isVisible());
  await shot(staff, "keys");
  await customer.context().close();
  await staff.context().close();
}

/** A passkey: Chromium's own virtual authenticator sets one up, and comes in with it. */
async function passkey(browser, panel) {
  const context = await browser.newContext({ locale: "en-GB" });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const client = await context.newCDPSession(page);
  await client.send("WebAuthn.enable");
  await client.send("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
  const enter = async () => {
    await page.goto(`${panel.url}/login`);
    await page.fill("[name=email]", login.email);
    await page.fill("[name=password]", login.password);
    await page.click("main button.primary");
  };
  await enter();
  await page.goto(`${panel.url}/account/security`);
  await page.fill("[data-passkey=register] input", "Laptop");
  await page.click("[data-passkey=register] button");
  await page.waitForSelector('th:text-is("Laptop")');
  await context.clearCookies();
  await enter();
  await page.waitForURL(/\/login\/second/);
  await page.click("[data-passkey=check] button");
  await page.waitForURL((url) => !url.pathname.startsWith("/login"));
  await page.goto(`${panel.url}/domains`);
  assert.match(page.url(), /\/domains$/);
  await context.close();
}

const browser = await startBrowser();
let [passed, failed] = [0, 0];
const folder = papers();
async function run(name, work) {
  const panel = await startPanel(process.env.HOSTLER_BIN);
  try {
    const made = spawnSync(panel.binary, ["import", "papers", folder], { env: panel.env });
    assert.equal(made.status, 0, String(made.stderr));
    await work(panel);
    passed += 1;
    console.log(`${name}: ok`);
  } catch (error) {
    failed += 1;
    console.error(`${name}:`, error);
  } finally {
    await panel.stop();
  }
}
try {
  const desk = process.env.UPDATE_PICTURES ? [{ lang: "en", width: 1440 }] : [];
  for (const variant of [...desk, { lang: "de", width: 1440 }, { lang: "en", width: 360 }]) {
    await run(`people ${variant.lang} ${variant.width}`, (panel) => journey(browser, panel, variant));
  }
  await run("passkey", (panel) => passkey(browser, panel));
} finally {
  rmSync(folder, { recursive: true, force: true });
  await browser.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
