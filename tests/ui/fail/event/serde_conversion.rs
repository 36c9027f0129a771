use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
#[serde(into = "String", try_from = "String")]
enum AccountEvent {
    Opened,
}

impl From<AccountEvent> for String {
    fn from(_: AccountEvent) -> Self {
        Self::new()
    }
}

impl TryFrom<String> for AccountEvent {
    type Error = std::fmt::Error;

    fn try_from(_: String) -> Result<Self, Self::Error> {
        Ok(Self::Opened)
    }
}

impl Clone for AccountEvent {
    fn clone(&self) -> Self {
        Self::Opened
    }
}

fn main() {}
