//! derive(Event): one function for each generated item.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::model::{Model, Variant};

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
                #private::Id::parse(id)
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
    let encode = quote_spanned!(event.input.ident.span()=> #private::encode::<Self>);
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
    let decode = quote_spanned!(event.input.ident.span()=> #private::decode::<Self>);
    let arms = event.variants.iter().enumerate().map(|(index, variant)| {
        let name = event.stored_name(variant);
        let event_type = event_type(event, variant);
        let upcasts = variant.upcasts.iter().map(|step| {
            let (from, function) = (step.from.value, &step.function);
            quote!(#private::Upcast { from: #from, apply: #function })
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
    let types = composed_types(private, &inner);
    let decode = composed_decode(event, &inner);
    let disjoint = disjoint(private, &inner);
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #private::Event for #name {
            type Id = #private::AnyId;
            const PREFIX: ::core::option::Option<&'static str> = ::core::option::Option::None;
            #types
            fn event_type(&self) -> #private::EventType {
                match self { #(Self::#variants(inner) => #private::Event::event_type(inner),)* }
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
                match self { #(Self::#variants(inner) => #private::Event::encode(inner),)* }
            }
            #decode
        }
        #disjoint
    }
}

fn inner<'a>(variant: &Variant<'a>) -> Option<&'a Type> {
    variant.node.fields.iter().next().map(|field| &field.ty)
}

fn composed_types(private: &TokenStream, inner: &[&Type]) -> TokenStream {
    quote! {
        const TYPES: &'static [#private::EventType] =
            &#private::concat::<{ 0 #(+ <#inner as #private::Event>::TYPES.len())* }>(&[
                #(<#inner as #private::Event>::TYPES),*
            ]);
    }
}

fn composed_decode(event: &Model, inner: &[&Type]) -> TokenStream {
    let Model { private, .. } = event;
    let variants = event.variants.iter().map(|variant| &variant.node.ident);
    quote! {
        fn decode(
            event: #private::EncodedEvent<'_>,
        ) -> ::core::result::Result<::core::option::Option<Self>, #private::DecodeError> {
            #(
                if let ::core::option::Option::Some(inner) =
                    <#inner as #private::Event>::decode(event)?
                {
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
        quote_spanned! {later.span()=>
            const _: () = #private::assert_disjoint(
                <#earlier as #private::Event>::TYPES,
                <#later as #private::Event>::TYPES,
            );
        }
    });
    asserts.collect()
}
