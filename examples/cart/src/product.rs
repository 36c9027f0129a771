//! Products: known by what was sold of them; there is nothing to command, so only a view, and
//! the `pages` that show it.

mod catalogue;
pub(crate) mod pages;

use cqrs::prelude::*;

pub use self::catalogue::Product;

/// The stock code of a product. Codes that differ in case are different products.
#[derive(Id)]
pub struct ProductCode(String);
