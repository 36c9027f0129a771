//! ⑨ Time travel: everything that ever happened to a cart, and the cart as it was after each event.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use cqrs::{HistoryEntry, Id};
use serde::Deserialize;
use uuid::Uuid;

use super::{Cart, CartEvent, CartId, CartStatus, Item};
use crate::product::{ProductCode, title};
use crate::text::{count, counted, machine, moment, money};
use crate::web::{Layout, PageError, Section, Shop, Slice, Visit, page};

/// How many events and how many items a page shows.
const PAGE: u64 = 50;

/// What may stand in the address of a history.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Asked {
    version: Option<String>,
    page: Option<String>,
}

#[derive(Template)]
#[template(path = "cart/history.html")]
struct HistoryPage {
    layout: Layout,
    cart: CartId,
    version: u64,
    versions: u64,
    events: Vec<Entry>,
    /// The first version of the events before and after those that are shown.
    earlier: Option<u64>,
    later: Option<u64>,
    after: Moment,
    slice: Slice,
}

/// An event in the list.
struct Entry {
    version: u64,
    is_shown: bool,
    what: String,
    name: &'static str,
    at: String,
    machine: String,
    who: String,
    why: String,
    command: Uuid,
    correlation: Uuid,
}

/// The cart as it was.
struct Moment {
    status: &'static str,
    items: Vec<(ProductCode, Item)>,
    units: String,
    total: String,
}

/// `GET /carts/{id}/history`: the events, and the cart after the one that is asked for.
pub(crate) async fn show(
    State(shop): State<Shop>,
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let cart = CartId::parse(&id).map_err(|_| no_cart())?;
    let present = shop.app().load::<Cart>(&cart).await?.ok_or_else(no_cart)?;
    let versions = present.version;
    let version = asked
        .version
        .as_deref()
        .and_then(|version| version.parse().ok());
    let version = u64::clamp(version.unwrap_or(versions), 1, versions);
    let first = (version - 1) / PAGE * PAGE + 1;
    let last = versions.min(first + PAGE - 1);
    let entries = shop.app().history::<Cart>(&cart, first..=last).await?;
    let state = entries.iter().find(|entry| entry.event.version == version);
    let state = state.map_or(&present.state, |entry| &entry.state);
    let size = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let slice = Slice::new(asked.page.as_deref(), state.items.iter().len(), size);
    let history = HistoryPage {
        layout: visit.layout("History of a cart", Section::System),
        cart,
        version,
        versions,
        earlier: (first > 1).then(|| first - 1),
        later: (last < versions).then_some(last + 1),
        after: Moment::of(state, &slice),
        slice,
        events: entries
            .iter()
            .map(|entry| Entry::of(entry, version))
            .collect(),
    };
    page(StatusCode::OK, &history)
}

fn no_cart() -> PageError {
    PageError::not_found(
        "Nothing ever happened to a cart of this name. A cart begins with its first article.",
    )
}

impl Moment {
    fn of(cart: &Cart, slice: &Slice) -> Self {
        let items = cart.items.iter().skip(slice.first).take(slice.size);
        Self {
            status: match cart.status {
                CartStatus::Open => "open",
                CartStatus::CheckedOut => "ordered",
                CartStatus::Cancelled => "given up",
            },
            items: items
                .map(|(product, item)| (product.clone(), item.clone()))
                .collect(),
            units: counted(cart.items.units(), "unit"),
            total: money(cart.items.total()),
        }
    }
}

impl Entry {
    fn of(entry: &HistoryEntry<Cart>, shown: u64) -> Self {
        let event = &entry.event;
        let told = |name: &str| {
            let value = event.metadata.get(name).and_then(|value| value.as_str());
            value.unwrap_or("not said").to_owned()
        };
        let (name, what) = described(&event.data);
        Self {
            version: event.version,
            is_shown: event.version == shown,
            what,
            name,
            at: moment(event.recorded_at),
            machine: machine(event.recorded_at),
            who: told("visitor"),
            why: told("reason"),
            command: event.command_id,
            correlation: event.correlation_id,
        }
    }
}

fn described(event: &CartEvent) -> (&'static str, String) {
    match event {
        CartEvent::ItemAdded {
            product,
            name,
            units,
            price,
        } => {
            let (name, price) = (title(product, name), money(price));
            (
                "item added",
                format!("{} × {name} at {price}", count(u64::from(*units))),
            )
        }
        CartEvent::QuantityChanged { product, units } => {
            let units = count(u64::from(*units));
            (
                "quantity changed",
                format!("{product}: {units} from now on"),
            )
        }
        CartEvent::ItemRemoved { product } => ("item removed", product.to_string()),
        CartEvent::CheckedOut { order } => ("checked out", format!("as order {order}")),
        CartEvent::Cancelled => ("cancelled", "given up".to_owned()),
    }
}
