//! derive(Id): the newtype as we see it.

use proc_macro2::TokenStream;
use syn::{Data, DeriveInput, Field, Fields};

use crate::attribute::{self, Once};
use crate::diagnostics::Diagnostics;
use crate::{path, symbol};

pub(crate) struct Model<'a> {
    pub(crate) input: &'a DeriveInput,
    /// The path of the facade's hidden module.
    pub(crate) private: TokenStream,
    /// The one field, when there is exactly one without a name.
    pub(crate) inner: Option<&'a Field>,
}

impl<'a> Model<'a> {
    pub(crate) fn read(input: &'a DeriveInput, diagnostics: &mut Diagnostics) -> Self {
        let mut facade = Once::default();
        for mut entry in attribute::read(&input.attrs, symbol::ID, diagnostics) {
            if entry.key(&[symbol::CRATE], diagnostics).is_some() {
                let path = entry.path(diagnostics);
                facade.set(&entry, "`crate`", path, diagnostics);
            }
        }
        Self {
            input,
            private: path::private(facade.get()),
            inner: inner(&input.data),
        }
    }
}

fn inner(data: &Data) -> Option<&Field> {
    let Data::Struct(data) = data else {
        return None;
    };
    match &data.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => fields.unnamed.first(),
        _ => None,
    }
}
