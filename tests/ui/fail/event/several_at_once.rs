use cqrs::prelude::*;

#[derive(Id)]
struct AccountId(String);

#[derive(Event, Serialize, Deserialize)]
#[event(prefx = "Account", id = AccountId, id = String)]
#[serde(tag = "type")]
enum AccountEvent {
    #[event(nmae = "opened")]
    Opened { owner: String },
    #[event(version = 2)]
    Closed,
    #[event(name = "closed")]
    Shut,
}

#[derive(Aggregate, Default)]
#[aggregate(event = AccountEvent, rejection = std::fmt::Error)]
struct Account;

impl Apply for Account {
    fn apply(&mut self, _: AccountEvent) {}
}

#[derive(Command, Clone)]
#[command(aggregate = Account)]
struct Close {
    id: AccountId,
}

impl Handle<Close> for Account {
    fn handle(&self, _: Close, _: &Context) -> Decision<Self> {
        Ok(vec![AccountEvent::Closed])
    }
}

fn main() {}
