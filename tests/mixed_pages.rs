//! ⑦ Pages that mix everything a projection can do: one row, many rows, every row with a value, and
//! rows that go, each change after the one before it.

#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;

use cqrs::prelude::*;
use cqrs::projection::ProjectionOptions;
use cqrs::store::{Append, NewEvent, Stores, StreamWrite};
use cqrs::{Expected, Position, StreamId};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Id)]
pub struct ShelfId(String);

#[derive(Event, Serialize, Deserialize, Debug, Clone)]
#[event(prefix = "shelf", id = ShelfId)]
pub enum ShelfEvent {
    Added { code: u8, brand: u8 },
    Removed { code: u8 },
    BrandRenamed { from: u8, to: u8 },
    BrandPraised { brand: u8 },
    Restocked { codes: Vec<u8> },
    SoldOut { brand: u8 },
}

/// The text of each row tells in which order its changes came.
#[derive(Projection, Clone, Debug, PartialEq)]
#[projection(name = "shelf_items", events(ShelfEvent), index(brand, praised))]
pub struct Item {
    code: u8,
    brand: u8,
    praised: u32,
    story: String,
}

impl Project<ShelfEvent> for Item {
    fn project(event: &Recorded<ShelfEvent>, rows: &mut Rows<Self>) {
        match &event.data {
            ShelfEvent::Added { code, brand } => rows.upsert(code, |row| {
                row.brand = *brand;
                row.story.push('a');
            }),
            ShelfEvent::Removed { code } => rows.delete(code),
            ShelfEvent::BrandRenamed { from, to } => rows.update_where(Item::BRAND, *from, |row| {
                row.brand = *to;
                row.story.push('n');
            }),
            ShelfEvent::BrandPraised { brand } => rows.update_where(Item::BRAND, *brand, |row| {
                row.praised += 1;
                row.story.push('p');
            }),
            ShelfEvent::Restocked { codes } => {
                for code in codes {
                    rows.update(code, |row| row.story.push('r'));
                }
            }
            ShelfEvent::SoldOut { brand } => {
                rows.update_where(Item::BRAND, *brand, |row| row.story.push('s'));
                rows.update_where(Item::PRAISED, 0_u32, |row| row.praised = 1);
            }
        }
    }
}

/// The same without pages, keys and filters.
fn fold(items: &mut BTreeMap<u8, Item>, event: &ShelfEvent) {
    let branded = |items: &mut BTreeMap<u8, Item>, brand: u8, change: &dyn Fn(&mut Item)| {
        let items = items.values_mut();
        items.filter(|item| item.brand == brand).for_each(change);
    };
    match event {
        ShelfEvent::Added { code, brand } => {
            let item = items.entry(*code).or_insert_with(|| Item {
                code: *code,
                brand: *brand,
                praised: 0,
                story: String::new(),
            });
            item.brand = *brand;
            item.story.push('a');
        }
        ShelfEvent::Removed { code } => {
            items.remove(code);
        }
        ShelfEvent::BrandRenamed { from, to } => branded(items, *from, &|item| {
            item.brand = *to;
            item.story.push('n');
        }),
        ShelfEvent::BrandPraised { brand } => branded(items, *brand, &|item| {
            item.praised += 1;
            item.story.push('p');
        }),
        ShelfEvent::Restocked { codes } => {
            for code in codes {
                if let Some(item) = items.get_mut(code) {
                    item.story.push('r');
                }
            }
        }
        ShelfEvent::SoldOut { brand } => {
            branded(items, *brand, &|item| item.story.push('s'));
            let unpraised = items.values_mut().filter(|item| item.praised == 0);
            unpraised.for_each(|item| item.praised = 1);
        }
    }
}

/// Few codes and fewer brands, so that most events meet rows.
fn event() -> impl Strategy<Value = ShelfEvent> {
    let (code, brand) = (0..12_u8, 0..3_u8);
    prop_oneof![
        4 => (code.clone(), brand.clone()).prop_map(|(code, brand)| ShelfEvent::Added { code, brand }),
        1 => code.clone().prop_map(|code| ShelfEvent::Removed { code }),
        2 => (brand.clone(), brand.clone()).prop_map(|(from, to)| ShelfEvent::BrandRenamed { from, to }),
        2 => brand.clone().prop_map(|brand| ShelfEvent::BrandPraised { brand }),
        2 => prop::collection::vec(code, 0..6).prop_map(|codes| ShelfEvent::Restocked { codes }),
        1 => brand.prop_map(|brand| ShelfEvent::SoldOut { brand }),
    ]
}

async fn append(app: &App, events: &[ShelfEvent]) -> Position {
    let stream = StreamId::new("shelf", "one").unwrap();
    let events = events.iter().map(|event| NewEvent::encode(event).unwrap());
    let mut append = Append::new("fill the shelf");
    let write = StreamWrite::new(stream, Expected::Any, events.collect());
    append.writes.push(write);
    app.append_all(append).await.unwrap().position
}

async fn run(stores: Stores, events: Vec<ShelfEvent>, page: usize) {
    let options = ProjectionOptions::default().page_size(page);
    let writer = App::builder(stores.clone()).await.unwrap();
    let position = append(&writer, &events).await;
    let app = App::builder(stores).project_with::<Item>(options);
    let app = app.await.unwrap();
    app.wait_for::<Item>(position).await.unwrap();
    let mut expected = BTreeMap::new();
    events.iter().for_each(|event| fold(&mut expected, event));
    let rows = app.view::<Item>().page(100).await.unwrap().rows;
    assert_eq!(rows, expected.into_values().collect::<Vec<_>>());
    app.shutdown().await;
}

fn block_on(future: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(future);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_mixed_page_in_memory_keeps_the_order(
        events in prop::collection::vec(event(), 1..60),
        page in 1..20_usize,
    ) {
        block_on(run(Stores::memory(), events, page));
    }
}

#[cfg(feature = "sqlite")]
proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_mixed_page_on_sqlite_keeps_the_order(
        events in prop::collection::vec(event(), 1..60),
        page in 1..20_usize,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shelf.db");
        block_on(async {
            let sqlite = cqrs::sqlite::Sqlite::open(&format!("sqlite:{}", file.display())).await.unwrap();
            run(sqlite.stores(), events, page).await;
        });
    }
}
