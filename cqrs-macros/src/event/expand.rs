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
        .map(|variant| event_type(event, variant));
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
    let decode = tokens::item(&event.input.ident, private, "Payload", "decode");
    let arms = event.variants.iter().enumerate().map(|(index, variant)| {
        let name = event.stored_name(variant);
        let event_type = event_type(event, variant);
        let upcasts = variant.upcasts.iter().map(|step| {
            let (from, function) = (step.from.value, &step.function);
            let span = function.span();
            let new = tokens::respan(&quote!(#private::Upcast::new), span);
            let function = quote_spanned!(span=> &#function);
            quote!(#new(#from, #function))
        });
        quote! {
            #name => ::core::result::Result::map(
                #decode(#index, #event_type, &[#(#upcasts),*], event),
                ::core::option::Option::Some,
            ),
        }
    });
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
