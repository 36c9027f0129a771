//! ⑧ Opening a view: its table, its indexes, the SQL view of its plain name, its checkpoint.

use cqrs_core::store::StoreError;
use sqlx::{AssertSqlSafe, Row, query};

use super::table::{Table, quoted};
use crate::database::SqliteDatabase;
use crate::sql;

/// Something in the file that has a name of ours.
struct Named {
    kind: String,
    name: String,
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
    let find = query(AssertSqlSafe(text))
        .bind(table.schema.name)
        .bind(table.name.clone());
    let mut found = Vec::new();
    for row in writer.rows(find).await? {
        let (kind, name, sql) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        found.push(Named { kind, name, sql });
    }
    let changes = match changes(table, &found) {
        Ok(changes) => changes,
        Err(reason) => {
            writer.rollback().await?;
            writer.settle();
            return Ok(Some(reason));
        }
    };
    for change in changes {
        // Made once in the life of a file: not worth a place among the prepared statements.
        writer
            .execute(query(AssertSqlSafe(change)).persistent(false))
            .await?;
    }
    let text = format!("{} COMMIT", sql::INSERT_CHECKPOINT);
    let checkpoint = query(AssertSqlSafe(text))
        .bind(table.schema.name)
        .bind(table.fingerprint.clone());
    writer.execute(checkpoint).await?;
    writer.settle();
    Ok(None)
}

fn changes(table: &Table, found: &[Named]) -> Result<Vec<String>, String> {
    let mut changes = Vec::new();
    if !table.schema.has_rows() {
        return Ok(changes);
    }
    if !found
        .iter()
        .any(|named| named.kind == "table" && named.name == table.name)
    {
        changes.push(table.create_table());
    }
    let listed = table.indexes();
    let ours = format!("ix_{}", table.name);
    let index = |named: &&Named| named.kind == "index" && named.name.starts_with(&ours);
    for named in found.iter().filter(index) {
        if !listed.iter().any(|(name, _)| *name == named.name) {
            changes.push(format!("DROP INDEX {}", quoted(&named.name)));
        }
    }
    for (name, create) in listed {
        if !found.iter().any(|named| named.name == name) {
            changes.push(create);
        }
    }
    let plain = |named: &&Named| named.name.eq_ignore_ascii_case(table.schema.name);
    match found.iter().find(plain) {
        None => changes.push(table.create_view()),
        Some(view) if view.sql == table.create_view() => {}
        Some(view) if view.kind == "view" && table.is_ours(&view.sql) => {
            changes.push(format!("DROP VIEW {}", quoted(&view.name)));
            changes.push(table.create_view());
        }
        Some(other) => {
            let (kind, name) = (&other.kind, &other.name);
            return Err(format!(
                "the file has a {kind} `{name}` of its own; give the projection another name, or rename the {kind}"
            ));
        }
    }
    Ok(changes)
}
