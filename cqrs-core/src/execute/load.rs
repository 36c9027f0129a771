//! ③ Loading: the fold of a stream, as it is now or as it was.

use std::ops::{Bound, RangeBounds};

use chrono::{DateTime, Utc};

use super::LoadError;
use super::executor::Executor;
use crate::aggregate::Aggregate;
use crate::event::{DecodeError, EncodedEvent, Event, Recorded, StoredEvent, UnreadableEvent};
use crate::store::StoreError;
use crate::stream::StreamId;

/// How many events are loaded at once: enough that almost every stream takes one round trip.
const LOAD_PAGE: usize = 16_384;

/// How many events are read at once with all that is stored of them.
const READ_PAGE: usize = 1000;

/// An aggregate's state at a version.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded<A> {
    /// The state after the event of that version.
    pub state: A,
    /// How many events made it.
    pub version: u64,
}

impl<A: Aggregate> Default for Loaded<A> {
    fn default() -> Self {
        Self {
            state: A::initial(),
            version: 0,
        }
    }
}

/// A point in the past of an aggregate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AsOf {
    /// After the event of this version; of a shorter stream, after its last event.
    Version(u64),
    /// After the last event that was recorded at or before this moment. When an event is said to
    /// have happened (`occurred_at`) may lie in any order and does not count.
    Time(DateTime<Utc>),
}

/// One step in the life of an aggregate: what happened, and what it was afterwards.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HistoryEntry<A: Aggregate> {
    /// The event, with who, when and why.
    pub event: Recorded<A::Event>,
    /// The state after it.
    pub state: A,
}

impl Executor {
    /// The present state.
    pub(crate) async fn load<A: Aggregate>(
        &self,
        stream: &StreamId,
    ) -> Result<Loaded<A>, LoadError> {
        self.load_up_to(stream, u64::MAX).await
    }

    pub(crate) async fn load_as_of<A: Aggregate>(
        &self,
        stream: &StreamId,
        as_of: AsOf,
    ) -> Result<Loaded<A>, LoadError> {
        match as_of {
            AsOf::Version(version) => self.load_up_to(stream, version).await,
            AsOf::Time(time) => self.load_recorded_by(stream, time).await,
        }
    }

    /// The steps whose versions lie in the range.
    pub(crate) async fn history<A: Aggregate + Clone>(
        &self,
        stream: &StreamId,
        versions: impl RangeBounds<u64>,
    ) -> Result<Vec<HistoryEntry<A>>, LoadError> {
        let (first, last) = bounds(versions);
        let mut loaded: Loaded<A> = self.load_up_to(stream, first - 1).await?;
        let mut entries = Vec::new();
        while loaded.version < last {
            let left = usize::try_from(last - loaded.version).unwrap_or(usize::MAX);
            let limit = left.min(READ_PAGE);
            let page = self.read(stream, loaded.version, limit).await?;
            let complete = page.len() < limit;
            for stored in page {
                let event = stored.read::<A::Event>()?;
                // The fold takes the event, and the entry shows it.
                step(&mut loaded, stored)?;
                let state = loaded.state.clone();
                entries.push(HistoryEntry { event, state });
            }
            if complete {
                break;
            }
        }
        Ok(entries)
    }

    /// The state after the event of a version, or after the last one of a shorter stream.
    async fn load_up_to<A: Aggregate>(
        &self,
        stream: &StreamId,
        up_to: u64,
    ) -> Result<Loaded<A>, LoadError> {
        let mut loaded: Loaded<A> = self.snapshot(stream, up_to).await.unwrap_or_default();
        while loaded.version < up_to {
            let wanted = usize::try_from(up_to - loaded.version).unwrap_or(usize::MAX);
            let limit = wanted.min(LOAD_PAGE);
            let page = self.store.0.load(stream, loaded.version, limit).await;
            let page = page.map_err(|source| unreadable(stream, source))?;
            let complete = page.len() < limit;
            for event in page {
                let encoded = EncodedEvent {
                    name: &event.name,
                    schema_version: event.schema_version,
                    payload: &event.payload,
                };
                let decoded = match decode::<A::Event>(encoded) {
                    Ok(decoded) => decoded,
                    Err(reason) => return Err(self.located(stream, event.version, reason).await),
                };
                loaded.state.fold(decoded);
                loaded.version = event.version;
            }
            if complete {
                break;
            }
        }
        Ok(loaded)
    }

    /// A stream's time never runs backwards, so what was recorded by a moment is its beginning.
    async fn load_recorded_by<A: Aggregate>(
        &self,
        stream: &StreamId,
        time: DateTime<Utc>,
    ) -> Result<Loaded<A>, LoadError> {
        let mut loaded = Loaded::default();
        loop {
            let page = self.read(stream, loaded.version, READ_PAGE).await?;
            let complete = page.len() < READ_PAGE;
            for stored in page {
                if stored.recorded_at > time {
                    return Ok(loaded);
                }
                step(&mut loaded, stored)?;
            }
            if complete {
                return Ok(loaded);
            }
        }
    }

    /// A fold reads no positions; where it fails, that of the guilty event is worth a read.
    async fn located(&self, stream: &StreamId, version: u64, reason: DecodeError) -> LoadError {
        let page = self
            .read(stream, version.saturating_sub(1), 1)
            .await
            .unwrap_or_default();
        LoadError::Decode {
            stream: stream.clone(),
            version,
            position: page.first().map(|event| event.position),
            reason: Box::new(reason),
        }
    }

    async fn read(
        &self,
        stream: &StreamId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, LoadError> {
        let page = self.store.0.read_stream(stream, after, limit).await;
        page.map_err(|source| unreadable(stream, source))
    }
}

fn step<A: Aggregate>(loaded: &mut Loaded<A>, stored: StoredEvent) -> Result<(), LoadError> {
    let event = decode::<A::Event>(stored.encoded());
    let event = event.map_err(|reason| UnreadableEvent::new(&stored, reason))?;
    loaded.state.fold(event);
    loaded.version = stored.version;
    Ok(())
}

fn decode<E: Event>(event: EncodedEvent<'_>) -> Result<E, DecodeError> {
    E::decode(event)?.ok_or_else(|| DecodeError::unknown(event.name))
}

fn unreadable(stream: &StreamId, source: StoreError) -> LoadError {
    let stream = stream.clone();
    LoadError::Store { stream, source }
}

/// The first and the last version of a range; versions begin at 1.
fn bounds(versions: impl RangeBounds<u64>) -> (u64, u64) {
    let first = match versions.start_bound() {
        Bound::Included(version) => *version,
        Bound::Excluded(version) => version.saturating_add(1),
        Bound::Unbounded => 1,
    };
    let last = match versions.end_bound() {
        Bound::Included(version) => *version,
        Bound::Excluded(version) => version.saturating_sub(1),
        Bound::Unbounded => u64::MAX,
    };
    (first.max(1), last)
}
