//! The table of routes: what answers where, and who may ask.
//!
//! Features add their routes here and nowhere else. The extractor [`super::visit::Actor`] looks its request up in the
//! table, so a route that is not in it is closed to everybody; and a test calls every route of it as everybody.

use super::openapi::Doc;
use actix_web::{FromRequest, Handler, Responder, http::Method, web};
use hostler_core::access::Action;
use std::collections::HashMap;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, also without a login.
    Public,
    /// Whoever has a session, also one that still lacks its second factor.
    Session,
    /// Whoever is logged in for good, whatever the role.
    Inside,
    /// Whoever is logged in to a mailbox, as its owner.
    Mailbox,
    /// Whoever has the action.
    May(Action),
}

/// A route as the table has it.
#[derive(Debug, Clone)]
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its pattern.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// What the API's document says of it.
    pub doc: Option<Doc>,
}

struct Resource {
    routes: Vec<actix_web::Route>,
    form_limit: Option<usize>,
}

/// Routes being put together. Those of one path share a resource, which answers 405 to other methods.
#[derive(Default)]
pub struct Routes {
    table: Vec<Route>,
    order: Vec<&'static str>,
    resources: HashMap<&'static str, Resource>,
}

impl Routes {
    fn add<F, Args>(&mut self, method: Method, path: &'static str, access: Access, handler: F, doc: Option<Doc>)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let resource = self.resources.entry(path).or_insert_with(|| {
            self.order.push(path);
            Resource { routes: Vec::new(), form_limit: None }
        });
        resource.routes.push(web::method(method.clone()).to(handler));
        self.table.push(Route { method, path, access, doc });
    }

    /// A page, or anything else that is only read.
    pub fn get<F, Args>(&mut self, path: &'static str, access: Access, handler: F)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::GET, path, access, handler, None);
    }

    /// A form.
    pub fn post<F, Args>(&mut self, path: &'static str, access: Access, handler: F)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::POST, path, access, handler, None);
    }

    /// An operation of the API.
    pub fn api<F, Args>(&mut self, method: Method, path: &'static str, access: Access, handler: F, doc: Doc)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(method, path, access, handler, Some(doc));
    }

    /// Forms and bodies sent to `path` may be so large, in octets.
    pub fn limit(&mut self, path: &'static str, octets: usize) {
        if let Some(resource) = self.resources.get_mut(path) {
            resource.form_limit = Some(octets);
        }
    }

    /// Puts all of it into a server.
    pub fn register(mut self, config: &mut web::ServiceConfig) {
        for path in self.order {
            let Some(found) = self.resources.remove(path) else { continue };
            let mut resource = web::resource(path);
            if let Some(limit) = found.form_limit {
                resource =
                    resource.app_data(web::FormConfig::default().limit(limit)).app_data(web::PayloadConfig::new(limit));
            }
            for route in found.routes {
                resource = resource.route(route);
            }
            config.service(resource);
        }
    }

    /// What answers where.
    #[must_use]
    pub fn table(self) -> Vec<Route> {
        self.table
    }
}

/// The table as the server asks it.
#[derive(Debug)]
pub struct Table {
    by_path: HashMap<&'static str, Vec<(Method, Access)>>,
    /// All routes in the order in which they were added.
    pub routes: Vec<Route>,
    /// The document of the API, written once.
    pub document: web::Bytes,
}

impl Table {
    /// Makes it.
    ///
    /// # Errors
    /// Never with schemas made by derivation.
    pub fn new(routes: Vec<Route>) -> serde_json::Result<Self> {
        let mut by_path: HashMap<&'static str, Vec<(Method, Access)>> = HashMap::new();
        for route in &routes {
            by_path.entry(route.path).or_default().push((route.method.clone(), route.access));
        }
        let document = serde_json::to_vec(&super::openapi::document(&routes))?.into();
        Ok(Self { by_path, routes, document })
    }

    /// Who may use the route of that pattern and method; nobody, if there is none.
    #[must_use]
    pub fn access(&self, method: &Method, pattern: &str) -> Option<Access> {
        self.by_path.get(pattern)?.iter().find(|(m, _)| m == method).map(|(_, access)| *access)
    }
}
