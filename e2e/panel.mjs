// Starts a panel with a data folder of its own and a browser beside it; both end with the test.
import { spawn, spawnSync, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, chmodSync, readFileSync, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
export const out = join(root, "e2e/.out");
export const login = { email: "admin@frankenhost.example", password: "ein langes Passwort" };
const axe = readFileSync(join(root, "e2e/node_modules/axe-core/axe.min.js"), "utf8");

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

export async function startPanel(binary = join(root, "target/debug/hostler"), settings = {}) {
  // Below /tmp, where the unprivileged PostgreSQL can enter.
  const data = mkdtempSync(join(tmpdir(), "he2e-"));
  chmodSync(data, 0o755);
  // Passkeys need a name; "localhost" is one that browsers take without https.
  const port = await freePort();
  const url = `http://localhost:${port}`;
  // The harness's own, which would be an unknown setting to the panel.
  const { HOSTLER_BIN: _, ...inherited } = process.env;
  const env = { ...inherited, HOSTLER_DATA_DIR: data, HOSTLER_LOG__FILTER: "warn", HOSTLER_HTTP__PUBLIC_URL: url, HOSTLER_MAIL__HOST_NAME: "mx.h.example", ...settings };
  const made = spawnSync(binary, ["admin", "create", "--email", login.email, "--name", "A. Weiß", "--password-stdin"], { env, input: login.password });
  if (made.status !== 0) throw new Error(`admin create: ${made.stderr}`);
  const child = spawn(binary, ["serve", "--listen", `127.0.0.1:${port}`], { env, stdio: ["ignore", "ignore", "inherit"] });
  for (let i = 0; ; i++) {
    const ready = await fetch(`${url}/readyz`).then((r) => r.ok, () => false);
    if (ready) break;
    if (i > 600 || child.exitCode !== null) throw new Error("the panel does not answer");
    await new Promise((r) => setTimeout(r, 100));
  }
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  return { url, stop, env, binary };
}

export const startBrowser = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });

/** Fails on anything that axe finds against WCAG 2.2 AA. */
export async function accessible(page, name) {
  // The policy of the page keeps foreign scripts out, so axe comes in through the debugger.
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
  if (found.violations.length > 0) {
    const told = found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(" | ")}`);
    throw new Error(`${name} is not accessible:\n${told.join("\n")}`);
  }
}

export function archive(name) {
  mkdirSync(out, { recursive: true });
  const file = join(out, name);
  execFileSync("tar", ["-czf", file, "-C", join(root, "demo/papers"), "."]);
  return file;
}

/** Pictures of the handbook, and the journeys' names for them. */
const PICTURES = { overview: "overview", plan: "plan", reconciliation: "reconciliation", zone: "zone", "zone-text": "zone-text", "zone-staged": "zone-staged", "bulk-preview": "bulk", log: "log", tokens: "tokens" };

/** With `UPDATE_PICTURES=1`, keeps what a page looks like at a desk for the handbook. */
export async function picture(page, title, { lang, width, scripts = true }) {
  const name = PICTURES[title];
  if (!process.env.UPDATE_PICTURES || !name || width < 720 || !scripts) return;
  await page.setViewportSize({ width: 1200, height: 800 });
  await page.screenshot({ path: join(root, "docs/images", `${name}-${lang}.png`) });
  await page.setViewportSize({ width, height: 900 });
}

/** Keeps what a page looks like, and fails if it scrolls sideways or axe finds something, in light and dark. Without scripts only the picture. */
export const photographer = (shots, { lang, width, scripts = true }) => async (page, title) => {
  await page.screenshot({ path: join(shots, `${title}-${scripts ? "" : "nojs-"}${lang}-${width}.png`), fullPage: true });
  await picture(page, title, { lang, width, scripts });
  if (!scripts) return;
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) {
    const who = await page.evaluate(() => [...document.querySelectorAll("body *")]
      .filter((e) => e.getBoundingClientRect().right > -1 + document.documentElement.clientWidth && !e.closest(".scroll"))
      .map((e) => e.outerHTML.slice(0, 120)).slice(0, 4));
    throw new Error(`${title} scrolls sideways at ${width} px by ${wide}: ${who.join("\n")}`);
  }
  await accessible(page, `${title} (${lang}, ${width})`);
  await page.emulateMedia({ colorScheme: "dark" });
  await accessible(page, `${title} (${lang}, ${width}, dark)`);
  await page.emulateMedia({ colorScheme: "light" });
};
