//! The roles of a schema, as a script for whoever may create roles.

use cqrs_core::store::StoreError;

use crate::schema::{Schema, is_plain};
use crate::sql;

/// The longest prefix with which all names keep whole.
const MAX_BYTES: usize = 63 - "_application".len();

/// Roles `{prefix}_owner`, `{prefix}_application` and `{prefix}_reader` for the schema.
///
/// Roles are the server's, and schemas of one name may be in several of its databases: so the name of the
/// roles is not made of the schema's.
pub(crate) fn script(schema: &Schema, prefix: &str) -> Result<String, StoreError> {
    if prefix.len() > MAX_BYTES || !is_plain(prefix) {
        return Err(StoreError::Unreachable {
            store: format!("the roles `{}`", prefix.escape_debug()),
            reason: format!(
                "the name of roles is 1 to {MAX_BYTES} characters of a-z, 0-9 and _, begins with no digit and not with `pg_`"
            ),
        });
    }
    let mut script = schema.fill(sql::ROLES);
    for role in ["owner", "application", "reader"] {
        script = script.replace(&format!("{{{role}}}"), &format!("{prefix}_{role}"));
    }
    Ok(script)
}
