//! The roles of the script have the rights that they need, and no others.

#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use cqrs_core::checkpoint::{Checkpoint, ClaimOutcome, ClaimRequest};
use cqrs_core::snapshot::{SnapshotStore, StoredSnapshot};
use cqrs_core::store::{EventAppender, LogReader, ReadLog, StreamReader};
use cqrs_core::stream::{Expected, Position};
use cqrs_core::view::{
    BuildOutcome, ColumnKind, ColumnSchema, LetterOrder, SwapOutcome, ViewSchema, ViewStore,
};
use cqrs_postgres::Postgres;
use postgres_server::Database;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, raw_sql};
use uuid::Uuid;

use common::{append, open, stream};

/// A database with its roles, and logins that are members of them.
struct Roles {
    database: Database,
    prefix: String,
}

async fn run(owner: &mut PgConnection, sql: String) {
    owner.execute(raw_sql(AssertSqlSafe(sql))).await.unwrap();
}

impl Roles {
    async fn create() -> Self {
        let (_postgres, database) = open().await;
        let prefix = database.name().replace("cqrs_test", "t");
        let mut owner = database.connect().await.unwrap();
        let script = Postgres::roles_sql("cqrs", &prefix).unwrap();
        for _ in 0..2 {
            run(&mut owner, script.clone()).await;
        }
        let roles = Self { database, prefix };
        for (login, role) in [("a", "application"), ("b", "application"), ("r", "reader")] {
            let (login, role) = (roles.name(login), roles.name(role));
            let create = format!(
                "CREATE ROLE {login} LOGIN PASSWORD 'secret' IN ROLE {role};
                ALTER ROLE {login} SET role = '{role}'"
            );
            run(&mut owner, create).await;
        }
        roles
    }

    fn name(&self, role: &str) -> String {
        format!("{}_{role}", self.prefix)
    }

    async fn open_as(&self, login: &str) -> Postgres {
        let url = self.database.url_as(&self.name(login), "secret");
        Postgres::open(&url).await.unwrap()
    }

    async fn connect_as(&self, login: &str) -> PgConnection {
        let options = self.database.options().username(&self.name(login));
        options.password("secret").connect().await.unwrap()
    }

    async fn drop(self) {
        let mut owner = self.database.connect().await.unwrap();
        for role in ["a", "b", "r", "application", "reader"] {
            let role = self.name(role);
            run(
                &mut owner,
                format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}"),
            )
            .await;
        }
        let role = self.name("owner");
        run(
            &mut owner,
            format!(
                "REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}; DROP ROLE {role}"
            ),
        )
        .await;
    }
}

async fn are_refused(raw: &mut PgConnection, statements: &[&'static str]) {
    for statement in statements {
        let refused = raw.execute(*statement).await;
        let Err(refused) = refused else {
            panic!("it is not refused: {statement}");
        };
        let code = refused.as_database_error().unwrap().code().unwrap();
        assert_eq!(code, "42501", "insufficient_privilege: {statement}");
    }
}

/// What nobody may but the owner of the tables.
const OWNERS: [&str; 14] = [
    "INSERT INTO cqrs.events SELECT * FROM cqrs.events",
    "UPDATE cqrs.events SET version = 7",
    "DELETE FROM cqrs.events",
    "TRUNCATE cqrs.events",
    "ALTER TABLE cqrs.events DISABLE TRIGGER ALL",
    "UPDATE cqrs.streams SET version = 7",
    "DELETE FROM cqrs.streams",
    "DELETE FROM cqrs.log",
    "SELECT nextval('cqrs.events_position_seq')",
    "SELECT setval('cqrs.events_position_seq', 1)",
    "INSERT INTO cqrs.migrations (number) VALUES (99)",
    "UPDATE cqrs.roles SET application = 'somebody'",
    "SELECT cqrs.grant_rights()",
    "CREATE TABLE cqrs.mine (number integer)",
];

#[tokio::test]
async fn an_application_does_all_that_it_needs_and_nothing_else() {
    let roles = Roles::create().await;
    // A second login makes, replaces and drops what the first one has made.
    for login in ["a", "b"] {
        let postgres = roles.open_as(login).await;
        rebuild_a_view(&postgres).await;
        let events = postgres.events();
        let batch = [append(login, Expected::NoStream, 2)];
        let appended = events.append(&batch).await.unwrap();
        let position = appended[0].as_ref().unwrap().position;
        assert_eq!(events.head().await.unwrap().position, position);
        let request = ReadLog::between(Position::START, position, 10);
        assert!(events.read_log(&request).await.unwrap().len() >= 2);
        let snapshot = StoredSnapshot::new(1, 7, "{}");
        for _ in 0..2 {
            let saved = events.save_snapshot(&stream(login), &snapshot).await;
            saved.unwrap();
        }
        let found = events.load_snapshot(&stream(login), 7).await.unwrap();
        assert!(found.is_some());
        assert!(events.mark().await.unwrap().is_some());
    }
    are_refused(&mut roles.connect_as("a").await, &OWNERS).await;
    roles.drop().await;
}

#[tokio::test]
async fn a_reader_reads_events_and_views_and_nothing_else() {
    let roles = Roles::create().await;
    let application = roles.open_as("a").await;
    rebuild_a_view(&application).await;
    let batch = [append("a", Expected::NoStream, 2)];
    let appended = application.events().append(&batch).await.unwrap();
    let position = appended[0].as_ref().unwrap().position;

    let reader = roles.open_as("r").await.events();
    assert_eq!(reader.head().await.unwrap().position, position);
    let request = ReadLog::between(Position::START, position, 10);
    assert_eq!(reader.read_log(&request).await.unwrap().len(), 2);
    assert_eq!(
        reader.read_stream(&stream("a"), 0, 9).await.unwrap().len(),
        2
    );
    let refused = reader.append(&[append("a", Expected::Any, 1)]).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("permission denied"), "{refused}");

    let mut raw = roles.connect_as("r").await;
    for read in [
        "SELECT * FROM cqrs_views.names",
        "SELECT * FROM cqrs.events",
    ] {
        raw.execute(read).await.unwrap();
    }
    are_refused(&mut raw, &OWNERS).await;
    let views = [
        "DELETE FROM cqrs_views.names",
        "CREATE TABLE cqrs_views.mine (number integer)",
        "UPDATE cqrs.checkpoints SET position = 0",
        "DELETE FROM cqrs.dead_letters",
        "INSERT INTO cqrs.snapshots VALUES ('c', 's', 1, 'f', '{}')",
    ];
    are_refused(&mut raw, &views).await;
    roles.drop().await;
}

#[tokio::test]
async fn roles_that_were_given_before_lose_their_rights() {
    let roles = Roles::create().await;
    let former = roles.open_as("a").await.events();
    let batch = [append("a", Expected::NoStream, 2)];
    former.append(&batch).await.unwrap()[0].as_ref().unwrap();
    let mut owner = roles.database.connect().await.unwrap();
    let other = format!("{}_other", roles.prefix);
    run(&mut owner, Postgres::roles_sql("cqrs", &other).unwrap()).await;
    let batch = [append("b", Expected::NoStream, 2)];
    assert!(former.append(&batch).await.is_err());
    let mut raw = roles.connect_as("r").await;
    are_refused(&mut raw, &["SELECT 1 FROM cqrs.events"]).await;
    let back = Postgres::roles_sql("cqrs", &roles.prefix).unwrap();
    run(&mut owner, back).await;
    for role in ["application", "reader", "owner"] {
        let role = format!("{other}_{role}");
        run(
            &mut owner,
            format!("DROP OWNED BY {role}; DROP ROLE {role}"),
        )
        .await;
    }
    former.append(&batch).await.unwrap()[0].as_ref().unwrap();
    roles.drop().await;
}

#[tokio::test]
async fn migrations_grant_what_the_roles_need_of_them() {
    let roles = Roles::create().await;
    let mut owner = roles.database.connect().await.unwrap();
    let application = roles.name("application");
    let revoke = format!(
        "REVOKE ALL ON FUNCTION cqrs.append_events, cqrs.append_plain_events FROM {application}"
    );
    run(&mut owner, revoke).await;
    let events = roles.open_as("a").await.events();
    let batch = [append("a", Expected::NoStream, 2)];
    assert!(events.append(&batch).await.is_err());
    run(&mut owner, Postgres::migrations_sql("cqrs").unwrap()).await;
    events.append(&batch).await.unwrap()[0].as_ref().unwrap();
    roles.drop().await;
}

/// A dump is restored where nobody has made the roles yet.
#[tokio::test]
async fn migrations_run_where_the_roles_are_not_there() {
    let (_postgres, database) = open().await;
    let mut owner = database.connect().await.unwrap();
    let sql = "INSERT INTO cqrs.roles VALUES ('no_owner', 'no_application', 'no_reader')";
    owner.execute(sql).await.unwrap();
    run(&mut owner, Postgres::migrations_sql("cqrs").unwrap()).await;
}

#[test]
fn names_that_could_leave_their_place_are_refused() {
    for name in ["", "Shop", "a'b", "pg_shop", &"x".repeat(52)] {
        let refused = Postgres::roles_sql("cqrs", name).unwrap_err().to_string();
        assert!(refused.contains("1 to 51 characters"), "{refused}");
    }
    assert!(Postgres::roles_sql("a b", "shop").is_err());
}

/// What makes, writes, renames and drops tables.
async fn rebuild_a_view(postgres: &Postgres) {
    let mut schema = ViewSchema::new("names", 1);
    schema.columns = vec![ColumnSchema::new("name", ColumnKind::Text)];
    schema.indexes = vec![vec![0]];
    schema.full_text = vec![0];
    schema.partitions = 2;
    let views = postgres.views();
    let table = views.open(&schema).await.unwrap();
    let log = postgres.events().head().await.unwrap().log_id;
    let initial = Checkpoint::new(log, Position::START, None);
    let request = ClaimRequest::new(log, Duration::from_secs(60), &initial);
    let claimed = table.partition(1).claim(request.clone()).await.unwrap();
    let ClaimOutcome::Held { claim, .. } = claimed else {
        panic!("it is free: {claimed:?}");
    };
    table.partition(1).release(&claim).await.unwrap();
    let built = views.build(&schema, request).await.unwrap();
    let BuildOutcome::Held { table: new, claim } = built else {
        panic!("it is free: {built:?}");
    };
    let order = LetterOrder::RetryAll;
    new.letters().ask(Uuid::new_v4(), &order).await.unwrap();
    let swapped = new.swap(&claim, None).await.unwrap();
    assert_eq!(swapped, SwapOutcome::Swapped);
    assert_eq!(table.count(&[]).await.unwrap(), 0);
}
