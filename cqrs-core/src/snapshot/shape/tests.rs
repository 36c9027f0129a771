//! Two types have the same shape only if they are the same through and through.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;
use uuid::Uuid;

use super::of;

macro_rules! cart {
    ($name:ident, $item:item) => {
        #[allow(dead_code)]
        mod $name {
            use super::*;

            #[derive(Deserialize)]
            pub(super) struct Cart {
                id: Uuid,
                total: Decimal,
                items: Vec<Item>,
                by_code: BTreeMap<String, Option<Box<Item>>>,
                parent: Option<Box<Cart>>,
                state: State,
            }

            #[derive(Deserialize)]
            enum State {
                Open,
                Paid(Item),
                Sent { to: Item, at: u64 },
            }

            #[derive(Deserialize)]
            $item
        }
    };
}

cart!(
    first,
    struct Item {
        code: String,
        count: u32,
    }
);
cart!(
    same,
    struct Item {
        code: String,
        count: u32,
    }
);
cart!(
    wider,
    struct Item {
        code: String,
        count: u64,
    }
);
cart!(
    renamed,
    struct Item {
        code: String,
        number: u32,
    }
);
cart!(
    longer,
    struct Item {
        code: String,
        count: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }
);
cart!(tuple, struct Item(String, u32););

#[test]
fn a_change_far_inside_is_a_change_of_the_whole() {
    let shape = of::<first::Cart>();
    assert_eq!(shape, of::<same::Cart>());
    let others = [
        of::<wider::Cart>(),
        of::<renamed::Cart>(),
        of::<longer::Cart>(),
        of::<tuple::Cart>(),
    ];
    for other in others {
        assert_ne!(shape, other);
    }
}

#[test]
fn a_type_that_checks_what_it_reads_hides_nothing_beside_it() {
    let shape = of::<first::Cart>();
    for part in [
        "struct Item {code, count}",
        "enum State {Open, Paid, Sent}",
        "fields {to, at}",
    ] {
        assert!(shape.contains(part), "{part} is not in\n{shape}");
    }
}

#[test]
fn a_type_that_holds_itself_has_an_end() {
    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Tree {
        left: Option<Box<Tree>>,
        right: Vec<Tree>,
    }
    assert!(of::<Tree>().lines().count() < 20);
}
