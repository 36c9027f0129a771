//! The engineer's side: where projections stand, dead letters, rebuilds.
//!
//! - `pages`: the overview and rebuilds; `letters`: one dead letter, retry and discard
//! - `rates`: how fast projections are; `rebuilds`: what is being built anew; `state`: states in words

pub(crate) mod letters;
pub(crate) mod pages;
mod rates;
mod rebuilds;
mod state;

pub(crate) use self::rates::Rates;
pub(crate) use self::rebuilds::Rebuilds;
pub(crate) use self::state::{STATES, state_name};
