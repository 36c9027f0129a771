use cqrs::prelude::*;
use AccountEvent::*;

#[derive(Id)]
struct AccountId(String);

#[derive(Event, Serialize, Deserialize)]
enum AccountEvent {
    Opened { owner: String },
    Deposited { amount: u64 },
}

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
        }
    }
}

#[derive(Debug)]
struct NoFunds(u64, u64);

impl std::fmt::Display for NoFunds {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

impl std::error::Error for NoFunds {}

#[derive(Command, Clone)]
#[command(aggregate = Account, creates(Open))]
enum AccountCommand {
    Open { id: AccountId, owner: String },
    Deposit { id: AccountId, amount: u64 },
}

impl Handle<AccountCommand> for Account {
    fn handle(&self, command: AccountCommand, _: &Context) -> Decision<Self> {
        match command {
            AccountCommand::Open { owner, .. } => Ok(vec![Opened { owner }]),
            AccountCommand::Deposit { amount, .. } if amount == 0 => Err(NoFunds(amount, self.balance)),
            AccountCommand::Deposit { amount, .. } => Ok(vec![Deposited { amount }]),
        }
    }
}

#[derive(Projection, Clone)]
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
        }
    }
}

async fn used(app: App, id: AccountId) {
    let _ = app.execute(AccountCommand::Deposit { id: id.clone(), amount: 500 }).await;
    let _ = app.load::<Account>(&id).await;
    let _ = app.view::<Balance>().filter(Balance::OWNER.eq("Ada")).page(20).await;
}

fn main() {}
