//! The handbook, in both languages, in the binary.

mod pages;
mod render;

use crate::http::routes::{Access, Routes};

/// A page of the handbook: its name in the address, and its text in German and English.
const PAGES: &[(&str, &str, &str)] = &[
    ("index", include_str!("../../../docs/de/README.md"), include_str!("../../../docs/README.md")),
    ("customers", include_str!("../../../docs/de/customers.md"), include_str!("../../../docs/customers.md")),
    ("import", include_str!("../../../docs/de/import.md"), include_str!("../../../docs/import.md")),
    ("zones", include_str!("../../../docs/de/zones.md"), include_str!("../../../docs/zones.md")),
    ("name-servers", include_str!("../../../docs/de/name-servers.md"), include_str!("../../../docs/name-servers.md")),
    ("people", include_str!("../../../docs/de/people.md"), include_str!("../../../docs/people.md")),
    ("audit", include_str!("../../../docs/de/audit.md"), include_str!("../../../docs/audit.md")),
    ("api", include_str!("../../../docs/de/api.md"), include_str!("../../../docs/api.md")),
    ("tenants", include_str!("../../../docs/de/tenants.md"), include_str!("../../../docs/tenants.md")),
    ("operation", include_str!("../../../docs/de/operation.md"), include_str!("../../../docs/operation.md")),
    ("settings", include_str!("../../../docs/settings.md"), include_str!("../../../docs/settings.md")),
    ("glossary", include_str!("../../../docs/de/glossary.md"), include_str!("../../../docs/glossary.md")),
];

/// Pictures of the handbook, as the journeys in the browser took them.
const IMAGES: &[(&str, &[u8])] = &[
    ("overview.png", include_bytes!("../../../docs/images/overview.png")),
    ("plan.png", include_bytes!("../../../docs/images/plan.png")),
    ("reconciliation.png", include_bytes!("../../../docs/images/reconciliation.png")),
    ("zone-text.png", include_bytes!("../../../docs/images/zone-text.png")),
    ("zone.png", include_bytes!("../../../docs/images/zone.png")),
];

/// The routes of this feature.
pub fn routes(routes: &mut Routes) {
    routes.get("/help", Access::Inside, pages::index);
    routes.get("/help/{page}", Access::Inside, pages::page);
    routes.get("/help/images/{file}", Access::Inside, pages::image);
}
