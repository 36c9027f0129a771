//! ⑥ Where the log ends: the mark at or below which every event is final.

use std::sync::atomic::{AtomicU64, Ordering};

use cqrs_core::checkpoint::EventMark;
use cqrs_core::store::{LogHead, StoreError};
use cqrs_core::stream::Position;
use sqlx::Row;
use sqlx::postgres::PgRow;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::mark::SeenHolder;
use super::{integer, number, statement};
use crate::database::PostgresDatabase;

const OPERATION: &str = "read head";

/// Reads the mark for the whole process, one look at a time.
#[derive(Debug, Default)]
pub(crate) struct HeadReader {
    /// How many looks were begun.
    begun: AtomicU64,
    seen: Mutex<Seen>,
    /// The mark of `seen`, for who only asks whether a position is below it.
    mark: AtomicU64,
    pub(super) holder: SeenHolder,
}

#[derive(Debug, Default)]
struct Seen {
    head: Option<LogHead>,
    /// The number of the look that saw it.
    look: u64,
}

impl HeadReader {
    /// A head that was seen after this was called. Who waits for another's look to end shares the next.
    pub(super) async fn look(&self, database: &PostgresDatabase) -> Result<LogHead, StoreError> {
        let before = self.begun.load(Ordering::SeqCst);
        let mut seen = self.seen.lock().await;
        if let Some(head) = seen.head.filter(|_| seen.look > before) {
            return Ok(head);
        }
        let look = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let head = read(database, seen.head).await?;
        *seen = Seen {
            head: Some(head),
            look,
        };
        self.mark.store(head.position.get(), Ordering::SeqCst);
        Ok(head)
    }

    /// The position, or the mark where that is less: what is behind it may still be written before.
    pub(super) async fn at_most(
        &self,
        position: Position,
        database: &PostgresDatabase,
    ) -> Result<Position, StoreError> {
        if position.get() <= self.mark.load(Ordering::SeqCst) {
            return Ok(position);
        }
        Ok(position.min(self.look(database).await?.position))
    }
}

async fn read(database: &PostgresDatabase, known: Option<LogHead>) -> Result<LogHead, StoreError> {
    let mark = known.map_or(0, |head| integer(head.position.get()));
    let event = known.and_then(|head| head.event);
    let rows = database.read(OPERATION, || {
        statement(&database.sql.read_head)
            .bind(mark)
            .bind(event.map(|event| integer(event.position.get())))
            .bind(event.map(|event| event.id))
    });
    let rows = rows.await?;
    let place = database.place(OPERATION);
    let Some(row) = rows.first() else {
        return Err(place.damaged("the log has lost its identity"));
    };
    let (head, is_rewound) = head_of(row).map_err(|error| place.error(error))?;
    let is_other_log = known.is_some_and(|known| known.log_id != head.log_id);
    if is_rewound || is_other_log {
        return Err(place.unreachable(
            "its log was set back while this program followed it: it was restored, or a replica that lagged took over; start the program again, and each view will say whether it must be built anew",
        ));
    }
    Ok(head)
}

fn head_of(row: &PgRow) -> Result<(LogHead, bool), sqlx::Error> {
    let position: Option<i64> = row.try_get(2)?;
    let id: Option<Uuid> = row.try_get(3)?;
    let event = position.zip(id).map(|(position, id)| EventMark {
        position: Position::new(number(position)),
        id,
    });
    let head = LogHead {
        log_id: row.try_get(0)?,
        position: Position::new(number(row.try_get(1)?)),
        event,
    };
    Ok((head, row.try_get(4)?))
}
