//! A limit on how often one address connects to read mail: what Dovecot itself cannot count (a client that asks for its mail
//! every few seconds with the right password is no failure to it).

use super::fleet::Seat;
use std::net::IpAddr;

/// An nftables table. Ports 110, 143, 993, 995: more than so many new connections a minute from one address wait. What comes
/// from the machine itself and from the provider's other mail servers, behind which many readers stand, is not counted.
pub(super) fn table(seat: &Seat<'_>) -> String {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for server in seat.others() {
        match server.address {
            IpAddr::V4(address) => v4.push(address.to_string()),
            IpAddr::V6(address) => v6.push(address.to_string()),
        }
    }
    let elements = |known: Vec<String>| match known.is_empty() {
        true => String::new(),
        false => format!("\n\t\telements = {{ {} }}", known.join(", ")),
    };
    TABLE.replace("{known4}", &elements(v4)).replace("{known6}", &elements(v6))
}

const TABLE: &str = "# Made by Hostler: nft -f this file. One address may open 60 connections a minute to read mail, 30 of them at once.
# Servers of yours that fetch much: nft add element inet hostler_mail known4 { 192.0.2.1 }
table inet hostler_mail
delete table inet hostler_mail
table inet hostler_mail {
	set known4 {
		type ipv4_addr
		flags interval{known4}
	}
	set known6 {
		type ipv6_addr
		flags interval{known6}
	}
	set readers4 {
		type ipv4_addr
		size 65535
		flags dynamic,timeout
		timeout 5m
	}
	set readers6 {
		type ipv6_addr
		size 65535
		flags dynamic,timeout
		timeout 5m
	}
	chain input {
		type filter hook input priority filter - 5; policy accept;
		iif lo accept
		ip saddr @known4 accept
		ip6 saddr @known6 accept
		tcp dport { 110, 143, 993, 995 } ct state new add @readers4 { ip saddr limit rate over 60/minute burst 30 packets } reject with tcp reset
		# Whoever has one address there has a whole network of 64 bits.
		tcp dport { 110, 143, 993, 995 } ct state new add @readers6 { ip6 saddr and ffff:ffff:ffff:ffff:: limit rate over 60/minute burst 30 packets } reject with tcp reset
	}
}
";
