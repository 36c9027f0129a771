//! ⑨ Reading a view: by key, by filter, page by page, and its changes as they happen.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_core::Stream;
use tokio::sync::broadcast;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

use super::{Cursor, Filter, Order, Page, QueryError};
use crate::projection::{Partition, Projection, ProjectionState, Source, WorkerHandle};
use crate::store::StoreError;
use crate::stream::Position;
use crate::view::{
    Answering, ColumnError, ColumnType, Row, Value, ViewQuery, ViewReader, ViewRowFilter, ViewTable,
};

/// A registered view: what queries begin with.
#[derive(Debug)]
pub(crate) struct Registered<P: Projection> {
    pub(crate) table: Table,
    pub(crate) worker: WorkerHandle,
    pub(crate) changes: broadcast::Sender<ViewChange<P::Key>>,
    pub(crate) source: Source,
}

/// `dyn ViewTable` without asking every store for a `Debug`.
pub(crate) struct Table(pub(crate) Arc<dyn ViewTable>);

impl std::fmt::Debug for Table {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ViewTable")
    }
}

/// A view to ask: `app.view::<Balance>()`.
///
/// # Example
///
/// ```
/// # use cqrs::doc::*;
/// use cqrs::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let app = App::in_memory().project::<Balance>().await?;
/// let open = AccountCommand::Open { id: "ada".into(), owner: "Ada".into() };
/// let receipt = app.execute(open).await?;
/// app.wait_for::<Balance>(receipt.position).await?;
///
/// let ada = app.view::<Balance>().get(&"ada".into()).await?;
/// assert_eq!(ada.unwrap().owner, "Ada");
///
/// let page = app.view::<Balance>()
///     .filter(Balance::OWNER.eq("Ada"))
///     .order_by(Balance::BALANCE.desc())
///     .page(20)
///     .await?;
/// assert_eq!(page.rows.len(), 1);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct View<P: Projection> {
    registered: Option<Arc<Registered<P>>>,
}

/// A question to a view: filters, an order, a place to begin at.
#[derive(Debug)]
pub struct Query<P: Projection> {
    view: View<P>,
    filters: Vec<Filter<P>>,
    order: Vec<Order<P>>,
    after: Option<Cursor>,
}

/// A change of a view: these rows are new, changed or gone.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ViewChange<K> {
    /// How far the view has come with it; of a divided view, the partition of these rows.
    pub position: Position,
    /// Which rows.
    pub keys: Changed<K>,
}

/// Which rows of a view changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed<K> {
    /// The rows with these keys.
    Keys(Vec<K>),
    /// Some rows: another process wrote the view, or the listener was too slow to be told each.
    Unknown,
}

impl<P: Projection> Registered<P> {
    /// The view once for each partition, for what each keeps of its own.
    pub(crate) fn partitions(&self) -> Vec<Arc<dyn ViewTable>> {
        let partitions = Partition::all(self.source.schema.partitions);
        let partition = |partition: Partition| self.table.0.partition(partition.index());
        partitions.map(partition).collect()
    }

    fn not_built(&self) -> QueryError {
        let status = self.worker.status.borrow();
        match &status.state {
            ProjectionState::Stopped(failure) => QueryError::Stopped(Arc::clone(failure)),
            _ => QueryError::Rebuilding {
                view: P::NAME,
                done: status.position.get(),
                total: status.head.get().max(status.position.get()),
            },
        }
    }
}

impl<P: Projection> View<P> {
    pub(crate) fn new(registered: Option<Arc<Registered<P>>>) -> Self {
        Self { registered }
    }

    pub(crate) fn registered(&self) -> Result<&Arc<Registered<P>>, QueryError> {
        self.registered.as_ref().ok_or(QueryError::NotRegistered {
            view: P::NAME,
            row: std::any::type_name::<P>(),
        })
    }

    /// What answers: the view, or its older rows until it is built.
    pub(super) fn reader(&self) -> Result<Arc<dyn ViewReader>, QueryError> {
        let registered = self.registered()?;
        // The status shows what answers, so its lock must not be asked for under this one.
        let answering = registered.worker.answering.borrow().clone();
        match answering {
            Answering::Itself => Ok(Arc::clone(&registered.table.0) as _),
            Answering::Older(older) => Ok(older),
            Answering::Nothing => Err(registered.not_built()),
        }
    }

    /// The row with this key.
    ///
    /// # Errors
    ///
    /// [`QueryError`] when the view is not registered or cannot be read.
    pub async fn get(&self, key: &P::Key) -> Result<Option<P>, QueryError> {
        Ok(self.get_many(std::slice::from_ref(key)).await?.pop())
    }

    /// The rows with these keys, in their order; keys without a row are left out.
    ///
    /// # Errors
    ///
    /// [`QueryError`] when the view is not registered or cannot be read.
    pub async fn get_many(&self, keys: &[P::Key]) -> Result<Vec<P>, QueryError> {
        let wanted: HashSet<&P::Key> = keys.iter().collect();
        let cells: Result<Vec<Value>, _> = wanted.into_iter().map(ColumnType::to_value).collect();
        let cells = cells.map_err(column::<P>)?;
        let rows = self.reader()?.get(&cells).await.map_err(store::<P>)?;
        let rows: HashMap<P::Key, P> = typed::<P>(rows)?
            .into_iter()
            .map(|row| (row.key().clone(), row))
            .collect();
        Ok(keys
            .iter()
            .filter_map(|key| rows.get(key).map(P::duplicate))
            .collect())
    }

    /// Only rows that pass the filter.
    pub fn filter(self, filter: Filter<P>) -> Query<P> {
        Query::new(self).filter(filter)
    }

    /// In this order, then by key.
    pub fn order_by(self, order: Order<P>) -> Query<P> {
        Query::new(self).order_by(order)
    }

    /// The first rows by key.
    ///
    /// # Errors
    ///
    /// [`QueryError`] when the view is not registered or cannot be read.
    pub async fn page(self, size: usize) -> Result<Page<P>, QueryError> {
        Query::new(self).page(size).await
    }

    /// The page that a cursor of [`View::page`] points at.
    pub fn after(self, cursor: Cursor) -> Query<P> {
        Query::new(self).after(cursor)
    }

    /// How many rows there are.
    ///
    /// # Errors
    ///
    /// [`QueryError`] when the view is not registered or cannot be read.
    pub async fn count(self) -> Result<u64, QueryError> {
        Query::new(self).count().await
    }

    /// The changes of the view from now on, for live pages.
    ///
    /// # Errors
    ///
    /// [`QueryError::NotRegistered`].
    pub fn changes(
        &self,
    ) -> Result<impl Stream<Item = ViewChange<P::Key>> + Send + Unpin + use<P>, QueryError> {
        let registered = self.registered()?;
        let status = registered.worker.status.clone();
        let changes = BroadcastStream::new(registered.changes.subscribe());
        Ok(changes.map(move |change| match change {
            Ok(change) => change,
            Err(BroadcastStreamRecvError::Lagged(_)) => ViewChange {
                position: status.borrow().position,
                keys: Changed::Unknown,
            },
        }))
    }
}

impl<P: Projection> Query<P> {
    fn new(view: View<P>) -> Self {
        Self {
            view,
            filters: Vec::new(),
            order: Vec::new(),
            after: None,
        }
    }

    /// Only rows that pass this filter as well.
    #[must_use]
    pub fn filter(mut self, filter: Filter<P>) -> Self {
        self.filters.push(filter);
        self
    }

    /// In this order where the ones before leave rows equal; the key comes last.
    #[must_use]
    pub fn order_by(mut self, order: Order<P>) -> Self {
        self.order.push(order);
        self
    }

    /// Only rows after the cursor of the page before.
    #[must_use]
    pub fn after(mut self, cursor: Cursor) -> Self {
        self.after = Some(cursor);
        self
    }

    /// The next `size` rows, and the cursor of the page after them.
    ///
    /// # Errors
    ///
    /// [`QueryError`] when the view is not registered or cannot be read, a value does not fit its
    /// column, or the cursor belongs to another query.
    pub async fn page(self, size: usize) -> Result<Page<P>, QueryError> {
        let schema = P::schema();
        // One row more tells whether there is a next page.
        let mut query = ViewQuery::first(size.saturating_add(1));
        query.order = self.order.iter().map(|order| order.by).collect();
        query.after = match &self.after {
            None => None,
            Some(cursor) => Some(cursor.cells(&schema, &query.order).map_err(|reason| {
                let view = P::NAME;
                QueryError::Cursor { view, reason }
            })?),
        };
        query.filters = row_filters(self.filters)?;
        let mut rows = self
            .view
            .reader()?
            .query(&query)
            .await
            .map_err(store::<P>)?;
        let more = rows.len() > size;
        rows.truncate(size);
        let next = rows.last().filter(|_| more).map(|last| {
            let columns = query.order.iter().map(|by| by.column).chain([schema.key]);
            let cells = columns.map(|column| last[column].clone()).collect();
            Cursor::new(&schema, &query.order, cells)
        });
        Ok(Page::new(typed(rows)?, next))
    }

    /// How many rows pass the filters.
    ///
    /// # Errors
    ///
    /// [`QueryError`] when the view is not registered or cannot be read, or a value does not fit
    /// its column.
    pub async fn count(self) -> Result<u64, QueryError> {
        let filters = row_filters(self.filters)?;
        self.view
            .reader()?
            .count(&filters)
            .await
            .map_err(store::<P>)
    }
}

pub(super) fn row_filters<P: Projection>(
    filters: Vec<Filter<P>>,
) -> Result<Vec<ViewRowFilter>, QueryError> {
    let schema = P::schema();
    let filters = filters.into_iter().map(|filter| {
        let filter = filter.into_row_filter()?;
        filter.admitted(&schema)
    });
    filters.collect::<Result<_, _>>().map_err(column::<P>)
}

pub(super) fn typed<P: Projection>(rows: Vec<Row>) -> Result<Vec<P>, QueryError> {
    let rows = rows.into_iter().map(P::from_row);
    rows.collect::<Result<_, _>>().map_err(column::<P>)
}

fn column<P: Projection>(reason: ColumnError) -> QueryError {
    QueryError::Column {
        view: P::NAME,
        reason,
    }
}

pub(super) fn store<P: Projection>(source: StoreError) -> QueryError {
    QueryError::Store {
        view: P::NAME,
        source,
    }
}
