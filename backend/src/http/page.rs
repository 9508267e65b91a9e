//! Answers that are pages.

use super::{
    App,
    fault::Fault,
    visit::{Staff, Visit},
};
use actix_web::{
    HttpResponse, HttpResponseBuilder,
    cookie::Cookie,
    http::{StatusCode, header},
};
use hostler_web::{
    i18n::Lang,
    render::{self, AnyView},
    ui::frame::{Area, Flash, Frame, Person},
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
        todo: (0, 0),
        jobs: Vec::new(),
        path: visit.path.clone(),
        nonce: visit.nonce.clone(),
        assets: app.assets.links(),
        islands: false,
        refresh: None,
        flash: None,
        crumbs: Vec::new(),
    }
}

impl Page {
    /// A page for somebody who is not logged in.
    #[must_use]
    pub fn guest(app: &App, visit: &Visit, title: &str) -> Self {
        Self { frame: frame(app, visit, Area::None, title), status: StatusCode::OK, clear_flash: false }
    }

    /// A page for staff, with what is still to do in its frame.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn staff(app: &App, staff: &Staff, area: Area, title: &str) -> Result<Self, Fault> {
        let view = app.context.store.view(&staff.scope);
        let todo = view.todo().await?;
        let mut page = Self::guest(app, &staff.visit, title);
        page.frame.area = area;
        page.frame.person = Some(Person { name: staff.login.name.clone(), email: staff.login.email.clone() });
        page.frame.todo = (todo.problems, todo.unpublished);
        if todo.jobs > 0 {
            let lang = staff.visit.lang;
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
        self.frame.islands = true;
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
            let text: String = decode(cookie.value()).chars().filter(|c| !c.is_control()).take(300).collect();
            self.frame.flash = Some(Flash::Done(text));
        }
        self
    }

    /// With a note that something was refused.
    #[must_use]
    pub fn refused(mut self, text: String) -> Self {
        self.frame.flash = Some(Flash::Refused(text));
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
    let cookie = Cookie::build(FLASH, hostler_web::ui::frame::encode(text))
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
