//! A homepage for nginx 1.22 (<https://nginx.org/en/docs/>).

use super::{Kind, Machine, Site};
use std::fmt::Write as _;

fn listen(out: &mut String, port: u16, how: &str) {
    let _ = write!(out, "    listen {port}{how};\n    listen [::]:{port}{how};\n");
}

/// Answers whoever signs certificates (RFC 8555 §8.3), before anything else.
fn acme(out: &mut String, machine: &Machine) {
    let _ = write!(
        out,
        "    location ^~ /.well-known/acme-challenge/ {{\n        root {};\n        default_type text/plain;\n    }}\n",
        machine.acme_dir
    );
}

fn certificate(out: &mut String, name: &str, machine: &Machine) {
    let dir = &machine.tls_dir;
    let _ = write!(
        out,
        "    ssl_certificate {dir}/{name}/fullchain.pem;\n    ssl_certificate_key {dir}/{name}/privkey.pem;\n"
    );
}

fn content(out: &mut String, site: &Site, machine: &Machine) {
    let files = |out: &mut String, index: &str| {
        let _ = write!(
            out,
            "    root {}/{}/htdocs;\n    index {index};\n    disable_symlinks if_not_owner from=$document_root;\n    \
             # What tools keep beside a homepage is nobody's to read.\n    location ~ /\\.(?!well-known/) {{\n        deny all;\n    }}\n",
            machine.site_dir, site.folder
        );
    };
    match &site.kind {
        Kind::Static => {
            files(out, "index.html index.htm");
            // Programs that nobody runs are not shown either: passwords stand in them.
            out.push_str("    location ~* \\.(php[0-9]?|phtml|phps|inc)$ {\n        deny all;\n    }\n");
        }
        Kind::Php { version } => {
            files(out, "index.php index.html index.htm");
            let _ = write!(
                out,
                "    location / {{\n        try_files $uri $uri/ /index.php?$args;\n    }}\n    location ~ \\.php$ {{\n        try_files $uri =404;\n        \
                 include fastcgi_params;\n        fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n        \
                 fastcgi_param HTTP_PROXY \"\";\n        fastcgi_pass unix:{};\n    }}\n",
                machine.socket(site.folder.as_str(), *version)
            );
        }
        Kind::Redirect { to } => {
            let path = if to.keeps_path() { "$request_uri" } else { "" };
            let _ = write!(out, "    location / {{\n        return 301 {}{path};\n    }}\n", to.url());
        }
        Kind::Proxy { to } => {
            let _ = write!(
                out,
                "    location / {{\n        proxy_pass {};\n        proxy_http_version 1.1;\n        proxy_set_header Host $host;\n        \
                 proxy_set_header X-Forwarded-For $remote_addr;\n        proxy_set_header X-Forwarded-Proto $scheme;\n        \
                 proxy_set_header Upgrade $http_upgrade;\n        proxy_set_header Connection $http_connection;\n    }}\n",
                to.url()
            );
        }
    }
}

fn head(out: &mut String, site: &Site, machine: &Machine) {
    let _ = write!(
        out,
        "    server_name {};\n    access_log {dir}/{name}.access.log combined;\n    error_log {dir}/{name}.error.log;\n",
        site.names(),
        dir = machine.log_dir,
        name = site.name
    );
}

/// The servers of a homepage: by HTTP and by HTTPS.
pub(super) fn site(site: &Site, machine: &Machine) -> String {
    let (http, https) = machine.ports;
    let mut out = format!("# {}, made by hostler render web: what is changed here is lost.\nserver {{\n", site.name);
    listen(&mut out, http, "");
    head(&mut out, site, machine);
    acme(&mut out, machine);
    if site.secure {
        let port = if https == 443 { String::new() } else { format!(":{https}") };
        let _ = write!(out, "    location / {{\n        return 301 https://$host{port}$request_uri;\n    }}\n");
    } else {
        content(&mut out, site, machine);
    }
    out.push_str("}\nserver {\n");
    listen(&mut out, https, " ssl http2");
    head(&mut out, site, machine);
    certificate(&mut out, site.name.as_str(), machine);
    acme(&mut out, machine);
    content(&mut out, site, machine);
    out.push_str("}\n");
    out
}

/// What names get that no homepage has: nobody's page.
pub(super) fn default(machine: &Machine) -> String {
    let (http, https) = machine.ports;
    // Long names, and many of them, are usual here.
    let mut out =
        "# Names that no homepage here has, made by hostler render web.\nserver_names_hash_bucket_size 512;\n\
         server_names_hash_max_size 65536;\nserver {\n"
            .to_owned();
    listen(&mut out, http, " default_server");
    out.push_str("    server_name _;\n");
    acme(&mut out, machine);
    out.push_str("    location / {\n        return 404;\n    }\n}\nserver {\n");
    listen(&mut out, https, " ssl http2 default_server");
    out.push_str("    server_name _;\n");
    certificate(&mut out, "default", machine);
    out.push_str("    return 404;\n}\n");
    out
}
