//! `web/sites-enabled/*`: Apache and nginx, as far as they say which names are served from where.

mod apache;
mod nginx;

use super::{Papers, Sourced, files::PaperFiles, refusal, text};
use hostler_core::names::{DomainName, display_unicode};
use hostler_core::papers::PaperHomepage;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

const FOLDER: &str = "web/sites-enabled/";

/// A virtual host as it stands in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Vhost {
    line: u32,
    names: Vec<String>,
    root: String,
    target: String,
    redirect: bool,
    proxy: bool,
    php: bool,
    tls: bool,
    listens: BTreeSet<IpAddr>,
}

/// The address in `192.0.2.1:80`, `[2001:db8::1]:80` or `192.0.2.1`; none in `*:80` and where it stands for every one.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|t| t.split_once(']')).map(|(inner, _)| inner);
    let found = bare.unwrap_or(text).parse().ok().or_else(|| text.rsplit_once(':')?.0.parse().ok())?;
    let found: IpAddr = found;
    (!found.is_unspecified()).then_some(found)
}

pub(super) fn read(files: &PaperFiles, papers: &mut Papers) {
    // The vhosts of port 80 and 443 are one homepage; the richer one says what it is.
    let mut homepages: BTreeMap<String, Sourced<PaperHomepage>> = BTreeMap::new();
    let mut owner: BTreeMap<String, String> = BTreeMap::new();
    for (file, bytes) in files.under(FOLDER) {
        let text = text::decode(bytes);
        let (server, result) =
            if apache::looks_like(&text) { ("apache", apache::read(&text)) } else { ("nginx", nginx::read(&text)) };
        let vhosts = match result {
            Ok(vhosts) => vhosts,
            Err((line, reason)) => {
                papers.refused.push(refusal(file, Some(line), reason, bytes));
                continue;
            }
        };
        let brought_in = if server == "apache" { apache::brought_in(&text) } else { nginx::brought_in(&text) };
        for (line, what) in brought_in {
            let reason = format!(
                "`{}` brings in what is not in this file; virtual hosts in it are missing",
                text::shown(what.trim())
            );
            papers.refused.push(refusal(file, Some(line), reason, what.as_bytes()));
        }
        if vhosts.is_empty() {
            papers.refused.push(refusal(file, None, "the file holds no virtual host", bytes));
        }
        // The file is kept once, however many of its hosts are refused.
        let mut kept: Option<()> = None;
        for vhost in vhosts {
            if let Err(reason) = add(&vhost, file, server, &mut homepages, &mut owner, papers) {
                let raw = if kept.replace(()).is_none() { bytes } else { b"" };
                papers.refused.push(refusal(file, Some(vhost.line), reason, raw));
            }
        }
    }
    papers.homepages.extend(homepages.into_values());
}

fn add(
    vhost: &Vhost,
    file: &str,
    server: &str,
    homepages: &mut BTreeMap<String, Sourced<PaperHomepage>>,
    owner: &mut BTreeMap<String, String>,
    papers: &mut Papers,
) -> Result<(), String> {
    let fault = [&vhost.root, &vhost.target].into_iter().find_map(|t| Some((t, text::fault(t)?)));
    if let Some((text, fault)) = fault {
        return Err(format!("`{}` {fault}", text::shown(text)));
    }
    if !vhost.root.is_empty() && (!vhost.root.starts_with('/') || vhost.root.split('/').any(|part| part == "..")) {
        return Err(format!("the document root `{}` is not an absolute path", text::shown(&vhost.root)));
    }
    let mut names = Vec::new();
    for name in &vhost.names {
        match site_name(name) {
            Ok(name) if !names.contains(&name) => names.push(name),
            Ok(_) => {}
            Err(reason) if names.is_empty() && name == vhost.names.first().unwrap_or(name) => return Err(reason),
            Err(reason) => papers.refused.push(refusal(file, Some(vhost.line), reason, name.as_bytes())),
        }
    }
    let main = names.first().cloned().ok_or("the virtual host has no name")?;
    let kind = match vhost {
        v if v.proxy => "proxy",
        v if v.redirect => "redirect",
        v if v.php => "php",
        _ => "static",
    };
    // The same host on its other port: port 80 often only redirects to 443.
    let listens: Vec<String> = vhost.listens.iter().map(ToString::to_string).collect();
    if let Some(known) = homepages.get_mut(&main)
        && known.row.source == file
        && (known.row.tls != vhost.tls)
    {
        known.row.tls = true;
        known.row.listens.extend(listens);
        known.row.listens.sort();
        known.row.listens.dedup();
        if !known.row.root.is_empty()
            && !vhost.root.is_empty()
            && known.row.root != vhost.root
            && known.row.kind != "redirect"
        {
            let reason = format!(
                "{main} has another document root, {}, on its other port; {} is kept",
                text::shown(&vhost.root),
                known.row.root
            );
            papers.refused.push(refusal(file, Some(vhost.line), reason, b""));
        }
        if known.row.kind == "redirect" || known.row.root.is_empty() {
            known.row.kind = kind.to_owned();
            known.row.root.clone_from(&vhost.root);
            known.row.target.clone_from(&vhost.target);
        }
        for name in names.into_iter().skip(1) {
            if !known.row.aliases.contains(&name) && owner.get(&name).is_none_or(|m| *m == main) {
                owner.insert(name.clone(), main.clone());
                known.row.aliases.push(name);
            }
        }
        known.row.aliases.sort();
        return Ok(());
    }
    if let Some(first) = owner.get(&main) {
        let at = homepages.get(first).map_or(String::new(), |h| format!(" in {} line {}", h.file, h.line));
        return Err(format!("{main} is served already{at}"));
    }
    owner.insert(main.clone(), main.clone());
    let mut aliases = Vec::new();
    for name in names.into_iter().skip(1) {
        match owner.get(&name) {
            Some(first) => papers.refused.push(refusal(
                file,
                Some(vhost.line),
                format!("{name} is served already by {first}"),
                name.as_bytes(),
            )),
            None => {
                owner.insert(name.clone(), main.clone());
                aliases.push(name);
            }
        }
    }
    aliases.sort();
    let row = PaperHomepage {
        name: main.clone(),
        aliases,
        kind: kind.to_owned(),
        root: vhost.root.clone(),
        target: vhost.target.clone(),
        tls: vhost.tls,
        server: server.to_owned(),
        source: file.to_owned(),
        listens,
    };
    homepages.insert(main, Sourced { row, file: file.to_owned(), line: vhost.line });
    Ok(())
}

/// A vhost's name in lower case as A-labels; a leading `*.` stays. Ports and schemes are taken off.
fn site_name(text: &str) -> Result<String, String> {
    let bare = text.trim_start_matches("http://").trim_start_matches("https://");
    let bare = bare.split_once(':').map_or(bare, |(host, _)| host);
    let (star, host) = match bare.strip_prefix("*.").or_else(|| bare.strip_prefix('.')) {
        Some(host) => ("*.", host),
        None => ("", bare),
    };
    let numeric = !host.is_empty() && host.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if numeric {
        return Err(format!("`{}` is an address, not a name", text::shown(text)));
    }
    let name = DomainName::parse(host).map_err(|error| format!("`{}`: {error}", text::shown(text)))?;
    Ok(format!("{star}{name}"))
}

/// The name for people.
#[must_use]
pub fn unicode(name: &str) -> String {
    display_unicode(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_sites(list: &[(&str, &str)]) -> Papers {
        let mut files = PaperFiles::default();
        files.all.extend(list.iter().map(|(n, b)| (format!("{FOLDER}{n}"), b.as_bytes().to_vec())));
        let mut papers = Papers::default();
        read(&files, &mut papers);
        papers
    }

    #[test]
    fn apache_and_nginx_say_the_same_thing_differently() {
        let papers = read_sites(&[
            (
                "a.conf",
                "# c\n<VirtualHost *:80>\n  ServerName WWW.A.de:80\n  ServerAlias a.de \\\n   *.a.de\n  DocumentRoot \"/var/www/a b\"\n</VirtualHost>\n\
                 <VirtualHost *:443>\n SSLEngine on\n ServerName www.a.de\n ServerAlias old.a.de\n DocumentRoot /var/www/a\n</VirtualHost>\n\
                 <virtualhost 192.0.2.1:80>\nservername r.de\nRedirect permanent / https://www.a.de/\n</virtualhost>\n",
            ),
            (
                "n.conf",
                "server { listen 80; server_name müller.de www.müller.de; root /srv/m; location ~ \\.php$ { fastcgi_pass unix:/x; } } # c\n\
                 server {\n listen 443 ssl;\n server_name p.de;\n location / { proxy_pass http://127.0.0.1:3000; }\n}\n\
                 server { server_name r2.de; return 301 https://p.de$request_uri; }\n",
            ),
        ]);
        let reasons: Vec<_> = papers.refused.iter().map(|r| r.reason.as_str()).collect();
        assert_eq!(
            reasons,
            ["www.a.de has another document root, /var/www/a, on its other port; /var/www/a b is kept"]
        );
        let told: Vec<_> = papers
            .homepages
            .iter()
            .map(|h| {
                format!(
                    "{} {:?} {} {} {} {} {}",
                    h.row.name, h.row.aliases, h.row.kind, h.row.root, h.row.target, h.row.tls, h.line
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "p.de [] proxy  http://127.0.0.1:3000 true 2",
                "r.de [] redirect  https://www.a.de/ false 14",
                "r2.de [] redirect  https://p.de$request_uri false 7",
                "www.a.de [\"*.a.de\", \"a.de\", \"old.a.de\"] static /var/www/a b  true 2",
                "xn--mller-kva.de [\"www.xn--mller-kva.de\"] php /srv/m  false 1",
            ]
        );
    }

    #[test]
    fn what_is_no_homepage_is_refused() {
        let papers = read_sites(&[
            (
                "1",
                "<VirtualHost *:80>\nServerName x\n</VirtualHost>\n<VirtualHost *:80>\nDocumentRoot /x\n</VirtualHost>",
            ),
            (
                "2",
                "<VirtualHost *:80>\nServerName a.de\nDocumentRoot ../../etc\n</VirtualHost>\n<VirtualHost *:80>\nServerName b.de\n",
            ),
            (
                "3",
                "server { server_name _; }\nserver { server_name c.de d.de; }\nserver { server_name C.de; }\nserver { server_name e.de d.de; }",
            ),
            ("4", "server { server_name x.de;"),
            ("5", "nothing here"),
            ("6", "<VirtualHost *:80>\nServerName 192.0.2.1\n</VirtualHost>"),
        ]);
        let told: Vec<_> =
            papers.refused.iter().map(|r| format!("{}:{} {}", base(&r.file), r.line.unwrap_or(0), r.reason)).collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    fn base(file: &str) -> &str {
        file.rsplit('/').next().unwrap()
    }
}
