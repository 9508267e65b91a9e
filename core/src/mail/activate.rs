//! The script that puts rendered files into use on the mail server.

/// Compiles what changed, checks both configurations and has what runs read them anew. `{kind}` is the maps' type.
pub(super) const SCRIPT: &str = r#"#!/bin/sh
# Made by Hostler. Compiles the maps that changed, checks both configurations, and has the servers, if they run, read them
# anew. Nothing is read anew when a check fails. Ends with 0 if all is well.
set -eu
cd "$(dirname "$0")"
here=$(pwd)
kind={kind}
if [ "$kind" != texthash ]; then
	for map in domains mailboxes aliases senders frozen; do
		if [ ! -e "postfix/$map.$kind" ] || [ "postfix/$map" -nt "postfix/$map.$kind" ]; then
			postmap -c "$here/postfix" "$kind:$here/postfix/$map"
		fi
	done
fi
postfix -c "$here/postfix" check
# An unknown parameter is only a warning to Postfix; here it is a mistake.
said=$(postconf -c "$here/postfix" -n 2>&1 >/dev/null)
if [ -n "$said" ]; then
	printf '%s\n' "$said" >&2
	exit 1
fi
doveconf -c "$here/dovecot/dovecot.conf" -n >/dev/null
if postfix -c "$here/postfix" status 2>/dev/null; then
	postfix -c "$here/postfix" reload
fi
if doveadm -c "$here/dovecot/dovecot.conf" service status >/dev/null 2>&1; then
	doveadm -c "$here/dovecot/dovecot.conf" reload
fi
"#;
