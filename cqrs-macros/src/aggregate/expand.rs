//! derive(Aggregate): one function for each generated item.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;

use super::Model;
use crate::tokens;

pub(super) fn expand(aggregate: &Model) -> TokenStream {
    let Model { private, .. } = aggregate;
    let name = &aggregate.input.ident;
    let (event, rejection) = (aggregate.event.get(), aggregate.rejection.get());
    let category = category(aggregate);
    let assert_apply = assert_apply(aggregate);
    quote! {
        #[automatically_derived]
        impl #private::Aggregate for #name {
            type Event = #event;
            type Rejection = #rejection;
            const CATEGORY: &'static str = #category;
        }
        #assert_apply
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

/// The one place that asks for `Apply`, so that a missing one is one error at the type's name.
fn assert_apply(aggregate: &Model) -> TokenStream {
    let Model { private, .. } = aggregate;
    let name = &aggregate.input.ident;
    let apply = tokens::item(name, private, "Apply", "apply");
    quote! {
        const _: fn(&mut #name, <#name as #private::Aggregate>::Event) = #apply;
        const _: &'static str = <#name as #private::Aggregate>::CATEGORY;
    }
}
