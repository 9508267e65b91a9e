//! How a mail program is set up: as settings to read, and in the forms in which Thunderbird, Outlook and Apple's devices ask.
//!
//! Sources: Mozilla's autoconfiguration (`config-v1.1.xml`), Microsoft's "POX Autodiscover" (schema 2006a), Apple's
//! "Configuration Profile Reference". Without a log-in only what is true for every mailbox of a domain is told, so nobody
//! learns here which mailboxes there are.

use super::hosts;
use crate::http::{
    App,
    fault::{Fault, Kind},
    list::ListQuery,
};
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use hostler_core::{
    mail::Protocol,
    names::{DomainName, EmailAddress},
};
use hostler_store::{Scope, StoreError, View};
use hostler_web::i18n::Lang;
use std::fmt::Write as _;
use uuid::Uuid;

/// Largest request of Outlook's, in octets.
const MAX_REQUEST: usize = 16 << 10;

/// One way to the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Way {
    protocol: Protocol,
    /// With TLS from the first octet (RFC 8314).
    port: u16,
}

const WAYS: [Way; 3] = [
    Way { protocol: Protocol::Imap, port: 993 },
    Way { protocol: Protocol::Pop3, port: 995 },
    Way { protocol: Protocol::Submission, port: 465 },
];

/// What a program has to know.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// Where mail is read.
    reader: String,
    /// Where it is sent.
    sender: String,
    address: String,
    ways: Vec<Way>,
}

/// The settings of a mailbox with these protocols.
pub(super) async fn settings(
    app: &App,
    view: &mut View,
    address: &str,
    protocols: &[String],
) -> Result<Settings, StoreError> {
    let names = hosts::names(view, &app.context.settings.mail).await?;
    let open = |way: &Way| protocols.iter().any(|p| p == way.protocol.as_str());
    let ways = WAYS.into_iter().filter(open).collect();
    Ok(Settings { reader: names.reader, sender: names.sender, address: address.to_owned(), ways })
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

impl Settings {
    /// To read: what for, then server, port and kind of connection.
    pub(super) fn lines(&self, lang: Lang) -> Vec<(&'static str, String)> {
        let name = |p: Protocol| match p {
            Protocol::Imap => "device-imap",
            Protocol::Pop3 => "device-pop3",
            _ => "device-smtp",
        };
        let mut out = vec![("device-user", self.address.clone())];
        out.extend(self.ways.iter().map(|w| {
            (name(w.protocol), lang.f("device-way", &[("host", &self.host(w.protocol)), ("port", &w.port.to_string())]))
        }));
        out
    }

    fn host(&self, protocol: Protocol) -> &str {
        if protocol == Protocol::Submission { &self.sender } else { &self.reader }
    }

    fn has(&self, protocol: Protocol) -> Option<Way> {
        self.ways.iter().find(|w| w.protocol == protocol).copied()
    }

    /// Mozilla's form; `%EMAILADDRESS%` is put in by the program.
    fn autoconfig(&self, domain: &DomainName) -> String {
        let mut out = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<clientConfig version=\"1.1\">\n  <emailProvider id=\"{domain}\">\n    <domain>{domain}</domain>\n    \
             <displayName>{domain}</displayName>\n    <displayShortName>{domain}</displayShortName>\n"
        );
        for way in &self.ways {
            let (element, kind) = match way.protocol {
                Protocol::Imap => ("incomingServer", "imap"),
                Protocol::Pop3 => ("incomingServer", "pop3"),
                _ => ("outgoingServer", "smtp"),
            };
            let _ = write!(
                out,
                "    <{element} type=\"{kind}\">\n      <hostname>{}</hostname>\n      <port>{}</port>\n      <socketType>SSL</socketType>\n      \
                 <authentication>password-cleartext</authentication>\n      <username>%EMAILADDRESS%</username>\n    </{element}>\n",
                escaped(self.host(way.protocol)),
                way.port
            );
        }
        out.push_str("  </emailProvider>\n</clientConfig>\n");
        out
    }

    /// Microsoft's form.
    fn autodiscover(&self) -> String {
        let mut out = String::from(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006\">\n  \
             <Response xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a\">\n    <Account>\n      \
             <AccountType>email</AccountType>\n      <Action>settings</Action>\n",
        );
        for way in &self.ways {
            let kind = match way.protocol {
                Protocol::Imap => "IMAP",
                Protocol::Pop3 => "POP3",
                _ => "SMTP",
            };
            let _ = write!(
                out,
                "      <Protocol>\n        <Type>{kind}</Type>\n        <Server>{}</Server>\n        <Port>{}</Port>\n        <DomainRequired>off</DomainRequired>\n        \
                 <LoginName>{}</LoginName>\n        <SPA>off</SPA>\n        <SSL>on</SSL>\n        <AuthRequired>on</AuthRequired>\n      </Protocol>\n",
                escaped(self.host(way.protocol)),
                way.port,
                escaped(&self.address)
            );
        }
        out.push_str("    </Account>\n  </Response>\n</Autodiscover>\n");
        out
    }

    /// Apple's form: a profile without the password, for which the device asks.
    pub(super) fn profile(&self, id: Uuid, name: &str) -> String {
        let mut mail = String::new();
        let mut string = |key: &str, value: &str| {
            let _ = writeln!(mail, "      <key>{key}</key><string>{}</string>", escaped(value));
        };
        let incoming = self.has(Protocol::Imap).or(self.has(Protocol::Pop3));
        string("PayloadType", "com.apple.mail.managed");
        string("PayloadIdentifier", &format!("hostler.mail.{id}.account"));
        string("PayloadUUID", &Uuid::from_u128(id.as_u128() ^ 1).to_string());
        string("PayloadDisplayName", &self.address);
        string("EmailAddress", &self.address);
        string("EmailAccountName", if name.is_empty() { &self.address } else { name });
        string("EmailAccountDescription", &self.address);
        if let Some(way) = incoming {
            let kind = if way.protocol == Protocol::Imap { "EmailTypeIMAP" } else { "EmailTypePOP" };
            string("EmailAccountType", kind);
            string("IncomingMailServerAuthentication", "EmailAuthPassword");
            string("IncomingMailServerHostName", &self.reader);
            string("IncomingMailServerUsername", &self.address);
        }
        let outgoing = self.has(Protocol::Submission);
        if outgoing.is_some() {
            string("OutgoingMailServerAuthentication", "EmailAuthPassword");
            string("OutgoingMailServerHostName", &self.sender);
            string("OutgoingMailServerUsername", &self.address);
        }
        let mut port = |side: &str, way: Option<Way>| {
            if let Some(way) = way {
                let _ = writeln!(
                    mail,
                    "      <key>{side}MailServerPortNumber</key><integer>{}</integer>\n      <key>{side}MailServerUseSSL</key><true/>",
                    way.port
                );
            }
        };
        port("Incoming", incoming);
        port("Outgoing", outgoing);
        mail.push_str("      <key>PayloadVersion</key><integer>1</integer>\n");
        if outgoing.is_some() {
            mail.push_str("      <key>OutgoingPasswordSameAsIncomingPassword</key><true/>\n");
        }
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
             <plist version=\"1.0\">\n<dict>\n  <key>PayloadContent</key>\n  <array>\n    <dict>\n{mail}    </dict>\n  </array>\n  \
             <key>PayloadDisplayName</key><string>{address}</string>\n  <key>PayloadIdentifier</key><string>hostler.mail.{id}</string>\n  \
             <key>PayloadType</key><string>Configuration</string>\n  <key>PayloadUUID</key><string>{id}</string>\n  \
             <key>PayloadVersion</key><integer>1</integer>\n</dict>\n</plist>\n",
            address = escaped(&self.address)
        )
    }
}

/// The name by which the panel was asked, small letters, without a port.
pub(super) fn asked_as(request: &HttpRequest) -> String {
    let host = request.connection_info().host().to_ascii_lowercase();
    host.split(':').next().unwrap_or_default().to_owned()
}

/// Mail of the domain is here, which its records say to everybody.
///
/// # Errors
/// 404 if not.
pub(super) async fn must_be_here(app: &App, domain: &DomainName) -> Result<(), Fault> {
    let key = format!("@{domain}");
    let mut view = app.context.store.view(&Scope::for_machine("device set-up")).await?;
    let known = view.mail_entries(std::slice::from_ref(&key)).await?;
    if known.contains_key(&key) { Ok(()) } else { Err(Kind::NotFound.into()) }
}

/// What every mailbox of a domain has, if its mail is here.
async fn of_domain(app: &App, domain: &DomainName, address: &str) -> Result<Settings, Fault> {
    must_be_here(app, domain).await?;
    let all: Vec<String> = Protocol::ALL.iter().map(|p| p.as_str().to_owned()).collect();
    let mut view = app.context.store.view(&Scope::for_machine("device set-up")).await?;
    Ok(settings(app, &mut view, address, &all).await?)
}

fn xml(text: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/xml; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "max-age=3600"))
        .body(text)
}

/// `GET /mail/config-v1.1.xml`, `GET /.well-known/autoconfig/mail/config-v1.1.xml`: of the domain in `emailaddress`, or in the
/// name of the host.
///
/// # Errors
/// 404 if no mail of that domain is here.
pub(super) async fn autoconfig(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let query = ListQuery::parse(request.query_string());
    let host = asked_as(&request);
    let domain = match EmailAddress::parse(query.get("emailaddress")) {
        Ok(address) => address.domain().clone(),
        Err(_) => DomainName::parse(host.strip_prefix("autoconfig.").unwrap_or(&host)).map_err(|_| Kind::NotFound)?,
    };
    Ok(xml(of_domain(&app, &domain, "").await?.autoconfig(&domain)))
}

/// The address that a request of Outlook's asks for.
fn asked(body: &[u8]) -> Option<EmailAddress> {
    let text = std::str::from_utf8(body).ok().filter(|t| t.len() <= MAX_REQUEST)?;
    // It refuses document types, and with them entities of somebody's own.
    let document = roxmltree::Document::parse(text.trim_start_matches('\u{feff}')).ok()?;
    let element = document.descendants().find(|n| n.tag_name().name() == "EMailAddress")?;
    EmailAddress::parse(element.text()?.trim()).ok()
}

/// `POST /autodiscover/autodiscover.xml`
///
/// # Errors
/// 400 for what is no such request, 404 if no mail of that domain is here.
pub(super) async fn autodiscover(app: web::Data<App>, bytes: web::Bytes) -> Result<HttpResponse, Fault> {
    let address = asked(&bytes).ok_or(Kind::BadRequest)?;
    let settings = of_domain(&app, &address.domain().clone(), &address.to_string()).await?;
    Ok(xml(settings.autodiscover()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(ways: &[Protocol]) -> Settings {
        let ways = WAYS.into_iter().filter(|w| ways.contains(&w.protocol)).collect();
        let (reader, sender) = ("mail.h.example".to_owned(), "out.h.example".to_owned());
        Settings { reader, sender, address: "a&b@k.example".to_owned(), ways }
    }

    #[test]
    fn every_form_is_xml_and_holds_what_the_mailbox_has() {
        let all = some(&Protocol::ALL);
        let domain = DomainName::parse("k.example").unwrap();
        let pop = some(&[Protocol::Pop3]);
        for text in
            [all.autoconfig(&domain), all.autodiscover(), pop.autoconfig(&domain), all.profile(Uuid::nil(), "A <B>")]
        {
            let allow = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
            assert!(roxmltree::Document::parse_with_options(&text, allow).is_ok(), "{text}");
        }
        let text = all.profile(Uuid::nil(), "A <B>");
        assert!(
            text.contains("A &lt;B&gt;") && text.contains("EmailTypeIMAP") && text.contains("<integer>465</integer>")
        );
        let text = pop.profile(Uuid::nil(), "");
        assert!(text.contains("EmailTypePOP") && !text.contains("Outgoing"), "{text}");
        assert!(pop.autoconfig(&domain).contains("995") && !pop.autoconfig(&domain).contains("imap"));
    }

    #[test]
    fn only_a_plain_request_is_read() {
        let ask = |inner: &str| {
            format!(
                "<?xml version=\"1.0\"?><Autodiscover xmlns=\"x\"><Request><EMailAddress>{inner}</EMailAddress></Request></Autodiscover>"
            )
        };
        assert_eq!(asked(ask("A@k.example").as_bytes()).unwrap().to_string(), "a@k.example");
        for bad in [
            ask("nobody"),
            "<a".to_owned(),
            "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a><EMailAddress>&x;</EMailAddress></a>"
                .to_owned(),
            ask(&"x".repeat(20_000)),
        ] {
            assert!(asked(bad.as_bytes()).is_none(), "{bad:.60}");
        }
    }
}
