//! derive(Aggregate): one function for each generated item.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::Model;
use crate::tokens;

pub(super) fn expand(aggregate: &Model) -> TokenStream {
    let Model { private, .. } = aggregate;
    let name = &aggregate.input.ident;
    let (event, rejection) = (aggregate.event.get(), aggregate.rejection.get());
    let category = category(aggregate);
    let (snapshots, initial) = (snapshots(aggregate), initial(aggregate));
    let fold = fold(aggregate);
    let assert_category = assert_category(aggregate);
    quote! {
        #[automatically_derived]
        impl #private::Aggregate for #name {
            type Event = #event;
            type Rejection = #rejection;
            const CATEGORY: &'static str = #category;
            #snapshots
            #initial
            #fold
        }
        #assert_category
    }
}

fn category(aggregate: &Model) -> TokenStream {
    let Model {
        private,
        event,
        name,
        ..
    } = aggregate;
    match (name.get(), event.get()) {
        (Some(name), _) => quote!(#name),
        (None, event) => {
            let category = quote!(#private::category_of::<Self>());
            tokens::respan(&category, event.span())
        }
    }
}

/// A state that serde cannot write is a mistake at the type's name.
fn snapshots(aggregate: &Model) -> Option<TokenStream> {
    let Model { private, .. } = aggregate;
    let every = u64::from(aggregate.snapshot_every.get()?.value);
    let version = aggregate.snapshot_version.get();
    let version = version.map_or(0, |version| version.value);
    let name = &aggregate.input.ident;
    let snapshots = quote!(#private::snapshots::<#name>);
    let snapshots = tokens::respan(&snapshots, name.span());
    Some(quote! {
        fn snapshots() -> ::core::option::Option<#private::Snapshots<Self>> {
            #snapshots(#every, #version)
        }
    })
}

/// The one place that asks for `Default`, so that a missing one is one error at the type's name.
fn initial(aggregate: &Model) -> TokenStream {
    let name = &aggregate.input.ident;
    let default = quote_spanned!(name.span()=> <#name as ::core::default::Default>::default);
    quote! {
        fn initial() -> Self {
            #default()
        }
    }
}

/// The one place that asks for `Apply`, so that a missing one is one error at the type's name.
fn fold(aggregate: &Model) -> TokenStream {
    let Model { private, .. } = aggregate;
    let apply = tokens::item(&aggregate.input.ident, private, "Apply", "apply");
    quote! {
        fn fold(&mut self, event: Self::Event) {
            #apply(self, event)
        }
    }
}

/// Evaluates the category, which is a mistake for composed events, even where nothing uses it.
fn assert_category(aggregate: &Model) -> TokenStream {
    let Model { private, .. } = aggregate;
    let name = &aggregate.input.ident;
    quote!(const _: &'static str = <#name as #private::Aggregate>::CATEGORY;)
}
