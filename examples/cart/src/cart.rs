//! Carts: what a customer collects before ordering.
//!
//! The command side is `command` → `decide` → `event` → `state`, the query side `overview`; `pages`,
//! `forms` and `history` are what a browser sees, `quantity` reads what is typed there.

mod command;
mod decide;
mod event;
pub(crate) mod forms;
pub(crate) mod history;
mod items;
mod overview;
pub(crate) mod pages;
mod quantity;
mod rejection;
mod state;
mod status;

pub use self::command::CartCommand;
pub use self::decide::{MAX_ARTICLES, MAX_UNITS};
pub use self::event::{CartEvent, CartId};
pub use self::items::{Item, Items};
pub use self::overview::CartOverview;
pub use self::quantity::{QuantityError, quantity};
pub use self::rejection::CartRejection;
pub use self::state::Cart;
pub use self::status::CartStatus;
