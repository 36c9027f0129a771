//! Orders: what was sold, to whom and where.
//!
//! The command side is `command` → `decide` → `event` → `state`, the query side `summary` (lists) and
//! `details` (one order); `confirmation` is what follows from an order, `pages` what a browser sees.

mod command;
mod confirmation;
mod country;
mod decide;
mod details;
mod event;
mod line;
pub(crate) mod pages;
mod rejection;
mod state;
mod summary;

pub use self::command::OrderCommand;
pub use self::confirmation::{CONFIRMATIONS, Mailer};
pub use self::country::{COUNTRIES, CountryError, country};
pub use self::details::OrderDetails;
pub use self::event::{OrderEvent, OrderId};
pub use self::line::{Line, total};
pub use self::rejection::OrderRejection;
pub use self::state::Order;
pub use self::summary::{OrderStatus, OrderSummary};
