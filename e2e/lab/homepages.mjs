// An old, a new and a foreign data centre on loopback, with their own DNS: homepages of every class, and the truth about each. What no
// probe may touch counts who comes.
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTls } from "node:https";
import { createServer as createPlain } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** How many of each class, in 600; each class with the ways in which its homepages are what they are. */
const MIX = [
  ["alive", 98, ["shop", "verein", "latin1", "english", "own-redirect", "flaps", "bomb", "huge", "rebinds", "script", "cms"]],
  ["placeholder", 151, ["entsteht", "baustelle", "soon", "construction", "empty"]],
  ["moved_away", 90, ["foreign"]],
  ["nxdomain", 80, ["none"]],
  ["error", 70, ["404", "500", "403", "round", "inner-ip", "inner-number", "inner-v6", "inner-name", "inner-port", "inner-file"]],
  ["parked", 30, ["verkauf", "buy", "sedo"]],
  ["server_default", 20, ["unknown"]],
  ["unreachable", 21, ["silent"]],
  ["no_address", 15, ["mx-only"]],
  ["dns_broken", 10, ["servfail"]],
  ["redirect_elsewhere", 12, ["away", "meta-away"]],
  ["alive_tls_broken", 3, ["self-signed"]],
];

const words = (n, language) => {
  const all = language === "en"
    ? "bread cakes market open daily fresh family house garden workshop service contact history team offer winter summer visit street phone".split(" ")
    : "Brot Kuchen Markt täglich frisch Familie Haus Garten Werkstatt Leistung Anfahrt Geschichte Mannschaft Angebot Winter Sommer Besuch Straße Telefon geöffnet".split(" ");
  let seed = n * 7919 + 13;
  const out = [];
  for (let i = 0; i < 90; i++) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    out.push(all[seed % all.length]);
  }
  return out.join(" ");
};

/** What a homepage answers: status, headers, body; a function answers by itself. */
function says(site, request, count, away) {
  const html = (text, headers = {}) => [200, { "content-type": "text/html; charset=utf-8", ...headers }, text];
  const page = `<html lang=de><title>Firma ${site.n}</title><h1>Willkommen</h1><p>${words(site.n)}</p>`;
  switch (site.way) {
    case "shop": case "rebinds": case "self-signed": return html(page);
    case "verein": return html(page.replace("Firma", "Verein"));
    case "latin1": return [200, { "content-type": "text/html" }, Buffer.from(page, "latin1")];
    case "english": return html(`<html lang=en><title>Company ${site.n}</title><p>${words(site.n, "en")}</p>`);
    case "own-redirect": return request.url === "/" ? [302, { location: "/start" }, ""] : html(page);
    case "flaps": return count === 2 ? [500, {}, "Fehler"] : html(page);
    case "bomb": return [200, { "content-type": "text/html", "content-encoding": "gzip" }, BOMB];
    case "huge": return (response) => {
      response.writeHead(200, { "content-type": "text/html", "content-length": 1073741824 });
      const line = Buffer.from(`${words(site.n)}\n`.repeat(60));
      const pump = () => { while (response.writable && response.write(line)); };
      response.on("drain", pump);
      pump();
    };
    case "script": return html(`<title>App ${site.n}</title><div id=app></div><script src=/app.js></script>`);
    case "cms": return html(`${page}<meta name=generator content="WordPress 6.4">`);
    case "entsteht": return html(`<title>${site.name}</title><h1>Hier entsteht eine neue Internetpräsenz</h1>`);
    case "baustelle": return html("<title>Baustelle</title><p>Diese Seite befindet sich im Aufbau.</p>");
    case "soon": return html("<h1>Coming soon</h1>");
    case "construction": return html("<p>This site is under construction</p>");
    case "empty": return html("");
    case "404": return [404, {}, "<h1>Not Found</h1>"];
    case "500": return [500, {}, "<h1>Internal Server Error</h1>"];
    case "403": return [403, {}, "<h1>Forbidden</h1>"];
    case "round": return [302, { location: `${request.url}x` }, ""];
    case "inner-ip": return [302, { location: "http://127.0.0.1/geheim" }, ""];
    case "inner-number": return [302, { location: "http://2130706433/geheim" }, ""];
    case "inner-v6": return [302, { location: "http://[::ffff:127.0.0.1]/geheim" }, ""];
    case "inner-name": return [302, { location: "http://verboten.lab/geheim" }, ""];
    case "inner-port": return [302, { location: "http://verboten.lab:22/" }, ""];
    case "inner-file": return [302, { location: "file:///etc/passwd" }, ""];
    case "verkauf": return html(`<title>${site.name}</title><p>Diese Domain steht zum Verkauf. Angebot machen!</p>`);
    case "buy": return html(`<title>${site.name}</title><p>This domain is for sale. Buy this domain now!</p>`);
    case "sedo": return html(`<title>${site.name}</title><script src="https://img.sedoparking.com/x.js"></script><p>Links</p>`);
    case "away": return [301, { location: `http://${away}/` }, ""];
    case "meta-away": return html(`<meta http-equiv=refresh content="0; url=http://${away}/">`);
    case "silent": return () => {};
    default: return html("<title>Welcome to nginx!</title><h1>Welcome to nginx!</h1><p>If you see this page, the nginx web server is successfully installed and working.</p>");
  }
}

const BOMB = gzipSync(Buffer.from(`<title>Archiv</title><p>${words(1)}</p>${" ".repeat(60_000_000)}`), { level: 9 });

/** The name, the number of its question's last octet, and what is answered: addresses, or a code of RFC 1035 §4.1.1. */
function dns(answerOf) {
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    let [at, labels] = [12, []];
    while (query[at] > 0) {
      labels.push(query.toString("latin1", at + 1, at + 1 + query[at]).toLowerCase());
      at += query[at] + 1;
    }
    const end = at + 5;
    const type = query.readUInt16BE(at + 1);
    const { code = 0, records = [] } = answerOf(labels.join("."), type);
    const head = Buffer.alloc(12);
    head.writeUInt16BE(query.readUInt16BE(0), 0);
    head.writeUInt16BE(0x8580 | code, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    const answers = records.map((data) => {
      const record = Buffer.alloc(12);
      record.writeUInt16BE(0xc00c, 0);
      record.writeUInt16BE(type, 2);
      record.writeUInt16BE(1, 4);
      record.writeUInt32BE(0, 6);
      record.writeUInt16BE(data.length, 10);
      return Buffer.concat([record, data]);
    });
    socket.send(Buffer.concat([head, query.subarray(12, end), ...answers]), from.port, from.address);
  });
  return socket;
}

const address = (text) => Buffer.from(text.split(".").map(Number));
const hostname = (text) => Buffer.concat([...text.split(".").map((l) => Buffer.concat([Buffer.from([l.length]), Buffer.from(l)])), Buffer.from([0])]);

/** Starts all of it: `papers` is a folder, `truth` says what each homepage is, `forbidden` how many came to where nobody may go. */
export async function startLab(sites = 600) {
  const [a, b] = [200 + Math.floor(Math.random() * 50), Math.floor(Math.random() * 250)];
  const at = (last) => `127.${a}.${b}.${last}`;
  const [old, fresh, foreign, forbidden] = [at(1), at(2), at(3), at(5)];
  const scale = sites / 600;
  const all = [];
  for (const [cls, n, ways] of MIX) {
    for (let i = 0; i < Math.max(1, Math.round(n * scale)); i++) {
      const number = all.length + 1;
      all.push({ n: number, name: `seite-${String(number).padStart(3, "0")}.lab`, cls, way: ways[i % ways.length] });
    }
  }
  const by = new Map(all.map((s) => [s.name, s]));
  const counts = new Map();
  let trapped = 0;
  const serve = (where) => (request, response) => {
    const host = String(request.headers.host ?? "").split(":")[0];
    const site = by.get(host);
    const known = site && !(where === "new" && site.cls !== "alive");
    const key = `${where} ${host}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    const said = says(known ? site : { way: "unknown", name: host, n: 0 }, request, counts.get(key), "anderswo.lab");
    if (typeof said === "function") return said(response);
    const [status, headers, body] = said;
    response.writeHead(status, headers);
    response.end(body);
  };
  const closing = [];
  const listen = (server, where, port) =>
    new Promise((resolve, reject) => {
      closing.push(server);
      server.once("error", reject);
      server.listen(port, where, () => resolve(server.address().port));
    });
  const http = await listen(createServer(serve("old")), old, 0);
  await listen(createServer(serve("new")), fresh, http);
  await listen(createServer(serve("foreign")), foreign, http);
  const folder = mkdtempSync(join(tmpdir(), "hlab-"));
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=lab",
    "-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")], { stdio: "ignore" });
  const secret = at(6);
  const tls = { key: readFileSync(join(folder, "key.pem")), cert: readFileSync(join(folder, "cert.pem")) };
  const https = await listen(createTls(tls, serve("old")), secret, 0);
  await listen(createServer(serve("old")), secret, http);
  const trap = () => createPlain((socket) => { trapped += 1; socket.destroy(); });
  await listen(trap(), forbidden, http);
  await listen(trap(), forbidden, https);

  const asked = new Map();
  const names = dns((name, type) => {
    const [A, NS, MX] = [1, 2, 15];
    const found = (records) => ({ records: type === A ? records.map(address) : [] });
    if (name === "" || name === "lab") return { records: type === NS ? [hostname("ns.lab")] : [] };
    if (name === "ns.lab") return found([server.address().address]);
    if (name === "verboten.lab") return found([forbidden]);
    if (name === "anderswo.lab") return found([foreign]);
    const site = by.get(name);
    if (!site || site.cls === "nxdomain") return { code: 3 };
    if (site.cls === "dns_broken") return { code: 2 };
    if (site.cls === "no_address") return { records: type === MX ? [Buffer.concat([Buffer.from([0, 10]), hostname("ns.lab")])] : [] };
    if (site.way === "rebinds" && type === A) {
      asked.set(name, (asked.get(name) ?? 0) + 1);
      return found([asked.get(name) % 2 === 1 ? old : forbidden]);
    }
    if (site.cls === "alive_tls_broken") return found([secret]);
    return found([site.cls === "moved_away" ? foreign : old]);
  });
  const server = await new Promise((resolve) => names.bind(0, "127.0.0.1", () => resolve(names)));
  const port = server.address().port;

  // The papers: every tenth customer has several, some homepages have none; a few domains have mail.
  const papers = join(folder, "papers");
  mkdirSync(join(papers, "web/sites-enabled"), { recursive: true });
  mkdirSync(join(papers, "mail"), { recursive: true });
  const customer = (s) => `K${10000 + Math.ceil(s.n / 3)}`;
  const customers = new Set(all.map(customer));
  writeFileSync(join(papers, "customers.csv"), ["Kundennr;Firma;Ansprechpartner;Land;E-Mail;Wiederverkäufer",
    ...[...customers].map((c, i) => `${c};Firma ${c};Frau ${c};${i % 5 === 4 ? "NL" : "DE"};${c.toLowerCase()}@kunden.example;R1`)].join("\n"));
  writeFileSync(join(papers, "domains.csv"), ["Domain;Kundennr;Wiederverkäufer", ...all.map((s) => `${s.name};${customer(s)};R1`)].join("\n"));
  writeFileSync(join(papers, "mail/vmailbox"), all.filter((s) => s.n % 40 === 0).map((s) => `info@${s.name} ${s.name}/info/\n`).join(""));
  for (const s of all) {
    writeFileSync(join(papers, `web/sites-enabled/${s.name}.conf`),
      `<VirtualHost ${old}:80 ${secret}:80>\nServerName ${s.name}\nServerAlias www.${s.name}\nDocumentRoot /srv/www/${s.name}\n${s.n % 3 ? "php_admin_value x y\n" : ""}</VirtualHost>\n`);
  }
  return {
    papers, truth: all, old, fresh,
    forbidden: () => trapped,
    settings: {
      HOSTLER_DNS__RESOLVERS: `127.0.0.1:${port}`, HOSTLER_PROBE__DNS_PORT: String(port),
      HOSTLER_PROBE__ALLOW_NETWORKS: [old, fresh, foreign, secret, "127.0.0.1"].map((x) => `${x}/32`).join(","),
      HOSTLER_PROBE__HTTP_PORT: String(http), HOSTLER_PROBE__HTTPS_PORT: String(https), HOSTLER_PROBE__OUR_RATE: "1000", HOSTLER_PROBE__RATE: "200",
    },
    stop: () => {
      for (const s of closing) { s.close(); s.closeAllConnections?.(); }
      names.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
