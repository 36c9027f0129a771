//! The fallback of derive(Id).

use proc_macro2::TokenStream;
use quote::quote;

use super::{header, unreachable};
use crate::id::Model;

pub(crate) fn id(id: &Model) -> TokenStream {
    let private = &id.private;
    let impls = [
        clone_and_equality(id),
        order_and_hash(id),
        formats(id),
        texts(id),
        serde(id),
    ];
    let column = header(id.input, &quote!(#private::ColumnType));
    let unreachable = unreachable();
    quote! {
        #(#impls)*
        #column {
            const KIND: #private::ColumnKind = #private::ColumnKind::Text;
            fn to_value(&self) -> ::core::result::Result<#private::Value, #private::ColumnError> {
                #unreachable
            }
            fn from_value(
                _: #private::Value,
            ) -> ::core::result::Result<Self, #private::ColumnError> {
                #unreachable
            }
        }
    }
}

fn clone_and_equality(id: &Model) -> TokenStream {
    let clone = header(id.input, &quote!(::core::clone::Clone));
    let partial_eq = header(id.input, &quote!(::core::cmp::PartialEq));
    let eq = header(id.input, &quote!(::core::cmp::Eq));
    let unreachable = unreachable();
    quote! {
        #clone {
            fn clone(&self) -> Self {
                #unreachable
            }
        }
        #partial_eq {
            fn eq(&self, _: &Self) -> bool {
                #unreachable
            }
        }
        #eq {}
    }
}

fn order_and_hash(id: &Model) -> TokenStream {
    let partial_ord = header(id.input, &quote!(::core::cmp::PartialOrd));
    let ord = header(id.input, &quote!(::core::cmp::Ord));
    let hash = header(id.input, &quote!(::core::hash::Hash));
    let unreachable = unreachable();
    quote! {
        #partial_ord {
            fn partial_cmp(&self, _: &Self) -> ::core::option::Option<::core::cmp::Ordering> {
                #unreachable
            }
        }
        #ord {
            fn cmp(&self, _: &Self) -> ::core::cmp::Ordering {
                #unreachable
            }
        }
        #hash {
            fn hash<H: ::core::hash::Hasher>(&self, _: &mut H) {
                #unreachable
            }
        }
    }
}

fn formats(id: &Model) -> TokenStream {
    let debug = header(id.input, &quote!(::core::fmt::Debug));
    let display = header(id.input, &quote!(::core::fmt::Display));
    let unreachable = unreachable();
    quote! {
        #debug {
            fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #unreachable
            }
        }
        #display {
            fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #unreachable
            }
        }
    }
}

fn texts(id: &Model) -> TokenStream {
    let private = &id.private;
    let impl_id = header(id.input, &quote!(#private::Id));
    let from_str = header(id.input, &quote!(::core::str::FromStr));
    let from = header(id.input, &quote!(::core::convert::From<&str>));
    let unreachable = unreachable();
    quote! {
        #impl_id {
            fn parse(_: &str) -> ::core::result::Result<Self, #private::ParseIdError> {
                #unreachable
            }
        }
        #from_str {
            type Err = #private::ParseIdError;
            fn from_str(_: &str) -> ::core::result::Result<Self, Self::Err> {
                #unreachable
            }
        }
        #from {
            fn from(_: &str) -> Self {
                #unreachable
            }
        }
    }
}

fn serde(id: &Model) -> TokenStream {
    let private = &id.private;
    let serialize = header(id.input, &quote!(#private::serde::Serialize));
    let name = &id.input.ident;
    let deserialize = if id.input.generics.params.is_empty() {
        quote!(impl<'de> #private::serde::Deserialize<'de> for #name)
    } else {
        // A second list of generics is not worth making for an id that may have none.
        return TokenStream::new();
    };
    let unreachable = unreachable();
    quote! {
        #serialize {
            fn serialize<S: #private::serde::Serializer>(
                &self,
                _: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                #unreachable
            }
        }
        #[automatically_derived]
        #deserialize {
            fn deserialize<D: #private::serde::Deserializer<'de>>(
                _: D,
            ) -> ::core::result::Result<Self, D::Error> {
                #unreachable
            }
        }
    }
}
