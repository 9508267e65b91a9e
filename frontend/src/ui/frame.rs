//! The frame around every page.

use crate::i18n::Lang;
use leptos::prelude::*;

/// The areas on the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the area of that name")]
pub enum Area {
    Overview,
    Customers,
    Domains,
    Homepages,
    Mail,
    Import,
    Reconciliation,
    None,
}

/// Addresses of the hashed assets.
#[derive(Debug, Clone, Default)]
pub struct Assets {
    /// The style sheet.
    pub css: String,
    /// Script of the islands, if this build has the bundle.
    pub js: Option<String>,
    /// The islands themselves.
    pub wasm: Option<String>,
}

/// Who looks at the page.
#[derive(Debug, Clone)]
pub struct Person {
    /// Name for people.
    pub name: String,
    /// Address.
    pub email: String,
}

/// A note at the top of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flash {
    /// Something was done.
    Done(String),
    /// Something was refused.
    Refused(String),
}

/// Everything that a page needs besides its content.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Language.
    pub lang: Lang,
    /// Title of the page.
    pub title: String,
    /// Area that it belongs to.
    pub area: Area,
    /// Who looks at it; nobody before the login.
    pub person: Option<Person>,
    /// Open problems and zones to publish, beside their areas.
    pub todo: (i64, i64),
    /// Jobs that run or wait: their texts.
    pub jobs: Vec<String>,
    /// Where the page is, for the language links.
    pub path: String,
    /// Nonce of the content security policy.
    pub nonce: String,
    /// Addresses of the assets.
    pub assets: Assets,
    /// Whether the page has an island, and so needs the script.
    pub islands: bool,
    /// Reload after so many seconds, while something runs.
    pub refresh: Option<u32>,
    /// A note at the top.
    pub flash: Option<Flash>,
    /// Links above the title: address and text.
    pub crumbs: Vec<(String, String)>,
}

const NAV: [(Area, &str, &str); 7] = [
    (Area::Overview, "/", "nav-overview"),
    (Area::Customers, "/customers", "nav-customers"),
    (Area::Domains, "/domains", "nav-domains"),
    (Area::Homepages, "/homepages", "nav-homepages"),
    (Area::Mail, "/mail", "nav-mail"),
    (Area::Import, "/import", "nav-import"),
    (Area::Reconciliation, "/reconciliation", "nav-reconciliation"),
];

fn nav(frame: &Frame) -> impl IntoView + use<> {
    let (lang, area, (problems, unpublished)) = (frame.lang, frame.area, frame.todo);
    NAV.into_iter()
        .map(|(item, href, key)| {
            let count = match item {
                Area::Reconciliation => problems,
                Area::Domains => unpublished,
                _ => 0,
            };
            view! {
                <li>
                    <a href=href aria-current=(item == area).then_some("page")>
                        {lang.t(key)}
                        {(count > 0).then(|| view! { <span class="count">{count}</span> })}
                    </a>
                </li>
            }
        })
        .collect_view()
}

/// The whole document around a page's content.
pub fn shell(frame: &Frame, body: AnyView) -> impl IntoView + use<> {
    let lang = frame.lang;
    let title = format!("{} · Hostler", frame.title);
    let other = if lang == Lang::De { Lang::En } else { Lang::De };
    let switch = format!("/language/{}?back={}", other.code(), encode(&frame.path));
    let script = frame.islands.then(|| Some((frame.assets.js.clone()?, frame.assets.wasm.clone()?))).flatten();
    let header = frame.person.clone().map(|person| {
        view! {
            <form class="search" action="/domains" role="search">
                <input type="search" name="q" id="search" placeholder=lang.t("search-placeholder") aria-label=lang.t("search") />
                <input type="hidden" name="records" value="1" />
            </form>
            <a class="lang" href=switch.clone() hreflang=other.code() lang=other.code()>{other.code()}</a>
            <details class="person">
                <summary>{person.name}</summary>
                <div class="menu">
                    <p class="quiet">{person.email}</p>
                    <form method="post" action="/logout"><button class="plain">{lang.t("logout")}</button></form>
                </div>
            </details>
        }
    });
    let guest = frame
        .person
        .is_none()
        .then(|| view! { <a class="lang" href=switch hreflang=other.code() lang=other.code()>{other.code()}</a> });
    let navigation = frame.person.is_some().then(|| {
        view! {
            <nav class="areas" aria-label=lang.t("areas")>
                <details class="sheet">
                    <summary>{lang.t("menu")}</summary>
                    <ul>{nav(frame)}</ul>
                </details>
                <ul class="wide">{nav(frame)}</ul>
            </nav>
        }
    });
    let crumbs = (!frame.crumbs.is_empty()).then(|| {
        let items = frame
            .crumbs
            .iter()
            .map(|(href, text)| view! { <li><a href=href.clone()>{text.clone()}</a></li> })
            .collect_view();
        view! { <nav class="crumbs" aria-label=lang.t("crumbs")><ol>{items}</ol></nav> }
    });
    let flash = frame.flash.clone().map(|flash| {
        let (class, glyph, text) = match flash {
            Flash::Done(text) => ("flash good", "●", text),
            Flash::Refused(text) => ("flash bad", "✕", text),
        };
        view! { <p class=class role="status"><span aria-hidden="true">{glyph}</span>" "{text}</p> }
    });
    let jobs = (!frame.jobs.is_empty())
        .then(|| view! { <footer class="jobs" role="status">{frame.jobs.join(" · ")}</footer> });
    view! {
        <html lang=lang.code()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                {frame.refresh.map(|s| view! { <meta http-equiv="refresh" content=s.to_string() /> })}
                <title>{title}</title>
                <link rel="icon" href="data:," />
                <link rel="stylesheet" href=frame.assets.css.clone() />
                {script.map(|(js, wasm)| view! { <script type="module" nonce=frame.nonce.clone() src=js data-wasm=wasm></script> })}
            </head>
            <body class=if frame.person.is_some() { "staff" } else { "guest" }>
                <a class="skip" href="#main">{lang.t("skip")}</a>
                <header class="top"><a class="brand" href="/">"Hostler"</a>{header}{guest}</header>
                {navigation}
                <main id="main">{crumbs}{flash}{body}</main>
                {jobs}
            </body>
        </html>
    }
}

/// Percent-encodes a text for a query (RFC 3986 §2.3: all but unreserved characters).
#[must_use]
pub fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, b| {
        if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
        out
    })
}
