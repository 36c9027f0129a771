//! derive(Event): one function for each generated item.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::model::{Model, Variant};
use crate::tokens;

pub(super) fn expand(event: &Model) -> TokenStream {
    match event.transparent.is_missing() {
        true => own(event),
        false => composed(event),
    }
}

fn own(event: &Model) -> TokenStream {
    let Model { private, .. } = event;
    let name = &event.input.ident;
    let (id, prefix) = (event.id.get(), event.prefix.get());
    let types = event
        .variants
        .iter()
        .flat_map(|variant| every_type(event, variant));
    let event_type = own_event_type(event);
    let encode = own_encode(event);
    let decode = own_decode(event);
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #private::Event for #name {
            type Id = #id;
            const PREFIX: ::core::option::Option<&'static str> = ::core::option::Option::Some(#prefix);
            const TYPES: &'static [#private::EventType] = &[#(#types),*];
            #event_type
            fn stream_id(
                _: &str,
                id: &str,
            ) -> ::core::result::Result<Self::Id, #private::ParseIdError> {
                #private::parse_id::<Self>(id)
            }
            #encode
            #decode
        }
    }
}

fn event_type(event: &Model, variant: &Variant) -> TokenStream {
    let Model { private, .. } = event;
    let (name, version) = (event.stored_name(variant), variant.current());
    quote!(#private::EventType::new(#name, #version))
}

/// The event's own type, then those of its aliases.
fn every_type(event: &Model, variant: &Variant) -> Vec<TokenStream> {
    let Model { private, .. } = event;
    let version = variant.current();
    let aliases = variant.aliases.iter().map(|alias| {
        let name = event.whole_name(&alias.name.value());
        quote!(#private::EventType::new(#name, #version))
    });
    std::iter::once(event_type(event, variant))
        .chain(aliases)
        .collect()
}

fn own_event_type(event: &Model) -> TokenStream {
    let Model { private, .. } = event;
    let arms = event.variants.iter().map(|variant| {
        let ident = &variant.node.ident;
        let event_type = event_type(event, variant);
        quote!(Self::#ident { .. } => #event_type,)
    });
    quote! {
        fn event_type(&self) -> #private::EventType {
            match self { #(#arms)* }
        }
    }
}

fn own_encode(event: &Model) -> TokenStream {
    let Model { private, .. } = event;
    let encode = tokens::item(&event.input.ident, private, "Payload", "encode");
    quote! {
        fn encode(
            &self,
        ) -> ::core::result::Result<::std::string::String, #private::EncodeError> {
            #encode(self, #private::Event::event_type(self))
        }
    }
}

fn own_decode(event: &Model) -> TokenStream {
    let Model { private, .. } = event;
    let variants = event.variants.iter().enumerate();
    let arms = variants.map(|(index, variant)| decode_arms(event, index, variant));
    quote! {
        fn decode(
            event: #private::EncodedEvent<'_>,
        ) -> ::core::result::Result<::core::option::Option<Self>, #private::DecodeError> {
            match event.name {
                #(#arms)*
                _ => ::core::result::Result::Ok(::core::option::Option::None),
            }
        }
    }
}

/// The variant under its own name and its plain aliases; then each alias with an upcaster.
fn decode_arms(event: &Model, index: usize, variant: &Variant) -> TokenStream {
    let Model { private, .. } = event;
    let at_enum = |item| tokens::item(&event.input.ident, private, "Payload", item);
    let (decode, decode_alias) = (at_enum("decode"), at_enum("decode_alias"));
    let event_type = event_type(event, variant);
    let upcasts = variant.upcasts.iter();
    let upcasts = upcasts.map(|step| upcast(private, step.from.value, &step.function));
    let upcasts = quote!(&[#(#upcasts),*]);
    let (lifted, plain): (Vec<_>, Vec<_>) = variant
        .aliases
        .iter()
        .partition(|alias| alias.function.is_some());
    let plain = plain.iter().map(|alias| alias.name.value());
    let names = plain.map(|name| event.whole_name(&name));
    let names = std::iter::once(event.stored_name(variant)).chain(names);
    let lifted = lifted.iter().map(|alias| {
        let name = event.whole_name(&alias.name.value());
        let alias = alias.function.as_ref();
        let alias = alias.map(|function| upcast(private, 0, function));
        quote! {
            #name => ::core::result::Result::map(
                #decode_alias(#index, #event_type, #upcasts, #alias, event),
                ::core::option::Option::Some,
            ),
        }
    });
    quote! {
        #(#names)|* => ::core::result::Result::map(
            #decode(#index, #event_type, #upcasts, event),
            ::core::option::Option::Some,
        ),
        #(#lifted)*
    }
}

/// A function of another form is a mistake at the function.
fn upcast(private: &TokenStream, from: u32, function: &TokenStream) -> TokenStream {
    let span = function.span();
    let new = tokens::respan(&quote!(#private::Upcast::new), span);
    let function = quote_spanned!(span=> &#function);
    quote!(#new(#from, #function))
}

fn composed(event: &Model) -> TokenStream {
    let Model { private, .. } = event;
    let name = &event.input.ident;
    let inner: Vec<_> = event.variants.iter().filter_map(inner).collect();
    let variants: Vec<_> = event
        .variants
        .iter()
        .map(|variant| &variant.node.ident)
        .collect();
    let disjoint = disjoint(private, &inner);
    let event_types = items(private, &inner, "event_type");
    let encodes = items(private, &inner, "encode");
    let types = composed_types(private, &inner);
    let decode = composed_decode(event, &inner);
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #private::Event for #name {
            type Id = #private::AnyId;
            const PREFIX: ::core::option::Option<&'static str> = ::core::option::Option::None;
            #types
            fn event_type(&self) -> #private::EventType {
                match self { #(Self::#variants(inner) => #event_types(inner),)* }
            }
            fn stream_id(
                category: &str,
                id: &str,
            ) -> ::core::result::Result<Self::Id, #private::ParseIdError> {
                ::core::result::Result::Ok(#private::AnyId::new(category, id))
            }
            fn encode(
                &self,
            ) -> ::core::result::Result<::std::string::String, #private::EncodeError> {
                match self { #(Self::#variants(inner) => #encodes(inner),)* }
            }
            #decode
        }
        #disjoint
    }
}

fn inner<'a>(variant: &Variant<'a>) -> Option<&'a Type> {
    variant.node.fields.iter().next().map(|field| &field.ty)
}

fn items<'a>(
    private: &'a TokenStream,
    inner: &'a [&Type],
    item: &'a str,
) -> impl Iterator<Item = TokenStream> + 'a {
    let types = inner.iter();
    types.map(move |ty| tokens::item(ty, private, "Event", item))
}

fn composed_types(private: &TokenStream, inner: &[&Type]) -> TokenStream {
    let types: Vec<_> = items(private, inner, "TYPES").collect();
    quote! {
        const TYPES: &'static [#private::EventType] =
            &#private::concat::<{ 0 #(+ #types.len())* }>(&[#(#types),*]);
    }
}

fn composed_decode(event: &Model, inner: &[&Type]) -> TokenStream {
    let Model { private, .. } = event;
    let variants = event.variants.iter().map(|variant| &variant.node.ident);
    let decodes = items(private, inner, "decode");
    quote! {
        fn decode(
            event: #private::EncodedEvent<'_>,
        ) -> ::core::result::Result<::core::option::Option<Self>, #private::DecodeError> {
            #(
                if let ::core::option::Option::Some(inner) = #decodes(event)? {
                    return ::core::result::Result::Ok(::core::option::Option::Some(
                        Self::#variants(inner),
                    ));
                }
            )*
            ::core::result::Result::Ok(::core::option::Option::None)
        }
    }
}

/// Refuses two enums inside that store an event under one name, at the later one's type.
pub(crate) fn disjoint(private: &TokenStream, inner: &[&Type]) -> TokenStream {
    let pairs = inner
        .iter()
        .enumerate()
        .flat_map(|(index, later)| inner[..index].iter().map(move |earlier| (earlier, later)));
    let asserts = pairs.map(|(earlier, later)| {
        let span = later.span();
        let assert = tokens::respan(&quote!(#private::assert_disjoint), span);
        let (earlier, later) = (
            tokens::item(earlier, private, "Event", "TYPES"),
            tokens::item(later, private, "Event", "TYPES"),
        );
        quote_spanned!(span=> const _: () = #assert(#earlier, #later);)
    });
    asserts.collect()
}
