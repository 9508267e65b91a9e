//! Mail: mailboxes, aliases, where a mail goes, and the configuration of the mail servers.

mod alias_api;
mod alias_pages;
mod aliases;
mod api;
mod change;
mod change_api;
mod change_pages;
pub mod check;
mod device;
pub mod dkim;
pub mod facts;
mod forms;
pub mod hosts;
mod list;
pub mod logins;
mod mailbox_api;
mod many;
mod old_hash;
mod owner;
mod pages;
mod portal;
pub mod render;
mod rules;
mod server_api;
mod server_pages;
mod servers;
mod service;
mod sts;
mod table;
mod table_pages;
mod undo;

pub use aliases::undo as undo_alias;
pub use list::{COLUMNS, row};
pub use servers::undo_server;
pub use undo::{is_placement, undo};

use crate::http::{
    api::Made,
    openapi::Doc,
    routes::{Access, Routes},
};
use actix_web::http::Method;
use hostler_core::access::Action;

/// The routes of this feature.
pub fn routes(routes: &mut Routes) {
    let (read, edit) = (Access::May(Action::ReadHosting), Access::May(Action::EditMail));
    routes.get("/mail", read, list::list);
    routes.get("/mailboxes/new", edit, pages::new_form);
    routes.post("/mailboxes/new", edit, pages::create);
    let serve = Access::May(Action::ServeMail);
    routes.get("/mail/servers", serve, server_pages::show);
    routes.post("/mail/servers", serve, server_pages::save);
    routes.post("/mail/servers/{id}/delete", serve, server_pages::delete);
    // Before the one below, which would take it for an id.
    routes.get("/mailboxes/change", edit, change_pages::form);
    routes.post("/mailboxes/change", edit, change_pages::submit);
    routes.get("/mailboxes/table", edit, table_pages::form);
    routes.post("/mailboxes/table", edit, table_pages::submit);
    routes.get("/mailboxes/{id}", read, pages::one);
    routes.post("/mailboxes/{id}", edit, pages::save);
    routes.post("/mailboxes/{id}/place", serve, pages::set_place);
    routes.post("/mailboxes/{id}/password", edit, pages::set_password);
    routes.post("/mailboxes/{id}/delete", edit, pages::delete);
    routes.post("/mailboxes/{id}/app-passwords", edit, pages::add_app_password);
    routes.post("/mailboxes/{id}/app-passwords/{app}/revoke", edit, pages::revoke_app_password);
    routes.get("/aliases/new", edit, alias_pages::new_alias);
    routes.post("/aliases/new", edit, alias_pages::create_alias);
    routes.get("/aliases/{id}", read, alias_pages::one_alias);
    routes.post("/aliases/{id}", edit, alias_pages::save_alias);
    routes.post("/aliases/{id}/delete", edit, alias_pages::delete_alias);

    let owner = Access::Mailbox;
    routes.get("/my/login", Access::Public, portal::login);
    routes.post("/my/login", Access::Public, portal::submit_login);
    routes.post("/my/logout", owner, portal::logout);
    routes.get("/my", owner, portal::one);
    routes.post("/my", owner, portal::save);
    routes.post("/my/password", owner, portal::set_password);
    routes.post("/my/app-passwords", owner, portal::add_app_password);
    routes.post("/my/app-passwords/{app}/revoke", owner, portal::revoke_app_password);
    routes.get("/my/device.mobileconfig", owner, portal::profile);
    routes.get("/mail/config-v1.1.xml", Access::Public, device::autoconfig);
    routes.get("/.well-known/autoconfig/mail/config-v1.1.xml", Access::Public, device::autoconfig);
    routes.get("/.well-known/mta-sts.txt", Access::Public, sts::policy);
    // Outlook has tried both for as long as there has been one.
    routes.post("/autodiscover/autodiscover.xml", Access::Public, device::autodiscover);
    routes.post("/Autodiscover/Autodiscover.xml", Access::Public, device::autodiscover);

    let doc = |id, summary| Doc::new(id, "mail", summary);
    let addresses = doc("list_addresses", "Mailboxes and aliases").query::<api::AddressesQuery>();
    routes.api(Method::GET, "/api/v1/addresses", read, api::list, addresses.lists::<api::AddressItem>());
    let way = doc("mail_route", "What happens to a mail for an address").query::<mailbox_api::RouteQuery>();
    routes.api(Method::GET, "/api/v1/mail/route", read, mailbox_api::route, way.answers::<check::RouteBody>(200));

    let create = doc("create_mailbox", "Make a mailbox").body::<mailbox_api::NewMailboxBody>().idempotent();
    let create = create.answers::<mailbox_api::MadeBody>(201);
    routes.api(Method::POST, "/api/v1/mailboxes", edit, mailbox_api::create, create);
    let many = doc("create_mailboxes", "Make up to 1000 mailboxes; what is refused of them leaves the others");
    let many = many.query::<mailbox_api::ManyQuery>().body::<mailbox_api::ManyBody>();
    let many = many.answers::<mailbox_api::ManyAnswer>(200).idempotent();
    routes.api(Method::POST, "/api/v1/mailboxes/bulk", edit, mailbox_api::create_many, many);
    routes.limit("/api/v1/mailboxes/bulk", 8 << 20);
    let change = doc("change_mailboxes", "Change up to 1000 mailboxes at once, or say where they live");
    let change = change.query::<mailbox_api::ManyQuery>().body::<change_api::ChangeBody>();
    let change = change.answers::<change_api::OutcomesBody>(200).idempotent();
    routes.api(Method::POST, "/api/v1/mailboxes/change", edit, change_api::change, change);
    routes.limit("/api/v1/mailboxes/change", 1 << 20);
    let one = doc("get_mailbox", "One mailbox").answers::<mailbox_api::MailboxBody>(200);
    routes.api(Method::GET, "/api/v1/mailboxes/{id}", read, mailbox_api::one, one);
    let update = doc("update_mailbox", "Change a mailbox").body::<rules::MailboxPatch>();
    let update = update.answers::<mailbox_api::MailboxBody>(200).versioned();
    routes.api(Method::PATCH, "/api/v1/mailboxes/{id}", edit, mailbox_api::update, update);
    let delete = doc("delete_mailbox", "Give a mailbox up; its mail stays on the server").empty(204).versioned();
    routes.api(Method::DELETE, "/api/v1/mailboxes/{id}", edit, mailbox_api::delete, delete);
    let password = doc("set_mailbox_password", "Set a mailbox's password, or have one made");
    let password = password.body::<mailbox_api::PasswordBody>().answers::<mailbox_api::MadeBody>(200);
    routes.api(Method::POST, "/api/v1/mailboxes/{id}/password", edit, mailbox_api::set_password, password);
    let add = doc("add_app_password", "Make a password for one device").body::<mailbox_api::NewAppPasswordBody>();
    let add = add.answers::<mailbox_api::MadeBody>(201).idempotent();
    routes.api(Method::POST, "/api/v1/mailboxes/{id}/app-passwords", edit, mailbox_api::add_app_password, add);
    let revoke = doc("revoke_app_password", "Make a device's password open nothing any more").empty(204);
    let path = "/api/v1/mailboxes/{id}/app-passwords/{app}";
    routes.api(Method::DELETE, path, edit, mailbox_api::revoke_app_password, revoke);

    let list = doc("list_mail_servers", "The provider's mail servers").answers::<server_api::ServersBody>(200);
    routes.api(Method::GET, "/api/v1/mail-servers", serve, server_api::list, list);
    let add = doc("add_mail_server", "Name a mail server").body::<servers::ServerData>();
    let add = add.answers::<Made>(201).idempotent();
    routes.api(Method::POST, "/api/v1/mail-servers", serve, server_api::add, add);
    let put = doc("put_mail_server", "Change a mail server").body::<servers::ServerData>().empty(204).versioned();
    routes.api(Method::PUT, "/api/v1/mail-servers/{id}", serve, server_api::update, put);
    let drop = doc("drop_mail_server", "Take a mail server away on which no mailbox lives").empty(204).versioned();
    routes.api(Method::DELETE, "/api/v1/mail-servers/{id}", serve, server_api::delete, drop);

    let create = doc("create_alias", "Make an alias or a catch-all").body::<alias_api::NewAliasBody>().idempotent();
    let create = create.answers::<Made>(201);
    routes.api(Method::POST, "/api/v1/aliases", edit, alias_api::create, create);
    let one = doc("get_alias", "One alias").answers::<alias_api::AliasBody>(200);
    routes.api(Method::GET, "/api/v1/aliases/{id}", read, alias_api::one, one);
    let update = doc("update_alias", "Give an alias other targets").body::<alias_api::TargetsBody>();
    let update = update.answers::<alias_api::AliasBody>(200).versioned();
    routes.api(Method::PATCH, "/api/v1/aliases/{id}", edit, alias_api::update, update);
    let delete = doc("delete_alias", "Give an alias up").empty(204).versioned();
    routes.api(Method::DELETE, "/api/v1/aliases/{id}", edit, alias_api::delete, delete);
}
