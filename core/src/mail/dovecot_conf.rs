//! `dovecot.conf` in the two dialects. What both have in common stands here once; what differs is each one's own.
//!
//! Every path that reaches these files is of plain characters (the renderer sees to it), so nothing needs quotes.

use super::{Dialect, Mailbox, Role, Server, fleet::Seat, postfix::host_port};
use std::{fmt::Write as _, path::Path};

/// The file, for the folder `out`.
pub(super) fn conf(server: &Server, seat: &Seat<'_>, out: &Path) -> String {
    let dialect = server.dialect;
    let file = |name: &str| out.join("dovecot").join(name).display().to_string();
    let mut c = String::new();
    let version = match dialect {
        Dialect::Dovecot23 => "2.3",
        Dialect::Dovecot24 => "2.4",
    };
    let _ = writeln!(
        c,
        "# Made by Hostler for Dovecot {version}; your own settings go into local.conf beside this file, and win."
    );
    if dialect == Dialect::Dovecot24 {
        // From 2.4.2 on a later one would name the folders of existing mailboxes differently.
        c.push_str("dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n");
    }
    if let Some(run) = &server.run {
        let run = |part: &str| run.join("dovecot").join(part).display().to_string();
        let _ =
            writeln!(c, "base_dir = {}\nstate_dir = {}\nlog_path = {}", run("run"), run("state"), run("dovecot.log"));
    }
    let listen = server.listen.map_or_else(|| "*, ::".to_owned(), |a| a.to_string());
    let protocols = match (seat.has(Role::Store), seat.has(Role::Proxy)) {
        (true, _) => "imap pop3 lmtp sieve",
        (false, true) => "imap pop3 sieve",
        // It only says who may send.
        (false, false) => "",
    };
    let _ = writeln!(c, "protocols = {protocols}\nlisten = {listen}");
    tls(&mut c, server);
    let proxies: Vec<String> =
        seat.others().filter(|s| s.roles.has(Role::Proxy)).map(|s| s.address.to_string()).collect();
    if seat.has(Role::Store) && !proxies.is_empty() {
        // What they say of where a reader comes from is believed.
        let _ = writeln!(c, "login_trusted_networks = {}", proxies.join(" "));
    }
    if seat.has(Role::Proxy) && server.tls.is_some() {
        c.push_str("ssl_client_ca_file = /etc/ssl/certs/ca-certificates.crt\n");
    }
    let _ = write!(
        c,
        "auth_mechanisms = plain login
auth_verbose = yes
# argon2 works in 19 MiB for each login.
default_vsz_limit = 1G
mail_uid = {uid}
mail_gid = {uid}
first_valid_uid = {uid}
submission_host = {answers}
recipient_delimiter = +
",
        uid = Server::MAIL_UID,
        answers = host_port(&server.inner(), "10025"),
    );
    c.push_str(FOLDERS);
    match dialect {
        Dialect::Dovecot23 => own_23(&mut c, server, seat, &file),
        Dialect::Dovecot24 => own_24(&mut c, server, seat, &file),
    }
    services(&mut c, server, seat);
    // A path of its own folder: 2.4 takes an absolute one for a pattern.
    c.push_str("!include_try local.conf\n");
    c
}

fn tls(c: &mut String, server: &Server) {
    let plain = server.takes_passwords();
    let _ = match (&server.tls, server.dialect) {
        (Some(tls), Dialect::Dovecot23) => writeln!(
            c,
            "ssl = required\nssl_cert = <{}\nssl_key = <{}\nssl_min_protocol = TLSv1.2",
            tls.certificate.display(),
            tls.key.display()
        ),
        (Some(tls), Dialect::Dovecot24) => writeln!(
            c,
            "ssl = required\nssl_server_cert_file = {}\nssl_server_key_file = {}\nssl_min_protocol = TLSv1.2",
            tls.certificate.display(),
            tls.key.display()
        ),
        (None, Dialect::Dovecot23) => {
            writeln!(c, "ssl = no\ndisable_plaintext_auth = {}", if plain { "no" } else { "yes" })
        }
        (None, Dialect::Dovecot24) => {
            writeln!(c, "ssl = no\nauth_allow_cleartext = {}", if plain { "yes" } else { "no" })
        }
    };
}

const FOLDERS: &str = "namespace inbox {
  inbox = yes
  separator = /
  mailbox Drafts {
    special_use = \\Drafts
    auto = subscribe
  }
  mailbox Sent {
    special_use = \\Sent
    auto = subscribe
  }
  mailbox Trash {
    special_use = \\Trash
    auto = subscribe
  }
  mailbox Junk {
    special_use = \\Junk
    auto = subscribe
  }
}
";

fn own_23(c: &mut String, server: &Server, seat: &Seat<'_>, file: &dyn Fn(&str) -> String) {
    let _ = write!(
        c,
        "auth_username_format = %Lu
mail_location = maildir:~/Maildir
mail_plugins = $mail_plugins quota
passdb {{
  driver = passwd-file
  deny = yes
  args = username_format=%Ls/%Lu {denied}
}}
passdb {{
  driver = passwd-file
  args = scheme=CRYPT username_format=%Lu {users}
  result_failure = continue
  result_internalfail = continue
}}
",
        denied = file("denied"),
        users = file("users"),
    );
    if seat.knows_all() {
        let _ = write!(
            c,
            "passdb {{
  driver = passwd-file
  args = scheme=CRYPT username_format=%Lu {}
  skip = authenticated
  result_failure = continue
  result_internalfail = continue
}}
",
            file("elsewhere")
        );
    }
    for place in 1..=Mailbox::MOST_APP_PASSWORDS {
        let _ = write!(
            c,
            "passdb {{
  driver = passwd-file
  args = scheme=CRYPT username_format=%Ls/%Lu {}
  skip = authenticated
}}
",
            file(&format!("app{place}"))
        );
    }
    let _ = write!(
        c,
        "userdb {{
  driver = passwd-file
  args = username_format=%Lu {users}
  override_fields = uid={uid} gid={uid}
}}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
  quota_grace = 0
  quota_status_success = DUNNO
  quota_status_nouser = DUNNO
  quota_status_overquota = \"552 5.2.2 Mailbox is full\"
  sieve = file:~/sieve;active=~/.dovecot.sieve
  sieve_before = file:{replies}/%Ld/%Ln.sieve;bindir=~/sieve-compiled
}}
protocol lmtp {{
  mail_plugins = $mail_plugins sieve
  postmaster_address = postmaster@{host}
}}
protocol imap {{
  mail_plugins = $mail_plugins imap_quota
  mail_max_userip_connections = 20
}}
",
        users = file("users"),
        uid = Server::MAIL_UID,
        replies = file("replies"),
        host = server.host_name,
    );
}

fn own_24(c: &mut String, server: &Server, seat: &Seat<'_>, file: &dyn Fn(&str) -> String) {
    let _ = write!(
        c,
        "auth_username_format = %{{user | lower}}
# Old passwords keep working until they are renewed; without a scheme they are crypt(3)'s.
auth_allow_weak_schemes = yes
mail_driver = maildir
mail_path = ~/Maildir
mail_plugins {{
  quota = yes
}}
quota \"User quota\" {{
  driver = count
}}
quota_storage_grace = 0
quota_status_success = DUNNO
quota_status_nouser = DUNNO
quota_status_overquota = \"552 5.2.2 Mailbox is full\"
# Left out, 2.4.1 answers \"action=\" and nothing to a mail larger than the whole quota.
quota_status_toolarge = \"552 5.2.2 Mailbox is full\"
sieve_script replies {{
  type = before
  driver = file
  path = {replies}/%{{user | domain | lower}}/%{{user | username | lower}}.sieve
  bin_path = ~/sieve-compiled
}}
sieve_script personal {{
  type = personal
  driver = file
  path = ~/sieve
  active_path = ~/.dovecot.sieve
}}
passdb denied {{
  driver = passwd-file
  passwd_file_path = {denied}
  auth_username_format = %{{protocol}}/%{{user | lower}}
  deny = yes
}}
passdb users {{
  driver = passwd-file
  passwd_file_path = {users}
  auth_username_format = %{{user | lower}}
  default_password_scheme = CRYPT
  result_failure = continue
  result_internalfail = continue
}}
",
        replies = file("replies"),
        denied = file("denied"),
        users = file("users"),
    );
    if seat.knows_all() {
        let _ = write!(
            c,
            "passdb elsewhere {{
  driver = passwd-file
  passwd_file_path = {}
  auth_username_format = %{{user | lower}}
  default_password_scheme = CRYPT
  skip = authenticated
  result_failure = continue
  result_internalfail = continue
}}
",
            file("elsewhere")
        );
    }
    for place in 1..=Mailbox::MOST_APP_PASSWORDS {
        let name = format!("app{place}");
        let _ = write!(
            c,
            "passdb {name} {{
  driver = passwd-file
  passwd_file_path = {}
  auth_username_format = %{{protocol}}/%{{user | lower}}
  default_password_scheme = CRYPT
  skip = authenticated
}}
",
            file(&name)
        );
    }
    let _ = write!(
        c,
        "userdb users {{
  driver = passwd-file
  passwd_file_path = {users}
  auth_username_format = %{{user | lower}}
  fields {{
    uid = {uid}
    gid = {uid}
  }}
}}
protocol lmtp {{
  mail_plugins {{
    sieve = yes
  }}
  postmaster_address = postmaster@{host}
}}
protocol imap {{
  mail_plugins {{
    imap_quota = yes
  }}
  mail_max_userip_connections = 20
}}
",
        users = file("users"),
        uid = Server::MAIL_UID,
        host = server.host_name,
    );
}

fn services(c: &mut String, server: &Server, seat: &Seat<'_>) {
    let queue = server.queue();
    if seat.is_read() {
        readers(c, server);
    }
    if seat.has(Role::Store) {
        let _ = write!(
            c,
            "service lmtp {{
  unix_listener {queue}/private/dovecot-lmtp {{
    mode = 0600
    user = postfix
    group = postfix
  }}
}}
service quota-status {{
  executable = quota-status -p postfix
  client_limit = 1
  unix_listener {queue}/private/quota-status {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
",
            queue = queue.display(),
        );
    }
    if seat.has_postfix() {
        let _ = write!(
            c,
            "service auth {{
  unix_listener {queue}/private/auth {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
",
            queue = queue.display(),
        );
    }
    c.push_str("service stats {\n  unix_listener stats-writer {\n    mode = 0666\n  }\n}\n");
}

/// The doors of those who read mail.
fn readers(c: &mut String, server: &Server) {
    let tls = server.tls.is_some();
    let _ = write!(
        c,
        "protocol pop3 {{
  mail_max_userip_connections = 5
}}
service imap-login {{
  {once} = {unlimited}
  client_limit = 2000
  inet_listener imap {{
    port = 143
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service pop3-login {{
  # A storm of clients that fetch must not take the memory of everything else.
  {once} = {unlimited}
  process_limit = 4
  client_limit = 500
  inet_listener pop3 {{
    port = 110
  }}
  inet_listener pop3s {{
    port = {pop3s}
  }}
}}
service imap {{
  process_limit = 4000
}}
service pop3 {{
  process_limit = 500
}}
service managesieve-login {{
  inet_listener sieve {{
    port = 4190
  }}
}}
",
        // One process for many connections; by default each has its own, and a hundred of them are all there are.
        once = if server.dialect == Dialect::Dovecot23 { "service_count" } else { "restart_request_count" },
        unlimited = if server.dialect == Dialect::Dovecot23 { "0" } else { "unlimited" },
        imaps = if tls { 993 } else { 0 },
        pop3s = if tls { 995 } else { 0 },
    );
}
