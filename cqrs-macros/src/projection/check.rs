//! derive(Projection): the rules across attributes and fields.

use syn::{Data, Fields};

use super::model::{Column, Index, Model};
use crate::diagnostics::Diagnostics;
use crate::{name, tokens};

/// Every partition reads the whole log, so many of them are a mistake.
const MOST_PARTITIONS: u32 = 256;

pub(super) fn check(projection: &Model, diagnostics: &mut Diagnostics) {
    tokens::refuse_generics(&projection.input.generics, "a projection", diagnostics);
    if !shape(projection, diagnostics) {
        return;
    }
    view(projection, diagnostics);
    events(projection, diagnostics);
    for column in &projection.columns {
        check_column(column, diagnostics);
    }
    key(projection, diagnostics);
    indexes(projection, diagnostics);
}

fn shape(projection: &Model, diagnostics: &mut Diagnostics) -> bool {
    let name = &projection.input.ident;
    let message = format!(
        "a projection is a struct with named fields, the columns; write `struct {name} {{ … }}`"
    );
    match &projection.input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if !fields.named.is_empty() => return true,
            Fields::Unnamed(fields) => diagnostics.error(fields, message),
            _ => diagnostics.error(name, "a view has at least its key column; add a field"),
        },
        Data::Enum(data) => diagnostics.error(data.enum_token, message),
        Data::Union(data) => diagnostics.error(data.union_token, message),
    }
    false
}

fn view(projection: &Model, diagnostics: &mut Diagnostics) {
    let missing = match (projection.name.is_missing(), projection.events.is_missing()) {
        (true, true) => Some("name and the events are"),
        (true, false) => Some("name is"),
        (false, true) => Some("events are"),
        (false, false) => None,
    };
    if let Some(missing) = missing {
        let form = "#[projection(name = \"…\", events(…))]";
        let name = &projection.input.ident;
        diagnostics.error(name, format!("the {missing} missing; write `{form}`"));
    }
    if let Some(name) = projection.name.get()
        && let Some(fault) = name::VIEW.fault(&name.value())
    {
        diagnostics.error(name, fault);
    }
    if let Some(version) = projection.version.get()
        && version.value == 0
    {
        diagnostics.error(
            &version.literal,
            "versions begin at 1; write 1 or leave `version` out",
        );
    }
    if let Some(partitions) = projection.partitions.get()
        && !(1..=MOST_PARTITIONS).contains(&partitions.value)
    {
        diagnostics.error(
            &partitions.literal,
            format!(
                "a view has 1 to {MOST_PARTITIONS} partitions, each of which reads every event; write about as many as there are cores to feed it"
            ),
        );
    }
}

fn events(projection: &Model, diagnostics: &mut Diagnostics) {
    if let (Some(events), Some(at)) = (projection.events.get(), projection.events.at())
        && events.is_empty()
    {
        diagnostics.error_at(at, "no events are named; write `events(AccountEvent)`");
    }
}

fn check_column(column: &Column, diagnostics: &mut Diagnostics) {
    if let Some(fault) = name::column_fault(&column.name()) {
        diagnostics.error(column.ident, fault);
    }
    if let (Some(scale), Some(_)) = (column.scale.get(), column.json.get()) {
        diagnostics.error(
            &scale.literal,
            "a JSON column has no scale; remove `scale` or `json`",
        );
    }
    if let (Some(at), false) = (column.full_text.at(), column.json.is_missing()) {
        diagnostics.error_at(
            at,
            "a JSON column has no full text; give the text to search in a column of its own",
        );
    }
    if let Some(scale) = column.scale.get()
        && scale.value > 28
    {
        diagnostics.error(
            &scale.literal,
            "a decimal has at most 28 digits after the point; write less",
        );
    }
}

fn key(projection: &Model, diagnostics: &mut Diagnostics) {
    for (_, at) in projection.keys.iter().skip(1) {
        diagnostics.error_at(*at, "a view has one key; remove this one or the other");
    }
    let Some(column) = projection.columns.get(projection.key()) else {
        return;
    };
    let remedy = "mark another field with `#[projection(key)]`";
    if !column.can_be_key() {
        diagnostics.error(
            column.ty,
            format!("a key is found by equality, which floats lack; {remedy}"),
        );
    }
    if tokens::last_name(column.ty).is_some_and(|name| name == "Option") {
        diagnostics.error(
            column.ty,
            format!("a key is never missing; take the `Option` off, or {remedy}"),
        );
    }
    if let Some(at) = column.json.at() {
        diagnostics.error_at(at, format!("a key cannot be JSON; {remedy}"));
    }
}

fn indexes(projection: &Model, diagnostics: &mut Diagnostics) {
    for (place, index) in projection.indexes.iter().enumerate() {
        if let Some(fault) = index_fault(projection, place, index) {
            diagnostics.error(&index.at, fault);
        }
    }
}

fn index_fault(projection: &Model, place: usize, index: &Index) -> Option<String> {
    let columns = &index.columns;
    let before = &projection.indexes[..place];
    if before.iter().any(|earlier| earlier.columns == *columns) {
        return Some("this index is given twice; keep one".to_owned());
    }
    if *columns == [projection.key()] {
        return Some("the key has an index already; take it out".to_owned());
    }
    let twice = columns
        .iter()
        .enumerate()
        .any(|(at, column)| columns[..at].contains(column));
    if twice {
        return Some("an index has each column once; take the second out".to_owned());
    }
    let json = columns.iter().map(|column| &projection.columns[*column]);
    let json = json.into_iter().find(|column| column.json.at().is_some())?;
    Some(format!(
        "`{}` is JSON, which has no order; give what is asked for a column of its own",
        json.ident
    ))
}
