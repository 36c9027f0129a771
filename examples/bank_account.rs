//! A bank account: the whole of an application in one file.
//!
//! `cargo run --example bank_account`, as often as you like: the account lives in `bank.db`.

use cqrs::prelude::*;
use thiserror::Error;
use {AccountCommand::*, AccountEvent::*};

/// Names one account.
#[derive(Id)]
struct AccountId(String);

/// What can happen to an account.
#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
enum AccountEvent {
    Opened { owner: String },
    Deposited { amount: u64 },
    Withdrawn { amount: u64 },
}

/// What decisions are taken on.
#[derive(Aggregate, Default)]
#[aggregate(event = AccountEvent, rejection = NoFunds)]
struct Account {
    balance: u64,
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

/// The bank says no.
#[derive(Error, Debug)]
#[error("cannot withdraw {0} cents from a balance of {1}")]
struct NoFunds(u64, u64);

/// What a customer can ask for.
#[derive(Command, Clone)]
#[command(aggregate = Account, creates(Open))]
enum AccountCommand {
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

/// The view: a row for each account.
#[derive(Projection, Clone, Debug)]
#[projection(name = "balances", events(AccountEvent), index(owner, balance))]
struct Balance {
    account: AccountId,
    owner: String,
    balance: u64,
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

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = App::open("sqlite:bank.db").project::<Balance>().await?;

    let id = AccountId::from("ada");
    let owner = String::from("Ada");
    match app
        .execute(Open {
            id: id.clone(),
            owner,
        })
        .await
    {
        Ok(_) => println!("opened an account for Ada"),
        Err(error) => println!("{error}"),
    }
    let amount = 500;
    let receipt = app
        .execute(Deposit {
            id: id.clone(),
            amount,
        })
        .await?;
    println!(
        "deposited {amount}; the account is at version {}",
        receipt.version
    );

    let amount = 1_000_000;
    if let Err(rejection) = app.execute(Withdraw { id, amount }).await {
        println!("{rejection}");
    }

    app.wait_for::<Balance>(receipt.position).await?;
    let richest = app.view::<Balance>().order_by(Balance::BALANCE.desc());
    for row in richest.page(20).await? {
        println!("{}: {} has {} cents", row.account, row.owner, row.balance);
    }
    app.shutdown().await;
    Ok(())
}
