//! The domain that both sides measure: an account, its commands, and the view of balances.

use cqrs::prelude::*;
use thiserror::Error;
use {AccountCommand::*, AccountEvent::*};

#[derive(Id)]
pub(crate) struct AccountId(String);

impl AccountId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Event, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[event(prefix = "account", id = AccountId)]
pub(crate) enum AccountEvent {
    Opened { owner: String },
    Deposited { amount: u64 },
    Withdrawn { amount: u64 },
}

#[derive(Aggregate, Default, Debug, PartialEq)]
#[aggregate(event = AccountEvent, rejection = NoFunds)]
pub(crate) struct Account {
    pub(crate) balance: u64,
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

#[derive(Error, Debug, PartialEq)]
#[error("cannot withdraw {0} cents from a balance of {1}")]
pub(crate) struct NoFunds(u64, u64);

#[derive(Command, Clone, Debug)]
#[command(aggregate = Account, creates(Open))]
pub(crate) enum AccountCommand {
    Open { id: AccountId, owner: String },
    Deposit { id: AccountId, amount: u64 },
    Withdraw { id: AccountId, amount: u64 },
}

impl AccountCommand {
    pub(crate) fn account(&self) -> &AccountId {
        match self {
            Open { id, .. } | Deposit { id, .. } | Withdraw { id, .. } => id,
        }
    }
}

impl Account {
    /// The decision by itself, so that the hand-written program takes the very same one.
    pub(crate) fn decide(&self, command: AccountCommand) -> Result<Vec<AccountEvent>, NoFunds> {
        match command {
            Open { owner, .. } => Ok(vec![Opened { owner }]),
            Deposit { amount, .. } => Ok(vec![Deposited { amount }]),
            Withdraw { amount, .. } if self.balance < amount => Err(NoFunds(amount, self.balance)),
            Withdraw { amount, .. } => Ok(vec![Withdrawn { amount }]),
        }
    }
}

impl Handle<AccountCommand> for Account {
    fn handle(&self, command: AccountCommand, _: &Context) -> Decision<Self> {
        self.decide(command)
    }
}

#[derive(Projection, Clone, Debug, PartialEq)]
#[projection(name = "balances", events(AccountEvent), index(owner, balance))]
pub(crate) struct Balance {
    pub(crate) account: AccountId,
    pub(crate) owner: String,
    pub(crate) balance: u64,
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
