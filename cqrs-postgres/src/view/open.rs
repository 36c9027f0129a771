//! ⑧ Opening a view: its table, its indexes, the SQL view of its plain name, its checkpoint.

use std::sync::Arc;

use cqrs_core::store::StoreError;
use cqrs_core::view::ViewSchema;
use sqlx::{AssertSqlSafe, Row, query};

use super::lease::names;
use super::table::{Table, quoted};
use crate::binds::statement;
use crate::database::{Fault, PostgresDatabase, Statement, Transaction};
use crate::sql::{SET_FOR_CHANGE, Statements};

/// Something in the schema of the views that has a name of ours.
#[derive(Debug, Default)]
struct Named {
    kind: String,
    name: String,
    columns: String,
    /// Of an SQL view: the relations that it shows.
    shown: String,
}

/// Why a view is not opened.
enum Refusal {
    Fault(Fault),
    Name(String),
}

impl<T: Into<Fault>> From<T> for Refusal {
    fn from(fault: T) -> Self {
        Refusal::Fault(fault.into())
    }
}

/// Makes what is missing and drops indexes that are no longer listed, in one transaction.
pub(super) async fn create(database: &PostgresDatabase, table: &Table) -> Result<(), StoreError> {
    let place = database.place("open view");
    let created = try_create(database, table).await;
    created.map_err(|refusal| match refusal {
        Refusal::Fault(fault) => place.fault(fault),
        Refusal::Name(reason) => place.failed(reason),
    })
}

async fn try_create(database: &PostgresDatabase, table: &Table) -> Result<(), Refusal> {
    let sql = &database.sql;
    let mut transaction = begin_change(database, table).await?;
    if let Some(reason) = other_kind(&mut transaction, sql, table).await? {
        transaction.rollback().await?;
        return Err(Refusal::Name(reason));
    }
    let serves = table.schema.has_rows() && serves(&mut transaction, sql, table).await?;
    if table.schema.has_rows() {
        create_table(&mut transaction, sql, table).await?;
    }
    if serves && let Err(reason) = show(&mut transaction, sql, table).await? {
        transaction.rollback().await?;
        return Err(Refusal::Name(reason));
    }
    keep_checkpoint(&mut transaction, sql, table, serves).await?;
    transaction.commit().await?;
    Ok(())
}

/// A transaction that may change which tables the view has. Nobody else does, and nobody writes a page
/// of it, until it ends.
pub(super) async fn begin_change<'d>(
    database: &'d PostgresDatabase,
    table: &Table,
) -> Result<Transaction<'d>, Fault> {
    let mut transaction = database.begin_long(SET_FOR_CHANGE).await?;
    let lock = statement(&database.sql.lock_view)
        .bind(table.place.clone())
        .bind(table.schema.name);
    transaction.execute(lock).await?;
    let lock = statement(&database.sql.lock_checkpoints).bind(table.schema.name);
    transaction.execute(lock).await?;
    Ok(transaction)
}

/// Why the name cannot be had: one lease under it would stand for two things.
async fn other_kind(
    transaction: &mut Transaction<'_>,
    sql: &Statements,
    table: &Table,
) -> Result<Option<String>, Fault> {
    let name = table.schema.name;
    let subscription = ViewSchema::of_subscription(name).shape();
    let find = statement(&sql.find_other_kind)
        .bind(name)
        .bind(format!("{subscription:016x}"));
    let found = transaction.rows(find).await?;
    let is_subscription = found.first().map(|row| row.try_get(0)).transpose()?;
    Ok(match (is_subscription, table.schema.has_rows()) {
        (Some(true), true) => Some(format!(
            "the database has a subscription `{name}`; give the projection another name"
        )),
        (Some(false), false) => Some(format!(
            "the database has a view `{name}`; give the subscription another name"
        )),
        _ => None,
    })
}

/// Makes the checkpoint, or tells the one that is there which events must be seen from now on.
async fn keep_checkpoint(
    transaction: &mut Transaction<'_>,
    sql: &Statements,
    table: &Table,
    serves: bool,
) -> Result<(), Fault> {
    let insert = table
        .named_in(statement(&sql.insert_checkpoint))
        .bind(format!("{:016x}", table.schema.shape()))
        .bind(serves)
        .bind(&table.schema.events)
        .bind(table.partitions());
    transaction.execute(insert).await?;
    let widen = table.named_in(statement(&sql.widen_events));
    transaction.execute(widen.bind(&table.schema.events)).await
}

/// Whether the table has the plain name: the first one takes it.
async fn serves(
    transaction: &mut Transaction<'_>,
    sql: &Statements,
    table: &Table,
) -> Result<bool, Fault> {
    let first = table.named_in(statement(&sql.serve_first));
    transaction.execute(first).await?;
    let serving = statement(&sql.read_serving).bind(table.schema.name);
    let serving = names(&transaction.rows(serving).await?)?;
    Ok(serving.first() == Some(&table.fingerprint))
}

/// Makes the table and its indexes where they are missing.
pub(super) async fn create_table(
    transaction: &mut Transaction<'_>,
    sql: &Statements,
    table: &Table,
) -> Result<(), Fault> {
    let found = find_names(transaction, sql, table).await?;
    let mut changes = Vec::new();
    if !found.iter().any(|named| named.name == table.name) {
        changes.push(table.create_table());
        changes.extend(table.create_search());
    }
    let find = statement(&sql.find_indexes)
        .bind(table.place.clone())
        .bind(table.name.clone());
    let found = names(&transaction.rows(find).await?)?;
    let listed = table.indexes();
    let is_listed = |name: &String| listed.iter().any(|index| index.name == *name);
    let is_own = |name: &&String| name.starts_with(&table.index_prefix());
    for name in found.iter().filter(is_own).filter(|name| !is_listed(name)) {
        changes.push(format!("DROP INDEX {}", table.in_place(name)));
    }
    for index in listed.iter().filter(|index| !found.contains(&index.name)) {
        changes.push(table.create_index(index));
    }
    make(transaction, changes).await
}

/// Lets the plain name show the table; an error where the name is somebody else's.
pub(super) async fn show(
    transaction: &mut Transaction<'_>,
    sql: &Statements,
    table: &Table,
) -> Result<Result<(), String>, Fault> {
    let found = find_names(transaction, sql, table).await?;
    let with_name = |name: &str| found.iter().find(|named| named.name == name);
    let columns = with_name(&table.name).map(|table| table.columns.as_str());
    let changes = match with_name(table.schema.name) {
        None => vec![table.create_view()],
        Some(view) if view.kind == "v" && table.is_ours(&view.shown) => {
            // Replaced it keeps what was granted on it; other columns it cannot take.
            let drop = format!("DROP VIEW {}", table.plain_name());
            let is_equal = Some(view.columns.as_str()) == columns;
            let drop = (!is_equal).then_some(drop);
            drop.into_iter().chain([table.create_view()]).collect()
        }
        Some(_) => {
            let (place, name) = (quoted(&table.place), table.schema.name);
            return Ok(Err(format!(
                "the schema {place} has something else by the name `{name}`; rename it, or give the projection another name"
            )));
        }
    };
    make(transaction, changes).await.map(Ok)
}

async fn find_names(
    transaction: &mut Transaction<'_>,
    sql: &Statements,
    table: &Table,
) -> Result<Vec<Named>, Fault> {
    let find = statement(&sql.find_names)
        .bind(table.place.clone())
        .bind(table.schema.name)
        .bind(table.name.clone());
    let mut found = Vec::new();
    for row in transaction.rows(find).await? {
        found.push(Named {
            kind: row.try_get(0)?,
            name: row.try_get(1)?,
            columns: row.try_get(2)?,
            shown: row.try_get(3)?,
        });
    }
    Ok(found)
}

pub(super) async fn make(
    transaction: &mut Transaction<'_>,
    changes: Vec<String>,
) -> Result<(), Fault> {
    for change in changes {
        // Made once in the life of a database: not worth a place among the prepared statements.
        let change = query(AssertSqlSafe(Arc::<str>::from(change))).persistent(false);
        transaction.execute(change).await?;
    }
    Ok(())
}

impl Table {
    /// Which view a statement is about: its first two parameters.
    pub(super) fn named_in<'q>(&self, statement: Statement<'q>) -> Statement<'q> {
        let statement = statement.bind(self.schema.name);
        statement.bind(self.fingerprint.clone())
    }

    pub(super) fn partitions(&self) -> i32 {
        i32::try_from(self.schema.partitions.max(1)).unwrap_or(i32::MAX)
    }
}
