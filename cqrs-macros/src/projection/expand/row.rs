//! derive(Projection): the row's schema, and the row in and out.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::columns;
use crate::projection::model::{Column, Model};
use crate::tokens;

pub(super) fn view_row(projection: &Model) -> TokenStream {
    let Model { private, .. } = projection;
    let name = &projection.input.ident;
    let key = projection.columns.get(projection.key());
    let (key_type, key) = (key.map(|key| key.ty), key.map(|key| key.ident));
    let (schema, cell, from_row) = (schema(projection), cell(projection), from_row(projection));
    let clone = clone(projection);
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #private::ViewRow for #name {
            type Key = #key_type;
            #schema
            fn key(&self) -> &Self::Key {
                &self.#key
            }
            fn duplicate(&self) -> Self {
                #clone(self)
            }
            #cell
            #from_row
        }
    }
}

/// The one place that asks for `Clone`, so that a missing one is one error at the row's name.
fn clone(projection: &Model) -> TokenStream {
    let name = &projection.input.ident;
    quote_spanned!(name.span()=> <#name as ::core::clone::Clone>::clone)
}

fn schema(projection: &Model) -> TokenStream {
    let Model { private, .. } = projection;
    let (name, key) = (projection.name.get(), projection.key());
    let version = projection.version.get().map_or(1, |version| version.value);
    let partitions = projection.partitions.get().map(|number| number.value);
    let partitions = partitions.into_iter();
    let columns = projection
        .columns
        .iter()
        .map(|column| column_schema(private, column));
    let indexes = projection.indexes.iter().map(|index| &index.columns);
    let full_text = projection.full_text();
    quote! {
        fn schema() -> #private::ViewSchema {
            let mut schema = #private::ViewSchema::new(#name, #version);
            schema.key = #key;
            #(schema.partitions = #partitions;)*
            #(schema.columns.push(#columns);)*
            #(schema.indexes.push(::core::convert::From::from([#(#indexes),*]));)*
            #(schema.full_text.push(#full_text);)*
            schema
        }
    }
}

fn column_schema(private: &TokenStream, column: &Column) -> TokenStream {
    let (name, ty) = (column.name(), column.ty);
    if column.json.at().is_some() {
        return quote!(#private::ColumnSchema::new(#name, #private::ColumnKind::Json));
    }
    let scale = columns::scale(column.scale.get().map(|scale| scale.value));
    let kind = tokens::item(ty, private, "ColumnType", "KIND");
    let nullable = tokens::item(ty, private, "ColumnType", "NULLABLE");
    quote! {{
        let mut column = #private::ColumnSchema::new(#name, #kind);
        column.nullable = #nullable;
        column.scale = #scale;
        column
    }}
}

fn cell(projection: &Model) -> TokenStream {
    let Model { private, .. } = projection;
    let arms = projection
        .columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let (ident, ty, name) = (column.ident, column.ty, column.name());
            let to_value = match column.json.is_missing() {
                true => tokens::item(ty, private, "ColumnType", "to_value"),
                false => quote!(#private::json_to_value::<#ty>),
            };
            quote! {
                #index => ::core::result::Result::map_err(
                    #to_value(&self.#ident),
                    |error| #private::ColumnError::in_column(error, #name),
                ),
            }
        });
    quote! {
        fn cell(
            &self,
            column: usize,
        ) -> ::core::result::Result<#private::Value, #private::ColumnError> {
            match column {
                #(#arms)*
                _ => ::core::result::Result::Err(#private::ColumnError::new("there is no such column")),
            }
        }
    }
}

fn from_row(projection: &Model) -> TokenStream {
    let Model { private, .. } = projection;
    let fields = projection.columns.iter().map(|column| {
        let (ident, ty, name) = (column.ident, column.ty, column.name());
        let from_value = match column.json.is_missing() {
            true => tokens::item(ty, private, "ColumnType", "from_value"),
            false => quote!(#private::json_from_value::<#ty>),
        };
        quote! {
            #ident: ::core::result::Result::map_err(
                #from_value(next(#name)?),
                |error| #private::ColumnError::in_column(error, #name),
            )?,
        }
    });
    quote! {
        fn from_row(
            row: #private::Row,
        ) -> ::core::result::Result<Self, #private::ColumnError> {
            let mut cells = ::core::iter::IntoIterator::into_iter(row);
            let mut next = |column| {
                ::core::option::Option::ok_or_else(
                    ::core::iter::Iterator::next(&mut cells),
                    || #private::ColumnError::new("the cell is missing").in_column(column),
                )
            };
            ::core::result::Result::Ok(Self { #(#fields)* })
        }
    }
}

/// `for<'any>` defers the bound to the use: without it, a field without a default would be an error
/// here even where no row is ever made from its key.
pub(super) fn from_key(projection: &Model) -> TokenStream {
    let Model { private, .. } = projection;
    let name = &projection.input.ident;
    let is_key = |index: &usize| *index == projection.key();
    let key = projection
        .columns
        .get(projection.key())
        .map(|key| key.ident);
    let others = projection
        .columns
        .iter()
        .enumerate()
        .filter(|(index, _)| !is_key(index));
    let (idents, types): (Vec<_>, Vec<_>) =
        others.map(|(_, column)| (column.ident, column.ty)).unzip();
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #private::FromKey for #name
        where
            #(for<'any> #types: #private::FieldDefault,)*
        {
            fn from_key(key: Self::Key) -> Self {
                Self {
                    #key: key,
                    #(#idents: #private::FieldDefault::field_default(),)*
                }
            }
        }
    }
}
