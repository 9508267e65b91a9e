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
    Logins,
    Audit,
    Account,
    Help,
    None,
}

impl Area {
    fn key(self, customer: bool) -> &'static str {
        match self {
            Self::Overview | Self::None => "nav-overview",
            Self::Customers => "nav-customers",
            Self::Domains if customer => "nav-my-domains",
            Self::Domains => "nav-domains",
            Self::Homepages => "nav-homepages",
            Self::Mail => "nav-mail",
            Self::Import => "nav-import",
            Self::Reconciliation => "nav-reconciliation",
            Self::Logins => "nav-logins",
            Self::Audit => "nav-audit",
            Self::Account => "nav-account",
            Self::Help => "nav-help",
        }
    }
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
    /// Script of the passkeys.
    pub passkeys: String,
    /// Script of the lists' keys.
    pub keys: String,
    /// Script of the homepages' triage.
    pub triage: String,
}

/// Which script a page needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// None of its own.
    None,
    /// The islands.
    Islands,
    /// The passkeys.
    Passkeys,
    /// The homepages' triage.
    Triage,
}

/// The customer with whose eyes somebody looks.
#[derive(Debug, Clone)]
pub struct Acting {
    /// Name for people.
    pub name: String,
    /// Whether changes are allowed.
    pub writes: bool,
}

/// Who looks at the page.
#[derive(Debug, Clone)]
pub struct Person {
    /// Name for people.
    pub name: String,
    /// Address.
    pub email: String,
    /// Whether it is a customer's: larger type, words of its own.
    pub customer: bool,
}

/// What was done, as a note at the top of the page; with its place in the audit log, if it can be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash(pub String, pub Option<i64>);

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
    /// The areas that this person has: address, and what is to do there.
    pub areas: Vec<(Area, &'static str, i64)>,
    /// The customer with whose eyes it is seen.
    pub acting: Option<Acting>,
    /// Jobs that run or wait: their texts.
    pub jobs: Vec<String>,
    /// Where the page is, for the language links.
    pub path: String,
    /// Nonce of the content security policy.
    pub nonce: String,
    /// Addresses of the assets.
    pub assets: Assets,
    /// The style sheet itself, where the browser has nothing yet: one journey less before the first paint.
    pub style: Option<&'static str>,
    /// The script that the page needs.
    pub script: Script,
    /// Reload after so many seconds, while something runs.
    pub refresh: Option<u32>,
    /// A note at the top.
    pub flash: Option<Flash>,
    /// Links above the title: address and text.
    pub crumbs: Vec<(String, String)>,
}

fn nav(frame: &Frame) -> impl IntoView + use<> {
    let (lang, area) = (frame.lang, frame.area);
    let customer = frame.person.as_ref().is_some_and(|p| p.customer);
    frame
        .areas
        .iter()
        .map(|(item, href, count)| {
            let count = *count;
            view! {
                <li>
                    <a href=*href aria-current=(*item == area).then_some("page")>
                        {lang.t(item.key(customer))}
                        {(count > 0).then(|| view! { <span class="count">{count}</span> })}
                    </a>
                </li>
            }
        })
        .collect_view()
}

/// What stands over every page that is seen with a customer's eyes.
fn acting(frame: &Frame) -> Option<impl IntoView + use<>> {
    let lang = frame.lang;
    frame.acting.clone().map(|acting| {
        let text = if acting.writes { "acting-writes" } else { "acting-looks" };
        let take_over = (!acting.writes).then(|| {
            view! { <form method="post" action="/view-as/take-over"><button>{lang.t("acting-take-over")}</button></form> }
        });
        view! {
            <div class="acting" role="status">
                <p><span aria-hidden="true">"◐ "</span>{lang.f(text, &[("name", &acting.name)])}</p>
                {take_over}
                <form method="post" action="/view-as/end"><button>{lang.t("acting-end")}</button></form>
            </div>
        }
    })
}

/// The whole document around a page's content.
pub fn shell(frame: &Frame, body: AnyView) -> impl IntoView + use<> {
    let lang = frame.lang;
    let title = format!("{} · Hostler", frame.title);
    let other = if lang == Lang::De { Lang::En } else { Lang::De };
    let switch = format!("/language/{}?back={}", other.code(), encode(&frame.path));
    let islands = (frame.script == Script::Islands)
        .then(|| Some((frame.assets.js.clone()?, frame.assets.wasm.clone()?)))
        .flatten()
        .map(|(js, wasm)| view! { <script type="module" nonce=frame.nonce.clone() src=js data-wasm=wasm></script> });
    let passkeys = (frame.script == Script::Passkeys).then(|| {
        view! { <script type="module" nonce=frame.nonce.clone() src=frame.assets.passkeys.clone()></script> }
    });
    let triage = (frame.script == Script::Triage).then(|| {
        view! { <script type="module" nonce=frame.nonce.clone() src=frame.assets.triage.clone()></script> }
    });
    // Not a module: while the parser waits for it, on a first visit, the browser paints what it has. Head and areas are there in half
    // the time then (e2e/paint.mjs), and the list no later.
    let keys = frame.person.is_some().then(|| {
        view! { <script nonce=frame.nonce.clone() src=frame.assets.keys.clone()></script> }
    });
    let header = frame.person.clone().map(|person| {
        view! {
            <form class="search" action="/search" role="search">
                <input type="search" name="q" id="search" placeholder=lang.t("search-placeholder") aria-label=lang.t("search") />
            </form>
            <a class="lang" href=switch.clone() hreflang=other.code() lang=other.code()>{other.code()}</a>
            <details class="person">
                <summary>{person.name}</summary>
                <div class="menu">
                    <p class="quiet">{person.email}</p>
                    {frame.acting.is_none().then(|| view! { <a href="/account">{lang.t("nav-account")}</a> })}
                    <a href="/help">{lang.t("nav-help")}</a>
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
    let flash = frame.flash.clone().map(|Flash(text, undo)| {
        let undo = undo.map(|entry| {
            view! { <form method="post" action=format!("/audit/{entry}/undo")><button>{lang.t("undo")}</button></form> }
        });
        view! { <div class="flash good" role="status"><p><span aria-hidden="true">"●"</span>" "{text}</p>{undo}</div> }
    });
    let jobs = (!frame.jobs.is_empty())
        .then(|| view! { <footer class="jobs" role="status">{frame.jobs.join(" · ")}</footer> });
    let help = frame.person.is_some().then(|| {
        let keys = [
            ("/", "keys-search"),
            ("j k", "keys-move"),
            ("x", "keys-choose"),
            ("Enter", "keys-open"),
            ("?", "keys-help"),
        ];
        let lines = keys
            .map(|(key, text)| view! { <dt><kbd>{key}</kbd></dt><dd>{lang.find(text).unwrap_or("?")}</dd> })
            .collect_view();
        view! { <div id="keys-help" popover="auto"><h2>{lang.t("keys")}</h2><dl>{lines}</dl></div> }
    });
    let body_class = match &frame.person {
        None => "guest",
        Some(person) if person.customer => "staff customer",
        Some(_) => "staff",
    };
    view! {
        <html lang=lang.code()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                {frame.refresh.map(|s| view! { <meta http-equiv="refresh" content=s.to_string() /> })}
                <title>{title}</title>
                <link rel="icon" href="data:," />
                {match frame.style {
                    Some(css) => view! { <style nonce=frame.nonce.clone()>{css}</style> }.into_any(),
                    None => view! { <link rel="stylesheet" href=frame.assets.css.clone() /> }.into_any(),
                }}
                {islands}{passkeys}{triage}
            </head>
            <body class=body_class>
                <a class="skip" href="#main">{lang.t("skip")}</a>
                <header class="top"><a class="brand" href="/">"Hostler"</a>{header}{guest}</header>
                {navigation}
                {keys}
                {help}
                <main id="main">{acting(frame)}{crumbs}{flash}{body}</main>
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
