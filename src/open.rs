//! Opening an application by the address of its store, as far as this build's features reach.

use cqrs_core::app::{App, AppBuilder, OpenError};
use cqrs_core::store::Stores;

/// Opens an application by the address of its store: `App::open("sqlite:shop.db")`.
///
/// It is in the prelude. For stores that were made by hand there is `App::builder`.
pub trait Open {
    /// An application on the store at this address: `sqlite:PATH` (feature `sqlite`) or `memory:`.
    ///
    /// The store is opened when the builder is awaited, and made where there is none.
    fn open(url: impl Into<String>) -> AppBuilder;
}

impl Open for App {
    fn open(url: impl Into<String>) -> AppBuilder {
        App::connect(stores(url.into()))
    }
}

async fn stores(url: String) -> Result<Stores, OpenError> {
    match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("memory") => Ok(Stores::memory()),
        #[cfg(feature = "sqlite")]
        Some("sqlite") => Ok(cqrs_sqlite::Sqlite::open(&url).await?.stores()),
        _ => Err(OpenError::Url {
            reason: format!("write {}", known()),
            url,
        }),
    }
}

fn known() -> &'static str {
    match cfg!(feature = "sqlite") {
        true => "`sqlite:PATH` or `memory:`",
        false => "`memory:`, or `sqlite:PATH` with the feature `sqlite` of `cqrs`",
    }
}
