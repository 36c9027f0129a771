//! What all pages share. The pages of a feature are with the feature; `router` lists every address.
//!
//! - `router`: the addresses and the layers around them; `state`: what handlers are given
//! - `layout`, `form`, `error`, `paging`, `assets`: how a page is made
//! - `session`: who visits; `csrf`, `headers`, `limits`: what keeps others out
//! - `health`, `metrics`: what operators ask; `live`: streams of changes; `server`: listening

mod assets;
mod csrf;
mod error;
mod form;
mod headers;
mod health;
mod layout;
mod limits;
mod live;
mod metrics;
mod paging;
mod router;
mod server;
mod session;
mod state;

pub use self::router::router;
pub use self::server::serve;
pub use self::state::{Shop, ShopOptions};

pub(crate) use self::error::{PageError, no_such_page};
pub(crate) use self::form::{Submitted, sentence};
pub(crate) use self::layout::{Layout, Section, page};
pub(crate) use self::live::Live;
pub(crate) use self::paging::Slice;
pub(crate) use self::session::{Session, Visit};
