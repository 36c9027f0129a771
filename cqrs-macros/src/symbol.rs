//! Every attribute word, once.

pub(crate) const AGGREGATE: &str = "aggregate";
pub(crate) const ALIAS: &str = "alias";
pub(crate) const COMMAND: &str = "command";
pub(crate) const CRATE: &str = "crate";
pub(crate) const CREATES: &str = "creates";
pub(crate) const EVENT: &str = "event";
pub(crate) const EVENTS: &str = "events";
pub(crate) const FULL_TEXT: &str = "full_text";
pub(crate) const ID: &str = "id";
pub(crate) const INDEX: &str = "index";
pub(crate) const JSON: &str = "json";
pub(crate) const KEY: &str = "key";
pub(crate) const MAY_CREATE: &str = "may_create";
pub(crate) const NAME: &str = "name";
pub(crate) const PARTITIONS: &str = "partitions";
pub(crate) const PREFIX: &str = "prefix";
pub(crate) const PROJECTION: &str = "projection";
pub(crate) const REJECTION: &str = "rejection";
pub(crate) const SNAPSHOT_EVERY: &str = "snapshot_every";
pub(crate) const SNAPSHOT_VERSION: &str = "snapshot_version";
pub(crate) const SCALE: &str = "scale";
pub(crate) const SERDE: &str = "serde";
pub(crate) const TRANSPARENT: &str = "transparent";
pub(crate) const UPCAST: &str = "upcast";
pub(crate) const VERSION: &str = "version";
