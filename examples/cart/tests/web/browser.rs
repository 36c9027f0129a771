//! A browser without a network: it keeps its cookie, and reads fields and links.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::Response;
use cart::import::{read, run};
use cart::order::OrderId;
use cart::web::{Shop, ShopOptions, router};
use cqrs::RetryPolicy;
use cqrs::projection::ProjectionOptions;
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::common::{Folder, settled};

/// A shop that never tries anything twice, so that failures show at once.
pub(crate) fn options(folder: &Folder) -> ShopOptions {
    let mut options = ShopOptions::new(folder.url(), folder.path("mail"));
    options.mail_retry = RetryPolicy::none();
    options.projections = ProjectionOptions::default().retry(RetryPolicy::none());
    options
}

/// A shop that sells A at 1.50, B at 2, and `C/D & "É"` at 3.
pub(crate) async fn stocked(folder: &Folder) -> Shop {
    let shop = Shop::open(options(folder)).await.unwrap();
    let lines = ["1,A,2,1.5", "1,B,1,2", "2,C/D & É,1,3"];
    let file = read(&folder.invoices("stock.csv", &lines)).unwrap();
    let stop = std::future::pending();
    run(shop.app(), &file, stop, |_| {}).await.unwrap();
    settled(shop.app()).await;
    shop
}

/// Somebody at the shop.
#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    pub(crate) cookie: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) fn at(shop: &Shop) -> Self {
        Self {
            router: router(shop.clone()),
            cookie: None,
        }
    }

    pub(crate) async fn get(&mut self, address: &str) -> Answer {
        self.send(Request::get(address).body(Body::empty()).unwrap())
            .await
    }

    /// A page that is expected to be there.
    pub(crate) async fn page(&mut self, address: &str) -> Answer {
        let answer = self.get(address).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}: {}", answer.body);
        answer
    }

    /// Sends a form as a page of the shop does.
    pub(crate) async fn post(&mut self, address: &str, fields: &[(&str, &str)]) -> Answer {
        let body = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect::<Vec<_>>()
            .join("&");
        self.send(form(address, body)).await
    }

    /// Sends a form and looks at the page that it leads to.
    pub(crate) async fn submit(&mut self, address: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.post(address, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let next = answer.location();
        self.page(&next).await
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Answer {
        if let Some(cookie) = &self.cookie {
            let cookie = cookie.parse().unwrap();
            request.headers_mut().insert(header::COOKIE, cookie);
        }
        let response = self.raw(request).await;
        let (parts, body) = response.into_parts();
        if let Some(cookie) = parts.headers.get(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            self.cookie = Some(cookie.to_owned());
        }
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// The response with a body that may go on for ever.
    pub(crate) async fn raw(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// The id of the form of this product's page, and of all forms of a page.
    pub(crate) async fn form_at(&mut self, address: &str) -> String {
        self.page(address).await.form()
    }

    /// Puts units of a product into the cart and shows the cart.
    pub(crate) async fn add(&mut self, product: &str, quantity: &str) -> Answer {
        let form = self
            .form_at(&format!("/products/{}", encoded(product)))
            .await;
        let fields = [
            ("form", form.as_str()),
            ("product", product),
            ("quantity", quantity),
        ];
        self.submit("/cart/items", &fields).await
    }

    /// Orders what is in the cart, and shows the order.
    pub(crate) async fn order(&mut self) -> (OrderId, Answer) {
        let form = self.form_at("/cart").await;
        let fields = [("form", form.as_str()), ("country", "France")];
        let answer = self.post("/cart/checkout", &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let address = answer.location();
        let number = address.trim_start_matches("/orders/");
        let number = number.split('?').next().unwrap().to_owned();
        (OrderId::from(number), self.page(&address).await)
    }
}

impl Answer {
    pub(crate) fn location(&self) -> String {
        self.headers[header::LOCATION].to_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// The id that its forms carry.
    pub(crate) fn form(&self) -> String {
        between(&self.body, "name=\"form\" value=\"", "\"").to_owned()
    }

    #[track_caller]
    pub(crate) fn has(&self, text: &str) -> &Self {
        assert!(self.body.contains(text), "no `{text}` in {}", self.body);
        self
    }

    #[track_caller]
    pub(crate) fn has_not(&self, text: &str) -> &Self {
        assert!(!self.body.contains(text), "`{text}` in {}", self.body);
        self
    }

    #[track_caller]
    pub(crate) fn is(&self, status: StatusCode) -> &Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// A whole page for people, whatever the status.
    #[track_caller]
    pub(crate) fn is_page(&self) -> &Self {
        assert_eq!(self.header("content-type"), "text/html; charset=utf-8");
        self.has("<nav aria-label=\"Main\">")
            .has("<h1")
            .has("</html>")
    }

    /// The field is marked as wrong, described by this text, and keeps what was typed.
    #[track_caller]
    pub(crate) fn tells(&self, field: &str, error: &str) -> &Self {
        self.is(StatusCode::UNPROCESSABLE_ENTITY).is_page();
        let described = format!("aria-invalid=\"true\" aria-describedby=\"{field}-error\"");
        self.has(&described);
        self.has(&format!("id=\"{field}-error\">{error}"))
    }
}

pub(crate) fn form(address: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(address)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    request.body(body.into()).unwrap()
}

pub(crate) fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[track_caller]
pub(crate) fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text
        .split_once(start)
        .unwrap_or_else(|| panic!("no `{start}` in {text}"));
    rest.split_once(end).unwrap().0
}
