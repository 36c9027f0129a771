//! Sales: orders and cancellations in figures. Views alone, over the events of two features.
//!
//! Orders count in full on the day they were placed; what is cancelled later, by cancelling an order
//! or by a credit note, counts apart, on the day of the cancellation. So no past day ever changes.
//!
//! `by_day` and `by_country` are the views; `pages`, `board`, `chart` and `live` show them.

mod board;
mod by_country;
mod by_day;
mod chart;
pub(crate) mod live;
pub(crate) mod pages;

pub use self::by_country::CountrySales;
pub use self::by_day::DailySales;
