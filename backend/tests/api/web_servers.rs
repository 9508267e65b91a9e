//! nginx, Apache and PHP-FPM put into service by the rendered folder's own script, and asked what homepages they have. `/etc` is an
//! overlay that only this test sees: users, modules and links that the script makes are gone with it.

use crate::{
    mail_stack::{done, root},
    support::{Browser, panel},
};
use actix_web::http::Method;
use hostler::{homepages::render, platform::settings::Web};
use hostler_core::web::vhost::Flavor;
use hostler_store::Scope;
use serde_json::json;
use sqlx::PgPool;
use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// What runs in the overlay; it ends with the test.
struct Machine {
    child: Child,
    dir: tempfile::TempDir,
    web: Web,
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // Folders of users that there are not any more.
        let _ = root("rm").arg("-rf").arg(self.dir.path().join("www")).status();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Answers with the Host header that it was asked with.
fn behind() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
            let mut request = [0; 4096];
            let n = stream.read(&mut request).unwrap_or(0);
            let text = String::from_utf8_lossy(&request[..n]).into_owned();
            let host =
                text.lines().find(|l| l.to_ascii_lowercase().starts_with("host:")).unwrap_or_default().to_owned();
            let _ =
                write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{host}", host.len());
        }
    });
    address
}

/// The homepages as an old provider's papers have them, all of them to move to `web-1`.
async fn homepages(pool: &PgPool, behind: SocketAddr) {
    let rows = [
        ("laden.example", "{www.laden.example,*.laden.example}", "php", "/var/www/laden", "", false),
        ("shop.example", "{}", "php", "/var/www/shop", "", false),
        // Two names for one folder.
        ("zweit.example", "{}", "php", "/var/www/shop", "", false),
        ("sicher.example", "{www.sicher.example}", "static", "/var/www/sicher", "", true),
        ("alt.example", "{}", "redirect", "", "https://neu.example$request_uri", false),
        ("app.example", "{}", "proxy", "", "PROXY", false),
        ("kaputt.example", "{www.laden.example}", "proxy", "", "unix:/run/geheim.sock", false),
    ];
    for (name, aliases, kind, folder, target, tls) in rows {
        let target = target.replace("PROXY", &format!("http://{behind}"));
        sqlx::query(
            "insert into homepages (id, name, unicode, aliases, kind, root, target, tls, server, source, decision, created_at, updated_at)
             values (gen_random_uuid(), $1, $1, $2::text[], $3, $4, $5, $6, 'apache', 'x', 'move', now(), now())",
        )
        .bind(name)
        .bind(aliases)
        .bind(kind)
        .bind(folder)
        .bind(target)
        .bind(tls)
        .execute(pool)
        .await
        .unwrap();
    }
}

impl Machine {
    async fn start(p: &Browser, flavor: Flavor) -> (Self, render::Rendered) {
        let dir = tempfile::Builder::new().prefix("hweb").tempdir_in("/tmp").unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let at = |name: &str| dir.path().join(name);
        let web = Web {
            site_dir: at("www"),
            run_dir: at("run"),
            tls_dir: at("tls"),
            acme_dir: at("acme"),
            log_dir: at("log"),
            http_port: free_port(),
            https_port: free_port(),
            ..Web::default()
        };
        let out = at("out");
        let scope = Scope::for_machine("test");
        let rendered = render::render(&p.context.store, &scope, "web-1", flavor, &web, &out).await.unwrap();
        let again = render::render(&p.context.store, &scope, "web-1", flavor, &web, &out).await.unwrap();
        assert_eq!((again.written, again.removed), (0, 0), "the same again is written by nobody");
        fs::create_dir_all(&web.run_dir).unwrap();
        let server = match flavor {
            Flavor::Nginx => "exec nginx -g 'daemon off;'",
            Flavor::Apache => "set +u; . /etc/apache2/envvars; exec apache2 -DFOREGROUND",
        };
        let (root_dir, shown) = (dir.path().display(), out.display());
        let script = format!(
            "set -eu\nmkdir {root_dir}/overlay\nmount -t tmpfs none {root_dir}/overlay\nmkdir {root_dir}/overlay/upper {root_dir}/overlay/work\n\
             mount -t overlay none -o lowerdir=/etc,upperdir={root_dir}/overlay/upper,workdir={root_dir}/overlay/work /etc\n\
             mount -t tmpfs none /run\nmount -t tmpfs none /var/log\nmkdir -p /run/php /run/lock /run/apache2 /var/log/nginx /var/log/apache2\n\
             {shown}/activate\n{shown}/activate\n\
             for folder in laden.example shop.example sicher.example; do cp -r {root_dir}/files/. {root_dir}/www/$folder/htdocs/; \
             chown -R --reference={root_dir}/www/$folder/tmp {root_dir}/www/$folder/htdocs; chgrp www-data {root_dir}/www/$folder/htdocs; \
             echo $folder >{root_dir}/www/$folder/htdocs/wer.txt; done\n\
             php-fpm8.2 --nodaemonize &\n{server}\n"
        );
        pages(&at("files"), dir.path());
        fs::write(at("script"), script).unwrap();
        let log = fs::File::create(at("script.log")).unwrap();
        let mut command = root("unshare");
        command.args(["--mount", "--pid", "--fork", "--kill-child", "sh"]).arg(at("script"));
        let child = command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let mut machine = Self { child, dir, web };
        machine.wait();
        (machine, rendered)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("script.log")).unwrap()
    }

    fn wait(&mut self) {
        let until = Instant::now() + Duration::from_secs(60);
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("{status}: {}", self.log());
            }
            let both =
                [self.web.http_port, self.web.https_port].iter().all(|p| TcpStream::connect(("127.0.0.1", *p)).is_ok());
            if both && fs::read_dir(&self.web.run_dir).unwrap().count() >= 2 {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("nobody listens: {}", self.log());
    }

    /// Status, Location, body.
    fn get(&self, host: &str, path: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.web.http_port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
        let mut octets = Vec::new();
        stream.read_to_end(&mut octets).unwrap();
        let text = String::from_utf8_lossy(&octets).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{host}{path}: {text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let location = head.lines().find_map(|l| l.strip_prefix("Location: ")).unwrap_or_default();
        (status, location.to_owned(), body.to_owned())
    }

    /// Status and body by HTTPS; whoever signed the certificate.
    fn get_tls(&self, host: &str, path: &str) -> String {
        const ASK: &str = "import http.client, ssl, socket, sys\n\
            host, port, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]\n\
            raw = ssl._create_unverified_context().wrap_socket(socket.create_connection(('127.0.0.1', port), 20), server_hostname=host)\n\
            c = http.client.HTTPConnection(host)\n\
            c.sock = raw\n\
            c.request('GET', path)\n\
            r = c.getresponse()\n\
            print(r.status, r.read().decode())\n";
        let port = self.web.https_port.to_string();
        done(Command::new("python3").args(["-c", ASK, host, &port, path]).stdin(Stdio::null()))
    }
}

/// What every homepage has; the programs try to get at others.
fn pages(files: &Path, dir: &Path) {
    fs::create_dir_all(files.join(".git")).unwrap();
    let put = |name: &str, text: &str| fs::write(files.join(name), text).unwrap();
    put("index.html", "<h1>Hallo</h1>");
    put(".git/config", "geheim");
    // What would run a program of one's own as somebody else, and read what is theirs.
    put(
        ".htaccess",
        "RewriteEngine On\nRewriteRule ^anders$ unix:/run/php/x.sock|fcgi://x/etc/passwd [P]\nSetEnv PHP_ADMIN_VALUE \"open_basedir=/\"\n\
         SetHandler server-status\nErrorDocument 404 \"nichts da\"\n",
    );
    put("wer.php", "<?php echo $_SERVER['HTTP_HOST'], ' ', posix_getpwuid(posix_geteuid())['name'], ' ', PHP_VERSION;");
    let other: PathBuf = dir.join("www/shop.example/htdocs/wer.txt");
    put("fremd.php", &format!("<?php echo @file_get_contents('{}') === false ? 'zu' : 'offen';", other.display()));
    put("passwd.php", "<?php echo @file_get_contents('/etc/passwd') === false ? 'zu' : 'offen';");
    put("kein.txt", "<?php echo 'nie';");
}

async fn proved(pool: PgPool, flavor: Flavor) {
    let mut p = panel(pool.clone()).await;
    p.log_in().await;
    let server = json!({ "name": "web-1", "side": "new", "addresses": ["192.0.2.80"] });
    let made = p.json(Method::POST, "/api/v1/web-servers", &server).await;
    assert_eq!(made.status, 201, "{}", made.text);
    homepages(&pool, behind()).await;
    let (machine, rendered) = Machine::start(&p, flavor).await;
    assert_eq!(rendered.homepages, 6);
    assert_eq!(rendered.withheld.len(), 1, "{:?}", rendered.withheld);
    assert!(rendered.withheld[0].0 == "kaputt.example" && rendered.withheld[0].1.contains("http://"));

    let ok = |host: &str, path: &str| {
        let (status, _, body) = machine.get(host, path);
        assert_eq!(status, 200, "{host}{path}: {body}\n{}", machine.log());
        body
    };
    assert_eq!(ok("laden.example", "/wer.txt"), "laden.example\n");
    assert_eq!(ok("www.laden.example", "/wer.txt"), "laden.example\n");
    assert_eq!(ok("irgendwas.laden.example", "/wer.txt"), "laden.example\n");
    assert_eq!(ok("zweit.example", "/wer.txt"), "shop.example\n", "two names, one folder");
    assert_eq!(ok("app.example", "/x"), "Host: app.example");
    // Nobody's page for a name that nobody has.
    for host in ["fremd.example", "kaputt.example", "127.0.0.1"] {
        assert_eq!(machine.get(host, "/wer.txt").0, 404, "{host}");
    }
    // PHP runs as a user of its own and gets at nobody else's files.
    let who = ok("laden.example", "/wer.php");
    assert!(who.starts_with("laden.example w-ladenexample-") && who.contains(" 8.2."), "{who}");
    let other = ok("shop.example", "/wer.php");
    assert_ne!(who.split(' ').nth(1), other.split(' ').nth(1));
    assert_eq!(
        (ok("laden.example", "/fremd.php"), ok("laden.example", "/passwd.php")),
        ("zu".to_owned(), "zu".to_owned())
    );
    assert_eq!(ok("shop.example", "/fremd.php"), "offen", "its own it may read");
    assert!(ok("laden.example", "/kein.txt").contains("<?php"), "only .php is a program");
    assert_eq!(machine.get("laden.example", "/kein.txt/x.php").0, 404);
    for path in ["/.git/config", "/.htaccess"] {
        assert_eq!(machine.get("laden.example", path).0, 403, "{path}");
    }
    // Nor with a .htaccess: what it may not say is passed over, and no error.
    assert_eq!(ok("laden.example", "/passwd.php"), "zu");
    let (status, _, body) = machine.get("laden.example", "/anders");
    assert!(status != 500 && !body.contains("root:"), "{status} {body}");
    // What is no program here is no text either.
    assert_eq!(machine.get_tls("sicher.example", "/wer.php").split(' ').next(), Some("403"));
    // Links that a homepage's programs make lead root nowhere: the folder around theirs is root's.
    let folder = machine.web.site_dir.join("laden.example");
    assert_eq!(fs::metadata(&folder).unwrap().uid(), 0);
    assert_ne!(fs::metadata(folder.join("htdocs")).unwrap().uid(), 0);
    // Redirects, to others and to HTTPS.
    let (status, to, _) = machine.get("alt.example", "/a/b?c=d");
    assert_eq!((status, to.as_str()), (301, "https://neu.example/a/b?c=d"));
    let (status, to, _) = machine.get("www.sicher.example", "/x?y");
    let secure = format!("https://www.sicher.example:{}/x?y", machine.web.https_port);
    assert_eq!((status, to), (301, secure));
    assert_eq!(machine.get_tls("www.sicher.example", "/wer.txt"), "200 sicher.example\n\n");
    assert_eq!(machine.get_tls("laden.example", "/wer.txt"), "200 laden.example\n\n");
    assert!(machine.get_tls("fremd.example", "/wer.txt").starts_with("404"));
    // Whoever signs certificates finds the answer under every name, before all redirects.
    fs::write(machine.web.acme_dir.join(".well-known/acme-challenge/token"), "antwort").unwrap();
    for host in ["laden.example", "sicher.example", "alt.example", "app.example", "noch-keiner.example"] {
        assert_eq!(ok(host, "/.well-known/acme-challenge/token"), "antwort", "{host}");
    }
    // What does not move any more is taken away.
    sqlx::query("update homepages set decision = 'drop' where name = 'shop.example'").execute(&pool).await.unwrap();
    let out = machine.dir.path().join("out");
    let scope = Scope::for_machine("test");
    let less = render::render(&p.context.store, &scope, "web-1", flavor, &machine.web, &out).await.unwrap();
    assert!(less.removed >= 1 && !out.join(flavor.as_str()).join("shop.example.conf").exists());
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn nginx_serves_what_moved(pool: PgPool) {
    proved(pool, Flavor::Nginx).await;
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn apache_serves_what_moved(pool: PgPool) {
    proved(pool, Flavor::Apache).await;
}
