//! The schema: numbered migrations, embedded and forward only.

use cqrs_core::store::StoreError;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor, query, query_scalar, raw_sql};

use crate::config::Migrations;
use crate::error::Place;
use crate::schema::Schema;
use crate::sql;

const MIGRATIONS: [&str; 15] = [
    include_str!("../migrations/0001_create_log.sql"),
    include_str!("../migrations/0002_create_events.sql"),
    include_str!("../migrations/0003_create_streams.sql"),
    include_str!("../migrations/0004_create_snapshots.sql"),
    include_str!("../migrations/0005_refuse_event_change.sql"),
    include_str!("../migrations/0006_create_append_events.sql"),
    include_str!("../migrations/0007_create_read_head.sql"),
    include_str!("../migrations/0008_revoke_rights.sql"),
    include_str!("../migrations/0009_create_checkpoints.sql"),
    include_str!("../migrations/0010_create_views.sql"),
    include_str!("../migrations/0011_create_dead_letters.sql"),
    include_str!("../migrations/0012_create_letter_requests.sql"),
    include_str!("../migrations/0013_create_standbys.sql"),
    include_str!("../migrations/0014_create_append_plain_events.sql"),
    include_str!("../migrations/0015_create_roles.sql"),
];

const KNOWN: usize = MIGRATIONS.len();

/// Brings the schema to the newest migration, in the transaction that is open, or says what it lacks.
pub(crate) async fn prepare(
    connection: &mut PgConnection,
    schema: &Schema,
    migrations: Migrations,
    place: &Place<'_>,
) -> Result<(), StoreError> {
    let error = |error| place.error(error);
    let found = version(connection, schema, place).await?;
    if found == KNOWN {
        return Ok(());
    }
    if migrations == Migrations::Require {
        return Err(place.unreachable(format!(
            "its schema `{}` has seen migration {found} of {KNOWN}, and this program may not change it; run `Postgres::migrations_sql` on it",
            schema.name()
        )));
    }
    let lock = query(sql::LOCK_MIGRATIONS)
        .bind(schema.name())
        .persistent(false);
    lock.execute(&mut *connection).await.map_err(error)?;
    // Another node may have been faster.
    let found = version(connection, schema, place).await?;
    if found < KNOWN {
        let script = script_from(schema, found);
        let run = connection.execute(raw_sql(AssertSqlSafe(script)));
        run.await.map_err(error)?;
        tracing::debug!(
            schema = schema.name(),
            from = found,
            to = KNOWN,
            "applied migrations"
        );
    }
    Ok(())
}

/// The newest migration that was applied; 0 where there is none.
async fn version(
    connection: &mut PgConnection,
    schema: &Schema,
    place: &Place<'_>,
) -> Result<usize, StoreError> {
    let error = |error| place.error(error);
    let find = query_scalar(sql::FIND_MIGRATIONS)
        .bind(schema.name())
        .persistent(false);
    let has_migrations: bool = find.fetch_one(&mut *connection).await.map_err(error)?;
    if !has_migrations {
        return Ok(0);
    }
    let read = AssertSqlSafe(schema.fill(sql::READ_SCHEMA_VERSION));
    let found: i32 = query_scalar(read)
        .persistent(false)
        .fetch_one(connection)
        .await
        .map_err(error)?;
    let found = usize::try_from(found).unwrap_or(0);
    if found > KNOWN {
        return Err(StoreError::NewerSchema {
            store: format!("{} (schema `{}`)", place.store, schema.name()),
            found: found as u64,
            known: KNOWN as u64,
        });
    }
    Ok(found)
}

/// What the migrations after this one come to.
fn script_from(schema: &Schema, found: usize) -> String {
    let mut script = begin(schema);
    for (number, migration) in (1..).zip(MIGRATIONS).skip(found) {
        script.push_str(&schema.fill(migration));
        let insert: String = sql::INSERT_MIGRATION.replace("{number}", &u64::to_string(&number));
        script.push_str(&schema.fill(&insert));
    }
    script.push_str(&schema.fill(sql::GRANT_RIGHTS));
    script
}

/// All migrations, each applied only where it was not yet.
pub(crate) fn script(schema: &Schema) -> String {
    let lock = sql::LOCK_MIGRATIONS.replace("$1", &literal(schema));
    let mut script = format!("BEGIN;\n\n{lock}\n{}", begin(schema));
    for (number, migration) in (1..).zip(MIGRATIONS) {
        let apply = sql::APPLY_MIGRATION
            .replace("{number}", &u64::to_string(&number))
            .replace("{migration}", migration);
        script.push('\n');
        script.push_str(&schema.fill(&apply));
    }
    script.push('\n');
    script.push_str(&schema.fill(sql::GRANT_RIGHTS));
    script.push_str("\nCOMMIT;\n");
    script
}

fn begin(schema: &Schema) -> String {
    let create = sql::CREATE_MIGRATIONS.replace("{name}", &literal(schema));
    schema.fill(&create)
}

fn literal(schema: &Schema) -> String {
    format!("'{}'", schema.name())
}
