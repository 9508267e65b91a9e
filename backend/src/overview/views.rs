//! Views of lists that somebody keeps: the whole view is the query, so keeping it is keeping that.

use crate::{
    http::{App, fault::Fault, page::done, path, visit::Actor},
    identity::service::person_name,
};
use actix_web::{HttpResponse, web};
use hostler_web::pages::lists::{Kept, Views};
use serde::Deserialize;

/// The lists that have views.
const LISTS: [&str; 4] = ["/customers", "/domains", "/homepages", "/mail"];

/// A query without its page, each part encoded anew; empty if it says nothing.
fn tidy(query: &str) -> String {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    let pairs: Vec<(String, String)> = pairs.into_iter().filter(|(n, v)| n != "page" && !v.is_empty()).collect();
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

/// The views of a list that somebody keeps, and the one that could be kept now.
///
/// # Errors
/// When the database fails.
pub async fn views(app: &App, actor: &Actor, list: &'static str, query: &str) -> Result<Views, Fault> {
    let query = tidy(query);
    let kept = app.context.store.saved_views(actor.login().id, list).await?;
    let kept = kept
        .into_iter()
        .map(|v| Kept {
            id: v.id.to_string(),
            current: v.query == query,
            href: format!("{list}?{}", v.query),
            name: v.name,
        })
        .collect();
    Ok(Views { list, query, kept })
}

/// A view to be kept.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    list: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    query: String,
}

/// `POST /views`
///
/// # Errors
/// 422 if it has no name, or there is no such list.
pub(super) async fn keep(app: web::Data<App>, actor: Actor, form: web::Form<Wanted>) -> Result<HttpResponse, Fault> {
    let list = LISTS.iter().find(|l| **l == form.list).ok_or_else(|| Fault::field("list", "there is no such list"))?;
    let name = person_name(&form.name).map_err(|reason| Fault::field("name", reason))?;
    let query = tidy(&form.query);
    if name.chars().count() > 60 || query.len() > 2000 {
        return Err(Fault::field("name", "too long"));
    }
    let mut tx = app.context.store.begin_identity(&actor.own(), app.context.clock.now()).await?;
    if !tx.save_view(actor.login().id, list, name, &query).await? {
        return Err(Fault::field("name", "there are 50 of this list already"));
    }
    tx.commit().await?;
    Ok(done(&format!("{list}?{query}"), actor.visit.lang.t("view-kept")))
}

/// `POST /views/{id}/forget`
///
/// # Errors
/// 404 if there is none.
pub(super) async fn forget(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    form: web::Form<Wanted>,
) -> Result<HttpResponse, Fault> {
    let id = path::parse(&id)?;
    let mut tx = app.context.store.begin_identity(&actor.own(), app.context.clock.now()).await?;
    tx.forget_view(actor.login().id, id).await?;
    tx.commit().await?;
    let list = LISTS.iter().find(|l| **l == form.list).copied().unwrap_or("/");
    Ok(done(list, actor.visit.lang.t("view-forgotten")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_its_query_without_the_page() {
        assert_eq!(tidy("q=a+b&page=3&zone=&sort=-name"), "q=a+b&sort=-name");
        assert_eq!(tidy("q=%22%3E%3Cscript%3E"), "q=%22%3E%3Cscript%3E");
        assert_eq!(tidy(""), "");
    }
}
