//! Answers that are pages.

use super::{
    App,
    fault::Fault,
    visit::{Actor, STYLED, Visit},
};
use actix_web::{
    HttpResponse, HttpResponseBuilder,
    cookie::Cookie,
    http::{StatusCode, header},
};
use hostler_core::access::{Action, Side};
use hostler_store::{View, dashboard::Todo};
use hostler_web::{
    i18n::Lang,
    render::{self, AnyView},
    ui::frame::{Acting, Area, Flash, Frame, Person, Script},
};

/// Cookie that carries a note to the next page.
pub const FLASH: &str = "flash";

/// A page being put together.
#[derive(Debug)]
pub struct Page {
    frame: Frame,
    status: StatusCode,
    clear_flash: bool,
}

fn frame(app: &App, visit: &Visit, area: Area, title: &str) -> Frame {
    Frame {
        lang: visit.lang,
        title: title.to_owned(),
        area,
        person: None,
        areas: Vec::new(),
        acting: None,
        jobs: Vec::new(),
        path: visit.path.clone(),
        nonce: visit.nonce.clone(),
        assets: app.assets.links(),
        style: (!visit.styled).then(super::assets::Assets::css),
        script: Script::None,
        refresh: None,
        flash: None,
        crumbs: Vec::new(),
    }
}

/// The areas that somebody has, with what is to do in them.
fn areas(actor: &Actor, todo: Todo) -> Vec<(Area, &'static str, i64)> {
    let all = [
        (Area::Overview, "/", 0, true),
        (Area::Customers, "/customers", 0, actor.side() != Side::Customer),
        (Area::Domains, "/domains", todo.unpublished, actor.may(Action::ReadHosting)),
        (Area::Homepages, "/homepages", 0, actor.may(Action::ReadHosting)),
        (Area::Mail, "/mail", 0, actor.may(Action::ReadHosting)),
        (Area::Import, "/import", 0, actor.may(Action::ReadPapers)),
        (Area::Reconciliation, "/reconciliation", todo.problems, actor.may(Action::ReadPapers)),
        (Area::Logins, "/logins", 0, actor.may(Action::ReadLogins)),
        (Area::Audit, "/audit", 0, actor.may(Action::ReadAudit)),
    ];
    all.into_iter().filter(|(.., there)| *there).map(|(area, href, count, _)| (area, href, count)).collect()
}

impl Page {
    /// A page for somebody who is not logged in.
    #[must_use]
    pub fn guest(app: &App, visit: &Visit, title: &str) -> Self {
        Self { frame: frame(app, visit, Area::None, title), status: StatusCode::OK, clear_flash: false }
    }

    /// A page for somebody who is, with what is still to do in its frame.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(app: &App, view: &mut View, actor: &Actor, area: Area, title: &str) -> Result<Self, Fault> {
        let todo = view.todo().await?;
        let mut page = Self::guest(app, &actor.visit, title);
        page.frame.area = area;
        let login = actor.login();
        page.frame.person = Some(Person {
            name: login.name.clone(),
            email: login.email.clone(),
            customer: actor.side() == Side::Customer,
        });
        page.frame.areas = areas(actor, todo);
        page.frame.acting = actor.acting().map(|a| Acting { name: a.company.clone(), writes: a.writes });
        if todo.jobs > 0 {
            let lang = actor.visit.lang;
            page.frame.jobs = view
                .active_jobs()
                .await?
                .into_iter()
                .map(|job| {
                    let name = lang.find(&format!("job-{}", job.kind)).unwrap_or("?");
                    if job.progress_total > 0 {
                        format!("{name} {}/{}", job.progress_done, job.progress_total)
                    } else {
                        name.to_owned()
                    }
                })
                .collect();
        }
        Ok(page)
    }

    /// With another status than 200.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// With islands, and so with their script.
    #[must_use]
    pub fn islands(mut self) -> Self {
        self.frame.script = Script::Islands;
        self
    }

    /// With the script of the passkeys.
    #[must_use]
    pub fn passkeys(mut self) -> Self {
        self.frame.script = Script::Passkeys;
        self
    }

    /// With the script of the homepages' triage.
    #[must_use]
    pub fn triage(mut self) -> Self {
        self.frame.script = Script::Triage;
        self
    }

    /// Reloading after so many seconds.
    #[must_use]
    pub fn refresh(mut self, seconds: u32) -> Self {
        self.frame.refresh = Some(seconds);
        self
    }

    /// With links above the title.
    #[must_use]
    pub fn crumbs(mut self, crumbs: Vec<(String, String)>) -> Self {
        self.frame.crumbs = crumbs;
        self
    }

    /// With the note that the page before left.
    #[must_use]
    pub fn flash(mut self, request: &actix_web::HttpRequest) -> Self {
        if let Some(cookie) = request.cookie(FLASH) {
            self.clear_flash = true;
            // Only texts of the catalogue's own making are set; what somebody else put there is shown as text.
            let value = decode(cookie.value());
            let (text, undo) = value.split_once('\u{1f}').unwrap_or((value.as_str(), ""));
            let text: String = text.chars().filter(|c| !c.is_control()).take(300).collect();
            self.frame.flash = Some(Flash(text, undo.parse().ok()));
        }
        self
    }

    /// Renders the page.
    #[must_use]
    pub fn body(self, view: impl FnOnce(Lang) -> AnyView) -> HttpResponse {
        let html = render::page(&self.frame, view);
        let mut response = HttpResponseBuilder::new(self.status);
        response
            .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
            .insert_header((header::CACHE_CONTROL, "no-store"));
        if self.frame.style.is_some() {
            // The file's hash; the page after this one takes the file, and keeps it.
            let hash = self.frame.assets.css.rsplit('-').next().and_then(|h| h.split('.').next()).unwrap_or_default();
            let styled = Cookie::build(STYLED, hash.to_owned())
                .path("/")
                .http_only(true)
                .same_site(actix_web::cookie::SameSite::Lax)
                .max_age(actix_web::cookie::time::Duration::days(365))
                .finish();
            response.cookie(styled);
        }
        if self.clear_flash {
            let mut gone = Cookie::build(FLASH, "").path("/").finish();
            gone.make_removal();
            response.cookie(gone);
        }
        response.body(html)
    }
}

/// 303 to a page of ours.
#[must_use]
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish()
}

/// 303 with a note that the next page shows.
#[must_use]
pub fn done(path: &str, text: &str) -> HttpResponse {
    noted(path, text)
}

/// 303 with a note that the next page shows, and a way back: the place of the change in the audit log.
#[must_use]
pub fn done_undoable(path: &str, text: &str, entry: i64) -> HttpResponse {
    noted(path, &format!("{text}\u{1f}{entry}"))
}

/// As [`done_undoable`], or [`done`] where nothing differed.
#[must_use]
pub fn saved(path: &str, text: &str, entry: Option<i64>) -> HttpResponse {
    match entry {
        Some(entry) => done_undoable(path, text, entry),
        None => done(path, text),
    }
}

fn noted(path: &str, value: &str) -> HttpResponse {
    let cookie = Cookie::build(FLASH, hostler_web::ui::frame::encode(value))
        .path("/")
        .http_only(true)
        .same_site(actix_web::cookie::SameSite::Lax)
        .max_age(actix_web::cookie::time::Duration::seconds(60))
        .finish();
    HttpResponse::SeeOther().insert_header((header::LOCATION, path)).cookie(cookie).finish()
}

fn decode(text: &str) -> String {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&format!("t={text}")).unwrap_or_default();
    pairs.into_iter().next().map(|(_, t)| t).unwrap_or_default()
}
