//! Without the log's order, a projection sees the events of a page backwards.

use cqrs::StoredEvent;

/// The last one stays where it is: it says how far the page reaches, and is no part of the order.
pub(super) fn reverse(page: &mut [StoredEvent]) {
    if let Some((_, before)) = page.split_last_mut() {
        before.reverse();
    }
}
