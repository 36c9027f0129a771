//! derive(Aggregate): the rules.

use syn::{Attribute, Data};

use super::Model;
use crate::diagnostics::Diagnostics;
use crate::{attribute, name, symbol, tokens};

pub(super) fn check(aggregate: &Model, diagnostics: &mut Diagnostics) {
    let input = aggregate.input;
    tokens::refuse_generics(&input.generics, "an aggregate", diagnostics);
    for attrs in inner_attributes(&input.data) {
        attribute::refuse(attrs, symbol::AGGREGATE, "above the type", diagnostics);
    }
    if let Data::Union(data) = &input.data {
        diagnostics.error(
            data.union_token,
            "an aggregate is a struct or an enum; write one of these",
        );
    }
    let missing = match (
        aggregate.event.is_missing(),
        aggregate.rejection.is_missing(),
    ) {
        (true, true) => Some("event enum and the rejection type are"),
        (true, false) => Some("event enum is"),
        (false, true) => Some("rejection type is"),
        (false, false) => None,
    };
    if let Some(missing) = missing {
        let form = "#[aggregate(event = …, rejection = …)]";
        diagnostics.error(
            &input.ident,
            format!("the {missing} missing; write `{form}`"),
        );
    }
    if let Some(name) = aggregate.name.get()
        && let Some(fault) = name::CATEGORY.fault(&name.value())
    {
        diagnostics.error(name, fault);
    }
    snapshots(aggregate, diagnostics);
}

fn snapshots(aggregate: &Model, diagnostics: &mut Diagnostics) {
    let (every, version) = (&aggregate.snapshot_every, &aggregate.snapshot_version);
    if let Some(events) = every.get()
        && events.value == 0
    {
        diagnostics.error(
            &events.literal,
            "a snapshot every 0 events is none; write how many, or leave `snapshot_every` out",
        );
    }
    if let Some(version) = version.get()
        && every.is_missing()
    {
        diagnostics.error(
            &version.literal,
            "there are no snapshots to have a version; add `snapshot_every = 100`, or leave this out",
        );
    }
}

fn inner_attributes(data: &Data) -> Vec<&[Attribute]> {
    match data {
        Data::Struct(data) => data.fields.iter().map(|field| &*field.attrs).collect(),
        Data::Enum(data) => {
            let variants = data.variants.iter().map(|variant| &*variant.attrs);
            let fields = data.variants.iter().flat_map(|variant| &variant.fields);
            variants.chain(fields.map(|field| &*field.attrs)).collect()
        }
        Data::Union(_) => Vec::new(),
    }
}
