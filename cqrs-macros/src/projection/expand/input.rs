//! derive(Projection): the events that it follows, decoded and handed on.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::{Path, Type, TypePath};

use crate::projection::model::Model;
use crate::{event, tokens};

pub(super) fn projection(projection: &Model) -> TokenStream {
    let Model { private, .. } = projection;
    let (name, view) = (&projection.input.ident, projection.name.get());
    let events: &[Path] = projection.events.get().map_or(&[], Vec::as_slice);
    let variants: Vec<_> = (0..events.len())
        .map(|index| format_ident!("E{index}"))
        .collect();
    let recorded = at_each(events, |event| quote!(#private::Recorded<#event>));
    let types = at_each(events, |event| quote!(<#event as #private::Event>::TYPES));
    let (decode, dispatch) = (
        decode(private, events, &variants),
        dispatch(private, events, &variants),
    );
    let disjoint = disjoint(private, events);
    quote! {
        #disjoint
        const _: () = {
            #[doc(hidden)]
            #[allow(unreachable_pub, private_interfaces, missing_debug_implementations)]
            #[allow(clippy::large_enum_variant)]
            pub enum Input {
                #(#variants(#recorded),)*
            }

            #[automatically_derived]
            impl #private::Projection for #name {
                type Input = Input;
                const NAME: &'static str = #view;
                const EVENTS: &'static [&'static [#private::EventType]] = &[#(#types),*];
                #decode
                #dispatch
            }
        };
    }
}

/// Code for each of the event enums, all of it at the path in `events(…)`.
fn at_each(
    events: &[Path],
    code: impl Fn(&Path) -> TokenStream,
) -> impl Iterator<Item = TokenStream> {
    events
        .iter()
        .map(move |event| tokens::respan(&code(event), event.span()))
}

fn calls(
    events: &[Path],
    functions: impl Iterator<Item = TokenStream>,
    arguments: TokenStream,
) -> impl Iterator<Item = TokenStream> {
    let pairs = events.iter().zip(functions);
    pairs.map(move |(event, function)| tokens::call(&function, &arguments, event.span()))
}

fn decode(private: &TokenStream, events: &[Path], variants: &[Ident]) -> TokenStream {
    let decodes = at_each(
        events,
        |event| quote!(#private::StoredEvent::decode::<#event>),
    );
    let decodes = calls(events, decodes, quote!(event));
    quote! {
        fn decode(
            event: &#private::StoredEvent,
        ) -> ::core::result::Result<::core::option::Option<Self::Input>, #private::DecodeError> {
            #(
                if let ::core::option::Option::Some(event) = #decodes? {
                    return ::core::result::Result::Ok(::core::option::Option::Some(
                        Input::#variants(event),
                    ));
                }
            )*
            ::core::result::Result::Ok(::core::option::Option::None)
        }
    }
}

/// The one place that asks for `Project<E>`, so that a missing one is one error at the path.
fn dispatch(private: &TokenStream, events: &[Path], variants: &[Ident]) -> TokenStream {
    let projects = at_each(
        events,
        |event| quote!(<Self as #private::Project<#event>>::project),
    );
    let projects = calls(events, projects, quote!(event, rows));
    quote! {
        fn dispatch(input: &Self::Input, rows: &mut #private::Rows<Self>) {
            match input {
                #(Input::#variants(event) => #projects,)*
            }
        }
    }
}

fn disjoint(private: &TokenStream, events: &[Path]) -> TokenStream {
    let types: Vec<_> = events.iter().map(as_type).collect();
    event::disjoint(private, &types.iter().collect::<Vec<_>>())
}

fn as_type(path: &Path) -> Type {
    Type::Path(TypePath {
        attrs: Vec::new(),
        qself: None,
        path: path.clone(),
    })
}
