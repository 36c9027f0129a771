//! derive(Id): the rules.

use syn::{Data, Type};

use super::Model;
use crate::diagnostics::Diagnostics;
use crate::{attribute, symbol, tokens};

pub(super) fn check(id: &Model, diagnostics: &mut Diagnostics) {
    tokens::refuse_generics(&id.input.generics, "an id", diagnostics);
    match id.inner {
        None => shape(id, diagnostics),
        Some(field) => {
            attribute::refuse(&field.attrs, symbol::ID, "above the struct", diagnostics);
            inner(&field.ty, diagnostics);
        }
    }
}

fn shape(id: &Model, diagnostics: &mut Diagnostics) {
    let name = &id.input.ident;
    let message = format!("an id wraps one value; write `struct {name}(String);`");
    match &id.input.data {
        Data::Struct(data) if !data.fields.is_empty() => diagnostics.error(&data.fields, message),
        _ => diagnostics.error(name, message),
    }
}

/// Only what can be told from the type's name; the rest are bounds that rustc checks.
fn inner(ty: &Type, diagnostics: &mut Diagnostics) {
    let name = tokens::last_name(ty);
    let refused = match name.as_deref() {
        None => true,
        Some(name) => ["f32", "f64", "bool", "char", "Vec", "Option", "str"].contains(&name),
    };
    if refused {
        diagnostics.error(
            ty,
            "an id wraps a `String`, a `Uuid` or an integer; wrap one of these",
        );
    }
}
