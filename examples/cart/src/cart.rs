//! Carts: what a customer collects before ordering.
//!
//! The command side is `command` → `decide` → `event` → `state`, the query side `overview`.

mod command;
mod decide;
mod event;
mod items;
mod overview;
mod rejection;
mod state;
mod status;

pub use self::command::CartCommand;
pub use self::decide::{MAX_ARTICLES, MAX_UNITS};
pub use self::event::{CartEvent, CartId};
pub use self::items::{Item, Items};
pub use self::overview::CartOverview;
pub use self::rejection::CartRejection;
pub use self::state::Cart;
pub use self::status::CartStatus;
