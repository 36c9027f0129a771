//! ③ Snapshots: a cold load begins at one that fits, and nothing ever rests on one that does not.

#![allow(missing_docs, clippy::unwrap_used)]

use cqrs::doc::{AccountCommand, AccountEvent, AccountId, NoFunds};
use cqrs::prelude::*;
use cqrs::store::Stores;
use cqrs::{Aggregate, AsOf, StreamId};
use proptest::prelude::*;

/// An account that keeps a snapshot every so many events, with commands of its own.
macro_rules! account {
    ($module:ident, $every:literal, { $($field:tt)* }, $note:expr) => {
        mod $module {
            use super::*;

            #[derive(Aggregate, Default, Clone, Debug, PartialEq, Serialize, Deserialize)]
            #[aggregate(event = AccountEvent, rejection = NoFunds, snapshot_every = $every)]
            pub(super) struct Account {
                pub(super) balance: u64,
                pub(super) deposits: Vec<u64>,
                $($field)*
            }

            impl Apply for Account {
                fn apply(&mut self, event: AccountEvent) {
                    match event {
                        AccountEvent::Opened { .. } => {}
                        AccountEvent::Deposited { amount } => {
                            self.balance += amount;
                            self.deposits.push(amount);
                            $note(self, amount);
                        }
                        AccountEvent::Withdrawn { amount } => self.balance -= amount,
                    }
                }
            }

            #[derive(Command, Clone, Debug)]
            #[command(aggregate = Account, may_create(Deposit))]
            pub(super) enum Order {
                Deposit { id: AccountId, amount: u64, times: u8 },
            }

            impl Handle<Order> for Account {
                fn handle(&self, command: Order, _: &Context) -> Decision<Self> {
                    let Order::Deposit { amount, times, .. } = command;
                    let deposited = |_| AccountEvent::Deposited { amount };
                    Ok((0..times).map(deposited).collect())
                }
            }
        }
    };
}

account!(each, 1, {}, |_: &mut Account, _| {});
account!(often, 3, {}, |_: &mut Account, _| {});
account!(seldom, 50, {}, |_: &mut Account, _| {});
// A snapshot of `often` would read as this one, with the notes missing.
account!(
    reshaped,
    3,
    { #[serde(default, skip_serializing_if = "Vec::is_empty")] notes: Vec<u64> },
    |account: &mut Account, amount| account.notes.push(amount)
);

fn stream() -> StreamId {
    StreamId::new("account", "ada").unwrap()
}

/// Without a snapshot the whole stream is folded, event by event.
async fn replayed<A: Aggregate<Event = AccountEvent> + Default>(stores: &Stores) -> A {
    let events = stores.events.read_stream(&stream(), 0, 10_000).await;
    let mut state = A::default();
    for event in events.unwrap() {
        state.fold(event.decode().unwrap().unwrap().data);
    }
    state
}

async fn cold<A: Aggregate<Event = AccountEvent>>(stores: &Stores) -> A {
    let app = App::builder(stores.clone()).await.unwrap();
    app.load::<A>(&"ada".into()).await.unwrap().unwrap().state
}

/// Commands from a cold application, one after the other, whose amounts choose among the types;
/// snapshots are written when it is shut down.
async fn run(stores: &Stores, commands: &[(u64, u8)]) {
    let app = App::builder(stores.clone()).await.unwrap();
    for (amount, times) in commands {
        let (id, amount, times) = ("ada".into(), *amount, *times);
        let done = match amount % 4 {
            0 => {
                app.execute(each::Order::Deposit { id, amount, times })
                    .await
            }
            1 => {
                app.execute(often::Order::Deposit { id, amount, times })
                    .await
            }
            2 => {
                app.execute(seldom::Order::Deposit { id, amount, times })
                    .await
            }
            _ => {
                app.execute(reshaped::Order::Deposit { id, amount, times })
                    .await
            }
        };
        done.unwrap();
    }
    app.shutdown().await;
}

async fn same_as_replayed(stores: Stores, commands: Vec<Vec<(u64, u8)>>) {
    for commands in commands {
        run(&stores, &commands).await;
        // The types share the stream and its one snapshot: each ignores those of the others.
        assert_eq!(
            cold::<often::Account>(&stores).await,
            replayed(&stores).await
        );
        assert_eq!(
            cold::<each::Account>(&stores).await,
            replayed(&stores).await
        );
        assert_eq!(
            cold::<seldom::Account>(&stores).await,
            replayed(&stores).await
        );
        assert_eq!(
            cold::<reshaped::Account>(&stores).await,
            replayed(&stores).await
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_snapshot_and_what_follows_are_the_whole_stream(
        commands in prop::collection::vec(prop::collection::vec((1..100_u64, 1..8_u8), 1..6), 1..5)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(same_as_replayed(Stores::memory(), commands));
    }
}

#[tokio::test]
async fn what_a_command_decides_on_is_the_same_with_and_without_snapshots() {
    let stores = Stores::memory();
    run(&stores, &[(1, 7), (2, 1)]).await;
    let app = App::builder(stores.clone()).await.unwrap();
    let open = AccountCommand::Open {
        id: "ada".into(),
        owner: "Ada".into(),
    };
    let error = app.execute(open).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`open` on `account/ada`: it exists already"
    );
    let id = "ada".into();
    let past = app.load_as_of::<often::Account>(&id, AsOf::Version(4));
    assert_eq!(past.await.unwrap().unwrap().state.balance, 4);
    let steps = app
        .history::<often::Account>(&"ada".into(), 8..)
        .await
        .unwrap();
    assert_eq!(steps[0].state.balance, 9);
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use sqlx::{Connection, Row, SqliteConnection};

    use super::*;

    struct File {
        url: String,
        stores: Stores,
        _folder: tempfile::TempDir,
    }

    impl File {
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let url = format!("sqlite:{}", folder.path().join("bank.db").display());
            let stores = cqrs::sqlite::Sqlite::open(&url).await.unwrap().stores();
            Self {
                url,
                stores,
                _folder: folder,
            }
        }

        async fn change(&self, sql: &'static str) -> u64 {
            let mut file = SqliteConnection::connect(&self.url).await.unwrap();
            let done = sqlx::query(sql).execute(&mut file).await.unwrap();
            done.rows_affected()
        }

        async fn version(&self) -> i64 {
            let mut file = SqliteConnection::connect(&self.url).await.unwrap();
            let sql = "SELECT version FROM cqrs_snapshots";
            let row = sqlx::query(sql).fetch_one(&mut file).await.unwrap();
            row.get(0)
        }
    }

    #[tokio::test]
    async fn a_cold_load_begins_at_the_snapshot() {
        let file = File::new().await;
        run(&file.stores, &[(1, 2), (5, 2)]).await;
        assert_eq!(file.version().await, 4);
        // A state that no event made: only who reads the snapshot can see it.
        let changed =
            file.change(r#"UPDATE cqrs_snapshots SET state = '{"balance":70,"deposits":[]}'"#);
        assert_eq!(changed.await, 1);
        assert_eq!(cold::<often::Account>(&file.stores).await.balance, 70);
        run(&file.stores, &[(5, 1)]).await;
        assert_eq!(cold::<often::Account>(&file.stores).await.balance, 75);
    }

    #[tokio::test]
    async fn a_snapshot_that_does_not_fit_is_ignored() {
        let file = File::new().await;
        run(&file.stores, &[(1, 7)]).await;
        let whole: often::Account = replayed(&file.stores).await;
        for spoil in [
            r#"UPDATE cqrs_snapshots SET state = '{"balance":70}'"#,
            r#"UPDATE cqrs_snapshots SET state = '{"balance":70,"deposits":[],"owner":"Ada"}'"#,
            r#"UPDATE cqrs_snapshots SET state = '{"balance":70,"depos'"#,
            r#"UPDATE cqrs_snapshots SET state = '{"balance":70,"deposits":[]}', fingerprint = '0'"#,
        ] {
            assert_eq!(file.change(spoil).await, 1);
            assert_eq!(cold::<often::Account>(&file.stores).await, whole, "{spoil}");
        }
        // The table may be gone, and commands go on.
        file.change("DROP TABLE cqrs_snapshots").await;
        assert_eq!(cold::<often::Account>(&file.stores).await, whole);
        run(&file.stores, &[(1, 7)]).await;
        assert_eq!(cold::<often::Account>(&file.stores).await.balance, 14);
    }

    #[tokio::test]
    async fn snapshots_on_sqlite_and_what_follows_are_the_whole_stream() {
        let file = File::new().await;
        let commands = vec![vec![(3, 7)], vec![(1, 1), (2, 50)], vec![(9, 1)]];
        same_as_replayed(file.stores.clone(), commands).await;
    }
}
