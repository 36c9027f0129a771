//! ⑥ Handlers: what a subscription calls with each event.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use crate::BoxFuture;
use crate::event::{Event, Recorded};

/// Why a handler failed: an error of the user's own, kept as it is.
pub type HandlerError = Box<dyn Error + Send + Sync>;

type Call<E> = dyn Fn(Recorded<E>) -> BoxFuture<'static, Result<(), HandlerError>> + Send + Sync;

/// A handler without its type.
pub(crate) struct Handler<E: Event>(Box<Call<E>>);

impl<E: Event> Handler<E> {
    pub(crate) fn new<H, F, R>(handler: H) -> Self
    where
        H: Fn(Recorded<E>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), R>> + Send + 'static,
        R: Into<HandlerError>,
    {
        Self(Box::new(move |event| {
            let handled = handler(event);
            Box::pin(async move { handled.await.map_err(Into::into) })
        }))
    }

    /// Calls the handler; a panic is a failure like another.
    pub(super) async fn call(&self, event: Recorded<E>) -> Result<(), String> {
        let called = catch_unwind(AssertUnwindSafe(|| (self.0)(event)));
        let mut handled = called.map_err(|panic| panicked(panic.as_ref()))?;
        let handled = std::future::poll_fn(|context| {
            let poll = || handled.as_mut().poll(context);
            match catch_unwind(AssertUnwindSafe(poll)) {
                Ok(poll) => poll.map(|handled| handled.map_err(|error| text(error.as_ref()))),
                Err(panic) => Poll::Ready(Err(panicked(panic.as_ref()))),
            }
        });
        handled.await
    }
}

fn text(error: &(dyn Error + Send + Sync + 'static)) -> String {
    crate::store::full_text(error)
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> String {
    format!("the handler panicked: {}", crate::panic::message(panic))
}
