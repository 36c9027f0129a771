//! The guide: one page for each task. Its code is compiled and run with the tests.
//!
//! - [`hooks`]: authorise, validate, add metadata and measure around every command
//! - [`uniqueness`]: an e-mail address is taken once, whichever account takes it
//! - [`changing_events`]: renamed, moved and reshaped events, and what cannot be read
//! - [`search`]: full-text search in a view
//! - [`snapshots_and_time_travel`]: an aggregate's past, and long streams
//! - [`rebuilding_views`]: views that changed or were wrong, and rolling deploys
//! - [`partitions`]: a view split by key over several workers
//! - [`dead_letters`]: events that a projection cannot take, put aside and tried again
//! - [`subscriptions`]: a handler for each event: mails, messages, commands that follow

#[doc = include_str!("../docs/guide/hooks.md")]
pub mod hooks {}

#[doc = include_str!("../docs/guide/uniqueness.md")]
pub mod uniqueness {}

#[doc = include_str!("../docs/guide/changing-events.md")]
pub mod changing_events {}

#[doc = include_str!("../docs/guide/search.md")]
pub mod search {}

#[doc = include_str!("../docs/guide/snapshots-and-time-travel.md")]
pub mod snapshots_and_time_travel {}

#[doc = include_str!("../docs/guide/rebuilding-views.md")]
pub mod rebuilding_views {}

#[doc = include_str!("../docs/guide/partitions.md")]
pub mod partitions {}

#[doc = include_str!("../docs/guide/dead-letters.md")]
pub mod dead_letters {}

#[doc = include_str!("../docs/guide/subscriptions.md")]
pub mod subscriptions {}
