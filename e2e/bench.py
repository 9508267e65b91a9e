#!/usr/bin/env python3
"""Pages under load, 8 connections, by wrk: `zones` (10,000 domains, 200,000 records; memory; first paint in Chromium) and `mail` (100,000 mailboxes)."""
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
import threading
from contextlib import contextmanager
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOSTLER = ROOT / "target/release/hostler"
SECONDS = os.environ.get("BENCH_SECONDS", "5")
PASSWORD = "ein langes Passwort"
LOGIN = urllib.parse.urlencode({"email": "a@b.example", "password": PASSWORD}).encode()
LUA = """
wrk.headers["Cookie"] = os.getenv("BENCH_COOKIE")
done = function(summary, latency, requests)
  io.write(string.format("{\\"p50\\": %.2f, \\"p95\\": %.2f, \\"p99\\": %.2f, \\"rps\\": %.1f, \\"errors\\": %d, \\"bytes\\": %d}\\n",
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000,
    summary.requests / (summary.duration / 1000000),
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout,
    summary.bytes / summary.requests))
end
"""


def papers(folder, domains=10_000, customers=2_000):
    rng = random.Random(3)
    (folder / "dns/zones").mkdir(parents=True)
    rows = ["Kundennr;Firma;Ort"] + [f"K{i};Firma {i} Müller;Erlangen" for i in range(customers)]
    (folder / "customers.csv").write_text("\n".join(rows) + "\n")
    lines = ["Domain;Kundennr"]
    for i in range(domains):
        name = f"kunde-{rng.randrange(10**6)}-{i}.example"
        lines.append(f"{name};K{i % customers}")
        hosts = "".join(f"h{n} A 192.0.2.{rng.randrange(1, 250)}\n" for n in range(13))
        (folder / "dns/zones" / name).write_text(
            f"$TTL 3600\n@ SOA ns1.h.example. h.h.example. {i + 1} 14400 1800 1209600 3600\n@ NS ns1.h.example.\n@ NS ns2.h.example.\n"
            f'@ A 192.0.2.1\nwww CNAME @\n@ MX 10 mail.h.example.\n@ TXT "v=spf1 mx -all"\n{hosts}')
    (folder / "domains.csv").write_text("\n".join(lines) + "\n")


def logins(base, env, cookie, lua):
    """Pages while sixteen people log in at once, over and over."""
    until, took = time.time() + 8, []

    def log_in():
        while time.time() < until:
            start = time.time()
            try:
                opener = urllib.request.build_opener(type("Stay", (urllib.request.HTTPRedirectHandler,), {"redirect_request": lambda *a: None}))
                opener.open(base + "/login", data=LOGIN, timeout=30)
            except urllib.error.HTTPError as answer:
                if answer.code == 303:
                    took.append(time.time() - start)

    threads = [threading.Thread(target=log_in) for _ in range(16)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    out = subprocess.run(["wrk", "-t1", "-c1", "-d5s", "-s", lua, base + "/customers"], env={**env, "BENCH_COOKIE": cookie}, capture_output=True, text=True, check=True).stdout
    for thread in threads:
        thread.join()
    r = json.loads(out.strip().splitlines()[-1])
    took.sort()
    print(f"/customers while 16 log in: p50 {r['p50']:.1f} ms, p95 {r['p95']:.1f} ms; {len(took)} log-ins in 8 s, median {took[len(took) // 2] * 1000:.0f} ms each with 16 waiting")
    start = time.time()
    try:
        urllib.request.build_opener(type("Stay", (urllib.request.HTTPRedirectHandler,), {"redirect_request": lambda *a: None})).open(base + "/login", data=LOGIN, timeout=30)
    except urllib.error.HTTPError:
        pass
    print(f"one log-in alone: {(time.time() - start) * 1000:.0f} ms")


def viewers(base, cookie, pid):
    """A hundred people who watch the events, while nothing happens."""
    host, port = base.removeprefix("http://").split(":")
    sockets = []
    for _ in range(100):
        s = socket.create_connection((host, int(port)), timeout=10)
        s.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n".encode())
        s.recv(4096)
        sockets.append(s)
    ticks = lambda: sum(int(n) for n in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13])
    before = ticks()
    time.sleep(10)
    used = (ticks() - before) / os.sysconf("SC_CLK_TCK") / 10
    for s in sockets:
        s.close()
    print(f"100 viewers of events, idle: {used * 100:.2f} % of one core")


def mail_papers(folder, mailboxes=100_000, aliases=30_000, domains=2_000):
    (folder / "mail").mkdir(parents=True)
    (folder / "customers.csv").write_text("Kundennr;Firma\n" + "".join(f"K{i};Firma {i}\n" for i in range(domains)))
    (folder / "domains.csv").write_text("Domain;Kundennr\n" + "".join(f"d{i}.example;K{i}\n" for i in range(domains)))
    (folder / "mail/passwd").write_text("".join(
        f"anna-{i}@d{i % domains}.example:{{SSHA}}pf6+nb7IXv9rCLb24PnZNpXb88t80gp8:5000:5000::/x::userdb_quota_rule=*:storage=1G\n" for i in range(mailboxes)))
    (folder / "mail/virtual").write_text("".join(f"info-{i}@d{i % domains}.example anna-{i}@d{i % domains}.example\n" for i in range(aliases)))


def load(base, env, cookie, lua, paths):
    print(f"{'page':<44} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'pages/s':>9} {'kB':>6} errors")
    for path in paths:
        get(base, cookie, path)
        out = subprocess.run(["wrk", "-t1", "-c8", f"-d{SECONDS}s", "-s", lua, base + path], env={**env, "BENCH_COOKIE": cookie}, capture_output=True, text=True, check=True).stdout
        r = json.loads(out.strip().splitlines()[-1])
        print(f"{path[:44]:<44} {r['p50']:>8.2f} {r['p95']:>8.2f} {r['p99']:>8.2f} {r['rps']:>9.0f} {r['bytes'] / 1000:>6.1f} {r['errors']}")


def get(base, cookie, path, body=None):
    headers = {"Cookie": cookie, "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}
    return urllib.request.urlopen(urllib.request.Request(base + path, data=body, headers=headers), timeout=60).read().decode()


def mail():
    """Lists of 100,000 mailboxes and 30,000 aliases, and 1,000 mailboxes in one call."""
    with provider(mail_papers, "100,000 mailboxes and 30,000 aliases") as (_, env, base, cookie, lua, _):
        mailbox = re.search(r"/mailboxes/[0-9a-f]{8}-[0-9a-f-]+", get(base, cookie, "/mail?q=anna-77"))[0]
        load(base, env, cookie, lua, ["/mail", "/mail?page=150", "/mail?page=2000", "/mail?q=anna-77", "/mail?q=d77.example", "/mail?sort=-bytes", "/mail?kind=alias", mailbox,
                                      "/api/v1/addresses?q=anna-7", "/search?q=anna-77",
                                      "/mail?scheme=SSHA", "/mail?sort=-last_login", "/mail?sort=-bytes&page=100", "/mail?q=anna-77&sort=-bytes", "/mail?q=d7", "/mail?q=77", "/api/v1/addresses?q=a", "/api/v1/addresses?q=example", "/api/v1/addresses?q=nna-7"])
        items = [{"address": f"neu-{i}@d{i % 2000}.example", "data": {"quota_bytes": 1_000_000}} for i in range(1000)]
        start = time.time()
        made = json.loads(get(base, cookie, "/api/v1/mailboxes/bulk?dry_run=true", json.dumps({"items": items}).encode()))["made"]
        print(f"{made} mailboxes in one call, besides hashing and the commit: {time.time() - start:.2f} s")


def homepage_papers(folder, homepages=10_000, customers=2_000):
    (folder / "web/sites-enabled").mkdir(parents=True)
    (folder / "customers.csv").write_text("Kundennr;Firma\n" + "".join(f"K{i};Firma {i}\n" for i in range(customers)))
    (folder / "domains.csv").write_text("Domain;Kundennr\n" + "".join(f"seite-{i}.example;K{i % customers}\n" for i in range(homepages)))
    (folder / "web/sites-enabled/alle.conf").write_text("".join(
        f"<VirtualHost 192.0.2.10:80>\nServerName www.seite-{i}.example\nServerAlias seite-{i}.example\nDocumentRoot /srv/www/seite-{i}\n</VirtualHost>\n" for i in range(homepages)))


def homepages():
    """Lists of 10,000 homepages, many of them decided."""
    with provider(homepage_papers, "10,000 homepages") as (_, env, base, cookie, lua, _):
        for n, decision in enumerate(("move", "ask", "drop")):
            body = {"selection": {"q": f"seite-{n + 1}1"}, "change": {"decision": decision, "add_tags": [f"Welle {n}"]}}
            start = time.time()
            done = json.loads(get(base, cookie, "/api/v1/homepages/plan", json.dumps(body).encode()))
            print(f"{done['changed']} homepages decided in one call: {time.time() - start:.2f} s")
        load(base, env, cookie, lua, ["/homepages", "/homepages?page=150", "/homepages?q=seite-77", "/homepages?decision=move", "/homepages?decision=undecided&sort=-decision", "/homepages?tag=Welle+1",
                                      "/homepages/map?decision=move", "/homepages/course", "/api/v1/homepages?q=seite-77"])


@contextmanager
def provider(write, what):
    """A panel with a provider's papers: its folder, environment, address, an administrator's cookie, the script of wrk, its pid."""
    work = Path(tempfile.mkdtemp(prefix="hload", dir="/tmp"))
    work.chmod(0o755)
    env = {**os.environ, "HOSTLER_DATA_DIR": str(work / "data"), "HOSTLER_LOG__FILTER": "warn"}
    write(work / "papers")
    subprocess.run([HOSTLER, "admin", "create", "--email", "a@b.example", "--password-stdin"], env=env, input=PASSWORD.encode(), check=True, stdout=subprocess.DEVNULL)
    start = time.time()
    subprocess.run([HOSTLER, "import", "papers", work / "papers"], env=env, check=True, stdout=subprocess.DEVNULL)
    print(f"import of {what}: {time.time() - start:.1f} s")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    panel = subprocess.Popen([HOSTLER, "serve", "--listen", f"127.0.0.1:{port}"], env=env)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(base + "/readyz", timeout=2)
                break
            except OSError:
                time.sleep(0.1)
        opener = urllib.request.build_opener(type("Stay", (urllib.request.HTTPRedirectHandler,), {"redirect_request": lambda *a: None}))
        try:
            opener.open(base + "/login", data=LOGIN, timeout=10)
        except urllib.error.HTTPError as answer:
            cookie = re.search(r"__Host-session=[^;]+", answer.headers["set-cookie"])[0]
        first = urllib.request.urlopen(urllib.request.Request(base + "/domains", headers={"Cookie": cookie}), timeout=20)
        # As a browser has it from its second page on.
        styled = cookie + "; " + re.search(r"css=[0-9a-f]+", first.headers["set-cookie"])[0]
        # The database looks at new tables every five seconds; a provider's are never seconds old.
        time.sleep(8)
        lua = work / "report.lua"
        lua.write_text(LUA)
        yield work, env, base, styled, lua, panel.pid
    finally:
        panel.terminate()
        panel.wait(30)
        subprocess.run(["rm", "-rf", work], check=False)


def zones():
    """Pages at 10,000 domains with 200,000 records."""
    with provider(papers, "10,000 domains with 200,000 records") as (work, env, base, cookie, lua, pid):
        for label in ("all 10,000 zones", "nothing changed"):
            start = time.time()
            answer = subprocess.run([HOSTLER, "render", "dns", "--flavor", "bind", "--out", work / "bind"], env=env, check=True, capture_output=True, text=True)
            print(f"render dns, {label}: {time.time() - start:.2f} s ({answer.stdout.strip()})")
        zone = re.search(r"/zones/[0-9a-f]{8}-[0-9a-f-]+", get(base, cookie, "/domains"))[0]
        load(base, env, cookie, lua, ["/healthz", "/login", "/", "/domains", "/domains?q=kunde-77", "/domains?page=150", "/domains?q=192.0.2.17&records=1", "/domains?zone=warnings",
             "/domains?q=.example", "/domains?q=7", "/domains?q=nirgends", "/domains?q=example&records=1", "/domains?sort=-records", "/domains?sort=customer&page=100", "/search?q=a",
             "/customers", "/customers?q=m%C3%BCller+19", "/search?q=kunde-77", "/audit", "/api/v1/domains?q=kunde-77", "/api/v1/customers?limit=50", "/homepages", "/mail", "/reconciliation",
             zone, zone + "/text", zone + "/publish", zone + "/versions"])
        logins(base, env, cookie, lua)
        viewers(base, cookie, pid)
        status = Path(f"/proc/{pid}/status").read_text()
        print("panel process:", re.search(r"VmRSS:\s+(\d+)", status)[1], "kB resident,", re.search(r"VmHWM:\s+(\d+)", status)[1], "kB at most")
        subprocess.run(["node", ROOT / "e2e/paint.mjs", base, cookie.split("; ")[0], zone], check=False)


def main():
    for part in (zones, mail, homepages):
        if sys.argv[1:] in ([], [part.__name__]):
            part()


if __name__ == "__main__":
    sys.exit(main())
