//! derive(Command): the rules across attributes, variants and fields.

use std::collections::HashMap;

use quote::ToTokens;
use syn::{Data, Fields};

use super::model::{Model, Order, Shape};
use crate::diagnostics::Diagnostics;
use crate::{name, serde_attribute, tokens};

pub(super) fn check(command: &Model, diagnostics: &mut Diagnostics) {
    let input = command.input;
    tokens::refuse_generics(&input.generics, "a command", diagnostics);
    if command.aggregate.is_missing() {
        diagnostics.error(
            &input.ident,
            "the aggregate is missing; write `#[command(aggregate = …)]`",
        );
    }
    match &input.data {
        Data::Union(data) => diagnostics.error(
            data.union_token,
            "a command is a struct or an enum; write one of these",
        ),
        Data::Enum(data) if data.variants.is_empty() => {
            diagnostics.error(
                &input.ident,
                "a command enum has at least one variant; add a command",
            );
        }
        Data::Enum(data) => {
            let variants = data.variants.iter();
            variants.for_each(|variant| serde_attribute::check_variant(variant, diagnostics));
        }
        Data::Struct(_) => {}
    }
    for order in &command.orders {
        check_order(command, order, diagnostics);
    }
    unique_names(command, diagnostics);
}

fn check_order(command: &Model, order: &Order, diagnostics: &mut Diagnostics) {
    match command.shape {
        Shape::Delegates => delegate(order, diagnostics),
        Shape::Struct | Shape::Variants | Shape::Other => own(command.shape, order, diagnostics),
    }
    if order.name.at().is_some() && order.name.get().is_none() {
        return;
    }
    let Some(fault) = name::COMMAND.fault(&order.command_name()) else {
        return;
    };
    match order.name.get() {
        Some(name) => diagnostics.error(name, fault),
        None => diagnostics.error(
            order.ident,
            format!("{fault}, or pin one: `#[command(name = \"…\")]`"),
        ),
    }
}

/// A struct or a variant with fields of its own.
fn own(shape: Shape, order: &Order, diagnostics: &mut Diagnostics) {
    let ident = order.ident;
    match order.fields {
        Fields::Named(fields) if !fields.named.is_empty() => {}
        Fields::Unnamed(fields) if shape == Shape::Variants => diagnostics.error(
            fields,
            format!("the other variants have named fields; name those of `{ident}` too"),
        ),
        Fields::Unnamed(fields) if !fields.unnamed.is_empty() => diagnostics.error(
            fields,
            format!("a command has named fields; write `{ident} {{ id: …, … }}`"),
        ),
        _ => diagnostics.error(
            ident,
            format!("a command names its aggregate; give it a field, as in `{ident} {{ id: … }}`"),
        ),
    }
    for (_, at) in order.marked.iter().skip(1) {
        diagnostics.error_at(*at, format!("`{ident}` has two ids; mark one field"));
    }
}

/// A variant that holds a command struct.
fn delegate(order: &Order, diagnostics: &mut Diagnostics) {
    let ident = order.ident;
    match order.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {}
        Fields::Named(fields) => diagnostics.error(
            fields,
            format!("the other variants hold a command struct; write `{ident}({ident})`"),
        ),
        Fields::Unnamed(fields) => diagnostics.error(
            fields,
            format!("a variant holds one command struct; write `{ident}({ident})`"),
        ),
        Fields::Unit => diagnostics.error(
            ident,
            format!("a variant holds one command struct; write `{ident}({ident})`"),
        ),
    }
    let marked = order.marked.first().map(|(_, at)| *at);
    let said = [order.existence.at(), order.name.at(), marked];
    for at in said.into_iter().flatten() {
        diagnostics.error_at(at, format!("say it above the struct that `{ident}` holds"));
    }
}

fn unique_names(command: &Model, diagnostics: &mut Diagnostics) {
    if command.shape == Shape::Delegates {
        return unique_structs(command, diagnostics);
    }
    let mut seen = HashMap::new();
    for order in &command.orders {
        let name = order.command_name();
        let Some(first) = seen.get(&name) else {
            seen.insert(name, order.ident);
            continue;
        };
        let message = format!("command name `{name}` is already used by `{first}`; choose another");
        match order.name.get() {
            Some(name) => diagnostics.error(name, message),
            None => diagnostics.error(order.ident, message),
        }
    }
}

/// The names of a delegating enum are those of its structs, so one struct twice is one name twice.
fn unique_structs(command: &Model, diagnostics: &mut Diagnostics) {
    let mut seen = HashMap::new();
    for order in &command.orders {
        let Some(field) = order.fields.iter().next() else {
            continue;
        };
        let held = field.ty.to_token_stream().to_string();
        let message = match seen.get(&held) {
            Some(first) => format!("the variant `{first}` holds `{held}` already; remove one"),
            None => {
                seen.insert(held, order.ident);
                continue;
            }
        };
        diagnostics.error(&field.ty, message);
    }
}
