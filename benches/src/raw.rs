//! The limit: what a careful engineer would write by hand for this one domain.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::domain::AccountEvent;

#[derive(Serialize, Deserialize)]
struct Opened {
    owner: String,
}

#[derive(Serialize, Deserialize)]
struct Amount {
    amount: u64,
}

/// The stored name and the payload.
pub(crate) fn encode(event: &AccountEvent) -> Result<(&'static str, String)> {
    Ok(match event {
        AccountEvent::Opened { owner } => {
            let owner = owner.clone();
            ("account.opened", serde_json::to_string(&Opened { owner })?)
        }
        AccountEvent::Deposited { amount } => ("account.deposited", amount_json(*amount)?),
        AccountEvent::Withdrawn { amount } => ("account.withdrawn", amount_json(*amount)?),
    })
}

pub(crate) fn decode(name: &str, payload: &str) -> Result<AccountEvent> {
    Ok(match name {
        "account.opened" => {
            let Opened { owner } = serde_json::from_str(payload)?;
            AccountEvent::Opened { owner }
        }
        "account.deposited" => {
            let Amount { amount } = serde_json::from_str(payload)?;
            AccountEvent::Deposited { amount }
        }
        "account.withdrawn" => {
            let Amount { amount } = serde_json::from_str(payload)?;
            AccountEvent::Withdrawn { amount }
        }
        _ => bail!("there is no event `{name}`"),
    })
}

fn amount_json(amount: u64) -> Result<String> {
    Ok(serde_json::to_string(&Amount { amount })?)
}
