//! Homepages: as imported, as they were seen, what becomes of them, and the configuration of the servers that they go to.

mod api;
mod evidence;
mod letter_api;
mod letter_pages;
mod letters;
mod list;
mod one;
pub mod pictures;
mod plan;
mod plan_api;
mod plan_pages;
mod plan_undo;
mod query;
pub mod render;
mod server_api;
mod server_pages;
mod servers;
mod site;
mod site_api;
mod site_pages;
pub mod sweep;
pub mod weblogs;

pub use list::{COLUMNS, row};
pub use plan_undo::undo;
pub use servers::undo_server;
pub use site::is_about_site;
pub use sweep::SWEEP;

use crate::{
    http::{
        api::Made,
        openapi::Doc,
        routes::{Access, Routes},
    },
    platform::context::Context,
};
use actix_web::http::Method;
use hostler_core::access::Action;
use hostler_store::StoreError;
use hostler_web::i18n::Lang;

/// The routes of this feature.
pub fn routes(routes: &mut Routes) {
    let (read, staff) = (Access::May(Action::ReadHosting), Access::May(Action::ReadPapers));
    let (decide, probe) = (Access::May(Action::DecideHomepages), Access::May(Action::ProbeHomepages));
    let (serve, edit) = (Access::May(Action::ServeWeb), Access::May(Action::EditHomepages));
    routes.get("/homepages", read, list::list);
    // Before the one with an id, which would take their names for one.
    routes.get("/homepages/map", staff, list::map);
    routes.get("/homepages/course", staff, list::course);
    routes.get("/homepages/servers", serve, server_pages::show);
    routes.post("/homepages/servers", serve, server_pages::save);
    routes.post("/homepages/servers/{id}/delete", serve, server_pages::delete);
    routes.get("/homepages/decide", decide, plan_pages::form);
    routes.post("/homepages/decide", decide, plan_pages::submit);
    routes.get("/homepages/letters", decide, letter_pages::form);
    routes.post("/homepages/letters", decide, letter_pages::submit);
    routes.post("/homepages/sweep", probe, one::sweep);
    routes.get("/homepages/new", edit, site_pages::new_form);
    routes.post("/homepages/new", edit, site_pages::create);
    routes.get("/homepages/{id}", read, one::page);
    routes.post("/homepages/{id}", decide, one::save);
    routes.get("/homepages/{id}/edit", edit, site_pages::edit_form);
    routes.post("/homepages/{id}/edit", edit, site_pages::edit);
    routes.get("/homepages/{id}/evidence", staff, one::fragment);
    routes.get("/homepages/{id}/picture", staff, pictures::show);
    routes.post("/homepages/{id}/look", probe, one::look);
    routes.get("/homepage-answer/{token}", Access::Public, letter_pages::ask);
    routes.post("/homepage-answer/{token}", Access::Public, letter_pages::answer);
    for path in ["/homepages/decide", "/homepages/letters"] {
        routes.limit(path, 1 << 20);
    }

    let doc = |id, summary| Doc::new(id, "homepages", summary);
    let all = doc("list_homepages", "Homepages").query::<api::HomepagesQuery>().lists::<api::HomepageItem>();
    routes.api(Method::GET, "/api/v1/homepages", read, api::list, all);
    let add = doc("add_homepage", "Make a homepage").body::<site::SiteBody>();
    let add = add.answers::<Made>(201).idempotent();
    routes.api(Method::POST, "/api/v1/homepages", edit, site_api::create, add);
    let plan =
        doc("plan_homepages", "Say what becomes of up to 2000 homepages; what is refused of them leaves the others");
    let plan = plan.query::<plan_api::DryQuery>().body::<plan_api::ChangeBody>();
    let plan = plan.answers::<plan_api::OutcomesBody>(200).idempotent();
    routes.api(Method::POST, "/api/v1/homepages/plan", decide, plan_api::change, plan);
    routes.limit("/api/v1/homepages/plan", 1 << 20);
    let letters = doc("write_letters", "Write to the customers of homepages, one letter to each");
    let letters = letters.query::<plan_api::DryQuery>().body::<letter_api::LettersBody>();
    let letters = letters.answers::<letter_api::SentBody>(200).idempotent();
    routes.api(Method::POST, "/api/v1/homepages/letters", decide, letter_api::send, letters);
    routes.limit("/api/v1/homepages/letters", 1 << 20);
    let look = doc("sweep_homepages", "Look at homepages, in a job").body::<letter_api::SweepBody>();
    let look = look.answers::<letter_api::JobAnswer>(202).idempotent();
    routes.api(Method::POST, "/api/v1/homepages/sweep", probe, letter_api::look, look);
    let one = doc("get_homepage", "One homepage with the last looks at it").answers::<one::HomepageBody>(200);
    routes.api(Method::GET, "/api/v1/homepages/{id}", read, one::api, one);
    let update = doc("plan_homepage", "Say what becomes of a homepage").body::<plan::Patch>();
    let update = update.answers::<plan_api::OutcomesBody>(200).versioned();
    routes.api(Method::PATCH, "/api/v1/homepages/{id}", decide, plan_api::update, update);
    let replace = doc("change_homepage", "Change what a homepage is: its other names, its kind, where it leads");
    let replace = replace.body::<site::SiteBody>().empty(204).versioned();
    routes.api(Method::PUT, "/api/v1/homepages/{id}", edit, site_api::update, replace);

    let servers = doc("list_web_servers", "Web servers, old and new").answers::<server_api::ServersBody>(200);
    routes.api(Method::GET, "/api/v1/web-servers", serve, server_api::list, servers);
    let add = doc("add_web_server", "Name a web server").body::<servers::ServerData>();
    let add = add.answers::<Made>(201).idempotent();
    routes.api(Method::POST, "/api/v1/web-servers", serve, server_api::add, add);
    let update = doc("update_web_server", "Change a web server").body::<servers::ServerData>().empty(204).versioned();
    routes.api(Method::PUT, "/api/v1/web-servers/{id}", serve, server_api::update, update);
    let delete = doc("delete_web_server", "Take a web server away").empty(204).versioned();
    routes.api(Method::DELETE, "/api/v1/web-servers/{id}", serve, server_api::delete, delete);
}

/// The way to a page of this feature.
fn crumbs(lang: Lang) -> Vec<(String, String)> {
    vec![("/homepages".to_owned(), lang.t("nav-homepages").to_owned())]
}

/// What is due once an hour: what was told long enough ago is archived, and it may be time to look again.
///
/// # Errors
/// When the database fails.
pub async fn wake(context: &Context) -> Result<(), StoreError> {
    letters::archive_due(context).await?;
    sweep::wake(context).await
}
