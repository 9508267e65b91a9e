//! `hostler render`: configuration for servers.

use super::{Common, Failure, close, print, unable};
use crate::{
    domains::render as zones,
    homepages::render as web_render,
    mail::render as mail,
    platform::{context::Context, settings},
};
use clap::{Args, Subcommand, ValueEnum};
use hostler_core::{
    dns::server::Flavor,
    mail::{Dialect, MapType, Server, ServerName, Tls},
    web::vhost::Flavor as WebFlavor,
};
use hostler_store::Scope;
use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

#[derive(Debug, Subcommand)]
pub(super) enum Render {
    /// The published zones as a folder that a name server starts from
    Dns {
        /// Which server
        #[arg(long)]
        flavor: FlavorArg,
        /// The folder; only what changed is written
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Address and port for the local configuration, where there is none yet
        #[arg(long, value_name = "ADDRESS:PORT")]
        listen: Option<SocketAddr>,
        /// Prints what was done as JSON
        #[arg(long)]
        json: bool,
    },
    /// The homepages that move to a new web server, as a folder that nginx or Apache and PHP start from; its script `activate` puts it
    /// into use
    Web {
        /// Which of the provider's new web servers, by its name
        #[arg(long, value_name = "NAME")]
        server: Option<String>,
        /// Which web server
        #[arg(long)]
        flavor: WebFlavorArg,
        /// The folder; only what changed is written
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Prints what was done as JSON
        #[arg(long)]
        json: bool,
    },
    /// The mail as a folder that Postfix and Dovecot start from; its script `activate` puts it into use
    Mail(MailArgs),
}

#[derive(Debug, Args)]
pub(super) struct MailArgs {
    /// Which of the provider's mail servers, by its name; without one it is one that does everything
    #[arg(long, value_name = "NAME")]
    server: Option<String>,
    /// Which Dovecot
    #[arg(long)]
    dialect: DialectArg,
    /// The folder; only what changed is written
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How Postfix keeps its maps
    #[arg(long, default_value = "lmdb")]
    maps: MapArg,
    /// The only address to listen on; without TLS passwords are taken on a loopback address only
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<IpAddr>,
    /// Folder for queue, state and logs, instead of the system's
    #[arg(long, value_name = "DIR")]
    run: Option<PathBuf>,
    /// Prints what was done as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DialectArg {
    #[value(name = "dovecot-2.3")]
    Dovecot23,
    #[value(name = "dovecot-2.4")]
    Dovecot24,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum WebFlavorArg {
    Nginx,
    Apache,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum MapArg {
    Lmdb,
    Cdb,
    Texthash,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum FlavorArg {
    Bind,
    Nsd,
    Knot,
}

impl From<FlavorArg> for Flavor {
    fn from(arg: FlavorArg) -> Self {
        match arg {
            FlavorArg::Bind => Self::Bind,
            FlavorArg::Nsd => Self::Nsd,
            FlavorArg::Knot => Self::Knot,
        }
    }
}

pub(super) async fn run(common: &Common, command: Render) -> Result<(), Failure> {
    match command {
        Render::Dns { flavor, out, listen, json } => dns(common, flavor.into(), out, listen, json).await,
        Render::Web { server, flavor, out, json } => {
            let server =
                server.ok_or_else(|| Failure::Unable("--server NAME: which of the new web servers".to_owned()))?;
            web(common, &server, flavor, &out, json).await
        }
        Render::Mail(args) => mail_servers(common, args).await,
    }
}

async fn dns(
    common: &Common,
    flavor: Flavor,
    out: PathBuf,
    listen: Option<SocketAddr>,
    json: bool,
) -> Result<(), Failure> {
    let (context, embedded) = common.open().await?;
    let result = zones::render(&context.store, &Scope::for_machine("render"), flavor, &out, listen).await;
    close(context, embedded).await;
    let rendered = result.map_err(unable)?;
    if json {
        print(&format!("{}\n", serde_json::to_string(&rendered).map_err(unable)?))?;
    } else {
        print(&format!(
            "{} zones, {} files written, {} removed\n",
            rendered.zones, rendered.written, rendered.removed
        ))?;
        for (name, errors) in &rendered.withheld {
            eprintln!("hostler: {name} is not served: {errors} errors");
        }
    }
    Ok(())
}

async fn web(common: &Common, server: &str, flavor: WebFlavorArg, out: &Path, json: bool) -> Result<(), Failure> {
    let (context, embedded) = common.open().await?;
    let flavor = match flavor {
        WebFlavorArg::Nginx => WebFlavor::Nginx,
        WebFlavorArg::Apache => WebFlavor::Apache,
    };
    let scope = Scope::for_machine("render");
    let result = web_render::render(&context.store, &scope, server, flavor, &context.settings.web, out).await;
    close(context, embedded).await;
    let rendered = result.map_err(unable)?;
    if json {
        return print(&format!("{}\n", serde_json::to_string(&rendered).map_err(unable)?));
    }
    print(&format!(
        "{} homepages, {} files written, {} removed\n",
        rendered.homepages, rendered.written, rendered.removed
    ))?;
    for (what, reason) in &rendered.withheld {
        eprintln!("hostler: left out: {what}: {reason}");
    }
    Ok(())
}

async fn mail_servers(common: &Common, args: MailArgs) -> Result<(), Failure> {
    let (context, embedded) = common.open().await?;
    let settings = context.settings.mail.clone();
    let result = render_mail(&context, &settings, &args).await;
    close(context, embedded).await;
    let rendered = result?;
    if args.json {
        return print(&format!("{}\n", serde_json::to_string(&rendered).map_err(unable)?));
    }
    print(&format!(
        "{} domains, {} mailboxes, {} aliases, {} files written, {} removed\n",
        rendered.domains, rendered.mailboxes, rendered.aliases, rendered.written, rendered.removed
    ))?;
    for (what, reason) in &rendered.withheld {
        eprintln!("hostler: left out: {what}: {reason}");
    }
    Ok(())
}

async fn render_mail(context: &Context, settings: &settings::Mail, args: &MailArgs) -> Result<mail::Rendered, Failure> {
    let scope = Scope::for_machine("render");
    let mut server = server(settings, args)?;
    if let Some(name) = &args.server {
        let name = ServerName::parse(name).map_err(|reason| Failure::Unable(format!("--server {name}: {reason}")))?;
        let known = context.store.view(&scope).await.map_err(unable)?.mail_servers().await.map_err(unable)?;
        // One that is not known is told of below.
        if let Some(own) = known.iter().find(|s| s.data.server.name == name) {
            server.host_name = own.data.server.host_name.to_string();
        }
        server.name = Some(name);
    }
    mail::render(&context.store, &scope, &server, settings, &args.out, context.clock.now()).await.map_err(unable)
}

/// Where and as what the mail server runs, by settings and flags.
fn server(settings: &settings::Mail, args: &MailArgs) -> Result<Server, Failure> {
    let tls = match (&settings.tls_certificate, &settings.tls_key) {
        (Some(certificate), Some(key)) => Some(Tls { certificate: certificate.clone(), key: key.clone() }),
        (None, None) => None,
        _ => {
            return Err(Failure::Unable("setting mail.tls_certificate: it goes together with mail.tls_key".to_owned()));
        }
    };
    let host_name = crate::mail::render::host_name(settings);
    if !host_name.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c)) || host_name.is_empty() {
        return Err(Failure::Unable(format!("setting mail.host_name: `{host_name}` is no host name")));
    }
    let relay = settings.relay.clone();
    if relay.as_deref().is_some_and(|r| !r.chars().all(|c| c.is_ascii_alphanumeric() || ".-[]:".contains(c))) {
        return Err(Failure::Unable("setting mail.relay: write it as [relay.example.de]:25".to_owned()));
    }
    // The folder is the server's own from now on, whatever the working directory.
    let run = args.run.as_ref().map(std::path::absolute).transpose().map_err(unable)?;
    Ok(Server {
        name: None,
        host_name,
        listen: args.listen,
        mail_dir: settings.store_dir.clone(),
        run,
        rspamd: settings.rspamd,
        tls,
        relay,
        maps: match args.maps {
            MapArg::Lmdb => MapType::Lmdb,
            MapArg::Cdb => MapType::Cdb,
            MapArg::Texthash => MapType::Texthash,
        },
        dialect: match args.dialect {
            DialectArg::Dovecot23 => Dialect::Dovecot23,
            DialectArg::Dovecot24 => Dialect::Dovecot24,
        },
    })
}
