//! derive(Projection): the typed columns that queries are made of.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::projection::model::Model;
use crate::{name, tokens};

/// A type for each column, named as the column, so that rustc's messages name it.
pub(super) fn markers(projection: &Model) -> TokenStream {
    let Model { private, .. } = projection;
    let vis = &projection.input.vis;
    let module = module(projection);
    let columns = projection.columns.iter().map(|column| column.ident);
    let indexed = indexed(projection);
    let indexed = indexed
        .iter()
        .filter_map(|column| projection.columns.get(*column));
    let indexed = indexed.map(|column| column.ident);
    quote! {
        #[doc(hidden)]
        #[allow(non_snake_case, non_camel_case_types, unreachable_pub, missing_debug_implementations, dead_code)]
        #vis mod #module {
            #(pub struct #columns;)*
        }
        #(
            #[automatically_derived]
            impl #private::Indexed for #module::#indexed {}
        )*
    }
}

pub(super) fn module(projection: &Model) -> Ident {
    format_ident!("__{}", name::plain(&projection.input.ident))
}

/// The key and every column of an index. One that comes later in an index over several counts too:
/// `index((owner, balance))` is there to filter by the owner and order by the balance.
fn indexed(projection: &Model) -> BTreeSet<usize> {
    let columns = projection.indexes.iter().flat_map(|index| &index.columns);
    columns.copied().chain([projection.key()]).collect()
}

pub(super) fn constants(projection: &Model) -> TokenStream {
    let Model { private, .. } = projection;
    let name = &projection.input.ident;
    let vis = &projection.input.vis;
    let module = module(projection);
    let constants = projection
        .columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let (constant, ident, ty) = (column.constant(), column.ident, column.ty);
            let doc = format!("The column `{}`, for filters and orders.", column.name());
            quote! {
                #[doc = #doc]
                #vis const #constant: #private::Column<#name, #ty, #module::#ident> =
                    #private::Column::new(#index);
            }
        });
    quote! {
        #[allow(dead_code, private_interfaces, unreachable_pub)]
        impl #name { #(#constants)* }
    }
}

/// A decimal column says its scale, and no other does: asked of the type, not of its name.
pub(super) fn assert_scales(projection: &Model) -> TokenStream {
    let Model { private, .. } = projection;
    let columns = projection
        .columns
        .iter()
        .filter(|column| column.json.is_missing());
    let asserts = columns.map(|column| {
        let span = column.ty.span();
        let scale = scale(column.scale.get().map(|scale| scale.value));
        let (assert, scale) = (
            tokens::respan(&quote!(#private::assert_scale), span),
            tokens::respan(&scale, span),
        );
        let kind = tokens::item(column.ty, private, "ColumnType", "KIND");
        quote_spanned!(span=> const _: () = #assert(#kind, #scale);)
    });
    asserts.collect()
}

pub(super) fn scale(scale: Option<u32>) -> TokenStream {
    match scale {
        Some(scale) => quote!(::core::option::Option::Some(#scale)),
        None => quote!(::core::option::Option::None),
    }
}
