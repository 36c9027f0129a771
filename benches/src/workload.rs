//! What both sides are asked to do, made from a counter alone, and what must come of it.

use crate::domain::{AccountCommand, AccountEvent, AccountId};

/// Deposited by every measured command, so that the balances say how many there were.
pub(crate) const DEPOSIT: u64 = 10;

/// Events of each account in a log that is caught up with.
const EVENTS_OF_AN_ACCOUNT: u64 = 10;

/// Events of accounts that no command asks for.
const HISTORY: u64 = 20_000;
const OLD_ACCOUNTS: u64 = 1 << 40;

/// An event, and the version that it gives its account.
#[derive(Clone)]
pub(crate) struct LogEvent {
    pub(crate) account: AccountId,
    pub(crate) version: u64,
    pub(crate) event: AccountEvent,
}

/// What a store or a view holds in the end.
#[derive(Debug, PartialEq, Clone, Copy)]
pub(crate) struct Tally {
    /// Events of a store, rows of a view.
    pub(crate) count: u64,
    /// The sum of all balances.
    pub(crate) balance: u64,
}

/// An id in no order, as ids of real streams come.
pub(crate) fn account(number: u64) -> AccountId {
    AccountId::from(format!("{:016x}", scatter(number)))
}

pub(crate) fn open(number: u64) -> AccountCommand {
    AccountCommand::Open {
        id: account(number),
        owner: owner(number),
    }
}

pub(crate) fn deposit(number: u64) -> AccountCommand {
    AccountCommand::Deposit {
        id: account(number),
        amount: DEPOSIT,
    }
}

/// A deposit, then its withdrawal, and so on: the balance that follows is known.
pub(crate) fn swing(number: u64) -> (AccountCommand, u64) {
    let (id, amount) = (account(0), DEPOSIT);
    match number % 2 {
        1 => (AccountCommand::Deposit { id, amount }, amount),
        _ => (AccountCommand::Withdraw { id, amount }, 0),
    }
}

/// The first event of so many accounts.
pub(crate) fn opened(accounts: u64) -> impl Iterator<Item = LogEvent> {
    (0..accounts).map(|number| log_event(number, 0))
}

/// What a store holds before commands are measured.
///
/// A new file's write-ahead log grows with every commit, which costs the disk more than writing
/// over it: so the log is once filled and used again, as in a file that has been in use.
pub(crate) fn history() -> impl Iterator<Item = LogEvent> {
    let accounts = HISTORY / EVENTS_OF_AN_ACCOUNT;
    (0..HISTORY).map(move |place| log_event(OLD_ACCOUNTS + place % accounts, place / accounts))
}

pub(crate) fn history_tally() -> Tally {
    let events: Vec<_> = history().map(|event| event.event).collect();
    tally(events.iter())
}

/// One account with so many events.
pub(crate) fn long_stream(events: u64) -> impl Iterator<Item = LogEvent> {
    (0..events).map(|round| log_event(0, round))
}

/// Ten events of each account, far from each other: a page of the log touches many rows.
pub(crate) fn log(events: u64) -> impl Iterator<Item = LogEvent> {
    log_of(0, events)
}

/// The same with other accounts: from this number on.
pub(crate) fn log_of(first: u64, events: u64) -> impl Iterator<Item = LogEvent> {
    let accounts = accounts_of_log(events);
    (0..events).map(move |place| log_event(first + place * 7919 % accounts, place / accounts))
}

fn accounts_of_log(events: u64) -> u64 {
    (events / EVENTS_OF_AN_ACCOUNT).max(1)
}

pub(crate) fn long_stream_balance(events: u64) -> u64 {
    let events: Vec<_> = long_stream(events).map(|event| event.event).collect();
    tally(events.iter()).balance
}

/// What a view holds after so many events of the log.
pub(crate) fn view_of_log(events: u64) -> Tally {
    view_of(0, events)
}

/// What a view holds after so many events of accounts from this number on.
pub(crate) fn view_of(first: u64, events: u64) -> Tally {
    let all: Vec<_> = log_of(first, events).map(|event| event.event).collect();
    Tally {
        count: accounts_of_log(events),
        balance: tally(all.iter()).balance,
    }
}

/// How many events these are, and the balance that they leave.
pub(crate) fn tally<'a>(events: impl Iterator<Item = &'a AccountEvent>) -> Tally {
    let nothing = Tally {
        count: 0,
        balance: 0,
    };
    events.fold(nothing, |tally, event| Tally {
        count: tally.count + 1,
        balance: match event {
            AccountEvent::Opened { .. } => tally.balance,
            AccountEvent::Deposited { amount } => tally.balance + amount,
            AccountEvent::Withdrawn { amount } => tally.balance - amount,
        },
    })
}

pub(crate) fn scatter(number: u64) -> u64 {
    let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 31)
}

fn owner(number: u64) -> String {
    format!("Ada Lovelace {}", number % 1000)
}

fn log_event(number: u64, round: u64) -> LogEvent {
    let event = match round {
        0 => AccountEvent::Opened {
            owner: owner(number),
        },
        _ if round.is_multiple_of(3) => AccountEvent::Withdrawn { amount: 5 },
        _ => AccountEvent::Deposited {
            amount: DEPOSIT + number % 50,
        },
    };
    LogEvent {
        account: account(number),
        version: round + 1,
        event,
    }
}
