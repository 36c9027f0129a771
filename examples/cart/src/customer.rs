//! Customers: known by what they ordered; there is nothing to command, so only a view.

mod account;

use cqrs::prelude::*;

pub use self::account::Customer;

/// The number of a customer. Many invoices name none.
#[derive(Id)]
pub struct CustomerId(String);
