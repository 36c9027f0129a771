//! ⑨ The products as a visitor sees them: the list, the search, and one product.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use cqrs::prelude::*;
use cqrs::query::{Hit, Part};
use serde::Deserialize;
use uuid::Uuid;

use super::{Product, ProductCode, title};
use crate::text::{counted, money};
use crate::web::{Layout, PageError, Section, Shop, Visit, no_such_page, page};

/// How many products a page shows.
const PAGE: usize = 20;

/// How many results a search shows at most; who looks for more types another word.
const MOST_RESULTS: usize = 80;

/// How much of a search is read.
const LONGEST_SEARCH: usize = 200;

/// What may stand in the address of the list.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Asked {
    q: String,
    sort: String,
    after: Option<String>,
    more: Option<String>,
}

#[derive(Template)]
#[template(path = "product/list.html")]
struct ListPage {
    layout: Layout,
    query: String,
    sort: &'static str,
    cards: Vec<Card>,
    /// The address of the products after these.
    next: Option<String>,
    is_first: bool,
    form: Uuid,
    cart: u32,
}

/// A product in the list.
struct Card {
    code: ProductCode,
    /// The name in parts; those that were searched for are marked.
    name: Vec<(bool, String)>,
    plain_name: String,
    initial: String,
    tone: usize,
    price: String,
}

/// `GET /`: all products, or those that were searched for.
pub(crate) async fn list(
    State(shop): State<Shop>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let query: String = asked.q.trim().chars().take(LONGEST_SEARCH).collect();
    let (cards, next) = match query.is_empty() {
        true => all(shop.app(), &asked).await?,
        false => found(shop.app(), &query, asked.more.is_some()).await?,
    };
    let heading = match query.is_empty() {
        true => "Products".to_owned(),
        false => format!("Search for “{query}”"),
    };
    let list = ListPage {
        layout: visit.layout(heading, Section::Products),
        query,
        sort: sort(&asked),
        cards,
        next,
        is_first: asked.after.is_none(),
        form: Uuid::now_v7(),
        cart: visit.session.cart,
    };
    page(StatusCode::OK, &list)
}

fn sort(asked: &Asked) -> &'static str {
    match asked.sort.as_str() {
        "name" => "name",
        _ => "sold",
    }
}

async fn all(app: &App, asked: &Asked) -> Result<(Vec<Card>, Option<String>), PageError> {
    let sort = sort(asked);
    let mut products = app.view::<Product>().order_by(match sort {
        "name" => Product::NAME.asc(),
        _ => Product::UNITS_SOLD.desc(),
    });
    if let Some(after) = &asked.after {
        let cursor = after.parse().map_err(|_| no_such_page())?;
        products = products.after(cursor);
    }
    let products = products.page(PAGE).await?;
    let next = products.next.as_ref();
    let next = next.map(|next| format!("/?sort={sort}&after={next}"));
    Ok((products.rows.into_iter().map(Card::of).collect(), next))
}

async fn found(
    app: &App,
    query: &str,
    more: bool,
) -> Result<(Vec<Card>, Option<String>), PageError> {
    let most = if more { MOST_RESULTS } else { PAGE };
    let search = app.view::<Product>().search(unfinished(query));
    let mut hits = search.best(most + 1).await?;
    let is_cut = hits.len() > most;
    hits.truncate(most);
    let next = (is_cut && !more).then(|| format!("/?q={}&more=1", encoded(query)));
    Ok((hits.into_iter().map(Card::found).collect(), next))
}

/// The last word may be one that is still being typed.
fn unfinished(query: &str) -> String {
    let quotes = query
        .chars()
        .filter(|letter| matches!(letter, '"' | '“' | '”' | '«' | '»'));
    let is_word = query.ends_with(char::is_alphanumeric);
    match is_word && quotes.count() == 0 {
        true => format!("{query}*"),
        false => query.to_owned(),
    }
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

impl Card {
    fn of(product: Product) -> Self {
        let name = title(&product.code, &product.name);
        Self::new(product, vec![(false, name)])
    }

    fn found(hit: Hit<Product>) -> Self {
        let parts = hit
            .highlight(Product::NAME)
            .iter()
            .flat_map(|fragment| fragment.parts());
        let parts: Vec<_> = parts
            .map(|part| match part {
                Part::Plain(text) => (false, text.to_owned()),
                Part::Marked(text) => (true, text.to_owned()),
            })
            .collect();
        match parts.is_empty() {
            true => Self::of(hit.row),
            false => Self::new(hit.row, parts),
        }
    }

    fn new(product: Product, name: Vec<(bool, String)>) -> Self {
        let plain_name = title(&product.code, &product.name);
        Self {
            initial: initial(&plain_name),
            tone: tone(&product.code),
            price: money(product.price),
            code: product.code,
            name,
            plain_name,
        }
    }
}

fn initial(name: &str) -> String {
    let letters = name.chars().find(|letter| letter.is_alphanumeric());
    letters.into_iter().flat_map(char::to_uppercase).collect()
}

/// One of six colours, the same for a product wherever it is shown.
fn tone(code: &ProductCode) -> usize {
    let sum = code.to_string().bytes().fold(0_usize, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    });
    sum % 6
}

/// What was typed into the form of a product, and what is wrong with it.
pub(crate) struct Typed {
    pub(crate) quantity: String,
    pub(crate) error: Option<String>,
}

#[derive(Template)]
#[template(path = "product/show.html")]
struct ProductPage {
    layout: Layout,
    code: ProductCode,
    name: String,
    initial: String,
    tone: usize,
    price: String,
    units_sold: String,
    typed: Typed,
    form: Uuid,
    cart: u32,
}

/// `GET /products/{code}`: one product, with a form that puts it into the cart.
pub(crate) async fn show(
    State(shop): State<Shop>,
    visit: Visit,
    Path(code): Path<String>,
) -> Result<Response, PageError> {
    let typed = Typed {
        quantity: "1".to_owned(),
        error: None,
    };
    shown(&shop, &visit, code.into(), typed).await
}

/// The page of a product, with what was typed where something is wrong with that.
pub(crate) async fn shown(
    shop: &Shop,
    visit: &Visit,
    code: ProductCode,
    typed: Typed,
) -> Result<Response, PageError> {
    let product = shop.app().view::<Product>().get(&code).await?;
    let product = product.ok_or_else(|| no_product(&code))?;
    let name = title(&product.code, &product.name);
    let status = match typed.error {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let product = ProductPage {
        layout: visit.layout(name.clone(), Section::Products),
        initial: initial(&name),
        tone: tone(&code),
        price: money(product.price),
        units_sold: counted(product.units_sold, "piece"),
        code,
        name,
        typed,
        form: Uuid::now_v7(),
        cart: visit.session.cart,
    };
    page(status, &product)
}

/// Says so where there is no such product.
pub(crate) fn no_product(code: &ProductCode) -> PageError {
    let code: String = code.to_string().chars().take(40).collect();
    PageError::not_found(format!(
        "There is no article “{code}” in the shop. Look for it among the products."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_being_typed_is_found() {
        assert_eq!(unfinished("red mu"), "red mu*");
        for finished in ["\"red mug\"", "red mu*", "red ", "“red mu"] {
            assert_eq!(unfinished(finished), finished);
        }
    }

    #[test]
    fn an_initial_is_a_letter_or_a_digit() {
        assert_eq!(initial("“white” lamp"), "W");
        assert_eq!(initial("***"), "");
        assert_eq!(encoded("a&b c"), "a%26b%20c");
    }
}
