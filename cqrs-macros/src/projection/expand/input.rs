//! derive(Projection): the events that it follows, decoded and handed on.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Path, Type, TypePath};

use crate::event;
use crate::projection::model::Model;

pub(super) fn projection(projection: &Model) -> TokenStream {
    let Model { private, .. } = projection;
    let (name, view) = (&projection.input.ident, projection.name.get());
    let events: &[Path] = projection.events.get().map_or(&[], Vec::as_slice);
    let variants: Vec<_> = (0..events.len())
        .map(|index| format_ident!("E{index}"))
        .collect();
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
                #(#variants(#private::Recorded<#events>),)*
            }

            #[automatically_derived]
            impl #private::Projection for #name {
                type Input = Input;
                const NAME: &'static str = #view;
                const EVENTS: &'static [&'static [#private::EventType]] =
                    &[#(<#events as #private::Event>::TYPES),*];
                #decode
                #dispatch
            }
        };
    }
}

fn decode(private: &TokenStream, events: &[Path], variants: &[Ident]) -> TokenStream {
    quote! {
        fn decode(
            event: &#private::StoredEvent,
        ) -> ::core::result::Result<::core::option::Option<Self::Input>, #private::DecodeError> {
            #(
                if let ::core::option::Option::Some(event) =
                    #private::StoredEvent::decode::<#events>(event)?
                {
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
    let projects = events.iter().map(|event| {
        let row = quote_spanned!(event.span()=> Self);
        quote_spanned!(event.span()=> <#row as #private::Project<#event>>::project)
    });
    quote! {
        fn dispatch(input: &Self::Input, rows: &mut #private::Rows<Self>) {
            match input {
                #(Input::#variants(event) => #projects(event, rows),)*
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
