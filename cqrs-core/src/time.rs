//! The present time, in the precision that every store keeps.

use chrono::{DateTime, SubsecRound, Utc};

/// Now (UTC), cut to microseconds.
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
