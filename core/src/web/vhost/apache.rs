//! A homepage for Apache 2.4 (<https://httpd.apache.org/docs/2.4/>).

use super::{Kind, Machine, Site, user_of};
use std::fmt::Write as _;

/// Answers whoever signs certificates (RFC 8555 §8.3), before anything else.
fn acme(out: &mut String, machine: &Machine) {
    let dir = &machine.acme_dir;
    let _ = write!(
        out,
        "    Alias /.well-known/acme-challenge/ {dir}/.well-known/acme-challenge/\n    <Directory {dir}>\n        \
         AllowOverride None\n        Options None\n        Require all granted\n    </Directory>\n"
    );
}

fn certificate(out: &mut String, name: &str, machine: &Machine) {
    let dir = &machine.tls_dir;
    let _ = write!(
        out,
        "    SSLEngine on\n    SSLCertificateFile {dir}/{name}/fullchain.pem\n    SSLCertificateKeyFile {dir}/{name}/privkey.pem\n"
    );
}

fn names(out: &mut String, site: &Site, machine: &Machine) {
    let _ = writeln!(out, "    ServerName {}", site.name);
    for alias in &site.aliases {
        let _ = writeln!(out, "    ServerAlias {alias}");
    }
    let (dir, name) = (&machine.log_dir, &site.name);
    let _ = write!(out, "    CustomLog {dir}/{name}.access.log combined\n    ErrorLog {dir}/{name}.error.log\n");
}

fn content(out: &mut String, site: &Site, machine: &Machine, scheme: &str) {
    let files = |out: &mut String, index: &str| {
        let root = format!("{}/{}/htdocs", machine.site_dir, site.folder);
        // A .htaccess may say what leads to nobody else's files and programs: RewriteRule, SetHandler and SetEnv would reach the
        // sockets of all others (mod_rewrite's P, PHP_ADMIN_VALUE). What it may not say is passed over, and no error.
        let _ = write!(
            out,
            "    DocumentRoot {root}\n    <Directory {root}>\n        AllowOverride AuthConfig Indexes Limit Options=Indexes,MultiViews,SymLinksIfOwnerMatch Nonfatal=All\n        \
             AllowOverrideList Redirect RedirectMatch RedirectPermanent RedirectTemp ErrorDocument AddType AddDefaultCharset AddCharset AddLanguage DefaultLanguage FileETag\n        \
             Options -Indexes -FollowSymLinks +SymLinksIfOwnerMatch\n        DirectoryIndex {index}\n        Require all granted\n    </Directory>\n    \
             # What tools keep beside a homepage is nobody's to read.\n    <DirectoryMatch \"/\\.(?!well-known/)\">\n        Require all denied\n    </DirectoryMatch>\n    \
             <FilesMatch \"^\\.\">\n        Require all denied\n    </FilesMatch>\n"
        );
    };
    match &site.kind {
        Kind::Static => {
            files(out, "index.html index.htm");
            // Programs that nobody runs are not shown either: passwords stand in them.
            out.push_str(
                "    <FilesMatch \"(?i)\\.(php[0-9]?|phtml|phps|inc)$\">\n        Require all denied\n    </FilesMatch>\n",
            );
        }
        Kind::Php { version } => {
            files(out, "index.php index.html index.htm");
            let (user, socket) = (user_of(site.folder.as_str()), machine.socket(site.folder.as_str(), *version));
            let _ = write!(
                out,
                "    RewriteEngine On\n    RewriteCond %{{DOCUMENT_ROOT}}%{{REQUEST_URI}} !-f\n    RewriteCond %{{DOCUMENT_ROOT}}%{{REQUEST_URI}} !-d\n    \
                 RewriteCond %{{DOCUMENT_ROOT}}/index.php -f\n    RewriteRule !^/\\.well-known/acme-challenge/ /index.php [L]\n    \
                     RequestHeader unset Proxy early\n    <FilesMatch \"\\.php$\">\n        <If \"-f %{{REQUEST_FILENAME}}\">\n            \
                 SetHandler \"proxy:unix:{socket}|fcgi://{user}-{version}\"\n        </If>\n    </FilesMatch>\n"
            );
        }
        Kind::Redirect { to } => {
            let (from, path) = if to.keeps_path() { ("(.*)", "$1") } else { ("", "") };
            let _ = writeln!(
                out,
                "    RedirectMatch 301 \"^(?!/\\.well-known/acme-challenge/){from}\" \"{}{path}\"",
                to.url()
            );
        }
        Kind::Proxy { to } => {
            let url = to.url();
            let _ = write!(
                out,
                "    ProxyPreserveHost On\n    ProxyPass /.well-known/acme-challenge/ !\n    ProxyPass / {url}/ upgrade=websocket\n    ProxyPassReverse / {url}/\n    \
                 RequestHeader set X-Forwarded-Proto {scheme}\n"
            );
        }
    }
}

/// The virtual hosts of a homepage: by HTTP and by HTTPS.
pub(super) fn site(site: &Site, machine: &Machine) -> String {
    let (http, https) = machine.ports;
    let mut out =
        format!("# {}, made by hostler render web: what is changed here is lost.\n<VirtualHost *:{http}>\n", site.name);
    names(&mut out, site, machine);
    acme(&mut out, machine);
    if site.secure {
        let port = if https == 443 { String::new() } else { format!(":{https}") };
        let _ = write!(
            out,
            "    RewriteEngine On\n    RewriteRule ^/\\.well-known/acme-challenge/ - [L]\n    \
             RewriteRule ^ https://%{{SERVER_NAME}}{port}%{{REQUEST_URI}} [R=301,L,NE]\n    UseCanonicalName Off\n"
        );
    } else {
        content(&mut out, site, machine, "http");
    }
    let _ = write!(out, "</VirtualHost>\n<VirtualHost *:{https}>\n");
    names(&mut out, site, machine);
    certificate(&mut out, site.name.as_str(), machine);
    acme(&mut out, machine);
    content(&mut out, site, machine, "https");
    out.push_str("</VirtualHost>\n");
    out
}

/// What names get that no homepage has: nobody's page. The first virtual host of all is that one.
pub(super) fn default(machine: &Machine) -> String {
    let (http, https) = machine.ports;
    let mut out = format!(
        "# Names that no homepage here has, made by hostler render web.\n<VirtualHost *:{http}>\n    ServerName default.invalid\n"
    );
    acme(&mut out, machine);
    out.push_str("    RedirectMatch 404 \"^(?!/\\.well-known/acme-challenge/)\"\n");
    let _ = write!(out, "</VirtualHost>\n<VirtualHost *:{https}>\n    ServerName default.invalid\n");
    certificate(&mut out, "default", machine);
    out.push_str("    RedirectMatch 404 \"^\"\n</VirtualHost>\n");
    out
}
