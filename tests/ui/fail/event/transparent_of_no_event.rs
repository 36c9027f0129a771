use cqrs::doc::AccountEvent;
use cqrs::prelude::*;

#[derive(Event)]
#[event(transparent)]
enum BankEvent {
    Account(AccountEvent),
    Note(Note),
}

struct Note;

fn main() {}
