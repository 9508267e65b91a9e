//! A limit on how often one address connects to read mail: what Dovecot itself cannot count (a client that asks for its mail
//! every few seconds with the right password is no failure to it).

/// An nftables table. Ports 110, 143, 993, 995: more than so many new connections a minute from one address wait.
pub(super) const TABLE: &str = "# Made by Hostler: nft -f this file. One address may open 60 connections a minute to read mail, 30 of them at once.
# Servers of yours that fetch much: nft add element inet hostler_mail known { 192.0.2.1 }
table inet hostler_mail
delete table inet hostler_mail
table inet hostler_mail {
	set known {
		type ipv4_addr
		flags interval
	}
	set readers {
		type ipv4_addr
		size 65535
		flags dynamic,timeout
		timeout 5m
	}
	chain input {
		type filter hook input priority filter - 5; policy accept;
		ip saddr @known accept
		tcp dport { 110, 143, 993, 995 } ct state new add @readers { ip saddr limit rate over 60/minute burst 30 packets } reject with tcp reset
	}
}
";
