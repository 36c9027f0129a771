//! The view store's contract: pages, checkpoints and leases.

use std::time::Duration;

use uuid::Uuid;

use super::sample::{LOG, NUMBER, WORD, at, claim, fill, ids, row, schema, text, write};
use crate::checkpoint::{ClaimOutcome, ClaimRequest};
use crate::projection::FoldError;
use crate::store::Stores;
use crate::stream::Position;
use crate::view::{
    ColumnKind, ColumnSchema, LoadedRows, PageWrite, Row, RowChanges, Test, Value, ViewRowFilter,
    ViewSchema, WritePageError,
};

pub async fn a_new_view_begins_where_it_is_told(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    assert_eq!(table.checkpoint().await.unwrap().log_id, None);
    let initial = at(17);
    let request = ClaimRequest::new(Uuid::from_u128(1), Duration::from_secs(60), &initial);
    let outcome = table.claim(request).await.unwrap();
    assert!(matches!(outcome, ClaimOutcome::Held { checkpoint, .. } if checkpoint == at(17)));
    assert_eq!(table.checkpoint().await.unwrap(), at(17));
    let again = ClaimRequest::new(Uuid::from_u128(1), Duration::from_secs(60), &initial);
    let outcome = table.claim(again).await.unwrap();
    assert!(matches!(outcome, ClaimOutcome::Held { claim, .. } if claim.epoch == 1));
}

pub async fn a_page_writes_rows_and_checkpoint_together(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let rows = vec![row("a", Some(1), None), row("b", None, Some("bee"))];
    fill(table.as_ref(), rows.clone()).await;
    assert_eq!(table.checkpoint().await.unwrap(), at(1));
    let mut found = table
        .get(&[text("b"), text("a"), text("missing"), text("b")])
        .await
        .unwrap();
    found.sort_by(|left, right| {
        ids(std::slice::from_ref(left)).cmp(&ids(std::slice::from_ref(right)))
    });
    assert_eq!(found, rows);
    assert_eq!(table.checkpoint().await.unwrap().log_id, Some(LOG));
}

pub async fn a_failing_fold_writes_nothing(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let claim = fill(table.as_ref(), vec![row("a", Some(1), None)]).await;
    let mut fold = |_| {
        Err(FoldError::Panicked {
            what: "`project`",
            message: "no".to_owned(),
        })
    };
    let to = at(2);
    let mut page = PageWrite::new(&claim, Position::new(1), &to, &mut fold);
    page.keys = vec![text("a")];
    let failed = table.write_page(page).await.unwrap_err();
    assert!(matches!(failed, WritePageError::Fold(_)));
    assert_eq!(table.checkpoint().await.unwrap(), at(1));
    write(table.as_ref(), &claim, 1..2, (&[], &[]), |_| {
        RowChanges::default()
    })
    .await
    .unwrap();
    assert_eq!(table.checkpoint().await.unwrap(), at(2));
}

pub async fn rows_are_changed_and_deleted(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let rows = vec![row("a", Some(1), None), row("b", Some(2), None)];
    let claim = fill(table.as_ref(), rows).await;
    let touched: &[&str] = &["a", "b", "c"];
    write(table.as_ref(), &claim, 1..2, (touched, &[]), |loaded| {
        assert!(matches!(loaded, LoadedRows::Keyed(rows) if rows.len() == 2));
        RowChanges {
            inserts: vec![row("c", Some(3), None)],
            updates: vec![row("a", Some(10), Some("x"))],
            updated_columns: vec![NUMBER, WORD],
            deletes: vec![text("b")],
        }
    })
    .await
    .unwrap();
    let rows = table
        .query(&crate::view::ViewQuery::first(10))
        .await
        .unwrap();
    assert_eq!(
        rows,
        [row("a", Some(10), Some("x")), row("c", Some(3), None)]
    );
}

/// Names that mean something to one store or another, in a view without a floating-point number.
pub async fn columns_may_have_the_names_of_a_store(stores: &Stores) {
    const NAMES: [&str; 10] = [
        "key", "value", "id", "type", "atom", "path", "column1", "column2", "wanted", "chunk",
    ];
    for key in 0..NAMES.len() {
        let mut schema = ViewSchema::new("names", key as u32 + 1);
        let column = |name| ColumnSchema::new(name, ColumnKind::Text);
        schema.columns = NAMES.into_iter().map(column).collect();
        schema.key = key;
        let table = stores.views.open(&schema).await.unwrap();
        let claim = claim(table.as_ref(), 1).await;
        let row = |text_of_others: &str| {
            let mut row = vec![text(text_of_others); NAMES.len()];
            row[key] = text("a");
            row
        };
        for (version, from) in ["x", "y"].into_iter().zip(0..) {
            let keys: &[&str] = &["a", "b"];
            write(
                table.as_ref(),
                &claim,
                from..from + 1,
                (keys, &[]),
                |loaded| {
                    let (LoadedRows::Keyed(loaded) | LoadedRows::Matching(loaded)) = loaded;
                    let updates: Vec<_> = loaded.iter().map(|_| row(version)).collect();
                    RowChanges {
                        inserts: vec![row(version); 1 - updates.len()],
                        updates,
                        updated_columns: (0..NAMES.len()).filter(|column| *column != key).collect(),
                        deletes: Vec::new(),
                    }
                },
            )
            .await
            .unwrap();
            assert_eq!(table.get(&[text("a")]).await.unwrap(), [row(version)]);
        }
    }
}

pub async fn a_filter_loads_its_rows(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let rows = vec![
        row("a", Some(1), None),
        row("b", Some(2), None),
        row("c", Some(1), None),
        row("d", Some(3), None),
    ];
    let claim = fill(table.as_ref(), rows).await;
    let (mut keyed, mut matching) = (Vec::new(), Vec::new());
    let keys: &[&str] = &["a", "b"];
    write(table.as_ref(), &claim, 1..2, (keys, &[ones()]), |loaded| {
        match loaded {
            LoadedRows::Keyed(rows) => keyed.extend(own_ids(&rows)),
            LoadedRows::Matching(rows) => matching.extend(own_ids(&rows)),
        }
        RowChanges::default()
    })
    .await
    .unwrap();
    keyed.sort_unstable();
    assert_eq!(keyed, ["a", "b"]);
    matching.retain(|id| id != "a");
    assert_eq!(matching, ["c"]);
}

/// More rows than a store loads at once, each of which no longer fits once it is changed.
pub async fn a_filter_finds_each_of_many_rows_once(stores: &Stores) {
    const ROWS: usize = 2500;
    let table = stores.views.open(&schema("places")).await.unwrap();
    let id = |number: usize| format!("{number:04}");
    let rows = (0..ROWS).map(|number| row(&id(number), Some(1), None));
    let claim = fill(table.as_ref(), rows.collect()).await;
    let mut seen = Vec::new();
    write(
        table.as_ref(),
        &claim,
        1..2,
        (&["0007"], &[ones()]),
        |loaded| {
            let (LoadedRows::Keyed(rows) | LoadedRows::Matching(rows)) = loaded;
            seen.extend(own_ids(&rows));
            to_twos(rows)
        },
    )
    .await
    .unwrap();
    assert!(
        seen[1..].is_sorted(),
        "part by part in the order of the keys"
    );
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), ROWS);
    let twos = ViewRowFilter {
        column: NUMBER,
        test: Test::Equals(Value::Integer(2)),
    };
    assert_eq!(table.count(&[twos]).await.unwrap(), ROWS as u64);
}

/// Also where parts of it have been written when it fails.
pub async fn a_fold_that_fails_late_writes_nothing(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let rows = (0..2500).map(|number| row(&format!("{number:04}"), Some(1), None));
    let claim = fill(table.as_ref(), rows.collect()).await;
    let mut fold = |loaded: LoadedRows| match loaded {
        LoadedRows::Keyed(rows) => Ok(to_twos(rows)),
        LoadedRows::Matching(rows) if !own_ids(&rows).contains(&"2400".to_owned()) => {
            Ok(to_twos(rows))
        }
        LoadedRows::Matching(_) => Err(FoldError::Panicked {
            what: "`project`",
            message: "no".to_owned(),
        }),
    };
    let (to, filters) = (at(2), [ones()]);
    let mut page = PageWrite::new(&claim, Position::new(1), &to, &mut fold);
    page.keys = vec![text("0007")];
    page.filters = &filters;
    let failed = table.write_page(page).await.unwrap_err();
    assert!(matches!(failed, WritePageError::Fold(_)));
    assert_eq!(table.checkpoint().await.unwrap(), at(1));
    assert_eq!(table.count(&[ones()]).await.unwrap(), 2500);
}

fn ones() -> ViewRowFilter {
    ViewRowFilter {
        column: NUMBER,
        test: Test::Equals(Value::Integer(1)),
    }
}

fn own_ids(rows: &[Row]) -> Vec<String> {
    ids(rows).into_iter().map(str::to_owned).collect()
}

fn to_twos(rows: Vec<Row>) -> RowChanges {
    let mut updates = rows;
    for row in &mut updates {
        row[NUMBER] = Value::Integer(2);
    }
    RowChanges {
        updates,
        updated_columns: vec![NUMBER],
        ..RowChanges::default()
    }
}

pub async fn a_stale_worker_is_fenced(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let stale = fill(table.as_ref(), vec![row("a", Some(1), None)]).await;
    table.release(&stale).await.unwrap();
    let fresh = claim(table.as_ref(), 2).await;
    assert!(fresh.epoch > stale.epoch);
    let late = write(table.as_ref(), &stale, 1..2, (&["a"], &[]), |_| {
        RowChanges {
            updates: vec![row("a", Some(99), None)],
            updated_columns: vec![NUMBER],
            ..RowChanges::default()
        }
    });
    assert!(matches!(late.await, Err(WritePageError::Fenced)));
    assert_eq!(
        table.get(&[text("a")]).await.unwrap(),
        [row("a", Some(1), None)]
    );
    assert_eq!(table.checkpoint().await.unwrap(), at(1));
    table.release(&stale).await.unwrap();
    write(table.as_ref(), &fresh, 1..2, (&[], &[]), |_| {
        RowChanges::default()
    })
    .await
    .unwrap();
}

/// None of its page's rows exists, in a view of texts alone, which a store may read in a way of its own.
pub async fn a_stale_worker_adds_no_row(stores: &Stores) {
    let mut names = ViewSchema::new("names", 1);
    names.columns = vec![ColumnSchema::new("name", ColumnKind::Text)];
    let table = stores.views.open(&names).await.unwrap();
    let stale = claim(table.as_ref(), 1).await;
    table.release(&stale).await.unwrap();
    claim(table.as_ref(), 2).await;
    let late = write(table.as_ref(), &stale, 0..1, (&["a"], &[]), |_| {
        RowChanges {
            inserts: vec![vec![text("a")]],
            ..RowChanges::default()
        }
    });
    assert!(matches!(late.await, Err(WritePageError::Fenced)));
    assert!(table.get(&[text("a")]).await.unwrap().is_empty());
    assert_eq!(table.checkpoint().await.unwrap(), at(0));
}

pub async fn a_worker_that_gave_back_its_lease_is_fenced(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let claim = fill(table.as_ref(), vec![row("a", Some(1), None)]).await;
    table.release(&claim).await.unwrap();
    let late = write(table.as_ref(), &claim, 1..2, (&[], &[]), |_| {
        RowChanges::default()
    });
    assert!(matches!(late.await, Err(WritePageError::Fenced)));
}

pub async fn a_page_from_elsewhere_is_fenced(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let claim = fill(table.as_ref(), vec![row("a", Some(1), None)]).await;
    let again = write(table.as_ref(), &claim, 0..1, (&[], &[]), |_| {
        RowChanges::default()
    })
    .await;
    assert!(matches!(again, Err(WritePageError::Fenced)));
}

pub async fn one_worker_holds_the_lease(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let first = claim(table.as_ref(), 1).await;
    let initial = at(0);
    let second = || ClaimRequest::new(Uuid::from_u128(2), Duration::from_secs(60), &initial);
    let refused = table.claim(second()).await.unwrap();
    assert!(matches!(refused, ClaimOutcome::HeldBy { holder, .. } if holder == Uuid::from_u128(1)));
    table.release(&first).await.unwrap();
    let taken = table.claim(second()).await.unwrap();
    assert!(matches!(taken, ClaimOutcome::Held { claim, .. } if claim.epoch == first.epoch + 1));

    let other = stores.views.open(&schema("others")).await.unwrap();
    let expired = ClaimRequest::new(Uuid::from_u128(1), Duration::ZERO, &initial);
    other.claim(expired).await.unwrap();
    let taken = other.claim(second()).await.unwrap();
    assert!(matches!(taken, ClaimOutcome::Held { claim, .. } if claim.epoch == 2));
}

pub async fn a_view_keeps_its_rows_when_opened_again(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    fill(table.as_ref(), vec![row("a", Some(1), None)]).await;
    let mut reindexed = schema("places");
    reindexed.indexes = vec![vec![6]];
    let again = stores.views.open(&reindexed).await.unwrap();
    assert_eq!(again.count(&[]).await.unwrap(), 1);
    assert_eq!(again.checkpoint().await.unwrap(), at(1));
    let mut changed = schema("places");
    changed.version = 2;
    let changed = stores.views.open(&changed).await.unwrap();
    assert_eq!(changed.count(&[]).await.unwrap(), 0);
    assert_eq!(changed.checkpoint().await.unwrap().log_id, None);
}

pub async fn views_do_not_mix(stores: &Stores) {
    let places = stores.views.open(&schema("places")).await.unwrap();
    let others = stores.views.open(&schema("others")).await.unwrap();
    fill(places.as_ref(), vec![row("a", Some(1), None)]).await;
    assert_eq!(others.count(&[]).await.unwrap(), 0);
    fill(others.as_ref(), vec![row("a", Some(2), None)]).await;
    assert_eq!(
        places.get(&[text("a")]).await.unwrap(),
        [row("a", Some(1), None)]
    );
}
