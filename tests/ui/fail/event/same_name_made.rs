#![allow(non_camel_case_types)]

use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
enum AccountEvent {
    ItemAdded,
    Item_Added,
}

fn main() {}
