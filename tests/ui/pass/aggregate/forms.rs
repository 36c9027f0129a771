use cqrs::doc::{AccountEvent, NoFunds};
use cqrs::prelude::*;

#[derive(Aggregate, Default)]
#[aggregate(event = AccountEvent, rejection = NoFunds)]
struct Unit;

#[derive(Aggregate, Default)]
#[aggregate(event = cqrs::doc::AccountEvent)]
#[aggregate(rejection = NoFunds, name = "till", crate = cqrs)]
struct Till(u64);

#[derive(Aggregate, Default)]
#[aggregate(event = AccountEvent, rejection = std::fmt::Error)]
enum Machine {
    #[default]
    New,
    Open {
        balance: u64,
    },
}

impl Apply for Unit {
    fn apply(&mut self, _: AccountEvent) {}
}

impl Apply for Till {
    fn apply(&mut self, _: AccountEvent) {
        self.0 += 1;
    }
}

impl Apply for Machine {
    fn apply(&mut self, _: AccountEvent) {
        *self = match self {
            Machine::New => Machine::Open { balance: 0 },
            Machine::Open { balance } => Machine::Open { balance: *balance },
        };
    }
}

fn main() {
    assert_eq!(<Unit as cqrs::Aggregate>::CATEGORY, "account");
    assert_eq!(<Till as cqrs::Aggregate>::CATEGORY, "till");
}
