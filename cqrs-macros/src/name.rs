//! Names that reach the store: made from Rust names, and checked.

use proc_macro2::Ident;
use syn::ext::IdentExt;

/// What a kind of name may look like.
pub(crate) struct Rule {
    /// What is named, as messages say it: "a prefix".
    pub(crate) what: &'static str,
    pub(crate) example: &'static str,
    /// In characters, which here are bytes.
    pub(crate) longest: usize,
    pub(crate) dots: bool,
    /// Beginnings that stores or the framework keep for themselves.
    pub(crate) reserved: &'static [&'static str],
}

pub(crate) const CATEGORY: Rule = Rule {
    what: "category",
    example: "account",
    longest: 64,
    dots: false,
    reserved: &["cqrs_"],
};

pub(crate) const EVENT: Rule = Rule {
    what: "stored name",
    example: "opened",
    longest: 129,
    dots: true,
    reserved: &["cqrs_", "cqrs."],
};

pub(crate) const COMMAND: Rule = Rule {
    what: "command name",
    example: "open",
    longest: 64,
    dots: true,
    reserved: &[],
};

pub(crate) const VIEW: Rule = Rule {
    what: "view name",
    example: "balances",
    longest: 48,
    dots: false,
    reserved: &["cqrs_", "sqlite_", "pg_"],
};

pub(crate) const COLUMN: Rule = Rule {
    what: "column",
    example: "owner",
    longest: 48,
    dots: false,
    reserved: &["cqrs_"],
};

/// Names that SQLite or Postgres give to columns of their own.
const SYSTEM_COLUMNS: [&str; 8] = [
    "rowid", "oid", "ctid", "xmin", "xmax", "cmin", "cmax", "tableoid",
];

impl Rule {
    /// What is wrong with the name, and what to write.
    pub(crate) fn fault(&self, name: &str) -> Option<String> {
        let Rule {
            what,
            longest,
            example,
            ..
        } = self;
        if name.is_empty() {
            return Some(format!("the {what} is empty; write one, as in `{example}`"));
        }
        if !name.is_ascii() {
            return Some(format!(
                "the {what} `{name}` is not ASCII, and stores differ on other letters; use `a` to `z`"
            ));
        }
        if name.len() > *longest {
            return Some(format!(
                "the {what} `{name}` is {} characters long; {longest} is the most that every store takes",
                name.len()
            ));
        }
        self.shape_fault(name).or_else(|| self.reserved_fault(name))
    }

    fn shape_fault(&self, name: &str) -> Option<String> {
        let Rule { what, dots, .. } = self;
        let parts_fit = match dots {
            true => name.split('.').all(is_plain),
            false => is_plain(name),
        };
        if parts_fit {
            return None;
        }
        let meant = match dots {
            true => name.split('.').map(snake).collect::<Vec<_>>().join("."),
            false => snake(name),
        };
        Some(
            match meant.split('.').all(is_plain) && (*dots || is_plain(&meant)) {
                true => format!("`{name}` is not a valid {what}; write `{meant}`"),
                false => format!(
                    "`{name}` is not a valid {what}; begin with `a` to `z` and go on with these, `0` to `9` and `_`"
                ),
            },
        )
    }

    fn reserved_fault(&self, name: &str) -> Option<String> {
        let mut reserved = self.reserved.iter();
        let begin = reserved.find(|begin| name.starts_with(**begin))?;
        Some(format!(
            "the {} `{name}` is reserved: names that begin with `{begin}` belong to the store; choose another",
            self.what
        ))
    }
}

/// What is wrong with the name of a view's field as a column, and what to write.
pub(crate) fn column_fault(name: &str) -> Option<String> {
    if name.starts_with('_') || SYSTEM_COLUMNS.contains(&name) {
        return Some(format!(
            "the column `{name}` is reserved by the store; choose another name"
        ));
    }
    COLUMN.fault(name)
}

fn is_plain(part: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    part.bytes().all(plain) && part.starts_with(|first: char| first.is_ascii_lowercase())
}

/// The identifier's text without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// `ItemAdded` → `item_added`, `HTTPCalled` → `http_called`.
pub(crate) fn snake(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut text = String::with_capacity(name.len() + 4);
    for (index, character) in characters.iter().enumerate() {
        let before = index
            .checked_sub(1)
            .and_then(|before| characters.get(before));
        let ends_word =
            before.is_some_and(|before| !before.is_uppercase() && !"_- ".contains(*before));
        let ends_acronym = before.is_some_and(|before| before.is_uppercase())
            && characters
                .get(index + 1)
                .is_some_and(|next| next.is_lowercase());
        if character.is_uppercase() && (ends_word || ends_acronym) {
            text.push('_');
        }
        match character {
            '-' | ' ' => text.push('_'),
            other => text.extend(other.to_lowercase()),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snake_case_keeps_acronyms_together() {
        let pairs = [
            ("Opened", "opened"),
            ("ItemAdded", "item_added"),
            ("HTTPCalled", "http_called"),
            ("Sent2Shop", "sent2_shop"),
            ("Already_Snake", "already_snake"),
        ];
        for (name, expected) in pairs {
            assert_eq!(snake(name), expected);
        }
    }

    #[test]
    fn a_fault_says_what_to_write() {
        assert_eq!(CATEGORY.fault("account"), None);
        assert_eq!(
            CATEGORY.fault("BankAccount").as_deref(),
            Some("`BankAccount` is not a valid category; write `bank_account`")
        );
        assert!(CATEGORY.fault("bank.account").is_some());
        assert!(EVENT.fault("account.opened").is_none());
        assert!(EVENT.fault("account..opened").is_some());
        assert!(column_fault("rowid").is_some());
        assert!(column_fault("größe").is_some_and(|fault| fault.contains("ASCII")));
    }
}
