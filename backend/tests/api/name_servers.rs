//! BIND, NSD and Knot start from the rendered folder and answer what the database says, value by value.

use crate::cli::{data_dir, hostler};
use crate::support::demo;
use hickory_proto::{
    op::Message,
    rr,
    serialize::binary::{BinEncodable, BinEncoder, NameEncoding},
};
use hostler_core::{
    dns::{RData, RType, parse},
    names::Name,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A server that ends with its test.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

pub(crate) fn start(flavor: &str, folder: &Path, address: SocketAddr) -> Server {
    let mut command = match flavor {
        "bind" => {
            let mut command = Command::new("named");
            command.args(["-f", "-4", "-c"]).arg(folder.join("named.conf"));
            command
        }
        "nsd" => {
            let mut command = Command::new("nsd");
            command.args(["-d", "-c"]).arg(folder.join("nsd.conf"));
            command
        }
        _ => {
            let mut command = Command::new("knotd");
            command.arg("-c").arg(folder.join("knot.conf"));
            command
        }
    };
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap());
    let child = command
        .env("PATH", path)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let child = child.unwrap_or_else(|e| panic!("{flavor} cannot be started: {e}"));
    let mut server = Server { child, address };
    let started = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(server.child.try_wait().unwrap().is_none(), "{flavor} ended");
        assert!(started.elapsed() < Duration::from_secs(20), "{flavor} does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    server
}

/// One RRset as a server answers it: response code, authority flag, TTLs, data in our own text.
type Answer = (u16, bool, BTreeSet<(u32, String)>);

/// Asks until the server has loaded the zone: until then it answers SERVFAIL.
fn ask(stream: &mut TcpStream, owner: &Name, rtype: RType) -> Answer {
    let started = Instant::now();
    loop {
        let answer = ask_once(stream, owner, rtype);
        if answer.0 != 2 || started.elapsed() > Duration::from_secs(10) {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn ask_once(stream: &mut TcpStream, owner: &Name, rtype: RType) -> Answer {
    let mut query = vec![0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    query.extend_from_slice(owner.wire());
    query.extend_from_slice(&rtype.0.to_be_bytes());
    query.extend_from_slice(&1u16.to_be_bytes());
    // One write: two would wait for each other's acknowledgement.
    let mut framed = u16::try_from(query.len()).unwrap().to_be_bytes().to_vec();
    framed.extend_from_slice(&query);
    stream.write_all(&framed).unwrap();
    let mut len = [0; 2];
    stream.read_exact(&mut len).unwrap();
    let mut answer = vec![0; usize::from(u16::from_be_bytes(len))];
    stream.read_exact(&mut answer).unwrap();
    let message = Message::from_vec(&answer).unwrap();
    let mut data = BTreeSet::new();
    for record in message.answers.iter().filter(|r| u16::from(r.record_type()) == rtype.0) {
        assert_eq!(record.name.to_ascii().to_lowercase(), owner_as_hickory(owner));
        data.insert((record.ttl, text(record, rtype)));
    }
    (u16::from(message.metadata.response_code), message.metadata.authoritative, data)
}

/// The owner in hickory's own spelling, so that both are escaped alike.
fn owner_as_hickory(owner: &Name) -> String {
    let labels: Vec<&[u8]> = owner.labels().collect();
    rr::Name::from_labels(labels).unwrap().to_ascii().trim_end_matches('.').to_lowercase() + "."
}

fn text(record: &rr::Record, rtype: RType) -> String {
    let mut wire = Vec::new();
    let mut encoder = BinEncoder::new(&mut wire);
    encoder.set_name_encoding(NameEncoding::Uncompressed);
    record.data.emit(&mut encoder).unwrap();
    RData::from_wire(rtype, &wire).unwrap().to_string().to_lowercase()
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// A zone with every type, written as a person writes it.
const ALL_TYPES: &str = "$TTL 1h\n@ SOA ns1.h.example. host\\.master.h.example. 7 14400 1800 1209600 3600\n@ NS ns1.h.example.\n@ NS ns2.h.example.\n\
    @ A 192.0.2.1\n@ AAAA 2001:db8::1\nwww CNAME @\n@ MX 10 mail\nmail A 192.0.2.25\nmail SSHFP 4 2 aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899\n\
    @ TXT ( \"v=spf1 mx -all\" )\nlong._domainkey TXT ( \"v=DKIM1; k=rsa; \"\n \"p=abc\\\"\\\\\\195\\164;\" )\n_sip._tcp SRV 0 5 5060 mail\nptr PTR www\n@ CAA 0 issue \"ca.example; a=b\"\n\
    _443._tcp TLSA 3 1 1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\nsub NS ns.sub\nsub DS 12345 13 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\nns.sub A 192.0.2.9\n\
    n NAPTR 100 10 \"u\" \"E2U+sip\" \"!^.*$!sip:a@b.example!\" .\n@ LOC 52 22 23.5 N 4 53 32 E -2m 1m 10000m 10m\nsvc SVCB 16 foo.h.example. mandatory=alpn alpn=\"h2,h3\" port=8443\n\
    @ HTTPS 1 . alpn=h2 ipv4hint=192.0.2.1\nalias DNAME other.example.\n_http._tcp URI 10 1 \"https://a.example/\"\n@ RP hans.h.example. txt\n@ HINFO \"PC\" \"Linux\"\n@ TYPE65280 \\# 4 0a000001\n\
    *.wild A 192.0.2.7\n*.wild TXT \"a;b\"\nM\u{fc}ller A 192.0.2.8\n";

#[test]
fn bind_nsd_and_knot_answer_every_zone_as_the_database_has_it() {
    let dir = data_dir();
    let papers = dir.path().join("papers");
    copy(&demo(), &papers);
    std::fs::write(papers.join("dns/zones/alles.example"), ALL_TYPES).unwrap();
    std::fs::write(papers.join("dns/zones/xn--mller-kva.example"), ALL_TYPES).unwrap();
    let mut conf = std::fs::read_to_string(papers.join("dns/named.conf")).unwrap();
    conf.push_str("zone \"alles.example\" { type master; file \"alles.example\"; };\nzone \"m\u{fc}ller.example\" { type master; file \"xn--mller-kva.example\"; };\n");
    std::fs::write(papers.join("dns/named.conf"), conf).unwrap();
    let output = hostler(dir.path()).args(["import", "papers"]).arg(&papers).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    for flavor in ["bind", "nsd", "knot"] {
        let (folder, address) = (dir.path().join(flavor), free_address());
        let render = || {
            let output = hostler(dir.path())
                .args(["render", "dns", "--json", "--flavor", flavor, "--listen", &address.to_string(), "--out"])
                .arg(&folder)
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
        };
        let first = render();
        assert_eq!(render()["written"], 0, "a second run writes nothing");
        let server = start(flavor, &folder, address);
        let mut stream = connect(server.address);
        let (mut zones, mut sets) = (0, 0);
        for entry in std::fs::read_dir(folder.join("zones")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let origin = Name::parse(&format!("{name}."), None).unwrap();
            let zone = parse(&std::fs::read(&path).unwrap(), &origin).unwrap().zone;
            zones += 1;
            let mut expected: BTreeMap<(Name, RType), BTreeSet<(u32, String)>> = BTreeMap::new();
            for record in &zone.records {
                let data = record.data.to_string().to_lowercase();
                expected.entry((record.owner.clone(), record.rtype())).or_default().insert((record.ttl, data));
            }
            for ((owner, rtype), values) in expected {
                let delegated = zone
                    .records
                    .iter()
                    .any(|r| r.rtype() == RType::NS && r.owner != origin && owner.is_within(&r.owner));
                // Below a cut the servers refer to somebody else; the DS is the parent's own.
                if delegated && rtype != RType::DS {
                    continue;
                }
                let (code, authoritative, answered) = ask(&mut stream, &owner, rtype);
                assert_eq!((code, authoritative, &answered), (0, true, &values), "{flavor} {owner} {rtype}");
                sets += 1;
            }
            let missing = Name::parse("gibt-es-nicht", Some(&origin)).unwrap();
            assert_eq!(ask(&mut stream, &missing, RType::A).0, 3, "{flavor} {missing}: NXDOMAIN");
        }
        assert_eq!(first["zones"], zones);
        assert!(zones > 45 && sets > 250, "{zones} zones, {sets} RRsets");
        for withheld in first["withheld"].as_array().unwrap() {
            let origin = Name::parse(&format!("{}.", withheld[0].as_str().unwrap()), None).unwrap();
            assert_ne!(ask_once(&mut stream, &origin, RType::SOA).0, 0, "{flavor} {origin} must not be served");
        }
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { std::fs::copy(&path, &target).map(|_| ()).unwrap() }
    }
}

/// Readers that are not ours read what is written, and find the same records.
#[test]
fn the_servers_own_readers_and_dnspython_read_the_same_records() {
    let dir = data_dir();
    let origin = Name::parse("alles.example.", None).unwrap();
    let file = dir.path().join("zone");
    std::fs::write(dir.path().join("source"), ALL_TYPES).unwrap();
    let formatted = hostler(dir.path())
        .args(["zone", "format"])
        .arg(dir.path().join("source"))
        .args(["--origin", "alles.example"])
        .output()
        .unwrap();
    assert!(formatted.status.success(), "{}", String::from_utf8_lossy(&formatted.stderr));
    std::fs::write(&file, &formatted.stdout).unwrap();
    let ours = records(&formatted.stdout, &origin);
    let out = dir.path().join("compiled");
    let run = |program: &str, args: &[&str]| {
        let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap());
        let output = Command::new(program)
            .args(args)
            .arg(&file)
            .env("PATH", path)
            .output()
            .unwrap_or_else(|e| panic!("{program}: {e}"));
        assert!(
            output.status.success(),
            "{program}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    };
    run(
        "named-compilezone",
        &["-q", "-i", "local", "-k", "ignore", "-s", "full", "-o", out.to_str().unwrap(), "alles.example"],
    );
    assert_eq!(records(&std::fs::read(&out).unwrap(), &origin), ours, "named-compilezone");
    run("nsd-checkzone", &["alles.example"]);
    run("kzonecheck", &["-o", "alles.example."]);
    let python = "import sys, dns.zone\nz = dns.zone.from_file(sys.argv[1], 'alles.example.', relativize=False)\n\
                  for name, ttl, rdata in z.iterate_rdatas():\n    print(name, ttl, 'IN', dns.rdatatype.to_text(rdata.rdtype), '\\\\#', len(rdata.to_wire()), rdata.to_wire().hex())\n";
    let told = run("/usr/bin/python3", &["-c", python]);
    assert_eq!(records(&told, &origin), ours, "dnspython");
}

fn records(text: &[u8], origin: &Name) -> BTreeSet<String> {
    let zone = parse(text, origin).unwrap_or_else(|e| panic!("{e:?}")).zone;
    zone.records.iter().map(|r| format!("{} {} {} {}", r.owner, r.ttl, r.rtype(), r.data).to_lowercase()).collect()
}
