"""Reads or writes a folder of zones with dnspython: the reference of `make bench`."""
import os
import sys

import dns.zone

mode, source, out = sys.argv[1:4]
os.makedirs(out, exist_ok=True)
for file in os.listdir(source):
    zone = dns.zone.from_file(os.path.join(source, file), file.removesuffix(".zone") + ".", relativize=False, check_origin=False)
    if mode == "write":
        zone.to_file(os.path.join(out, file), relativize=False)
