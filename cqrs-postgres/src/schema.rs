//! The name of the database schema that the tables are in.

use cqrs_core::store::StoreError;

/// The longest name that Postgres keeps whole, without what the schema of the views ends with.
const MAX_BYTES: usize = 63 - VIEWS.len();

/// What the name of the schema ends with that the tables of the views are in.
const VIEWS: &str = "_views";

/// A name that needs no escape inside quotes and is not one of Postgres' own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Schema(String);

impl Schema {
    pub(crate) fn new(name: &str) -> Result<Self, StoreError> {
        if name.len() <= MAX_BYTES && is_plain(name) {
            return Ok(Self(name.to_owned()));
        }
        Err(StoreError::Unreachable {
            store: format!("the schema `{}`", name.escape_debug()),
            reason: format!(
                "a schema's name is 1 to {MAX_BYTES} characters of a-z, 0-9 and _, begins with no digit and not with `pg_`"
            ),
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.0
    }

    /// The schema of the views' tables.
    pub(crate) fn views(&self) -> String {
        format!("{}{VIEWS}", self.0)
    }

    /// What appends to the log are announced on.
    pub(crate) fn channel(&self) -> String {
        format!("{}_log", self.0)
    }

    /// A text of SQL with the schemas' names in the places for them.
    pub(crate) fn fill(&self, sql: &str) -> String {
        let views = self.views();
        sql.replace("{schema}", &format!("\"{}\"", self.0))
            .replace("{views}", &format!("\"{views}\""))
            .replace("{views_name}", &format!("'{views}'"))
    }
}

/// A name that means the same with and without quotes, and is not one of Postgres' own.
pub(crate) fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let begins_well = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
    begins_well && name.bytes().all(plain) && !name.starts_with("pg_")
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, Schema};

    #[test]
    fn a_name_that_could_leave_its_quotes_is_refused() {
        for name in [
            "",
            "Shop",
            "a\"b",
            "a b",
            "1a",
            "pg_shop",
            "a.b",
            &"x".repeat(58),
        ] {
            let refused = Schema::new(name).unwrap_err().to_string();
            assert!(refused.contains("1 to 57 characters"), "{refused}");
        }
        assert_eq!(
            Schema::new("shop_2").unwrap().fill("{schema}.x"),
            "\"shop_2\".x"
        );
        let longest = Schema::new(&"x".repeat(MAX_BYTES)).unwrap();
        assert!(longest.channel().len() <= 63 && longest.views().len() <= 63);
    }
}
