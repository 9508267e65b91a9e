// First contentful paint, cold cache, and what a page weighs.
import { startBrowser } from "./panel.mjs";

const [base, cookie, zone] = process.argv.slice(2);
const browser = await startBrowser();
const [name, value] = cookie.split("=");
for (const path of ["/healthz", "/domains", `${zone}/text`]) {
  const paints = [];
  let weight = 0;
  for (let i = 0; i < 11; i++) {
    const context = await browser.newContext();
    await context.addCookies([{ name, value, url: base.replace("http:", "https:"), secure: true }]);
    const page = await context.newPage();
    const client = await context.newCDPSession(page);
    await client.send("Network.enable");
    const sizes = [];
    client.on("Network.loadingFinished", (e) => sizes.push(e.encodedDataLength));
    await page.setExtraHTTPHeaders({ Cookie: cookie });
    // A process to paint with is there before; the cache is cold.
    await page.goto(`${base}/readyz`);
    sizes.length = 0;
    await page.goto(base + path, { waitUntil: "networkidle" });
    paints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN));
    weight = sizes.reduce((a, b) => a + b, 0);
    await context.close();
  }
  paints.sort((a, b) => a - b);
  console.log(`${path.slice(0, 8)}: first contentful paint ${paints[5].toFixed(0)} ms (median of 11, cold cache; ${paints[0].toFixed(0)} to ${paints[10].toFixed(0)}), ${(weight / 1000).toFixed(0)} kB in all`);
}
await browser.close();
