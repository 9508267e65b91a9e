//! A panel of its own for each test: own database, all middleware, a browser's cookies.

use actix_http::Request;
use actix_web::{
    App as Actix,
    body::BoxBody,
    dev::{Service, ServiceResponse},
    http::{StatusCode, header},
    middleware::from_fn,
    test, web,
};
use hostler::{
    http::{App, middleware::around, server},
    platform::{clock::Clock, context::Context, jobs, settings},
};
use hostler_store::{Scope, Store};
use sqlx::PgPool;
use std::{path::PathBuf, sync::Arc};

pub(crate) const EMAIL: &str = "admin@frankenhost.example";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A browser that looks at a panel.
pub(crate) struct Browser {
    service: std::rc::Rc<dyn Fn(Request) -> futures_util::future::LocalBoxFuture<'static, ServiceResponse<BoxBody>>>,
    pub(crate) context: Context,
    cookie: Option<String>,
    pub(crate) hub: hostler::operations::Hub,
    folder: std::rc::Rc<tempfile::TempDir>,
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// The value of a hidden field.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let rest = self.text.split(&mark).nth(1).unwrap_or_else(|| panic!("no field {name} in {}", self.text));
        rest.split('"').next().unwrap().to_owned()
    }
}

pub(crate) async fn panel(pool: PgPool) -> Browser {
    panel_with(pool, &[]).await
}

/// A panel with some settings of its own.
pub(crate) async fn panel_with(pool: PgPool, set: &[(&str, String)]) -> Browser {
    // Mails are kept below it: a folder of its own for each test, gone with the panel.
    let folder = tempfile::Builder::new().prefix("hostler-test").tempdir().unwrap();
    let mut flags = vec![
        ("data_dir".to_owned(), folder.path().display().to_string()),
        ("http.public_url".to_owned(), "https://panel.example".to_owned()),
        ("mail.host_name".to_owned(), "mx.h.example".to_owned()),
    ];
    flags.extend(set.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let settings = settings::load(None, &flags).unwrap();
    let context = Context { settings: Arc::new(settings), store: Store::from_pool(pool), clock: Clock::default() };
    let app: App = server::app(context.clone()).unwrap();
    let hub = app.hub.clone();
    let service = test::init_service(
        Actix::new().app_data(web::Data::new(app)).wrap(from_fn(around)).configure(server::configure),
    )
    .await;
    let service = std::rc::Rc::new(service);
    let call = move |request: Request| -> futures_util::future::LocalBoxFuture<'static, ServiceResponse<BoxBody>> {
        let service = service.clone();
        Box::pin(async move {
            match service.call(request).await {
                Ok(response) => response.map_into_boxed_body(),
                Err(error) => {
                    let request = test::TestRequest::default().to_http_request();
                    ServiceResponse::new(request, error.error_response())
                }
            }
        })
    };
    Browser { service: std::rc::Rc::new(call), context, cookie: None, hub, folder: std::rc::Rc::new(folder) }
}

impl Browser {
    /// Another browser at the same panel, with that session's token; with nobody's if it is empty.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        let cookie = (!token.is_empty()).then(|| format!("{}={token}", hostler::http::visit::SESSION));
        Self {
            service: self.service.clone(),
            context: self.context.clone(),
            cookie,
            hub: self.hub.clone(),
            folder: self.folder.clone(),
        }
    }

    /// Another browser at the same panel with that cookie.
    pub(crate) fn with_cookie(&self, cookie: &str) -> Self {
        Self { cookie: Some(cookie.to_owned()), ..self.with_token("") }
    }

    /// JSON, as the API takes it.
    pub(crate) async fn json(&self, method: actix_web::http::Method, path: &str, body: &serde_json::Value) -> Answer {
        let request =
            test::TestRequest::default().method(method).uri(path).insert_header(("sec-fetch-site", "same-origin"));
        self.send(request.set_json(body)).await
    }

    /// As [`Self::json`], with headers; without a body where it is null.
    pub(crate) async fn json_with(
        &self,
        method: actix_web::http::Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &serde_json::Value,
    ) -> Answer {
        let mut request = test::TestRequest::default().method(method).uri(path);
        for header in headers {
            request = request.insert_header(*header);
        }
        let request = request.insert_header(("sec-fetch-site", "same-origin"));
        self.send(if body.is_null() { request } else { request.set_json(body) }).await
    }

    pub(crate) async fn send(&self, request: test::TestRequest) -> Answer {
        self.send_from(request, "192.0.2.77:4711").await
    }

    pub(crate) async fn send_from(&self, request: test::TestRequest, peer: &str) -> Answer {
        let request = match &self.cookie {
            Some(cookie) => request.insert_header((header::COOKIE, cookie.clone())),
            None => request,
        };
        let request = request.peer_addr(peer.parse().unwrap());
        let response = (self.service)(request.to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        // Such an answer has no end.
        if headers.get(header::CONTENT_TYPE).is_some_and(|v| v == "text/event-stream") {
            return Answer { status, headers, text: String::new() };
        }
        let body = test::read_body(response).await;
        Answer { status, headers, text: String::from_utf8_lossy(&body).into_owned() }
    }

    /// The body of an answer that goes on.
    pub(crate) async fn watch(&self, path: &str, last: Option<i64>) -> BoxBody {
        let mut request = test::TestRequest::get().uri(path).peer_addr("192.0.2.77:4711".parse().unwrap());
        if let Some(cookie) = &self.cookie {
            request = request.insert_header((header::COOKIE, cookie.clone()));
        }
        if let Some(last) = last {
            request = request.insert_header(("last-event-id", last.to_string()));
        }
        let response = (self.service)(request.to_request()).await;
        assert_eq!(response.status(), StatusCode::OK);
        response.into_body()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(test::TestRequest::get().uri(path).insert_header((header::ACCEPT_LANGUAGE, "en"))).await
    }

    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(
            test::TestRequest::post()
                .uri(path)
                .insert_header((header::ACCEPT_LANGUAGE, "en"))
                .insert_header(("sec-fetch-site", "same-origin"))
                .set_form(form),
        )
        .await
    }

    pub(crate) async fn upload(&self, name: &str, bytes: &[u8]) -> Answer {
        let mut body = format!(
            "--XX\r\nContent-Disposition: form-data; name=\"papers\"; filename=\"{name}\"\r\nContent-Type: application/zip\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--XX--\r\n");
        self.send(
            test::TestRequest::post()
                .uri("/import")
                .insert_header((header::ACCEPT_LANGUAGE, "en"))
                .insert_header((header::CONTENT_TYPE, "multipart/form-data; boundary=XX"))
                .set_payload(body),
        )
        .await
    }

    pub(crate) async fn log_in(&mut self) {
        let now = self.context.clock.now();
        hostler::identity::service::create_admin(&self.context, EMAIL, Some("A. Weiß"), PASSWORD, now).await.unwrap();
        self.log_in_again().await;
    }

    /// As the same person, for a new session.
    pub(crate) async fn log_in_again(&mut self) {
        let answer = self.post("/login", &[("email", EMAIL), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        self.cookie = Some(answer.header("set-cookie").split(';').next().unwrap().to_owned());
    }

    pub(crate) async fn run_jobs(&self) {
        while jobs::run_next(&self.context).await.unwrap() {}
    }

    /// Takes over papers as the command line does.
    pub(crate) async fn import(&self, files: &[(&str, &str)]) -> hostler::import::plan::Plan {
        let mut paper_files = hostler_papers::files::PaperFiles::default();
        paper_files.all.extend(files.iter().map(|(n, b)| ((*n).to_owned(), b.as_bytes().to_vec())));
        self.import_files(&paper_files).await
    }

    pub(crate) async fn import_files(&self, files: &hostler_papers::files::PaperFiles) -> hostler::import::plan::Plan {
        let papers = hostler_papers::Papers::read(files, &self.context.settings.dns.profiles, &mut |_, _, _| {});
        let target = hostler::import::service::Target { source: "test", import: None, own_mail_hosts: &[] };
        let scope = Scope::for_machine("test");
        hostler::import::service::run(&self.context.store, &scope, self.context.clock.clone(), papers, target, false)
            .await
            .unwrap()
    }

    pub(crate) async fn zone_path(&self, name: &str) -> String {
        let scope = Scope::for_machine("test");
        let id = self.context.store.view(&scope).await.unwrap().zone_id(name).await.unwrap();
        format!("/zones/{}", id.unwrap_or_else(|| panic!("no zone {name}")))
    }
}

/// The demo provider's papers.
pub(crate) fn demo() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../demo/papers")
}

/// A small good zone.
pub(crate) const ZONE: &str = "$TTL 3600\n@ SOA ns1.h.example. hostmaster.h.example. 2020010101 14400 1800 1209600 3600\n@ NS ns1.h.example.\n\
    @ NS ns2.h.example.\n@ A 192.0.2.1\nwww CNAME @\n@ MX 10 mail\nmail A 192.0.2.25\n@ TXT \"v=spf1 mx -all\"\n";
