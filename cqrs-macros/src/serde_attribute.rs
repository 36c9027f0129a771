//! serde's attributes that would change how a variant is found in the log.

use syn::{Attribute, Variant};

use crate::attribute;
use crate::diagnostics::Diagnostics;
use crate::symbol;

const ON_ENUM: [&str; 8] = [
    "tag",
    "content",
    "untagged",
    "from",
    "try_from",
    "into",
    "remote",
    "variant_identifier",
];
const ON_VARIANT: [&str; 5] = [
    "skip",
    "skip_serializing",
    "skip_deserializing",
    "other",
    "untagged",
];

/// Refuses tagging and conversions: the log holds the variant's content alone.
pub(crate) fn check_enum(attrs: &[Attribute], diagnostics: &mut Diagnostics) {
    refuse(attrs, &ON_ENUM, diagnostics, |word| {
        format!("remove serde's `{word}`: an event is stored as the content of its variant alone")
    });
}

/// Refuses what shifts or hides variants: they are read by their place in the enum.
pub(crate) fn check_variant(variant: &Variant, diagnostics: &mut Diagnostics) {
    refuse(&variant.attrs, &ON_VARIANT, diagnostics, |word| {
        format!("remove serde's `{word}`: a variant is read by its place in the enum")
    });
}

fn refuse(
    attrs: &[Attribute],
    words: &[&str],
    diagnostics: &mut Diagnostics,
    message: impl Fn(&str) -> String,
) {
    // serde reports what it cannot parse itself.
    let mut faults = Diagnostics::new();
    let entries = attribute::read(attrs, symbol::SERDE, &mut faults);
    drop(faults.finish());
    for entry in entries {
        let word = entry.text_of_head();
        if words.contains(&word.as_str()) {
            diagnostics.error(&entry.head, message(&word));
        }
    }
}
