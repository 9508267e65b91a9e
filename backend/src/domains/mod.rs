//! Domains and their zones: lists, the editor, publishing, rendering for name servers.

mod api;
pub mod bulk;
mod bulk_api;
mod bulk_pages;
mod changes;
pub mod check;
pub mod create;
mod create_pages;
pub mod editor;
mod lists;
mod mail_records;
pub mod pages;
pub mod render;
pub mod service;
mod signing;
mod spam;
mod template_api;
mod zone_api;

pub use lists::{COLUMNS, RECORD_COLUMNS, record_row, row};

use crate::http::{
    App,
    api::Made,
    openapi::Doc,
    routes::{Access, Routes},
    visit::Actor,
};
use actix_web::http::Method;
use editor::Editor;
use hostler_core::access::{Action, Side};

/// Largest zone text that a form may carry: percent-encoding makes it three times as long.
const MAX_TEXT_FORM: usize = 3 * hostler_core::dns::parser::MAX_TEXT;

/// The routes of this feature.
pub fn routes(routes: &mut Routes) {
    let (read, edit) = (Access::May(Action::ReadHosting), Access::May(Action::EditZones));
    routes.get("/domains", read, lists::list);
    let create = Access::May(Action::CreateZones);
    routes.get("/zones/new", create, create_pages::form);
    routes.post("/zones/new", create, create_pages::submit);
    routes.get("/templates", create, create_pages::templates);
    routes.post("/templates", create, create_pages::save_template);
    let many = Access::May(Action::BulkZones);
    routes.get("/zones/bulk", many, bulk_pages::form);
    routes.post("/zones/bulk", many, bulk_pages::submit);
    routes.get("/jobs/{id}", Access::May(Action::ReadPapers), bulk_pages::job);
    routes.get("/zones/{id}", read, pages::records);
    routes.get("/zones/{id}/text", read, pages::text);
    routes.post("/zones/{id}/text", edit, pages::save_text);
    routes.limit("/zones/{id}/text", MAX_TEXT_FORM);
    routes.post("/zones/{id}/records", edit, pages::add_record);
    routes.post("/zones/{id}/changes", edit, changes::page);
    routes.limit("/zones/{id}/changes", MAX_TEXT_FORM);
    routes.post("/zones/{id}/records/{record}", edit, pages::update_record);
    routes.post("/zones/{id}/records/{record}/delete", edit, pages::delete_record);
    routes.get("/zones/{id}/publish", read, pages::publish);
    routes.post("/zones/{id}/publish", edit, pages::submit_publish);
    routes.post("/zones/{id}/discard", edit, pages::discard);
    routes.get("/zones/{id}/versions", read, pages::versions);
    routes.get("/zones/{id}/versions/{number}", read, pages::version);
    routes.post("/zones/{id}/versions/{number}/restore", edit, pages::restore);
    mail_routes(routes);
    api_routes(routes);
}

/// What the mail of a zone's domain needs: records, and keys with which it is signed.
fn mail_routes(routes: &mut Routes) {
    let (read, edit) = (Access::May(Action::ReadHosting), Access::May(Action::EditZones));
    let sign = Access::May(Action::EditMail);
    routes.get("/zones/{id}/mail", read, mail_records::form);
    routes.post("/zones/{id}/mail", edit, mail_records::submit);
    routes.post("/zones/{id}/mail/spam", sign, spam::submit);
    routes.post("/zones/{id}/mail/keys", sign, signing::submit_new);
    routes.post("/zones/{id}/mail/keys/{key}/sign", sign, signing::submit_sign);
    routes.post("/zones/{id}/mail/keys/{key}/retire", sign, signing::submit_retire);
    routes.post("/zones/{id}/mail/keys/{key}/delete", sign, signing::submit_delete);
    let doc = |id, summary| Doc::new(id, "mail", summary);
    let mail = doc("zone_mail_records", "The records that the domain's mail needs, beside what is there");
    let mail = mail.query::<mail_records::MailQuery>().answers::<mail_records::MailRecordsBody>(200);
    routes.api(Method::GET, "/api/v1/zones/{id}/mail", read, mail_records::api, mail);
    let show =
        doc("get_spam_levels", "From how many points on mail for the domain is spam").answers::<spam::SpamBody>(200);
    routes.api(Method::GET, "/api/v1/zones/{id}/mail/spam", read, spam::show, show);
    let put = doc("put_spam_levels", "Say from how many points on it is").body::<spam::SpamBody>().empty(204);
    routes.api(Method::PUT, "/api/v1/zones/{id}/mail/spam", sign, spam::put, put);
    let list = doc("list_dkim_keys", "The keys with which the domain's mail is signed");
    let path = "/api/v1/zones/{id}/mail/keys";
    routes.api(Method::GET, path, read, signing::list, list.answers::<signing::DkimKeys>(200));
    let create = doc("create_dkim_keys", "Make keys; each signs when the DNS has answered with it for an hour");
    let create = create.body::<signing::NewDkimKeys>().answers::<signing::DkimKeys>(201).idempotent();
    routes.api(Method::POST, path, sign, signing::create, create);
    let now = doc("sign_with_dkim_key", "Sign with a waiting key from now on");
    let now = now.body::<signing::SignBody>().answers::<signing::DkimKey>(200);
    routes.api(Method::POST, "/api/v1/zones/{id}/mail/keys/{key}/sign", sign, signing::sign, now);
    let retire = doc("retire_dkim_key", "Sign no longer with a key; its record is needed for two weeks more");
    let retire = retire.answers::<signing::DkimKey>(200);
    routes.api(Method::POST, "/api/v1/zones/{id}/mail/keys/{key}/retire", sign, signing::retire, retire);
    let delete = doc("delete_dkim_key", "Remove a key that has never signed").empty(204);
    routes.api(Method::DELETE, "/api/v1/zones/{id}/mail/keys/{key}", sign, signing::delete, delete);
}

fn api_routes(routes: &mut Routes) {
    use zone_api as zone;
    let (read, edit) = (Access::May(Action::ReadHosting), Access::May(Action::EditZones));
    let doc = |id, summary| Doc::new(id, "zones", summary);
    let list = Doc::new("list_domains", "domains", "Domains, each beside its zone");
    let list = list.query::<api::DomainsQuery>().lists::<api::DomainItem>();
    routes.api(Method::GET, "/api/v1/domains", read, api::list, list);
    let new = doc("create_zone", "Make a zone from a template").query::<zone::DryRun>().body::<create::NewZone>();
    let new = new.answers::<create_pages::CreatedBody>(200).answers::<create_pages::CreatedBody>(201).idempotent();
    routes.api(Method::POST, "/api/v1/zones", Access::May(Action::CreateZones), create_pages::api, new);
    let templates = |id, summary| Doc::new(id, "templates", summary);
    let create = Access::May(Action::CreateZones);
    let list = templates("list_templates", "Templates of new zones").answers::<template_api::TemplatesBody>(200);
    routes.api(Method::GET, "/api/v1/templates", create, template_api::list, list);
    let add = templates("add_template", "Make a template").body::<template_api::TemplateBody>();
    let add = add.answers::<Made>(201).idempotent();
    routes.api(Method::POST, "/api/v1/templates", create, template_api::add, add);
    // A letter may take twelve octets of JSON.
    routes.limit("/api/v1/templates", 12 * create::MAX_TEMPLATE + 4096);
    let put =
        templates("put_template", "Change a template").body::<template_api::TemplateBody>().empty(204).versioned();
    routes.api(Method::PUT, "/api/v1/templates/{id}", create, template_api::update, put);
    routes.limit("/api/v1/templates/{id}", 12 * create::MAX_TEMPLATE + 4096);
    let bulk = doc("bulk_zones", "Change many zones at once").query::<zone::DryRun>().body::<bulk_api::BulkBody>();
    let bulk = bulk.answers::<bulk_api::BulkAnswer>(200).answers::<bulk_api::BulkAnswer>(202).idempotent();
    routes.api(Method::POST, "/api/v1/zones/bulk", Access::May(Action::BulkZones), bulk_api::bulk, bulk);
    let one = doc("get_zone", "One zone with its records").answers::<zone::ZoneBody>(200);
    routes.api(Method::GET, "/api/v1/zones/{id}", read, zone::one, one);
    let add = doc("add_record", "Add a record").body::<zone::RecordBody>().answers::<zone::ZoneBody>(201);
    routes.api(Method::POST, "/api/v1/zones/{id}/records", edit, zone::add_record, add.versioned().idempotent());
    let put = doc("put_record", "Change a record").body::<zone::RecordBody>().answers::<zone::ZoneBody>(200);
    routes.api(Method::PUT, "/api/v1/zones/{id}/records/{record}", edit, zone::put_record, put.versioned());
    let delete = doc("delete_record", "Delete a record").answers::<zone::ZoneBody>(200).versioned();
    routes.api(Method::DELETE, "/api/v1/zones/{id}/records/{record}", edit, zone::delete_record, delete);
    let text = doc("put_zone_text", "Put a text in the place of all records").query::<zone::DryRun>();
    let text = text.body::<zone::TextBody>().answers::<zone::ChangesBody>(200).versioned();
    routes.api(Method::PUT, "/api/v1/zones/{id}/text", edit, zone::put_text, text);
    routes.limit("/api/v1/zones/{id}/text", MAX_TEXT_FORM);
    let many = doc("change_records", "Make several changes of records at once").query::<zone::DryRun>();
    let many = many.body::<changes::ChangesPut>().answers::<zone::ChangesBody>(200).versioned();
    routes.api(Method::POST, "/api/v1/zones/{id}/changes", edit, changes::api, many);
    routes.limit("/api/v1/zones/{id}/changes", MAX_TEXT_FORM);
    let publish = doc("publish_zone", "Publish the records as a new version").query::<zone::DryRun>();
    let publish = publish.body::<zone::PublishBody>().answers::<zone::PublishedBody>(200).versioned();
    routes.api(Method::POST, "/api/v1/zones/{id}/publish", edit, zone::publish, publish);
    let discard = doc("discard_zone", "Give up what is not published").answers::<zone::ZoneBody>(200).versioned();
    routes.api(Method::POST, "/api/v1/zones/{id}/discard", edit, zone::discard, discard);
    let versions = doc("list_versions", "Published versions, newest first").answers::<zone::VersionsBody>(200);
    routes.api(Method::GET, "/api/v1/zones/{id}/versions", read, zone::versions, versions);
    let version = doc("get_version", "The text of a version").text("text/plain");
    routes.api(Method::GET, "/api/v1/zones/{id}/versions/{number}", read, zone::version, version);
    let restore = doc("restore_version", "Stage the records of a version").answers::<zone::ZoneBody>(200).versioned();
    routes.api(Method::POST, "/api/v1/zones/{id}/versions/{number}/restore", edit, zone::restore, restore);
}

/// Whoever changes zones, and the rules that bind them.
#[must_use]
pub fn zone_editor<'e>(app: &'e App, actor: &'e Actor) -> Editor<'e> {
    Editor {
        store: &app.context.store,
        scope: &actor.scope,
        clock: app.context.clock.clone(),
        profiles: &app.context.settings.dns.profiles,
        bound: actor.side() == Side::Customer,
    }
}
