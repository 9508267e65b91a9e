// A customer sets up the mail of a domain from nothing, and mails to it: the servers start from what the panel renders.
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { login, out, photographer, startBrowser, startPanel } from "./panel.mjs";

const shots = process.env.SCREENSHOTS ?? join(out, "screenshots");
mkdirSync(shots, { recursive: true });

/** A command that runs as root. */
const asRoot = (program, ...args) => (process.getuid() === 0 ? [program, args] : ["sudo", ["-n", program, ...args]]);
const PATH = "/usr/sbin:/usr/bin:/sbin:/bin";
const root = (program, ...args) => execFileSync(...asRoot(program, ...args), { env: { PATH }, cwd: "/", stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });

/** A conversation in lines: `say` answers what came until a line that `ends` takes. */
class Dialog {
  constructor(host, port) {
    this.socket = connect(port, host);
    this.socket.setTimeout(20_000, () => this.socket.destroy(new Error(`${port}: no answer`)));
    this.text = "";
    this.ready = new Promise((resolve, reject) => this.socket.once("connect", resolve).once("error", reject));
    this.socket.on("data", (data) => { this.text += data; this.wake?.(); });
    this.socket.on("error", (error) => { this.failed = error; this.wake?.(); });
  }
  async say(line, ends) {
    await this.ready;
    if (line !== null) this.socket.write(`${line}\r\n`);
    for (;;) {
      const lines = this.text.split("\r\n");
      const end = lines.findIndex((l) => ends.test(l));
      if (end >= 0) {
        this.text = lines.slice(end + 1).join("\r\n");
        return lines.slice(0, end + 1).join("\n");
      }
      if (this.failed) throw this.failed;
      await new Promise((resolve) => { this.wake = resolve; });
    }
  }
}

async function until(what, test) {
  for (let i = 0; i < 200; i++) {
    if (await test().catch(() => false)) return;
    await new Promise((r) => setTimeout(r, 100));
  }
  throw new Error(`waited in vain: ${what}`);
}

/** Postfix and Dovecot from the panel's own words, on an address of their own. */
async function servers(panel) {
  const folder = mkdtempSync(join(tmpdir(), "hmail-"));
  chmodSync(folder, 0o755);
  const host = `127.${64 + Math.floor(Math.random() * 128)}.${Math.floor(Math.random() * 250)}.${1 + Math.floor(Math.random() * 250)}`;
  const made = join(folder, "out");
  const done = spawnSync(panel.binary, ["render", "mail", "--dialect", "dovecot-2.3", "--out", made, "--run", join(folder, "run"), "--listen", host,
    "--set", `mail.store_dir=${folder}/mail`, "--set", "mail.host_name=mx.h.example"], { env: panel.env });
  assert.equal(done.status, 0, String(done.stderr));
  if (process.getuid() !== 0) {
    root("sh", "-c", `chown postfix ${folder}/run/postfix/data; cd ${made}/dovecot; chgrp dovecot users denied app?; chmod 640 users denied app?`);
  }
  root("sh", join(made, "activate"));
  root("install", "-d", "-m", "0770", "-o", "5000", "-g", "5000", join(folder, "mail"));
  const [program, args] = asRoot("dovecot", "-F", "-c", join(made, "dovecot/dovecot.conf"));
  const dovecot = spawn(program, args, { env: { PATH }, stdio: "ignore" });
  const listens = (port) => until(`port ${port}`, async () => { const d = new Dialog(host, port); await d.ready; d.socket.destroy(); return true; });
  await listens(143);
  root("postfix", "-c", join(made, "postfix"), "start");
  await listens(25);
  const stop = async () => {
    spawnSync(...asRoot("postfix", "-c", join(made, "postfix"), "stop"), { env: { PATH } });
    const ended = new Promise((resolve) => dovecot.once("exit", resolve));
    spawnSync(...asRoot("doveadm", "-c", join(made, "dovecot/dovecot.conf"), "stop"), { env: { PATH } });
    await ended;
    spawnSync(...asRoot("rm", "-rf", folder));
  };
  return { host, stop };
}

/** The mailbox's owner, on a phone: an out-of-office answer, a password for a device. */
async function owner(page, panel, password, lang, shot) {
  await page.goto(`${panel.url}/login`);
  await page.click('a[href="/my/login"]');
  await page.fill("[name=address]", "laden@muehle.example");
  await page.fill("[name=password]", "ein anderes Passwort");
  await page.click("main button.primary");
  await page.waitForSelector(".errors");
  await page.fill("[name=password]", password);
  await page.click("main button.primary");
  await page.waitForSelector("#reply");
  await shot(page, "owner");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wide, 0, "nothing is cut off on a phone");
  await page.fill("#f-reply_subject", "Bin kurz weg");
  await page.fill("#f-reply_text", "");
  await page.click("#reply button.primary");
  await page.waitForSelector("[aria-invalid=true]");
  assert.equal(await page.inputValue("#f-reply_subject"), "Bin kurz weg", "what was typed is kept");
  await page.fill("#f-reply_text", "Morgen bin ich wieder da.");
  await page.click("#reply button.primary");
  await page.waitForSelector(".flash.good");
  await page.fill("#f-junk_at", "5");
  await page.click("#junk button.primary");
  await page.waitForSelector(".flash.good");
  await page.fill("#f-label", lang === "de" ? "Mein Telefon" : "My phone");
  await page.click("#apps form[action='/my/app-passwords'] button");
  const device = await page.innerText("code.secret");
  await shot(page, "owner-device");
  const profile = await page.request.get(`${panel.url}/my/device.mobileconfig`);
  assert.match(await profile.text(), /laden@muehle\.example/);
  await page.click("form[action='/my/logout'] button");
  await page.waitForSelector("form[action='/my/login']");
  await page.context().close();
  return device;
}

/** Staff name two mail servers and move a mailbox. */
async function fleet(page, panel, shot) {
  await page.goto(`${panel.url}/login`);
  await page.fill("[name=email]", login.email);
  await page.fill("[name=password]", login.password);
  await page.click("main button.primary");
  await page.goto(`${panel.url}/mail`);
  await page.click('a[href="/mail/servers"]');
  await shot(page, "servers-none");
  for (const [name, address, roles] of [["alt", "nirgends", ["store"]], ["neu", "192.0.2.2", ["store", "mx", "submission", "proxy"]]]) {
    await page.fill("#f-name", name);
    await page.fill("#f-host_name", `${name}.h.example`);
    await page.fill("#f-address", address);
    for (const role of roles) await page.check(`input[name=roles][value=${role}]`);
    await page.click("main button.primary");
    if (address === "nirgends") {
      await page.waitForSelector("[aria-invalid=true]");
      await shot(page, "server-refused");
      await page.fill("#f-address", "192.0.2.1");
      await page.click("main button.primary");
    }
    await page.waitForSelector(`tbody a:text-is("${name}")`);
  }
  await shot(page, "servers");
  await page.goto(`${panel.url}/mail?q=laden@`);
  await page.click('tbody a[href^="/mailboxes/"]');
  await page.selectOption("select[name=to_server]", "neu");
  await page.selectOption("select[name=held]", "1");
  await page.click('form[action$="/place"] button');
  await page.waitForSelector(".flash.good");
  await shot(page, "mailbox-place");
  await page.selectOption("select[name=held]", "0");
  await page.click('form[action$="/place"] button');
  await page.waitForSelector(".flash.good");
  await page.context().close();
}

async function journey(browser, panel, { lang, width, scripts = true }) {
  const open = async (wide = width) => {
    const context = await browser.newContext({ javaScriptEnabled: scripts, locale: lang === "de" ? "de-DE" : "en-GB", viewport: { width: wide, height: 900 }, reducedMotion: "reduce" });
    context.setDefaultTimeout(15_000);
    return context.newPage();
  };
  const page = await open();
  const photo = photographer(shots, { lang, width, scripts });
  const shot = (title) => photo(page, title);
  await page.goto(`${panel.url}/login`);
  await page.fill("[name=email]", login.email);
  await page.fill("[name=password]", login.password);
  await page.click("main button.primary");
  // With the customer's eyes, who may do the same.
  await page.goto(`${panel.url}/customers?q=K1`);
  await page.click('tbody a:text-is("K1")');
  await page.click("form[action$='/view-as'] button");
  await page.click("form[action$='/take-over'] button");

  await page.goto(`${panel.url}/mail`);
  await shot("mail-empty");
  await page.click('a[href="/mailboxes/new"]');
  await page.fill("#f-address", "laden@muehle.example");
  await page.fill("#f-quota_bytes", "viel");
  await page.click("main button.primary");
  await page.waitForSelector("[aria-invalid=true]");
  await shot("mailbox-refused");
  await page.fill("#f-quota_bytes", "2 GB");
  await page.fill("#f-name", "Anna Mühle");
  await page.click("main button.primary");
  const password = await page.innerText("code.secret");
  await shot("mailbox-made");

  await page.check("#f-reply_on");
  await page.fill("#f-reply_from", "2026-12-24");
  await page.fill("#f-reply_until", "2099-01-06");
  await page.fill("#f-reply_subject", "Wir sind im Urlaub");
  await page.fill("#f-reply_text", "Grüß Gott,\nab dem 7. Januar sind wir wieder da.");
  await page.locator("section:has(#f-reply_on) button.primary").click();
  await page.waitForSelector(".flash.good");
  await page.fill("#f-label", "Telefon");
  await page.locator("form[action$='/app-passwords'] button").click();
  const device = await page.innerText("code.secret");
  await shot("mailbox");

  await page.goto(`${panel.url}/aliases/new`);
  await page.fill("#f-address", "info@muehle.example");
  await page.fill("#f-targets", "niemand@muehle.example");
  await page.click("main button.primary");
  await page.waitForSelector("[aria-invalid=true]");
  await page.fill("#f-targets", "laden@muehle.example");
  await page.click("main button.primary");
  await page.waitForSelector(".flash.good");
  await shot("alias");
  await page.goto(`${panel.url}/mail`);
  assert.equal(await page.locator("tbody tr").count(), 2);
  await shot("mail");

  // Several at once, by a table: its plan first.
  await page.goto(`${panel.url}/mailboxes/table`);
  await page.fill("#f-text", "Adresse;Name;Speicher;Ziele\nladen@muehle.example;Der Laden;2 GB;\nback@muehle.example;Backstube;1 GB;\nfalsch@fremd.example;;;\nteam@muehle.example;;;laden@muehle.example, back@muehle.example\n");
  await page.click("main form.card button");
  await page.waitForSelector("table.list");
  await shot("table-plan");
  await page.click("main button.primary");
  await page.waitForSelector("td.mono");
  assert.equal(await page.locator("tbody tr").count(), 4);
  await shot("table-done");

  // The keys with which its mail is signed, and their records in the zone.
  await page.goto(`${panel.url}/domains`);
  await page.click("text=muehle.example");
  await page.click('main a[href^="/zones/"][href$="/mail"]');
  await page.click('form[action$="/mail/keys"] button');
  await page.waitForSelector(".flash.good");
  assert.equal(await page.locator("#keys tbody tr").count(), 2);
  assert.equal(await page.locator("input[name=take][value*=_domainkey]:checked").count(), 2);
  await shot("mail-records");
  await page.click('form[action$="/sign"] button');
  await page.waitForSelector(".summary, [role=alert]");
  await shot("mail-key-refused");

  // Chosen ones at once: looked at first, done, taken back.
  await page.goto(`${panel.url}/mail?kind=mailbox`);
  for (const box of await page.locator("tbody input[name=pick]").all()) await box.check();
  await page.click("form#chosen button");
  await page.fill("#f-quota_bytes", "3 GB");
  await page.click("main form.form button, main .card form button");
  await page.waitForSelector("table.list");
  assert.equal(await page.locator("tbody tr").count(), 2);
  await shot("mail-change");
  await page.click('form[action="/mailboxes/change"][method=post] button');
  await page.waitForSelector('form[action^="/audit/"]');
  await shot("mail-changed");
  await page.click('form[action^="/audit/"] button');

  await fleet(await open(), panel, photo);
  const own = await owner(await open(360), panel, password, lang, (page, title) => photo(page, title));
  const { host, stop } = await servers(panel);
  try {
    const smtp = new Dialog(host, 25);
    await smtp.say(null, /^220 /);
    for (const line of ["EHLO client.example", "MAIL FROM:<gast@else.example>", "RCPT TO:<info@muehle.example>"]) {
      assert.match(await smtp.say(line, /^\d{3} /), /^250/m, line);
    }
    await smtp.say("DATA", /^354/);
    assert.match(await smtp.say("From: gast@else.example\r\nTo: info@muehle.example\r\nSubject: Hallo\r\n\r\nGuten Tag.\r\n.", /^\d{3} /), /^250/);
    await until("the mail", async () => {
      const imap = new Dialog(host, 143);
      await imap.say(null, /^\* OK/);
      assert.match(await imap.say(`a LOGIN laden@muehle.example ${device}`, /^a /), /^a OK/m);
      const found = await imap.say("b STATUS INBOX (MESSAGES)", /^b /);
      imap.socket.destroy();
      return found.includes("MESSAGES 1");
    });
    const pop = new Dialog(host, 110);
    await pop.say(null, /^\+OK/);
    await pop.say("USER laden@muehle.example", /^\+OK/);
    assert.match(await pop.say(`PASS ${password}`, /^[+-]/), /^\+OK/);
    pop.socket.destroy();
    const mine = new Dialog(host, 143);
    await mine.say(null, /^\* OK/);
    assert.match(await mine.say(`a LOGIN laden@muehle.example ${own}`, /^a /), /^a OK/m, "the device that its owner added");
    mine.socket.destroy();
    smtp.socket.destroy();
  } finally {
    await stop();
  }
  await page.context().close();
}

const browser = await startBrowser();
let [passed, failed] = [0, 0];
const folder = mkdtempSync(join(tmpdir(), "hpapers-"));
writeFileSync(join(folder, "customers.csv"), "Kundennr;Firma;E-Mail\nK1;Bäckerei Mühle;post@muehle.example\n");
writeFileSync(join(folder, "domains.csv"), "Domain;Kundennr\nmuehle.example;K1\n");
mkdirSync(join(folder, "dns", "zones"), { recursive: true });
writeFileSync(join(folder, "dns", "zones", "muehle.example"),
  "$TTL 3600\n@ SOA ns1.h.example. h.h.example. 1 14400 1800 1209600 3600\n@ NS ns1.h.example.\n@ MX 10 mx.h.example.\n");
for (const variant of [{ lang: "de", width: 1440 }, { lang: "en", width: 360 }, { lang: "de", width: 360, scripts: false }]) {
  const panel = await startPanel(process.env.HOSTLER_BIN);
  try {
    const made = spawnSync(panel.binary, ["import", "papers", folder], { env: panel.env });
    assert.equal(made.status, 0, String(made.stderr));
    await journey(browser, panel, variant);
    passed += 1;
    console.log(`mail ${variant.lang} ${variant.width}${variant.scripts === false ? " without scripts" : ""}: ok`);
  } catch (error) {
    failed += 1;
    console.error(`mail ${variant.lang} ${variant.width}:`, error);
  } finally {
    await panel.stop();
  }
}
execFileSync("rm", ["-rf", folder]);
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
