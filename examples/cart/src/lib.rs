//! A shop: carts and orders by command, everything that a page shows by views, and an importer that
//! feeds a retailer's real invoices through the same commands.
//!
//! - [`cart`], [`order`], [`credit_note`], [`refusal`]: the features with decisions of their own
//! - [`product`], [`customer`], [`sales`]: views over what those features did
//! - [`shopping`]: what a customer does, across features
//! - [`web`]: what all pages share, `system`: the engineer's pages
//! - [`import`]: invoices from a file, [`report`]: the figures, [`verify`]: views against the log
//! - [`views`]: all views in one list, [`text`]: amounts and times in words, [`extract`]: the first goods

pub mod cart;
mod column;
pub mod credit_note;
pub mod customer;
pub mod extract;
pub mod import;
pub mod order;
pub mod product;
pub mod refusal;
pub mod report;
pub mod sales;
pub mod shopping;
mod system;
pub mod text;
pub mod verify;
pub mod views;
pub mod web;
