//! Postfix 3.7: `main.cf` and `master.cf`.

use super::{
    MapType, Role, Server,
    fleet::{self, Seat},
    rspamd,
};
use std::{collections::HashSet, fmt::Write as _, net::IpAddr, path::Path};

/// Port at which a server takes mail for its mailboxes from the provider's other servers, and from nobody else.
const HOME_PORT: &str = "10026";
/// What is asked about a recipient that lives elsewhere: each door says what that means.
pub(super) const ELSEWHERE: &str = "hostler_elsewhere";

/// Dovecot knows whether a mailbox that lives here is full.
const QUOTA: &str = "check_policy_service unix:private/quota-status";

/// Names of the parameters that a `main.cf` sets.
fn parameters(cf: &str) -> impl Iterator<Item = &str> {
    let lines = cf.lines().filter(|l| !l.starts_with([' ', '\t', '#']));
    lines.filter_map(|l| l.split_once('=').map(|(name, _)| name.trim()))
}

/// A parameter's value that is one word of a path or a name: `$` would be a reference to another parameter.
fn word(text: &str) -> String {
    text.replace('$', "$$")
}

/// `main.cf`. With `own_name` the map of aliases has a line for mail to the server itself. `local` is what an operator put beside
/// it: it stands last, and what it sets is not set before.
pub(super) fn main_cf(server: &Server, seat: &Seat<'_>, out: &Path, own_name: bool, local: &str) -> String {
    let map = |name: &str| {
        format!("{}:{}", server.maps.as_str(), word(&out.join("postfix").join(name).display().to_string()))
    };
    let mut cf = String::from(
        "# Made by Hostler; what is changed here is gone the next time. Your own lines go into local.cf beside this file, and win.\n",
    );
    // Said twice, a parameter is a warning to Postfix, and a mistake to `activate`.
    let own: HashSet<&str> = parameters(local).collect();
    let mut set = |name: &str, value: &str| {
        if !own.contains(name) {
            let _ = writeln!(cf, "{name} = {value}");
        }
    };
    set("compatibility_level", "3.6");
    set("myhostname", &word(&server.host_name));
    if let Some(run) = &server.run {
        let run = |part: &str| word(&run.join("postfix").join(part).display().to_string());
        set("queue_directory", &run("queue"));
        set("data_directory", &run("data"));
        set("maillog_file", &run("mail.log"));
        set("maillog_file_prefixes", &run(""));
    }
    set("mail_owner", "postfix");
    set("setgid_group", "postdrop");
    set("command_directory", "/usr/sbin");
    set("daemon_directory", "/usr/lib/postfix/sbin");
    match server.listen {
        // master.cf names the address; of the loopback network only 127.0.0.1 counts as an interface.
        Some(address) if address.is_loopback() => set("inet_interfaces", "loopback-only"),
        Some(address) => set("inet_interfaces", &address.to_string()),
        None => set("inet_interfaces", "all"),
    }
    set("inet_protocols", if server.listen.is_some_and(|a| a.is_ipv4()) { "ipv4" } else { "all" });
    set("biff", "no");
    set("append_dot_mydomain", "no");
    set("smtputf8_enable", "no");
    set("recipient_delimiter", "+");
    // An extension is for the mailbox that it names, not for where its mail goes on to.
    set("propagate_unmatched_extensions", "");
    set("message_size_limit", "52428800");
    // Nobody is trusted for where they come from, and no domain is local: all of them are virtual.
    set("mynetworks", "");
    set("mydestination", "");
    set("local_recipient_maps", "");
    set("alias_maps", "");
    set("alias_database", "");
    set("local_transport", "error:5.1.1 no local mail here");
    set("virtual_mailbox_domains", &map("domains"));
    set("virtual_mailbox_maps", &map("mailboxes"));
    set("virtual_alias_maps", &map("aliases"));
    set("virtual_mailbox_limit", "0");
    if own_name {
        set("virtual_alias_domains", "$myhostname");
    }
    set("virtual_transport", "lmtp:unix:private/dovecot-lmtp");
    if seat.has(Role::Store) {
        // Dovecot and Postfix learn of a mailbox at different moments: who is unknown to one of them is waited for.
        set("lmtp_delivery_status_filter", r"regexp:{{/^5(\.1\.1 .*)/ 4$$1}}");
    }
    // One at a time, so that one full mailbox bounces nobody else's mail.
    set("lmtp_destination_recipient_limit", "1");
    if let Some(relay) = &server.relay {
        set("relayhost", &word(relay));
    }
    set("smtpd_helo_required", "yes");
    set("strict_rfc821_envelopes", "yes");
    set("disable_vrfy_command", "yes");
    set("smtpd_data_restrictions", "reject_unauth_pipelining");
    // SMTP smuggling (CVE-2023-51764).
    set("smtpd_forbid_bare_newline", "normalize");
    set("smtpd_relay_restrictions", "permit_sasl_authenticated, reject_unauth_destination");
    let mut asked = vec!["reject_non_fqdn_recipient, reject_unlisted_recipient, reject_unauth_destination".to_owned()];
    if seat.others().next().is_some() {
        asked.push(format!("check_recipient_access {}", map("elsewhere")));
    }
    if seat.has(Role::Store) {
        asked.push(QUOTA.to_owned());
    }
    set("smtpd_recipient_restrictions", &asked.join(", "));
    // After aliases are followed: what is being moved waits, whichever way it came.
    set("transport_maps", &format!("{}, {}", map("frozen"), map("transports")));
    if seat.others().next().is_some() {
        set("smtpd_restriction_classes", ELSEWHERE);
        // Whether it is full, its home knows. While that is away, mail for whom it answered before is taken and waits here; for
        // anybody else senders come again.
        set(ELSEWHERE, "reject_unverified_recipient");
        set("unverified_recipient_reject_code", "550");
        // Lmdb alone is written to; the others are made whole by postmap. Without one, Postfix remembers until it is started anew.
        let cache = if server.maps == MapType::Lmdb { "lmdb:$data_directory/verify_cache" } else { "" };
        set("address_verify_map", cache);
        // The first mail of all to somebody waits for the answer: a second, not three.
        set("address_verify_poll_delay", "1s");
        set("address_verify_poll_count", "${stress?{1}:{9}}");
        set("address_verify_positive_refresh_time", "10m");
        set("address_verify_negative_expire_time", "10m");
        set("address_verify_negative_refresh_time", "1m");
    }
    set("smtpd_reject_unlisted_recipient", "yes");
    set("smtpd_sender_login_maps", &map("senders"));
    set("smtpd_sasl_type", "dovecot");
    set("smtpd_sasl_path", "private/auth");
    set("smtpd_sasl_auth_enable", "no");
    // A parameter of our own that nothing uses would be a mistake to `activate`.
    if submits(server, seat) {
        // The empty sender is nobody's own, and the check of senders passes it over.
        set(
            "hostler_own_sender",
            "check_sender_access inline:{{<> = 553 5.7.1 mail that people send has a sender}}, reject_sender_login_mismatch, permit_sasl_authenticated, reject",
        );
    }
    if server.rspamd && seat.signs() {
        set("smtpd_milters", &format!("inet:{}", host_port(&server.inner(), rspamd::PORT)));
        // While it is away, mail waits at the sender's: neither unsigned nor unseen.
        set("milter_default_action", "tempfail");
    }
    set("smtpd_client_connection_count_limit", "50");
    set("smtpd_client_auth_rate_limit", "30");
    if let Some(tls) = &server.tls {
        set("smtpd_tls_chain_files", &word(&format!("{}, {}", tls.key.display(), tls.certificate.display())));
        set("smtpd_tls_security_level", "may");
        set("smtpd_tls_mandatory_protocols", ">=TLSv1.2");
        set("smtpd_tls_protocols", ">=TLSv1.2");
        set("smtpd_tls_auth_only", "yes");
    } else {
        set("smtpd_tls_security_level", "none");
    }
    set("smtp_tls_security_level", "may");
    if !local.is_empty() {
        let _ = write!(cf, "\n# local.cf\n{local}");
        if !local.ends_with('\n') {
            cf.push('\n');
        }
    }
    cf
}

/// Whether our own people send from here.
fn submits(server: &Server, seat: &Seat<'_>) -> bool {
    server.takes_passwords() && seat.has(Role::Submission)
}

/// `master.cf`: mail from others, submission for those who log in (only if their password is safe on the way), and a door on the
/// loopback for Dovecot's out-of-office answers.
pub(super) fn master_cf(server: &Server, seat: &Seat<'_>, out: &Path) -> String {
    let at = |port: &str| server.listen.map_or_else(|| port.to_owned(), |a| host_port(&a, port));
    let inner = server.inner();
    let mut cf = String::from("# Made by Hostler.\n");
    let milters = server.rspamd && seat.signs();
    if seat.has(Role::Mx) {
        let _ = writeln!(cf, "{} inet n - n - - smtpd", at("25"));
    }
    if submits(server, seat) {
        let tls = server.tls.is_some();
        let mut doors = vec![("587", "submission", if tls { "encrypt" } else { "none" }, "no")];
        if tls {
            doors.push(("465", "submissions", "encrypt", "yes"));
        }
        for (port, name, level, wrapper) in doors {
            // The signer knows by this name whose mail it signs.
            let own = if milters { "\n  -o milter_macro_daemon_name=ORIGINATING" } else { "" };
            let _ = writeln!(
                cf,
                "{} inet n - n - - smtpd
  -o syslog_name=postfix/{name}
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_tls_security_level={level}
  -o smtpd_tls_wrappermode={wrapper}
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o smtpd_recipient_restrictions=
  -o smtpd_sender_restrictions=$hostler_own_sender{own}",
                at(port)
            );
        }
    }
    let _ = writeln!(
        cf,
        "{} inet n - n - - smtpd
  -o syslog_name=postfix/answers
  -o mynetworks={}
  -o smtpd_relay_restrictions=permit_mynetworks,reject
  -o smtpd_recipient_restrictions=permit_mynetworks,reject{}",
        host_port(&inner, "10025"),
        if inner.is_loopback() { "127.0.0.0/8,[::1]/128".to_owned() } else { format!("{inner}/32") },
        // What a mailbox answers or passes on is neither judged nor signed again.
        if milters { "\n  -o smtpd_milters=" } else { "" },
    );
    let elsewhere = format!("{}:{}", server.maps.as_str(), out.join("postfix/elsewhere").display());
    home(&mut cf, seat, &at(HOME_PORT), &elsewhere);
    cf.push_str(SERVICES);
    cf
}

/// The door for what the other servers have taken for mailboxes that live here, and the way to theirs. Aliases were followed and
/// spam was judged where the mail came in. A mailbox that has left in the meantime, or that is not known here yet, like a domain:
/// they ask again, and both know by then.
fn home(cf: &mut String, seat: &Seat<'_>, door: &str, elsewhere: &str) {
    let others: Vec<String> = seat.others().map(|s| fleet::network(&s.address)).collect();
    if others.is_empty() {
        return;
    }
    if seat.has(Role::Store) {
        let _ = writeln!(
            cf,
            "{door} inet n - n - - smtpd
  -o syslog_name=postfix/home
  -o {{ mynetworks = {others} }}
  -o smtpd_relay_restrictions=permit_mynetworks,reject
  -o unknown_virtual_mailbox_reject_code=450
  -o {{ smtpd_recipient_restrictions = defer_unauth_destination, reject_unlisted_recipient, check_recipient_access {elsewhere}, {QUOTA}, permit_mynetworks, reject }}
  -o {ELSEWHERE}=defer
  -o smtpd_milters=
  -o receive_override_options=no_address_mappings",
            others = others.join(", "),
        );
    }
    if let Some(own) = seat.address() {
        let bind = if own.is_ipv4() { "smtp_bind_address" } else { "smtp_bind_address6" };
        let _ = writeln!(cf, "home unix - - n - - smtp\n  -o syslog_name=postfix/home\n  -o {bind}={own}");
    }
}

/// A server as a transport has it.
pub(super) fn next_hop(address: &IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => format!("[{v4}]:{HOME_PORT}"),
        IpAddr::V6(v6) => format!("[ipv6:{v6}]:{HOME_PORT}"),
    }
}

pub(super) fn host_port(address: &IpAddr, port: &str) -> String {
    if address.is_ipv6() { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
}

/// What every Postfix has. Nothing is chrooted: maps and sockets are outside of the queue.
const SERVICES: &str = "pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";
