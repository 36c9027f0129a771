//! The derives of [`cqrs`](https://docs.rs/cqrs): attributes → model → check → expand, and a
//! fallback where a check fails.

mod aggregate;
mod attribute;
mod command;
mod diagnostics;
mod event;
mod fallback;
mod id;
mod name;
mod path;
mod projection;
mod serde_attribute;
mod suggest;
mod symbol;
mod tokens;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a newtype an id: cloned, compared, hashed, printed, parsed and stored as its inner value.
///
/// The type is a tuple struct with one field: a `String`, a `Uuid` or an integer. It gets `Clone`
/// (`Copy` too, where the inner type is an integer or a `Uuid`), `PartialEq`, `Eq`, `PartialOrd`,
/// `Ord`, `Hash`, `Debug`, `Display`, `FromStr`, serde's traits, `From` the inner type, and for a
/// `String` also `From<&str>`, so that `"ada".into()` is an id.
///
/// | attribute | meaning |
/// | --- | --- |
/// | `#[id(crate = path)]` | where `cqrs` is found, when it is re-exported by another crate |
///
/// # Example
///
/// ```
/// use cqrs::prelude::*;
///
/// #[derive(Id)]
/// pub struct AccountId(String);
///
/// let ada: AccountId = "ada".into();
/// assert_eq!(ada.to_string(), "ada");
/// assert_eq!(format!("{ada:?}"), r#"AccountId("ada")"#);
/// ```
#[proc_macro_derive(Id, attributes(id))]
pub fn id(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    id::derive(&input).into()
}

/// Makes an enum of past facts storable: each variant under its own name, its content as JSON.
///
/// The enum also derives serde's `Serialize` and `Deserialize`; serde's field attributes hold. The
/// stored name is the prefix, a dot, and the variant's name in snake case: `account.opened`.
///
/// | on the enum | meaning |
/// | --- | --- |
/// | `prefix = "account"` | the category of the streams, with which stored names begin |
/// | `id = AccountId` | the id type of those streams |
/// | `transparent` | instead of both: each variant holds another event enum, as in `Cart(CartEvent)` |
/// | `crate = path` | where `cqrs` is found, when it is re-exported by another crate |
///
/// | on the enum | or on the variant | meaning |
/// | --- | --- | --- |
/// | `name(Closed = "closed")` | `name = "closed"` | pins the stored name against a rename in Rust: what follows the prefix, or with a dot in it the whole name |
/// | `alias(Closed = "ended")` | `alias = "ended"` | another stored name that reads as this variant: that of an event which was renamed or is now part of this one; it may be given several times |
/// | `alias(Closed(name = "ended", upcast = f))` | `alias(name = "ended", upcast = f)` | the same where the payload has another shape: `f` makes version 1 of this variant's content of it |
/// | `version(Closed = 2)` | `version = 2` | the version of the content's shape; 1 when nothing is said |
/// | `upcast(Closed(1 = f))` | `upcast(1 = f)` | `fn f(Value) -> Result<Value, String>` lifts JSON from version 1 to 2; every older version needs one |
///
/// # Example
///
/// ```
/// use cqrs::Event;
/// use cqrs::prelude::*;
///
/// #[derive(Id)]
/// pub struct AccountId(String);
///
/// #[derive(Event, Serialize, Deserialize)]
/// #[event(prefix = "account", id = AccountId, name(Closed = "shut"))]
/// pub enum AccountEvent {
///     Opened { owner: String },
///     Closed,
/// }
///
/// let opened = AccountEvent::Opened { owner: "Ada".into() };
/// assert_eq!(opened.event_type().name, "account.opened");
/// assert_eq!(AccountEvent::Closed.event_type().name, "account.shut");
/// assert_eq!(opened.encode().unwrap(), r#"{"owner":"Ada"}"#);
/// ```
#[proc_macro_derive(Event, attributes(event))]
pub fn event(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    event::derive(&input).into()
}

/// Makes a state an aggregate: the unit of consistency, folded from the events of one stream.
///
/// The type is a struct, or an enum that is a state machine. It also needs a `Default`, the state
/// before the first event, and an `impl Apply`.
///
/// | attribute | meaning |
/// | --- | --- |
/// | `event = AccountEvent` | the enum of its events |
/// | `rejection = NoFunds` | the error with which its handlers refuse a command |
/// | `snapshot_every = 100` | keeps the state each time that a stream has grown by 100 events; the type is `Serialize` and `Deserialize` |
/// | `snapshot_version = 1` | raised by hand when `apply` changes while the state's shape does not |
/// | `name = "account"` | the category of its streams; that of its events when nothing is said |
/// | `crate = path` | where `cqrs` is found, when it is re-exported by another crate |
///
/// # Example
///
/// ```
/// # use cqrs::doc::{AccountEvent, NoFunds};
/// use cqrs::prelude::*;
///
/// #[derive(Aggregate, Default)]
/// #[aggregate(event = AccountEvent, rejection = NoFunds)]
/// pub struct Account {
///     balance: u64,
/// }
///
/// impl Apply for Account {
///     fn apply(&mut self, event: AccountEvent) {
///         match event {
///             AccountEvent::Opened { .. } => {}
///             AccountEvent::Deposited { amount } => self.balance += amount,
///             AccountEvent::Withdrawn { amount } => self.balance -= amount,
///         }
///     }
/// }
///
/// let mut account = Account::default();
/// account.apply(AccountEvent::Deposited { amount: 5 });
/// assert_eq!(account.balance, 5);
/// ```
#[proc_macro_derive(Aggregate, attributes(aggregate))]
pub fn aggregate(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    aggregate::derive(&input).into()
}

/// Makes orders to one aggregate: an enum of them, a struct, or an enum that delegates to structs.
///
/// On an enum with named fields each variant is a command, and the aggregate has one `Handle` for
/// the enum. A struct is one command with a `Handle` of its own. An enum whose variants each hold
/// such a struct, as in `Deposit(Deposit)`, delegates to them; its `Handle` is generated.
///
/// | on the enum | on the variant or struct | meaning |
/// | --- | --- | --- |
/// | `aggregate = Account` | the same, on a struct | the aggregate that decides |
/// | `creates(Open)` | `creates` | the stream must not exist yet |
/// | `may_create(Open)` | `may_create` | it may exist or not; `handle` decides. Without either it must exist |
/// | `name(Open = "open")` | `name = "open"` | the command's name; the Rust name in snake case when nothing is said |
/// | `crate = path` | the same, on a struct | where `cqrs` is found, when it is re-exported by another crate |
///
/// The id of the aggregate is the first field, or the one marked `#[command(id)]`.
///
/// # Example
///
/// ```
/// # use cqrs::doc::{Account, AccountEvent, AccountId};
/// use cqrs::prelude::*;
/// use cqrs::Command;
///
/// #[derive(Command, Clone)]
/// #[command(aggregate = Account, creates)]
/// pub struct Open {
///     id: AccountId,
///     owner: String,
/// }
///
/// impl Handle<Open> for Account {
///     fn handle(&self, command: Open, _: &Context) -> Decision<Self> {
///         Ok(vec![AccountEvent::Opened { owner: command.owner }])
///     }
/// }
///
/// assert_eq!(Open { id: "ada".into(), owner: "Ada".into() }.name(), "open");
/// ```
#[proc_macro_derive(Command, attributes(command))]
pub fn command(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    command::derive(&input).into()
}

/// Makes a struct the row of a view that follows the log.
///
/// Each field is a column; its type is one that [`ColumnType`](https://docs.rs/cqrs) knows. For the
/// column `owner` there is a constant `OWNER`, of which queries make filters and orders. The struct
/// also derives `Clone`, and has an `impl Project<…>` for each of the event enums.
///
/// | on the struct | on the field | meaning |
/// | --- | --- | --- |
/// | `name = "balances"` | | the view's name |
/// | `events(AccountEvent, …)` | | the event enums that it follows |
/// | `version = 2` | | raised where the rows change and their shape does not; 1 when nothing is said |
/// | `partitions = 4` | | so many workers share the rows, each those of its own keys; 1 when nothing is said |
/// | `key = account` | `key` | the key; the first field when nothing is said |
/// | `full_text(name, note)` | `full_text` | full-text search looks into these text columns |
/// | `index(owner, (owner, balance))` | `index` | two indexes, the second over both columns. Queries filter and order by the key and by every column that is in some index |
/// | `json(lines)` | `json` | a structured column: any type with serde's traits, stored as JSON |
/// | `scale(total = 2)` | `scale = 2` | the digits after the point of a decimal |
/// | `crate = path` | | where `cqrs` is found, when it is re-exported by another crate |
///
/// # Example
///
/// ```
/// # use cqrs::doc::{AccountEvent, AccountId};
/// use cqrs::prelude::*;
///
/// #[derive(Projection, Clone)]
/// #[projection(name = "owners", events(AccountEvent), index(owner))]
/// pub struct Owner {
///     account: AccountId,
///     owner: String,
/// }
///
/// impl Project<AccountEvent> for Owner {
///     fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
///         if let AccountEvent::Opened { owner } = &event.data {
///             rows.upsert(&event.id, |row| row.owner = owner.clone());
///         }
///     }
/// }
///
/// let everyone_called_ada = Owner::OWNER.eq("Ada");
/// # let _ = everyone_called_ada;
/// ```
#[proc_macro_derive(Projection, attributes(projection))]
pub fn projection(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    projection::derive(&input).into()
}
