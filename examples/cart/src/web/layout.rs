//! What stands around every page.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::PageError;
use super::assets::{SCRIPT, STYLE};
use crate::text::count;

/// The part of the shop that a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// `/` and the products.
    Products,
    /// The visitor's cart.
    Cart,
    /// Orders.
    Orders,
    /// The shopkeeper's page.
    Sales,
    /// The engineer's pages.
    System,
    /// None of them.
    None,
}

/// Title and navigation of a page.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) title: String,
    section: Section,
    units: Option<u64>,
}

/// A link of the navigation.
pub(crate) struct Link {
    pub(crate) address: &'static str,
    pub(crate) name: &'static str,
    pub(crate) is_current: bool,
    /// How much is in the cart, at its link.
    pub(crate) units: Option<String>,
}

impl Layout {
    /// Without a number beside the cart where it is not known.
    pub(super) fn new(title: impl Into<String>, section: Section, units: Option<u64>) -> Self {
        let title = title.into();
        Self {
            title,
            section,
            units,
        }
    }

    pub(crate) fn links(&self) -> impl Iterator<Item = Link> {
        let links = [
            ("/", "Products", Section::Products),
            ("/cart", "Cart", Section::Cart),
            ("/orders", "Orders", Section::Orders),
            ("/sales", "Sales", Section::Sales),
            ("/system", "System", Section::System),
        ];
        let (present, units) = (self.section, self.units);
        links.into_iter().map(move |(address, name, section)| Link {
            address,
            name,
            is_current: section == present,
            units: units
                .filter(|units| section == Section::Cart && *units > 0)
                .map(count),
        })
    }

    pub(crate) fn style(&self) -> &'static str {
        &STYLE.address
    }

    pub(crate) fn script(&self) -> &'static str {
        &SCRIPT.address
    }
}

/// A page with its status.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Result<Response, PageError> {
    Ok((status, Html(template.render()?)).into_response())
}
