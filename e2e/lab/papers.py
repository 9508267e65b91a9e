#!/usr/bin/env python3
"""Writes the papers of a synthetic old provider, with planted faults and the truth about them.

The same seed gives the same bytes. `truth.json` names every planted fault: what an import must refuse, what
reconciliation must find, which zones no name server may be given.

    papers.py --out DIR [--seed 1] [--homepages 600] [--customers 200] [--clean]
"""
import argparse
import json
import random
from pathlib import Path

FIRST = "Anna Bernd Claudia Dieter Eva Frank Gisela Hans Ines Jürgen Karin Lutz Monika Norbert Petra Ralf Sabine Thomas Ute Volker".split()
LAST = "Müller Schmidt Weiß Fischer Weber Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Krüger Hofmann Lange Köhler Groß".split()
TRADE = "Bäckerei Metzgerei Schreinerei Gärtnerei Praxis Kanzlei Autohaus Hotel Gasthof Verein Druckerei Optik Apotheke Fahrschule Reisebüro".split()
TOWNS = [("91054", "Erlangen"), ("90402", "Nürnberg"), ("96047", "Bamberg"), ("97070", "Würzburg"), ("95444", "Bayreuth"), ("91522", "Ansbach")]
FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
HOST = "frankenhost.example"
WEB, MAIL = "192.0.2.80", "192.0.2.25"


def slug(text):
    return text.translate(FOLD).lower().replace(" ", "-")


def zone(name, rng, extra="", mx=f"mail.{HOST}.", web=WEB):
    serial = 2020010100 + rng.randrange(60000)
    return (
        f"$TTL 86400\n@\tIN SOA ns1.{HOST}. hostmaster.{HOST}. (\n\t\t{serial} ; serial\n\t\t4h 30m 2w 1h )\n"
        f"\tIN NS ns1.{HOST}.\n\tIN NS ns2.{HOST}.\n\tIN MX 10 {mx}\n@\tIN A {web}\nwww\tIN CNAME @\n"
        f'@\tIN TXT "v=spf1 mx a -all"\n{extra}'
    )


def faulty(rng):
    """Zones with one fault each: name, zone text, rule that must be found, whether servers refuse it."""
    key = "A" * 360
    return [
        ("fehler-cname.de", zone("", rng, "shop CNAME @\nshop A 192.0.2.81\n"), "cname-and-other", True),
        ("fehler-mx-cname.de", zone("", rng, "m CNAME www\n", mx="m"), "target-is-cname", False),
        ("fehler-mx-adresse.de", zone("", rng, mx="192.0.2.25"), "target-is-address", False),
        ("fehler-glue.de", zone("", rng, "sub NS ns.sub\n"), "missing-glue", True),
        ("fehler-punkt.de", zone("", rng, mx="mail.fehler-punkt.de"), "relative-slip", False),
        ("fehler-spf.de", zone("", rng, '@ TXT "v=spf1 include:spf.example.net ~all"\n'), "spf-several", False),
        ("fehler-text.de", zone("", rng, f"s1._domainkey TXT v=DKIM1; k=rsa; p={key}\n"), "text-cut", False),
        ("fehler-ttl.de", zone("", rng, "t 60 A 192.0.2.1\nt 120 A 192.0.2.2\n"), "ttl-differs", False),
        ("fehler-delegation.de", zone("", rng, f"sub NS ns1.{HOST}.\nwww.sub A 192.0.2.1\n"), "below-delegation", False),
        ("fehler-unterstrich.de", zone("", rng, "mein_rechner A 192.0.2.1\n"), "underscore-host", False),
        ("fehler-fremd.de", zone("", rng, "www.anderswo.de. A 192.0.2.1\n"), "out-of-zone", True),
    ]


def unreadable():
    head = f"$TTL 3600\n@ SOA ns1.{HOST}. h.{HOST}. 1 4h 30m 2w 1h\n@ NS ns1.{HOST}.\n"
    return [
        ("kaputt-include.de", head + "$INCLUDE /etc/passwd\n", 4),
        ("kaputt-klammer.de", f"@ 60 SOA ns1.{HOST}. h.{HOST}. ( 1 2 3 4 5\n@ 60 NS ns1.{HOST}.\n", 1),
        ("kaputt-adresse.de", head + "www A 192.0.2.300\n", 4),
        ("kaputt-lang.de", head + "x" * 64 + " A 192.0.2.1\n", 4),
        ("kaputt-generate.de", head + "$GENERATE 0-2147483647 h$ A 192.0.2.1\n", 4),
    ]


def write(out, seed, homepages, customers, clean):
    rng = random.Random(seed)
    out = Path(out)
    for folder in ["dns/zones", "web/sites-enabled", "mail"]:
        (out / folder).mkdir(parents=True, exist_ok=True)
    truth = {"refused": [], "problems": [], "zones_withheld": [], "lint": {}, "counts": {}}

    rows = ["Kundennr;Firma;Ansprechpartner;Straße;PLZ;Ort;Land;E-Mail;USt-IdNr;Wiederverkäufer"]
    people = []
    for i in range(customers):
        first, last, trade = rng.choice(FIRST), rng.choice(LAST), rng.choice(TRADE)
        postcode, town = rng.choice(TOWNS)
        number = f"K{10001 + i}"
        reseller = "R100" if i % 5 == 0 else ""
        people.append((number, trade, last, reseller))
        rows.append(
            f"{number};{trade} {last};{first} {last};Hauptstr. {rng.randrange(1, 99)};{postcode};{town};DE;"
            f"{slug(first)}.{slug(last)}@kunde.example;DE{rng.randrange(10**8, 10**9)};{reseller}"
        )
    if not clean:
        rows.append(f"k10001;Doppelt;;;;;;;;")
        truth["refused"].append(["customers.csv", len(rows)])
        rows.append(';Ohne Nummer;;;;;;;;')
        truth["refused"].append(["customers.csv", len(rows)])
    (out / "customers.csv").write_bytes(("\r\n".join(rows) + "\r\n").encode("cp1252"))

    domains, zones, sites = ["Domain;Kundennr;Wiederverkäufer"], [], []
    zones.append((HOST, zone(HOST, rng, f"ns1 A 192.0.2.53\nns2 A 198.51.100.53\nmail A {MAIL}\nimap CNAME mail\n").replace(f"mail.{HOST}.", "mail")))
    domains.append(f"{HOST};K10001;")
    names = [HOST]
    for i in range(homepages):
        number, trade, last, reseller = rng.choice(people)
        label = f"{slug(trade)}-{slug(last)}-{i}" if i % 17 else f"{trade.lower()}-{last.lower()}-{i}"
        name = f"{label}.de"
        names.append(name)
        domains.append(f"{name};{number};{reseller}")
        extra = "".join(f"{h} A {WEB}\n" for h in ["ftp", "shop", "blog"][: rng.randrange(4)])
        extra += f'_dmarc TXT "v=DMARC1; p=none; rua=mailto:dmarc@{HOST}"\n' if i % 3 == 0 else ""
        zones.append((name, zone(name, rng, extra)))
        sites.append((name, number))

    vmailbox, passwd, usage, virtual = [], [], [], ["# alt, nicht mehr anfassen"]
    hashes = ["{SHA512-CRYPT}$6$rounds=5000$abcdefgh$" + "x" * 86, "{MD5-CRYPT}$1$abcdefgh$" + "y" * 22, "{SSHA}" + "z" * 32, "$1$abcdefgh$" + "w" * 22]
    boxes = 0
    for i, name in enumerate(names[1:]):
        ascii_name = name.encode("idna").decode() if not name.isascii() else name
        for local in ["info", "buero", "rechnung"][: rng.randrange(4)]:
            address = f"{local}@{ascii_name}"
            vmailbox.append(f"{address}\t{ascii_name}/{local}/")
            passwd.append(f"{address}:{rng.choice(hashes)}:5000:5000::/var/vmail/{ascii_name}/{local}::userdb_quota_rule=*:storage={rng.randrange(1, 20)}G")
            usage.append(f"{address}\t{rng.randrange(10**4, 10**10)}\t{rng.randrange(1, 50000)}")
            boxes += 1
        if i % 4 == 0:
            virtual.append(f"kontakt@{ascii_name}    extern{i}@andere.example")

    if not clean:
        for name, text, rule, fatal in faulty(rng):
            zones.append((name, text))
            domains.append(f"{name};K10001;")
            truth["lint"][name] = rule
            if fatal:
                truth["zones_withheld"].append(name)
        for name, text, line in unreadable():
            zones.append((name, text))
            domains.append(f"{name};K10001;")
            truth["refused"].append([f"dns/zones/{name}", line])
            truth["problems"].append(["domain-without-zone", name])
        zones.append(("herrenlos.de", zone("herrenlos.de", rng)))
        truth["problems"].append(["zone-without-customer", "herrenlos.de"])
        domains.append("unbekannt.de;K99999;")
        zones.append(("unbekannt.de", zone("unbekannt.de", rng)))
        truth["problems"].append(["customer-unknown", "unbekannt.de"])
        domains.append(f"{names[1].upper()};K10001;")
        truth["refused"].append(["domains.csv", len(domains)])
        domains.append("../boese;K10001;")
        truth["refused"].append(["domains.csv", len(domains)])
        sites.append(("ohne-zone.example.org", "K10001"))
        truth["problems"].append(["vhost-without-zone", "ohne-zone.example.org"])
        zones.append(("woanders.de", zone("woanders.de", rng, mx="mx.grosser-anbieter.example.")))
        domains.append("woanders.de;K10002;")
        for local, name, kind in [("chef", "woanders.de", "mailbox-mx-elsewhere"), ("alt", "ganz-weg.example", "mailbox-without-mx")]:
            vmailbox.append(f"{local}@{name} {name}/{local}/")
            passwd.append(f"{local}@{name}:{hashes[0]}::::::")
            truth["problems"].append([kind, f"{local}@{name}"])
            boxes += 1
        vmailbox.append(f"ohnepasswort@{HOST} {HOST}/ohnepasswort/")
        truth["problems"].append(["mailbox-without-password", f"ohnepasswort@{HOST}"])
        boxes += 1
        vmailbox.append(f"OhnePasswort@{HOST.upper()} {HOST}/zwei/")
        truth["refused"].append(["mail/vmailbox", len(vmailbox)])
        usage.append(f"niemand@{HOST}\t5000\t1")
        truth["refused"].append(["mail/usage.tsv", len(usage)])
        virtual += [f"kreis1@{HOST} kreis2@{HOST}", f"kreis2@{HOST} kreis1@{HOST}"]
        truth["problems"].append(["alias-loop", f"kreis1@{HOST}"])
        virtual.append(f"leer@{HOST} gibtsnicht@{HOST}")
        truth["problems"].append(["alias-target-missing", f"leer@{HOST}"])
        virtual.append(f"pipe@{HOST} |/bin/sh")
        truth["refused"].append(["mail/virtual", len(virtual)])

    conf = ['options { directory "/var/cache/bind"; };', 'zone "." { type hint; file "/usr/share/dns/root.hints"; };']
    for name, text in zones:
        ascii_name = name.encode("idna").decode() if not name.isascii() else name
        conf.append(f'zone "{ascii_name}" {{ type master; file "/etc/bind/zones/{ascii_name}"; }};')
        (out / "dns/zones" / ascii_name).write_text(text, encoding="utf-8")
    (out / "dns/named.conf").write_text("\n".join(conf) + "\n")
    (out / "domains.csv").write_text("\r\n".join(domains) + "\r\n", encoding="utf-8")

    for i, (name, number) in enumerate(sites):
        ascii_name = name.encode("idna").decode() if not name.isascii() else name
        if i % 3 == 2:
            text = f"server {{\n  listen 80;\n  server_name {ascii_name} www.{ascii_name};\n  root /srv/www/{number}/{ascii_name};\n  location ~ \\.php$ {{ fastcgi_pass unix:/run/php.sock; }}\n}}\n"
        else:
            text = f"<VirtualHost *:80>\n  ServerName www.{ascii_name}\n  ServerAlias {ascii_name}\n  DocumentRoot /var/www/{number}/{ascii_name}\n</VirtualHost>\n"
        (out / "web/sites-enabled" / f"{ascii_name}.conf").write_text(text)
    if not clean:
        truth["problems"].append(["vhost-without-zone", "www.ohne-zone.example.org"])
        (out / "web/sites-enabled" / "kaputt.conf").write_text("<VirtualHost *:80>\n  ServerName offen.de\n")
        truth["refused"].append(["web/sites-enabled/kaputt.conf", 1])
    (out / "mail/vmailbox").write_text("\n".join(vmailbox) + "\n")
    (out / "mail/passwd").write_text("\n".join(passwd) + "\n")
    (out / "mail/usage.tsv").write_text("\n".join(usage) + "\n")
    (out / "mail/virtual").write_text("\n".join(virtual) + "\n")

    bad = {"customers.csv": 0, "domains.csv": 0}
    for file, _ in truth["refused"]:
        bad[file] = bad.get(file, 0) + 1
    truth["counts"] = {
        "customers": len(rows) - 1 - bad["customers.csv"],
        "domains": len(domains) - 1 - bad["domains.csv"],
        "zones": len(zones) - (0 if clean else len(unreadable())),
        "homepages": len(sites),
        "mailboxes": boxes,
        "aliases": len(virtual) - 1 - bad.get("mail/virtual", 0),
    }
    return truth


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True)
    parser.add_argument("--truth", help="where the truth goes; beside the papers if not given")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--homepages", type=int, default=600)
    parser.add_argument("--customers", type=int, default=200)
    parser.add_argument("--clean", action="store_true", help="plant no faults")
    args = parser.parse_args()
    truth = write(args.out, args.seed, args.homepages, args.customers, args.clean)
    target = Path(args.truth) if args.truth else Path(args.out).with_suffix(".truth.json")
    target.write_text(json.dumps(truth, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
