//! ⑧ Opening a view: its table, its indexes, the SQL view of its plain name, its checkpoint.

use chrono::Utc;
use cqrs_core::store::StoreError;
use cqrs_core::view::ViewSchema;
use sqlx::{AssertSqlSafe, Row, query};

use super::events::list;
use super::table::{Table, quoted};
use crate::binds::microseconds;
use crate::database::{SqliteDatabase, Writer};
use crate::sql;

/// Something in the file that has a name of ours.
struct Named {
    kind: String,
    name: String,
    table: String,
    sql: String,
}

/// Makes what is missing and drops indexes that are no longer listed, in one transaction.
pub(super) async fn create(database: &SqliteDatabase, table: &Table) -> Result<(), StoreError> {
    let place = database.place("open view");
    match try_create(database, table).await {
        Ok(None) => Ok(()),
        Ok(Some(reason)) => Err(place.failed(reason)),
        Err(error) => Err(place.error(error)),
    }
}

async fn try_create(
    database: &SqliteDatabase,
    table: &Table,
) -> Result<Option<String>, sqlx::Error> {
    let mut writer = database.writer().await?;
    let text = format!("BEGIN IMMEDIATE; {}", sql::FIND_NAMES);
    let found = find_names(&mut writer, &text, table).await?;
    let name = match other_kind(&mut writer, table).await? {
        None => plain_name(table, &found),
        Some(reason) => Err(reason),
    };
    let name = match name {
        Ok(name) => name,
        Err(reason) => {
            writer.rollback().await?;
            writer.settle();
            return Ok(Some(reason));
        }
    };
    let serves = table.schema.has_rows() && serves(&mut writer, table).await?;
    let mut changes = changes(table, &found);
    if serves {
        changes.extend(name);
    }
    make(&mut writer, changes).await?;
    keep_checkpoint(&mut writer, table, serves).await?;
    writer.execute(query("COMMIT")).await?;
    writer.settle();
    Ok(None)
}

/// Why the name cannot be had: one lease under it would stand for two things.
async fn other_kind(writer: &mut Writer<'_>, table: &Table) -> Result<Option<String>, sqlx::Error> {
    let name = table.schema.name;
    let subscription = ViewSchema::of_subscription(name).shape();
    let find = query(sql::FIND_OTHER_KIND)
        .bind(name)
        .bind(format!("{subscription:016x}"));
    let found = writer.rows(find).await?;
    let is_subscription = found.first().map(|row| row.try_get(0)).transpose()?;
    Ok(match (is_subscription, table.schema.has_rows()) {
        (Some(true), true) => Some(format!(
            "the file has a subscription `{name}`; give the projection another name"
        )),
        (Some(false), false) => Some(format!(
            "the file has a view `{name}`; give the subscription another name"
        )),
        _ => None,
    })
}

/// Makes the checkpoint, or tells the one that is there which events must be seen from now on.
async fn keep_checkpoint(
    writer: &mut Writer<'_>,
    table: &Table,
    serves: bool,
) -> Result<(), sqlx::Error> {
    let now = microseconds(Utc::now());
    let insert = query(sql::INSERT_CHECKPOINT)
        .bind(table.schema.name)
        .bind(table.fingerprint.clone())
        .bind(format!("{:016x}", table.schema.shape()))
        .bind(now)
        .bind(serves)
        .bind(list(&table.schema.events))
        .bind(partitions(&table.schema));
    writer.execute(insert).await?;
    let widen = query(sql::WIDEN_EVENTS)
        .bind(table.schema.name)
        .bind(table.fingerprint.clone())
        .bind(list(&table.schema.events))
        .bind(now);
    writer.execute(widen).await?;
    Ok(())
}

/// The numbers of a view's partitions, as JSON.
pub(super) fn partitions(schema: &ViewSchema) -> String {
    let numbers: Vec<_> = (0..schema.partitions.max(1))
        .map(|number| number.to_string())
        .collect();
    format!("[{}]", numbers.join(","))
}

/// Whether the table has the plain name: the first one takes it.
async fn serves(writer: &mut Writer<'_>, table: &Table) -> Result<bool, sqlx::Error> {
    let first = query(sql::SERVE_FIRST)
        .bind(table.schema.name)
        .bind(table.fingerprint.clone());
    writer.execute(first).await?;
    let serving = query(sql::READ_SERVING).bind(table.schema.name);
    let serving: String = writer.rows(serving).await?[0].try_get(0)?;
    Ok(serving == table.fingerprint)
}

/// Makes an empty table, in the transaction that is open.
pub(super) async fn create_table(
    writer: &mut Writer<'_>,
    table: &Table,
) -> Result<(), sqlx::Error> {
    make(writer, table.drop_table().to_vec()).await?;
    let found = find_names(writer, sql::FIND_NAMES, table).await?;
    make(writer, changes(table, &found)).await
}

/// Lets the plain name show the table, in the transaction that is open.
pub(super) async fn show(writer: &mut Writer<'_>, table: &Table) -> Result<(), sqlx::Error> {
    let found = find_names(writer, sql::FIND_NAMES, table).await?;
    // What somebody else has made under the name meanwhile stays; opening the view says so.
    make(writer, plain_name(table, &found).unwrap_or_default()).await
}

async fn find_names(
    writer: &mut Writer<'_>,
    text: &str,
    table: &Table,
) -> Result<Vec<Named>, sqlx::Error> {
    let find = query(AssertSqlSafe(text.to_owned()))
        .bind(table.schema.name)
        .bind(table.final_name.clone());
    let mut found = Vec::new();
    for row in writer.rows(find).await? {
        found.push(Named {
            kind: row.try_get(0)?,
            name: row.try_get(1)?,
            table: row.try_get(2)?,
            sql: row.try_get(3)?,
        });
    }
    Ok(found)
}

pub(super) async fn make(writer: &mut Writer<'_>, changes: Vec<String>) -> Result<(), sqlx::Error> {
    for change in changes {
        // Made once in the life of a file: not worth a place among the prepared statements.
        let change = query(AssertSqlSafe(change)).persistent(false);
        writer.execute(change).await?;
    }
    Ok(())
}

fn changes(table: &Table, found: &[Named]) -> Vec<String> {
    let mut changes = Vec::new();
    if !table.schema.has_rows() {
        return changes;
    }
    let exists = |named: &Named| named.kind == "table" && named.name == table.name;
    if !found.iter().any(exists) {
        changes.push(table.create_table());
        if table.is_searched() {
            changes.push(table.create_search());
        }
    }
    let listed = table.indexes();
    let prefix = format!("ix_{}", table.final_name);
    let is_own = |named: &&Named| {
        named.kind == "index" && named.table == table.name && named.name.starts_with(&prefix)
    };
    let own: Vec<&Named> = found.iter().filter(is_own).collect();
    for named in &own {
        if !listed.iter().any(|index| index.is_made_by(&named.sql)) {
            changes.push(format!("DROP INDEX {}", quoted(&named.name)));
        }
    }
    for index in &listed {
        if own.iter().any(|named| index.is_made_by(&named.sql)) {
            continue;
        }
        let taken = |name: &String| found.iter().any(|named| named.name == *name);
        let [first, second] = index.names();
        let name = if taken(&first) { second } else { first };
        changes.push(table.create_index(&name, index));
    }
    changes
}

/// How the plain name comes to show the table; an error where the name is somebody else's.
fn plain_name(table: &Table, found: &[Named]) -> Result<Vec<String>, String> {
    if !table.schema.has_rows() {
        return Ok(Vec::new());
    }
    let plain = |named: &&Named| named.name.eq_ignore_ascii_case(table.schema.name);
    match found.iter().find(plain) {
        None => Ok(vec![table.create_view()]),
        Some(view) if view.sql == table.create_view() => Ok(Vec::new()),
        Some(view) if view.kind == "view" && table.is_ours(&view.sql) => Ok(vec![
            format!("DROP VIEW {}", quoted(&view.name)),
            table.create_view(),
        ]),
        Some(other) => {
            let (kind, name) = (&other.kind, &other.name);
            Err(format!(
                "the file has a {kind} `{name}` of its own; give the projection another name, or rename the {kind}"
            ))
        }
    }
}
