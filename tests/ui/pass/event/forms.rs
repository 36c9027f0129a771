use cqrs::prelude::*;

mod ids {
    #[derive(cqrs::Id)]
    pub(crate) struct AccountId(String);
}

mod lift {
    pub(crate) fn first(old: serde_json::Value) -> Result<serde_json::Value, String> {
        Ok(old)
    }
}

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = ids::AccountId, crate = cqrs)]
#[event(
    name(Closed = "closed", Noted = "ledger.noted"),
    version(Closed = 2),
    upcast(Closed(1 = |old| Ok(old))),
)]
#[serde(rename_all = "camelCase")]
enum AccountEvent {
    Opened {
        #[serde(rename = "o", default)]
        owner: String,
    },
    #[event(version = 3, upcast(1 = lift::first, 2 = crate::lift::first))]
    Deposited(u64),
    Closed,
    Noted(String, u32),
    #[event(name = "account.moved_away")]
    #[serde(alias = "Left")]
    Moved(),
    r#Type {
        r#type: u8,
    },
}

fn main() {
    let names = <AccountEvent as cqrs::Event>::TYPES.iter().map(|known| known.name);
    assert_eq!(names.last(), Some("account.type"));
    let closed = cqrs::Event::event_type(&AccountEvent::Closed);
    assert_eq!((closed.name, closed.version), ("account.closed", 2));
}
