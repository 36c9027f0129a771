use cqrs::doc::Account;
use cqrs::prelude::*;

#[derive(Command, Clone)]
#[command(aggregate = Account)]
#[derive(Copy)]
union Open {
    id: u64,
}

impl Handle<Open> for Account {
    fn handle(&self, _: Open, _: &Context) -> Decision<Self> {
        Ok(vec![])
    }
}

fn main() {}
