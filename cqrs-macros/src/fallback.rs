//! What is emitted beside the errors: impls that compile, so that no second wave of errors follows.

mod id;
mod projection;

pub(crate) use self::id::id;
pub(crate) use self::projection::projection;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::DeriveInput;

use crate::aggregate::Model as Aggregate;
use crate::attribute::Once;
use crate::command::{Model as Command, Shape};
use crate::diagnostics::Errors;
use crate::event::Model as Event;

/// `impl<…> Trait for Name<…> where …`, with what the trait asks of the type as a condition.
fn header(input: &DeriveInput, item: &TokenStream) -> TokenStream {
    header_over(input, item, &quote!(::core::marker::Sized))
}

/// The same where the trait stands on another one that a generic type has under conditions.
fn header_over(input: &DeriveInput, item: &TokenStream, supertrait: &TokenStream) -> TokenStream {
    let name = &input.ident;
    let (generics, arguments, _) = input.generics.split_for_impl();
    let clause = conditions(input, supertrait);
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #generics #item for #name #arguments #clause
    }
}

fn conditions(input: &DeriveInput, supertrait: &TokenStream) -> TokenStream {
    if input.generics.params.is_empty() {
        return TokenStream::new();
    }
    let name = &input.ident;
    let (_, arguments, given) = input.generics.split_for_impl();
    let given = given.map(|clause| &clause.predicates);
    quote! {
        where
            #name #arguments:
                #supertrait + ::core::marker::Send + ::core::marker::Sync + 'static,
            #given
    }
}

/// The type that was given, or a mistake in its place.
fn or_error(given: &Once<impl ToTokens>, errors: &Errors) -> TokenStream {
    match given.get() {
        Some(given) => given.to_token_stream(),
        None => errors.as_type(),
    }
}

fn unreachable() -> TokenStream {
    quote!(::core::unreachable!("the derive reported errors"))
}

pub(crate) fn event(model: &Event, errors: &Errors) -> TokenStream {
    let private = &model.private;
    let id = match model.transparent.is_missing() {
        true => or_error(&model.id, errors),
        false => quote!(#private::AnyId),
    };
    let prefix = model
        .prefix
        .get()
        .map_or_else(|| quote!(""), ToTokens::to_token_stream);
    let prefix = match model.transparent.is_missing() {
        true => quote!(::core::option::Option::Some(#prefix)),
        false => quote!(::core::option::Option::None),
    };
    let header = header(model.input, &quote!(#private::Event));
    let unreachable = unreachable();
    quote! {
        #header {
            type Id = #id;
            const PREFIX: ::core::option::Option<&'static str> = #prefix;
            const TYPES: &'static [#private::EventType] = &[];
            fn event_type(&self) -> #private::EventType {
                #unreachable
            }
            fn stream_id(
                _: &str,
                _: &str,
            ) -> ::core::result::Result<Self::Id, #private::ParseIdError> {
                #unreachable
            }
            fn encode(
                &self,
            ) -> ::core::result::Result<::std::string::String, #private::EncodeError> {
                #unreachable
            }
            fn decode(
                _: #private::EncodedEvent<'_>,
            ) -> ::core::result::Result<::core::option::Option<Self>, #private::DecodeError> {
                #unreachable
            }
        }
    }
}

pub(crate) fn aggregate(model: &Aggregate, errors: &Errors) -> TokenStream {
    let private = &model.private;
    let event = or_error(&model.event, errors);
    let rejection = or_error(&model.rejection, errors);
    let unreachable = unreachable();
    let header = header(model.input, &quote!(#private::Aggregate));
    quote! {
        #header {
            type Event = #event;
            type Rejection = #rejection;
            const CATEGORY: &'static str = "";
            fn initial() -> Self {
                #unreachable
            }
            fn fold(&mut self, _: Self::Event) {
                #unreachable
            }
        }
    }
}

pub(crate) fn command(command: &Command, errors: &Errors) -> TokenStream {
    let private = &command.private;
    let aggregate = or_error(&command.aggregate, errors);
    let clone = quote!(::core::clone::Clone);
    let impl_command = header_over(command.input, &quote!(#private::Command), &clone);
    let handle = handle(command, &aggregate);
    let unreachable = unreachable();
    quote! {
        #impl_command {
            type Aggregate = #aggregate;
            const NAMES: &'static [&'static str] = &[""];
            const IS_ENUM: bool = false;
            fn id(&self) -> &#private::IdOf<Self::Aggregate> {
                #unreachable
            }
            fn existence(&self) -> #private::Existence {
                #unreachable
            }
            fn name(&self) -> &'static str {
                #unreachable
            }
            fn decide(
                self,
                _: &Self::Aggregate,
                _: &#private::Context,
            ) -> #private::Decision<Self::Aggregate> {
                #unreachable
            }
        }
        #handle
    }
}

/// Only a delegating enum gets its `Handle` from the derive; the others have one of the user's.
fn handle(command: &Command, aggregate: &TokenStream) -> Option<TokenStream> {
    let private = &command.private;
    let name = &command.input.ident;
    let generic = !command.input.generics.params.is_empty();
    if command.shape != Shape::Delegates || command.aggregate.get().is_none() || generic {
        return None;
    }
    let unreachable = unreachable();
    Some(quote! {
        #[automatically_derived]
        impl #private::Handle<#name> for #aggregate {
            fn handle(&self, _: #name, _: &#private::Context) -> #private::Decision<Self> {
                #unreachable
            }
        }
    })
}
