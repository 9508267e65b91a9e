//! The script that puts rendered files into use on the mail server.

/// Checks both configurations, compiles what changed and has what runs read it anew. `{kind}` is the maps' type.
pub(super) const SCRIPT: &str = r#"#!/bin/sh
# Made by Hostler. Checks both configurations, compiles the maps that changed, and has the servers, if they run, read what they
# would not see by themselves. When a check fails, everything stays in force as it was. Ends with 0 if all is well.
set -eu
cd "$(dirname "$0")"
here=$(pwd)
kind={kind}
# Not while the folder is being rendered: a map written meanwhile would look older than its source.
exec 9>>.hostler.lock
flock 9

postfix -c "$here/postfix" check
# An unknown parameter is only a warning to Postfix; here it is a mistake.
said=$(postconf -c "$here/postfix" -n 2>&1 >/dev/null)
if [ -n "$said" ]; then
	printf '%s\n' "$said" >&2
	exit 1
fi
doveconf -c "$here/dovecot/dovecot.conf" -n >/dev/null

if [ "$kind" != texthash ]; then
	for map in domains mailboxes aliases senders frozen; do
		if [ ! -e "postfix/$map.$kind" ] || [ "postfix/$map" -nt "postfix/$map.$kind" ]; then
			postmap -c "$here/postfix" "$kind:$here/postfix/$map"
		fi
	done
fi
if postfix -c "$here/postfix" status 2>/dev/null; then
	postfix -c "$here/postfix" reload
fi
# Dovecot sees its passwd-files change. Reading the configuration anew ends connections that are not logged in yet.
if ! cat dovecot/dovecot.conf dovecot/local.conf 2>/dev/null | cmp -s - dovecot/.active; then
	if doveadm -c "$here/dovecot/dovecot.conf" service status >/dev/null 2>&1; then
		doveadm -c "$here/dovecot/dovecot.conf" reload
	fi
	cat dovecot/dovecot.conf dovecot/local.conf 2>/dev/null >dovecot/.active || true
fi
"#;
