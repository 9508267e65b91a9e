//! Who is who: log-in, second factors, one's own account, the logins of others, tokens.

mod account_pages;
mod api;
mod factor_pages;
pub mod factors;
pub mod hashing;
pub mod links;
mod login_pages;
mod passkey_pages;
pub mod passkeys;
pub mod people;
mod people_pages;
pub mod service;
mod session_pages;
mod token_pages;
pub mod tokens;
mod view_as;

use crate::http::{
    openapi::Doc,
    routes::{Access, Routes},
};
use actix_web::http::Method;
use hostler_core::access::Action;

/// The routes of this feature.
pub fn routes(routes: &mut Routes) {
    use account_pages as account;
    use factor_pages as factor;
    use login_pages as login;
    use passkey_pages as passkey;
    use people_pages as people;
    use session_pages as sessions;
    use token_pages as tokens;
    let own = Access::May(Action::OwnAccount);
    routes.get("/login", Access::Public, login::login);
    routes.post("/login", Access::Public, login::submit);
    routes.get("/login/second", Access::Session, login::second);
    routes.post("/login/second", Access::Session, login::submit_second);
    routes.post("/login/passkey/begin", Access::Session, passkey::begin_check);
    routes.post("/login/passkey", Access::Session, passkey::finish_check);
    routes.post("/logout", Access::Public, login::logout);
    routes.get("/reset", Access::Public, login::reset);
    routes.post("/reset", Access::Public, login::submit_reset);
    routes.get("/link/{token}", Access::Public, login::link);
    routes.post("/link/{token}", Access::Public, login::submit_link);
    routes.get("/language/{lang}", Access::Public, login::language);

    routes.get("/account", own, account::account);
    routes.post("/account/password", own, account::password);
    routes.post("/account/address", own, account::address);
    routes.post("/account/language", own, account::language);
    // Open while a second factor has yet to be set up.
    routes.get("/account/security", Access::Session, factor::security);
    routes.post("/account/totp", Access::Session, factor::begin_totp);
    routes.post("/account/totp/confirm", Access::Session, factor::confirm_totp);
    routes.post("/account/passkeys/begin", Access::Session, passkey::begin_passkey);
    routes.post("/account/passkeys", Access::Session, passkey::finish_passkey);
    routes.post("/account/totp/disable", own, factor::disable_totp);
    routes.post("/account/recovery", own, factor::renew_recovery);
    routes.post("/account/passkeys/{id}/remove", own, passkey::remove_passkey);
    routes.get("/account/sessions", own, sessions::sessions);
    routes.post("/account/sessions/{id}/end", own, sessions::end_session);
    routes.post("/account/sessions/end-others", own, sessions::end_other_sessions);
    routes.get("/account/tokens", own, tokens::tokens);
    routes.post("/account/tokens", own, tokens::create_token);
    routes.post("/account/tokens/{id}/revoke", own, tokens::revoke_token);

    routes.get("/logins", Access::May(Action::ReadLogins), people::list);
    // Which household's logins it may manage, is asked with the household.
    routes.post("/logins/invite", Access::May(Action::ManageLogins), people::invite);
    routes.post("/logins/withdraw", Access::May(Action::ManageLogins), people::withdraw);
    routes.post("/logins/{id}", Access::May(Action::ManageLogins), people::edit);
    routes.post("/logins/{id}/switch", Access::May(Action::ManageLogins), people::switch);
    routes.post("/customers/{id}/view-as", Access::May(Action::ViewAs), people::begin_view_as);
    routes.post("/view-as/take-over", Access::Session, people::take_over);
    routes.post("/view-as/end", Access::Session, people::end_view_as);

    let doc = |id, summary| Doc::new(id, "logins", summary).query::<api::HouseholdQuery>();
    let (read, manage) = (Access::May(Action::ReadLogins), Access::May(Action::ManageLogins));
    let list = doc("list_logins", "Logins of a household").answers::<api::LoginsBody>(200);
    routes.api(Method::GET, "/api/v1/logins", read, api::list, list);
    let invite = doc("invite", "Invite somebody by mail").body::<api::InviteBody>().empty(202).idempotent();
    routes.api(Method::POST, "/api/v1/logins", manage, api::invite, invite);
    let withdraw = doc("withdraw_invitation", "Take an invitation back").body::<api::WithdrawBody>().empty(204);
    routes.api(Method::POST, "/api/v1/logins/withdraw", manage, api::withdraw, withdraw);
    let update = doc("update_login", "Change name and role").body::<api::LoginPatch>().empty(204).versioned();
    routes.api(Method::PATCH, "/api/v1/logins/{id}", manage, api::update, update);
    let switch = doc("switch_login", "Switch a login on or off").body::<api::EnabledBody>().empty(204);
    routes.api(Method::PUT, "/api/v1/logins/{id}/enabled", manage, api::switch, switch);
}
