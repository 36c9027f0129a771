//! Opening an application by the address of its store, as far as this build's features reach.

use cqrs_core::app::{App, AppBuilder, OpenError};
use cqrs_core::store::Stores;

/// Opens an application by the address of its store: `App::open("sqlite:shop.db")`.
///
/// It is in the prelude. For stores that were made by hand there is `App::builder`.
pub trait Open {
    /// An application on the store at this address: `sqlite:PATH` (feature `sqlite`), `memory:`, or
    /// `postgres://USER:PASSWORD@HOST/DATABASE` (feature `postgres`).
    ///
    /// The store is opened when the builder is awaited, and made where there is none. It keeps events and
    /// views; a projection whose rows are to be elsewhere says so by its options (`ProjectionOptions::on`).
    fn open(url: impl Into<String>) -> AppBuilder;
}

impl Open for App {
    fn open(url: impl Into<String>) -> AppBuilder {
        let url = url.into();
        App::connect(async move { open_stores(&url).await })
    }
}

/// The stores at an address, as `App::open` opens them: where more than one is needed, as by
/// [`copy_log`](cqrs_core::store::copy_log).
///
/// # Errors
///
/// [`OpenError`] when the address is not one that this build knows, or the store cannot be opened.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), cqrs::OpenError> {
/// let stores = cqrs::open_stores("memory:").await?;
/// # drop(stores);
/// # Ok(()) }
/// ```
pub async fn open_stores(url: &str) -> Result<Stores, OpenError> {
    match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("memory") => Ok(Stores::memory()),
        #[cfg(feature = "sqlite")]
        Some("sqlite") => Ok(cqrs_sqlite::Sqlite::open(url).await?.stores()),
        #[cfg(feature = "postgres")]
        Some("postgres" | "postgresql") => Ok(cqrs_postgres::Postgres::open(url).await?.stores()),
        _ => Err(OpenError::Url {
            reason: format!("write {}", known()),
            url: without_password(url),
        }),
    }
}

/// What stands between the name of the scheme and the host may be a secret.
fn without_password(url: &str) -> String {
    let parts = url.split_once("://").zip(url.rsplit_once('@'));
    match parts {
        Some(((scheme, _), (_, host))) => format!("{scheme}://…@{host}"),
        None => url.to_owned(),
    }
}

fn known() -> String {
    let by_feature = |is_on: bool, address: &str, feature: &str| match is_on {
        true => format!("`{address}`"),
        false => format!("`{address}` with the feature `{feature}` of `cqrs`"),
    };
    let sqlite = by_feature(cfg!(feature = "sqlite"), "sqlite:PATH", "sqlite");
    let address = "postgres://USER:PASSWORD@HOST/DATABASE";
    let postgres = by_feature(cfg!(feature = "postgres"), address, "postgres");
    format!("`memory:`, {sqlite} or {postgres}")
}
