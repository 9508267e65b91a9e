//! What lists of homepages are filtered by.

use crate::http::{list::ListQuery, visit::Actor};
use hostler_core::web::{Class, Decision};
use hostler_store::homepages::HomepageFilter;

/// Kinds of homepages.
pub(super) const KINDS: [&str; 4] = ["static", "php", "redirect", "proxy"];
/// Names in the URL.
pub(super) const FILTERS: [&str; 10] =
    ["q", "class", "decision", "proposal", "kind", "customer", "reseller", "server", "tag", "archived"];

/// Whether values of filters are ones that there are.
///
/// # Errors
/// The first that is not, and which there are.
pub(super) fn known(
    class: Option<&str>,
    decision: Option<&str>,
    proposal: Option<&str>,
) -> Result<(), (&'static str, String)> {
    if class.is_some_and(|c| Class::parse(c).is_none()) {
        return Err(("class", format!("one of {}", Class::names())));
    }
    for (name, value) in [("decision", decision), ("proposal", proposal)] {
        if value.is_some_and(|d| Decision::parse(d).is_none()) {
            return Err((name, format!("one of {}", Decision::names())));
        }
    }
    Ok(())
}

/// The filter that a page's query asks for; what there is not is left out.
pub(super) fn filter(query: &ListQuery, actor: &Actor) -> HomepageFilter {
    let decision = |name: &str| query.some(name).filter(|d| Decision::parse(d).is_some());
    let staff = actor.scope.is_everything();
    HomepageFilter {
        q: query.get("q").to_owned(),
        kind: query.some("kind").filter(|k| KINDS.contains(&k.as_str())),
        class: query.some("class").filter(|c| Class::parse(c).is_some()),
        decision: decision("decision"),
        proposal: decision("proposal").filter(|_| staff),
        customer: query.id("customer"),
        reseller: query.some("reseller").filter(|_| staff),
        server: query.some("server").filter(|_| staff),
        tag: query.some("tag").filter(|_| staff),
        archived: query.get("archived") == "1",
    }
}
