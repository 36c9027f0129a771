//! Orders: what was sold, to whom and where.
//!
//! The command side is `command` → `decide` → `event` → `state`, the query side `summary`.

mod command;
mod decide;
mod event;
mod line;
mod rejection;
mod state;
mod summary;

pub use self::command::OrderCommand;
pub use self::event::{OrderEvent, OrderId};
pub use self::line::{Line, total};
pub use self::rejection::OrderRejection;
pub use self::state::Order;
pub use self::summary::{OrderStatus, OrderSummary};
