//! Who visits: a secret in a cookie, and what follows from it. There is no login.

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use cqrs::Metadata;
use cqrs::query::QueryError;
use uuid::Uuid;

use super::{Layout, PageError, Section, Shop};
use crate::cart::{CartId, CartOverview, CartStatus};
use crate::customer::CustomerId;
use crate::shopping::Asked;

const COOKIE: &str = "visitor";

/// What customer numbers of visitors are made in.
const CUSTOMERS: Uuid = Uuid::from_u128(0x2f6c_0a5d_8a34_4f27_9f0e_51f0_6d0b_7c11);

/// A visitor, and which of the visitor's carts is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Session {
    /// Known to the visitor's browser alone; what others see is made of it one way.
    secret: Uuid,
    /// Counts the visitor's carts: the next one is in use when one is ordered.
    pub(crate) cart: u32,
}

impl Session {
    fn new() -> Self {
        let secret = Uuid::new_v4();
        Self { secret, cart: 0 }
    }

    /// Reads `secret.cart`; anything else is no session.
    fn parse(text: &str) -> Option<Self> {
        let (secret, cart) = text.split_once('.')?;
        let secret = Uuid::try_parse(secret).ok()?;
        let cart = cart.parse().ok()?;
        Some(Self { secret, cart })
    }

    fn cookie(self) -> Cookie<'static> {
        let value = format!("{}.{}", self.secret, self.cart);
        Cookie::build((COOKIE, value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .permanent()
            .build()
    }

    /// The number under which the visitor's orders stand.
    pub(crate) fn customer(self) -> CustomerId {
        let number = Uuid::new_v5(&CUSTOMERS, self.secret.as_bytes()).simple();
        CustomerId::from(format!("web-{}", &number.to_string()[..16]))
    }

    /// The cart in use. Nobody else can name it before it is shown to them.
    pub(crate) fn cart_id(self) -> CartId {
        let name = format!("cart {}", self.cart);
        CartId::from(Uuid::new_v5(&self.secret, name.as_bytes()))
    }

    /// The cart of which a form speaks, if the visitor had it; the one in use otherwise.
    pub(crate) fn with_cart(self, named: &str) -> Self {
        let cart = named.parse().unwrap_or(self.cart).min(self.cart);
        Self { cart, ..self }
    }

    /// The same visitor with the cart after this one.
    pub(crate) fn next_cart(self) -> Self {
        let cart = self.cart.saturating_add(1);
        Self { cart, ..self }
    }
}

/// Gives every request a session, and every browser the cookie that it lacks.
///
/// A handler changes the session by `Extension(session)` in its response.
pub(super) async fn keep(jar: CookieJar, mut request: Request, next: Next) -> Response {
    let known = jar.get(COOKIE);
    let known = known.and_then(|cookie| Session::parse(cookie.value()));
    let session = known.unwrap_or_else(Session::new);
    request.extensions_mut().insert(session);
    let response = next.run(request).await;
    let present = response.extensions().get::<Session>().copied();
    let present = present.unwrap_or(session);
    match known == Some(present) {
        true => response,
        false => (CookieJar::new().add(present.cookie()), response).into_response(),
    }
}

/// A visitor at a page: the session with an open cart, and how much is in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visit {
    pub(crate) session: Session,
    units: u64,
}

impl Visit {
    /// What stands around a page for this visitor.
    pub(crate) fn layout(&self, title: impl Into<String>, section: Section) -> Layout {
        Layout::new(title, section, Some(self.units))
    }

    /// What the visitor asks for with a form.
    ///
    /// The id is made of the form's and of what was typed. So a form sent twice acts once, and one that
    /// was changed in between is another wish.
    pub(crate) fn asks(&self, form: Uuid, typed: &str, why: &str) -> Asked {
        let mut asked = Asked::new(Uuid::new_v5(&form, typed.as_bytes()));
        let visitor = self.session.customer().to_string();
        asked.metadata = Metadata::default()
            .with("visitor", visitor)
            .with("reason", why);
        asked
    }
}

impl FromRequestParts<Shop> for Visit {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, shop: &Shop) -> Result<Self, PageError> {
        let session = parts.extensions.get::<Session>().copied();
        let session = session.unwrap_or_else(Session::new);
        Ok(Self::of(shop, session).await?)
    }
}

impl Visit {
    /// A cookie may be older than the order that closed its cart; then a later cart is in use.
    async fn of(shop: &Shop, mut session: Session) -> Result<Self, QueryError> {
        let carts = shop.app().view::<CartOverview>();
        loop {
            let cart = carts.get(&session.cart_id()).await?;
            let units = cart.as_ref().map_or(0, |cart| cart.units);
            match cart.map(|cart| cart.status) {
                None | Some(CartStatus::Open) => return Ok(Self { session, units }),
                Some(CartStatus::CheckedOut | CartStatus::Cancelled) => {
                    session = session.next_cart();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_reads_back_and_a_broken_one_does_not() {
        let session = Session::new().next_cart();
        assert_eq!(Session::parse(session.cookie().value()), Some(session));
        for broken in ["", ".", "x.0", "0", "4f27.1", "\u{1F980}.7"] {
            assert_eq!(Session::parse(broken), None, "{broken}");
        }
        let secret = session.secret;
        assert_eq!(Session::parse(&format!("{secret}.-1")), None);
        assert_eq!(Session::parse(&format!("{secret}.4294967296")), None);
    }

    #[test]
    fn a_form_names_only_carts_that_the_visitor_had() {
        let session = Session {
            cart: 3,
            ..Session::new()
        };
        assert_eq!(session.with_cart("2").cart, 2);
        assert_eq!(session.with_cart("9").cart, 3);
        assert_eq!(session.with_cart("nonsense").cart, 3);
    }

    #[test]
    fn nobody_learns_the_secret_from_the_customer_number() {
        let session = Session::new();
        let secret = session.secret.simple().to_string();
        let number = session.customer().to_string();
        assert!(!number.contains(&secret[..8]), "{number}");
        assert_eq!(number.len(), "web-".len() + 16);
    }
}
