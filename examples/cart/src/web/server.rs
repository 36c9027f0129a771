//! Listening, and ending in good order.

use std::future::IntoFuture;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

use super::{Shop, router};

/// How long open requests may take to end once the shop closes.
const LAST_ORDERS: Duration = Duration::from_secs(10);

/// Serves until `closing` is ready; then no connection is taken any more, live streams end, and requests
/// that are being answered have ten seconds.
///
/// # Errors
///
/// When the listener fails.
pub async fn serve(
    shop: Shop,
    listener: TcpListener,
    closing: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let service = router(shop.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let stopped = shop.stopped();
    let closes = shop.clone();
    let closing = async move {
        closing.await;
        closes.stop();
    };
    let server = axum::serve(listener, service).with_graceful_shutdown(closing);
    let late = async {
        stopped.await;
        tokio::time::sleep(LAST_ORDERS).await;
    };
    let outcome = tokio::select! {
        outcome = server.into_future() => outcome,
        () = late => Ok(()),
    };
    shop.close().await;
    outcome
}
