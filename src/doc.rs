//! Hidden: the bank account that the examples in the documentation share.

#![allow(missing_docs)]

use std::fmt;

use crate::prelude::*;
use AccountCommand::*;
use AccountEvent::*;

#[derive(Id)]
pub struct AccountId(String);

#[derive(Event, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[event(prefix = "account", id = AccountId)]
pub enum AccountEvent {
    Opened { owner: String },
    Deposited { amount: u64 },
    Withdrawn { amount: u64 },
}

#[derive(Aggregate, Default, Clone, Debug, PartialEq)]
#[aggregate(event = AccountEvent, rejection = NoFunds)]
pub struct Account {
    pub balance: u64,
}

impl Apply for Account {
    fn apply(&mut self, event: AccountEvent) {
        match event {
            Opened { .. } => {}
            Deposited { amount } => self.balance += amount,
            Withdrawn { amount } => self.balance -= amount,
        }
    }
}

#[derive(Debug, PartialEq)]
pub struct NoFunds(pub u64, pub u64);

impl fmt::Display for NoFunds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "cannot withdraw {} cents from a balance of {}",
            self.0, self.1
        )
    }
}

impl std::error::Error for NoFunds {}

#[derive(Command, Clone, Debug, Serialize, Deserialize)]
#[command(aggregate = Account, creates(Open))]
pub enum AccountCommand {
    Open { id: AccountId, owner: String },
    Deposit { id: AccountId, amount: u64 },
    Withdraw { id: AccountId, amount: u64 },
}

impl Handle<AccountCommand> for Account {
    fn handle(&self, command: AccountCommand, _: &Context) -> Decision<Self> {
        match command {
            Open { owner, .. } => Ok(vec![Opened { owner }]),
            Deposit { amount, .. } => Ok(vec![Deposited { amount }]),
            Withdraw { amount, .. } if self.balance < amount => Err(NoFunds(amount, self.balance)),
            Withdraw { amount, .. } => Ok(vec![Withdrawn { amount }]),
        }
    }
}

#[derive(Projection, Clone, Debug, PartialEq)]
#[projection(name = "balances", events(AccountEvent), index(owner, balance))]
pub struct Balance {
    pub account: AccountId,
    pub owner: String,
    pub balance: u64,
}

impl Project<AccountEvent> for Balance {
    fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
        match &event.data {
            Opened { owner } => rows.upsert(&event.id, |row| row.owner = owner.clone()),
            Deposited { amount } => rows.update(&event.id, |row| row.balance += amount),
            Withdrawn { amount } => rows.update(&event.id, |row| row.balance -= amount),
        }
    }
}
