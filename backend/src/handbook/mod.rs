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
    ("mail", include_str!("../../../docs/de/mail.md"), include_str!("../../../docs/mail.md")),
    ("homepages", include_str!("../../../docs/de/homepages.md"), include_str!("../../../docs/homepages.md")),
    ("name-servers", include_str!("../../../docs/de/name-servers.md"), include_str!("../../../docs/name-servers.md")),
    ("people", include_str!("../../../docs/de/people.md"), include_str!("../../../docs/people.md")),
    ("audit", include_str!("../../../docs/de/audit.md"), include_str!("../../../docs/audit.md")),
    ("api", include_str!("../../../docs/de/api.md"), include_str!("../../../docs/api.md")),
    ("tenants", include_str!("../../../docs/de/tenants.md"), include_str!("../../../docs/tenants.md")),
    ("operation", include_str!("../../../docs/de/operation.md"), include_str!("../../../docs/operation.md")),
    ("settings", include_str!("../../../docs/settings.md"), include_str!("../../../docs/settings.md")),
    ("glossary", include_str!("../../../docs/de/glossary.md"), include_str!("../../../docs/glossary.md")),
];

/// Pictures of the handbook, as `UPDATE_PICTURES=1 e2e/run` takes them on its way.
const IMAGES: &[(&str, &[u8])] = &[
    ("bulk-de.png", include_bytes!("../../../docs/images/bulk-de.png")),
    ("bulk-en.png", include_bytes!("../../../docs/images/bulk-en.png")),
    ("log-de.png", include_bytes!("../../../docs/images/log-de.png")),
    ("log-en.png", include_bytes!("../../../docs/images/log-en.png")),
    ("overview-de.png", include_bytes!("../../../docs/images/overview-de.png")),
    ("overview-en.png", include_bytes!("../../../docs/images/overview-en.png")),
    ("plan-de.png", include_bytes!("../../../docs/images/plan-de.png")),
    ("plan-en.png", include_bytes!("../../../docs/images/plan-en.png")),
    ("reconciliation-de.png", include_bytes!("../../../docs/images/reconciliation-de.png")),
    ("reconciliation-en.png", include_bytes!("../../../docs/images/reconciliation-en.png")),
    ("tokens-de.png", include_bytes!("../../../docs/images/tokens-de.png")),
    ("tokens-en.png", include_bytes!("../../../docs/images/tokens-en.png")),
    ("zone-de.png", include_bytes!("../../../docs/images/zone-de.png")),
    ("zone-en.png", include_bytes!("../../../docs/images/zone-en.png")),
    ("zone-staged-de.png", include_bytes!("../../../docs/images/zone-staged-de.png")),
    ("zone-staged-en.png", include_bytes!("../../../docs/images/zone-staged-en.png")),
    ("zone-text-de.png", include_bytes!("../../../docs/images/zone-text-de.png")),
    ("zone-text-en.png", include_bytes!("../../../docs/images/zone-text-en.png")),
];

/// The routes of this feature.
pub fn routes(routes: &mut Routes) {
    routes.get("/help", Access::Inside, pages::index);
    routes.get("/help/{page}", Access::Inside, pages::page);
    routes.get("/help/images/{file}", Access::Inside, pages::image);
}
