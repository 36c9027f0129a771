//! derive(Event): the rules across attributes and variants.

use std::collections::HashMap;

use syn::{Data, Fields};

use super::model::{Model, Step, Variant};
use crate::attribute::{self, Once};
use crate::diagnostics::Diagnostics;
use crate::{name, serde_attribute, symbol, tokens};

pub(super) fn check(event: &Model, diagnostics: &mut Diagnostics) {
    tokens::refuse_generics(&event.input.generics, "an event enum", diagnostics);
    if !shape(event, diagnostics) {
        return;
    }
    for field in event
        .variants
        .iter()
        .flat_map(|variant| &variant.node.fields)
    {
        attribute::refuse(
            &field.attrs,
            symbol::EVENT,
            "on the enum or a variant",
            diagnostics,
        );
    }
    if event.transparent.is_missing() {
        own(event, diagnostics);
    } else {
        composed(event, diagnostics);
    }
}

fn shape(event: &Model, diagnostics: &mut Diagnostics) -> bool {
    let name = &event.input.ident;
    match &event.input.data {
        Data::Enum(data) if data.variants.is_empty() => {
            diagnostics.error(
                name,
                "an event enum has at least one variant; add what can happen",
            );
        }
        Data::Enum(_) => return true,
        Data::Struct(data) => diagnostics.error(
            data.struct_token,
            format!("an event is an enum; make `{name}` a variant of one"),
        ),
        Data::Union(data) => diagnostics.error(
            data.union_token,
            format!("an event is an enum; make `{name}` a variant of one"),
        ),
    }
    false
}

/// An enum with stored names of its own.
fn own(event: &Model, diagnostics: &mut Diagnostics) {
    let name = &event.input.ident;
    let missing = match (event.prefix.is_missing(), event.id.is_missing()) {
        (true, true) => Some("prefix and the id type are"),
        (true, false) => Some("prefix is"),
        (false, true) => Some("id type is"),
        (false, false) => None,
    };
    if let Some(missing) = missing {
        let form = "#[event(prefix = \"…\", id = …)]";
        diagnostics.error(name, format!("the {missing} missing; write `{form}`"));
    }
    if let Some(prefix) = event.prefix.get()
        && let Some(fault) = name::CATEGORY.fault(&prefix.value())
    {
        diagnostics.error(prefix, fault);
    }
    serde_attribute::check_enum(&event.input.attrs, diagnostics);
    for variant in &event.variants {
        serde_attribute::check_variant(variant.node, diagnostics);
        stored_name(variant, diagnostics);
        versions(variant, diagnostics);
    }
    unique_names(event, diagnostics);
}

fn stored_name(variant: &Variant, diagnostics: &mut Diagnostics) {
    if let Some(name) = variant.name.get() {
        if let Some(fault) = name::EVENT.fault(&name.value()) {
            diagnostics.error(name, fault);
        }
    } else if variant.name.is_missing() {
        let made = name::snake(&name::plain(&variant.node.ident));
        if let Some(fault) = name::EVENT.fault(&made) {
            diagnostics.error(
                &variant.node.ident,
                format!("{fault}, or pin one: `#[event(name = \"…\")]`"),
            );
        }
    }
    for alias in &variant.aliases {
        if let Some(fault) = name::EVENT.fault(&alias.name.value()) {
            diagnostics.error(&alias.name, fault);
        }
    }
}

fn unique_names(event: &Model, diagnostics: &mut Diagnostics) {
    let mut seen = HashMap::new();
    for variant in &event.variants {
        let ident = &variant.node.ident;
        let own = (event.stored_name(variant), variant.name.get());
        let aliases = variant.aliases.iter().map(|alias| {
            let name = &alias.name;
            (event.whole_name(&name.value()), Some(name))
        });
        for (stored, literal) in std::iter::once(own).chain(aliases) {
            let Some(first) = seen.get(&stored) else {
                seen.insert(stored, ident);
                continue;
            };
            let message =
                format!("stored name `{stored}` is already used by `{first}`; pin another name");
            match literal {
                Some(literal) => diagnostics.error(literal, message),
                None => diagnostics.error(ident, message),
            }
        }
    }
}

fn versions(variant: &Variant, diagnostics: &mut Diagnostics) {
    let ident = &variant.node.ident;
    if !variant.version.is_missing() && variant.version.get().is_none() {
        return;
    }
    let current = variant.current();
    let steps = &variant.upcasts;
    for (index, step) in steps.iter().enumerate() {
        if let Some(fault) = step_fault(step, &steps[..index], current) {
            diagnostics.error(&step.from.literal, format!("{fault} of `{ident}`"));
        }
    }
    let Some(version) = variant.version.get() else {
        return;
    };
    if current == 0 {
        diagnostics.error(
            &version.literal,
            "versions begin at 1; write 1 or leave `version` out",
        );
    }
    let missing = (1..current).find(|from| steps.iter().all(|step| step.from.value != *from));
    if let Some(from) = missing.filter(|_| !variant.faulty_upcast) {
        diagnostics.error(
            &version.literal,
            format!("nothing lifts version {from} of `{ident}`; add `upcast({from} = function)`"),
        );
    }
}

fn step_fault(step: &Step, before: &[Step], current: u32) -> Option<String> {
    let from = step.from.value;
    if from == 0 {
        return Some("versions begin at 1; remove the upcaster from version 0".to_owned());
    }
    if from >= current {
        return Some(format!(
            "an upcaster from version {from} needs `version = {}` or above; version {current} is the current one",
            from.saturating_add(1)
        ));
    }
    let again = before.iter().any(|earlier| earlier.from.value == from);
    again.then(|| format!("keep one of the upcasters from version {from}"))
}

/// An enum made of other event enums.
fn composed(event: &Model, diagnostics: &mut Diagnostics) {
    for (at, word) in [
        (event.prefix.at(), symbol::PREFIX),
        (event.id.at(), symbol::ID),
    ] {
        if let Some(at) = at {
            diagnostics.error_at(
                at,
                format!("a transparent enum takes its names and ids from the enums inside; remove `{word}`"),
            );
        }
    }
    for variant in &event.variants {
        composed_variant(variant, diagnostics);
    }
}

fn composed_variant(variant: &Variant, diagnostics: &mut Diagnostics) {
    let ident = &variant.node.ident;
    let holds_one = match &variant.node.fields {
        Fields::Unnamed(fields) => fields.unnamed.len() == 1,
        Fields::Named(_) | Fields::Unit => false,
    };
    if !holds_one {
        diagnostics.error(
            variant.node,
            format!("a variant of a transparent enum holds one event enum; write `{ident}({ident}Event)`"),
        );
    }
    let steps = variant.upcasts.first().map(|step| step.from.literal.span());
    let alias = variant.aliases.first().map(|alias| alias.name.span());
    let own = [at(&variant.name), alias, at(&variant.version), steps];
    for at in own.into_iter().flatten() {
        diagnostics.error_at(
            at,
            "a transparent enum stores nothing itself; say it in the enum inside",
        );
    }
}

fn at<T>(option: &Once<T>) -> Option<proc_macro2::Span> {
    option.at()
}
