//! The script that puts rendered files into use on the mail server.

use super::{Server, files::MAPS, fleet::Seat};

/// Checks all configurations, compiles what changed and has what runs read it anew.
pub(super) fn script(server: &Server, seat: &Seat<'_>) -> String {
    let hup = match &server.run {
        None => "if systemctl is-active --quiet rspamd 2>/dev/null; then systemctl reload rspamd; fi".to_owned(),
        // Kept in the foreground, rspamd writes no such file: whoever starts it does.
        Some(run) => {
            let pid = run.join("rspamd/run/rspamd.pid").display().to_string();
            format!("if [ -s {pid} ]; then kill -HUP \"$(cat {pid})\" || true; fi")
        }
    };
    let rspamd = server.rspamd && seat.signs();
    let mut script = SCRIPT.replace("{kind}", server.maps.as_str());
    for (there, text) in [
        (seat.has_postfix(), POSTFIX_CHECK),
        (seat.has_dovecot(), DOVECOT_CHECK),
        (rspamd, CHECK),
        (seat.has_postfix(), POSTFIX),
        (seat.has_dovecot(), DOVECOT),
        (rspamd, RELOAD),
    ] {
        if there {
            script.push_str(text);
        }
    }
    let paths = MAPS.map(|map| format!("postfix/{map}")).join(" ");
    let certificate = server.tls.as_ref().map(|tls| tls.certificate.display().to_string()).unwrap_or_default();
    script
        .replace("{hup}", &hup)
        .replace("{certificate}", &certificate)
        .replace("{maps}", &MAPS.join(" "))
        .replace("{map_files}", &paths)
}

/// Rspamd signs without a key that it cannot read, and says so in its log only: here it is a mistake.
const CHECK: &str = r#"rspamd_conf() { cat rspamd/local.d/* $(find rspamd/override.d -type f 2>/dev/null | sort); }
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
if ! rspamd_conf | cmp -s - rspamd/.active && ! said=$(rspamadm --var=LOCAL_CONFDIR="$here/rspamd" --var=DBDIR="$state" --var=RUNDIR="$state" --var=LOGDIR="$state" \
	configtest -c /etc/rspamd/rspamd.conf 2>&1); then
	printf '%s\n' "$said" >&2
	exit 1
fi
if [ -d rspamd/dkim ] && [ "$(id -u)" -eq 0 ]; then
	find "$here/rspamd/dkim" -name '*.key' -exec setpriv --reuid=_rspamd --regid=_rspamd --clear-groups sh -c '
		for key; do [ -r "$key" ] || { echo "rspamd cannot read $key" >&2; exit 1; }; done' sh {} +
fi
"#;

const RELOAD: &str = r#"# Rspamd sees another key in a file, but not another file.
if ! rspamd_conf | cmp -s - rspamd/.active; then
	{hup}
	rspamd_conf >rspamd/.active
fi
# A running rspamd signs with what it read last, so a key goes a round later than the line that names it.
for key in rspamd/dkim/*.key; do
	[ -e "$key" ] || continue
	name=$(basename "$key")
	if grep -qxF "$name" rspamd/keys; then
		rm -f "rspamd/dkim/.$name.old"
	elif [ -e "rspamd/dkim/.$name.old" ]; then
		rm -f "$key" "rspamd/dkim/.$name.old"
	else
		: >"rspamd/dkim/.$name.old"
	fi
done
"#;

const SCRIPT: &str = r#"#!/bin/sh
# Made by Hostler. Checks all configurations, compiles the maps that changed, and has the servers, if they run, read what they
# would not see by themselves. When a check fails, everything stays in force as it was. Ends with 0 if all is well.
set -eu
cd "$(dirname "$0")"
here=$(pwd)
kind={kind}
# Not while the folder is being rendered: a map written meanwhile would look older than its source.
exec 9>>.hostler.lock
flock 9

"#;

const POSTFIX_CHECK: &str = r#"postfix -c "$here/postfix" check
# An unknown parameter is only a warning to Postfix; here it is a mistake.
said=$(postconf -c "$here/postfix" -n 2>&1 >/dev/null)
if [ -n "$said" ]; then
	printf '%s\n' "$said" >&2
	exit 1
fi
"#;

const DOVECOT_CHECK: &str = "doveconf -c \"$here/dovecot/dovecot.conf\" -n >/dev/null\n";

const POSTFIX: &str = r#"if [ "$kind" != texthash ]; then
	for map in {maps}; do
		if [ ! -e "postfix/$map.$kind" ] || [ "postfix/$map" -nt "postfix/$map.$kind" ]; then
			postmap -c "$here/postfix" "$kind:$here/postfix/$map"
		fi
	done
fi
# Postfix sees compiled maps change, but for those of transports: under steady traffic their reader never looks again.
postfix_conf() {
	cat postfix/main.cf postfix/master.cf postfix/frozen postfix/transports
	[ "$kind" != texthash ] || cat {map_files}
}
if ! postfix_conf | cmp -s - postfix/.active; then
	if postfix -c "$here/postfix" status 2>/dev/null; then
		postfix -c "$here/postfix" reload
	fi
	postfix_conf >postfix/.active
fi
"#;

const DOVECOT: &str = r#"# Dovecot sees its passwd-files change, but not another certificate. Reading the configuration anew ends connections that are not
# logged in yet.
dovecot_conf() { cat dovecot/dovecot.conf dovecot/local.conf {certificate} 2>/dev/null || true; }
if ! dovecot_conf | cmp -s - dovecot/.active; then
	if doveadm -c "$here/dovecot/dovecot.conf" service status >/dev/null 2>&1; then
		doveadm -c "$here/dovecot/dovecot.conf" reload
	fi
	dovecot_conf >dovecot/.active
fi
"#;
