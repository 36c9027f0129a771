//! derive(Projection): the columns that full-text search looks into.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::columns;
use crate::projection::model::Model;
use crate::tokens;

/// What says that the view can be searched and which of its columns have highlights.
pub(super) fn full_text(projection: &Model) -> Option<TokenStream> {
    let Model { private, .. } = projection;
    let name = &projection.input.ident;
    let module = columns::module(projection);
    let places = projection.full_text();
    let columns = places
        .iter()
        .filter_map(|place| projection.columns.get(*place));
    let columns: Vec<_> = columns.collect();
    let idents = columns.iter().map(|column| column.ident);
    // Asked of the type, not of its name: a newtype over a text is one.
    let asserts = columns.iter().map(|column| {
        let span = column.ty.span();
        let assert = tokens::respan(&quote!(#private::assert_full_text), span);
        let kind = tokens::item(column.ty, private, "ColumnType", "KIND");
        quote_spanned!(span=> const _: () = #assert(#kind);)
    });
    (!places.is_empty()).then(|| {
        quote! {
            #(#asserts)*
            #[automatically_derived]
            impl #private::Searchable for #name {}
            #(
                #[automatically_derived]
                impl #private::FullText for #module::#idents {}
            )*
        }
    })
}
