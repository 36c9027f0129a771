//! The fallback of derive(Projection).

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::{header, unreachable};
use crate::diagnostics::Errors;
use crate::projection::Model;

/// Without named fields there is no key and no column to speak of.
pub(crate) fn projection(projection: &Model, errors: &Errors) -> TokenStream {
    let private = &projection.private;
    let view_row = header(projection.input, &quote!(#private::ViewRow));
    let impl_projection = header(projection.input, &quote!(#private::Projection));
    let from_key = header(projection.input, &quote!(#private::FromKey));
    let searchable = header(projection.input, &quote!(#private::Searchable));
    let key = key(projection, errors);
    let rest = projection_methods(private);
    let (constants, unreachable) = (constants(projection, errors), unreachable());
    quote! {
        #view_row {
            type Key = #key;
            fn schema() -> #private::ViewSchema {
                #unreachable
            }
            fn key(&self) -> &Self::Key {
                #unreachable
            }
            fn duplicate(&self) -> Self {
                #unreachable
            }
            fn cell(
                &self,
                _: usize,
            ) -> ::core::result::Result<#private::Value, #private::ColumnError> {
                #unreachable
            }
            fn from_row(
                _: #private::Row,
            ) -> ::core::result::Result<Self, #private::ColumnError> {
                #unreachable
            }
        }
        #impl_projection { #rest }
        #searchable {}
        #from_key {
            fn from_key(_: Self::Key) -> Self {
                #unreachable
            }
        }
        #constants
    }
}

/// The key's type where it can be one; what cannot is reported already.
fn key(projection: &Model, errors: &Errors) -> TokenStream {
    let column = projection.columns.get(projection.key());
    match column.filter(|column| column.json.is_missing() && column.can_be_key()) {
        Some(column) => column.ty.to_token_stream(),
        None => errors.as_type(),
    }
}

fn projection_methods(private: &TokenStream) -> TokenStream {
    let unreachable = unreachable();
    quote! {
        type Input = ();
        const NAME: &'static str = "";
        const EVENTS: &'static [&'static [#private::EventType]] = &[];
        fn decode(
            _: &#private::StoredEvent,
        ) -> ::core::result::Result<::core::option::Option<Self::Input>, #private::DecodeError> {
            #unreachable
        }
        fn dispatch(_: &Self::Input, _: &mut #private::Rows<Self>) {
            #unreachable
        }
    }
}

/// Columns that queries may filter and order by, whichever they name.
fn constants(projection: &Model, errors: &Errors) -> Option<TokenStream> {
    if !projection.input.generics.params.is_empty() {
        return None;
    }
    let (private, error) = (&projection.private, errors.as_type());
    let (name, vis) = (&projection.input.ident, &projection.input.vis);
    let mut seen = HashSet::new();
    let columns = projection
        .columns
        .iter()
        .filter(|column| seen.insert(column.constant()));
    let constants = columns.map(|column| {
        let (constant, ty) = (column.constant(), column.ty);
        quote! {
            #[doc(hidden)]
            #vis const #constant: #private::Column<#name, #ty, #error> =
                #private::Column::new(0);
        }
    });
    Some(quote! {
        #[allow(dead_code, private_interfaces, unreachable_pub, non_upper_case_globals)]
        impl #name { #(#constants)* }
    })
}
