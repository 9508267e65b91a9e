//! What puts the files into service: users, folders, certificates that stand in until real ones are there, a check, a reload.

use super::{Flavor, Kind, Machine, Site, user_of};
use std::{collections::BTreeSet, fmt::Write as _};

/// Each folder with its user and what it is for; `-` where no files are.
pub(super) fn sites(sites: &[Site]) -> String {
    let mut out = String::from("# name, folder, user\n");
    for site in sites {
        let has_files = matches!(site.kind, Kind::Static | Kind::Php { .. });
        let (folder, user) = if has_files {
            (site.folder.to_string(), user_of(site.folder.as_str()))
        } else {
            ("-".to_owned(), "-".to_owned())
        };
        let _ = writeln!(out, "{} {folder} {user}", site.name);
    }
    out
}

/// The script. It can run any number of times, and stops at the first thing that fails: what is in service stays then.
pub(super) fn script(sites: &[Site], machine: &Machine) -> String {
    let versions: BTreeSet<String> = sites
        .iter()
        .filter_map(|s| if let Kind::Php { version } = s.kind { Some(version.to_string()) } else { None })
        .collect();
    let Machine { site_dir, tls_dir, acme_dir, log_dir, .. } = machine;
    let (http, https) = machine.ports;
    let mut out = format!(
        r#"#!/bin/sh
# Puts the files beside it into service; needs root, as it makes users and reloads servers. Made by hostler render web.
set -eu
here=$(dirname "$(readlink -f "$0")")
install -d -m 0755 "{site_dir}" "{acme_dir}/.well-known/acme-challenge" "{log_dir}"
install -d -m 0711 "{tls_dir}"
reload() {{
	if [ -d /run/systemd/system ]; then systemctl reload-or-restart "$1"; else echo "activate: no systemd here: start or reload $1 yourself" >&2; fi
}}
# Something has to be shown until whoever signs certificates has been asked.
stand_in() {{
	[ ! -e "{tls_dir}/$1/fullchain.pem" ] || return 0
	install -d -m 0700 "{tls_dir}/$1"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj "/O=stands in until a certificate is there" \
		-addext "subjectAltName=DNS:$1" -keyout "{tls_dir}/$1/privkey.pem" -out "{tls_dir}/$1/fullchain.pem" 2>/dev/null
}}
stand_in default
grep -v '^#' "$here/sites" | while read -r name folder user; do
	stand_in "$name"
	[ "$folder" != - ] || continue
	id "$user" >/dev/null 2>&1 || useradd --system --user-group --no-create-home --home-dir "{site_dir}/$folder" --shell /usr/sbin/nologin "$user"
	# What its programs could put a link in the place of is never given away: the folder around it is root's.
	install -d -m 0751 -o root -g root "{site_dir}/$folder"
	install -d -m 0750 -o "$user" -g www-data "{site_dir}/$folder/htdocs"
	install -d -m 0700 -o "$user" -g "$user" "{site_dir}/$folder/tmp" "{site_dir}/$folder/log"
done
"#
    );
    match machine.flavor {
        Flavor::Nginx => {
            out.push_str("printf 'include %s/nginx/*.conf;\\n' \"$here\" >/etc/nginx/conf.d/hostler.conf\n");
            // It stands for every name that no other server block has, and so would contradict ours.
            out.push_str("rm -f /etc/nginx/sites-enabled/default\n");
        }
        Flavor::Apache => {
            out.push_str(
                "printf 'IncludeOptional %s/apache/*.conf\\n' \"$here\" >/etc/apache2/sites-available/hostler.conf\n",
            );
            out.push_str(
                "a2enmod -q ssl rewrite headers alias proxy proxy_http proxy_fcgi proxy_wstunnel >/dev/null\n",
            );
            out.push_str(
                "a2dissite -q 000-default default-ssl >/dev/null 2>&1 || true\na2ensite -q hostler >/dev/null\n",
            );
            if (http, https) != (80, 443) {
                let _ = writeln!(out, "printf 'Listen {http}\\nListen {https}\\n' >/etc/apache2/ports.conf");
            }
        }
    }
    // A PHP that nothing needs any more gives its sockets back.
    out.push_str(
        "for conf in /etc/php/*/fpm/pool.d/hostler.conf; do\n\t[ -e \"$conf\" ] || continue\n\tversion=${conf#/etc/php/}\n\tversion=${version%%/*}\n\t\
         ls \"$here/php/$version\"/*.conf >/dev/null 2>&1 || { rm -f \"$conf\"; reload \"php$version-fpm\"; }\ndone\n",
    );
    for version in versions {
        let _ = write!(
            out,
            "printf 'include=%s/php/{version}/*.conf\\n' \"$here\" >/etc/php/{version}/fpm/pool.d/hostler.conf\n\
             php-fpm{version} -t 2>/dev/null || php-fpm{version} -t\nreload php{version}-fpm\n"
        );
    }
    out.push_str(match machine.flavor {
        Flavor::Nginx => "nginx -t -q\nreload nginx\n",
        Flavor::Apache => "apachectl -t 2>/dev/null || apachectl -t\nreload apache2\n",
    });
    out
}
