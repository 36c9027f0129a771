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
    let (initial, fold) = (initial(aggregate), fold(aggregate));
    let assert_category = assert_category(aggregate);
    quote! {
        #[automatically_derived]
        impl #private::Aggregate for #name {
            type Event = #event;
            type Rejection = #rejection;
            const CATEGORY: &'static str = #category;
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
