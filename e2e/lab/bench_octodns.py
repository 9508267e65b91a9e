"""Writes a folder of zones with octoDNS' YAML and BIND providers: the reference of `make bench`."""
import os
import sys

from octodns.provider.plan import Plan  # noqa: F401  (says early that octoDNS is missing)
from octodns.record import Record
from octodns.zone import Zone
from octodns_bind import ZoneFileProvider

mode, source, out = sys.argv[1:4]
os.makedirs(out, exist_ok=True)
provider = ZoneFileProvider("bench", directory=out, file_extension=".zone")
for i, file in enumerate(sorted(os.listdir(source))):
    zone = Zone(file.removesuffix(".zone") + ".", [])
    ns = ["ns1.h.example.", "ns2.h.example."]
    for name, data in [
        ("", {"type": "NS", "ttl": 3600, "values": ns}),
        ("", {"type": "A", "ttl": 3600, "values": [f"192.0.2.{i % 250 + 1}"]}),
        ("www", {"type": "CNAME", "ttl": 3600, "value": zone.name}),
        ("", {"type": "MX", "ttl": 3600, "values": [{"preference": 10, "exchange": "mail.h.example."}]}),
        ("", {"type": "TXT", "ttl": 3600, "values": ["v=spf1 mx -all"]}),
        ("_dmarc", {"type": "TXT", "ttl": 3600, "values": ["v=DMARC1\\; p=none"]}),
        ("ftp", {"type": "A", "ttl": 3600, "values": ["192.0.2.1"]}),
        ("shop", {"type": "A", "ttl": 3600, "values": ["192.0.2.2"]}),
        ("", {"type": "AAAA", "ttl": 3600, "values": [f"2001:db8::{i % 60000 + 1:x}"]}),
        ("_sip._tcp", {"type": "SRV", "ttl": 3600, "values": [{"priority": 0, "weight": 5, "port": 5060, "target": f"sip.{zone.name}"}]}),
    ]:
        zone.add_record(Record.new(zone, name, data))
    provider.apply(provider.plan(zone))
