//! derive(Id): one function for each group of generated items.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Type;

use super::Model;
use crate::{name, tokens};

const COPIED: [&str; 13] = [
    "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize", "Uuid",
];

struct Parts<'a> {
    name: &'a Ident,
    /// The name in texts, without `r#`.
    text: String,
    inner: &'a Type,
    private: &'a TokenStream,
}

pub(super) fn expand(id: &Model) -> TokenStream {
    let Some(field) = id.inner else {
        return TokenStream::new();
    };
    let parts = Parts {
        name: &id.input.ident,
        text: name::plain(&id.input.ident),
        inner: &field.ty,
        private: &id.private,
    };
    let items = [
        clone(&parts),
        equality(&parts),
        order(&parts),
        hash(&parts),
        formats(&parts),
        from_str(&parts),
        from(&parts),
        serde(&parts),
        id_and_column(&parts),
    ];
    items.into_iter().collect()
}

fn clone(Parts { name, inner, .. }: &Parts) -> TokenStream {
    let copied = tokens::last_name(inner).is_some_and(|name| COPIED.contains(&name.as_str()));
    let copy = copied.then(|| {
        quote! {
            #[automatically_derived]
            impl ::core::marker::Copy for #name {}
        }
    });
    quote! {
        #[automatically_derived]
        impl ::core::clone::Clone for #name {
            #[inline]
            fn clone(&self) -> Self {
                Self(::core::clone::Clone::clone(&self.0))
            }
        }
        #copy
    }
}

fn equality(Parts { name, .. }: &Parts) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl ::core::cmp::PartialEq for #name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                ::core::cmp::PartialEq::eq(&self.0, &other.0)
            }
        }
        #[automatically_derived]
        impl ::core::cmp::Eq for #name {}
    }
}

fn order(Parts { name, .. }: &Parts) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl ::core::cmp::PartialOrd for #name {
            #[inline]
            fn partial_cmp(&self, other: &Self) -> ::core::option::Option<::core::cmp::Ordering> {
                ::core::option::Option::Some(::core::cmp::Ord::cmp(self, other))
            }
        }
        #[automatically_derived]
        impl ::core::cmp::Ord for #name {
            #[inline]
            fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
                ::core::cmp::Ord::cmp(&self.0, &other.0)
            }
        }
    }
}

fn hash(Parts { name, .. }: &Parts) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl ::core::hash::Hash for #name {
            #[inline]
            fn hash<H: ::core::hash::Hasher>(&self, hasher: &mut H) {
                ::core::hash::Hash::hash(&self.0, hasher)
            }
        }
    }
}

fn formats(Parts { name, text, .. }: &Parts) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl ::core::fmt::Debug for #name {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                formatter.debug_tuple(#text).field(&self.0).finish()
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Display for #name {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&self.0, formatter)
            }
        }
    }
}

fn from_str(
    Parts {
        name,
        text,
        inner,
        private,
    }: &Parts,
) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl ::core::str::FromStr for #name {
            type Err = #private::ParseIdError;

            fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                ::core::result::Result::map_err(
                    ::core::result::Result::map(<#inner as ::core::str::FromStr>::from_str(text), Self),
                    |reason| #private::ParseIdError::new(text, #text, reason),
                )
            }
        }
    }
}

fn from(Parts { name, inner, .. }: &Parts) -> TokenStream {
    let text = tokens::last_name(inner).is_some_and(|name| name == "String");
    let from_text = text.then(|| {
        quote! {
            #[automatically_derived]
            impl ::core::convert::From<&str> for #name {
                fn from(text: &str) -> Self {
                    Self(::core::convert::From::from(text))
                }
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl ::core::convert::From<#inner> for #name {
            #[inline]
            fn from(inner: #inner) -> Self {
                Self(inner)
            }
        }
        #from_text
    }
}

fn serde(
    Parts {
        name,
        inner,
        private,
        ..
    }: &Parts,
) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl #private::serde::Serialize for #name {
            fn serialize<S: #private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                #private::serde::Serialize::serialize(&self.0, serializer)
            }
        }
        #[automatically_derived]
        impl<'de> #private::serde::Deserialize<'de> for #name {
            fn deserialize<D: #private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                ::core::result::Result::map(
                    <#inner as #private::serde::Deserialize<'de>>::deserialize(deserializer),
                    Self,
                )
            }
        }
    }
}

fn id_and_column(
    Parts {
        name,
        inner,
        private,
        ..
    }: &Parts,
) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl #private::Id for #name {
            fn parse(text: &str) -> ::core::result::Result<Self, #private::ParseIdError> {
                ::core::str::FromStr::from_str(text)
            }
        }
        #[automatically_derived]
        impl #private::ColumnType for #name {
            const KIND: #private::ColumnKind = <#inner as #private::ColumnType>::KIND;

            fn to_value(&self) -> ::core::result::Result<#private::Value, #private::ColumnError> {
                <#inner as #private::ColumnType>::to_value(&self.0)
            }

            fn from_value(
                value: #private::Value,
            ) -> ::core::result::Result<Self, #private::ColumnError> {
                ::core::result::Result::map(<#inner as #private::ColumnType>::from_value(value), Self)
            }
        }
    }
}
