//! Sales: orders and cancellations in figures. Views alone, over the events of two features.
//!
//! Orders count in full on the day they were placed; what is cancelled later, by cancelling an order
//! or by a credit note, counts apart, on the day of the cancellation. So no past day ever changes.

mod by_country;
mod by_day;

pub use self::by_country::CountrySales;
pub use self::by_day::DailySales;
