//! derive(Event): runs its stages.

mod check;
mod expand;
mod model;

pub(crate) use self::expand::disjoint;
pub(crate) use self::model::Model;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::diagnostics::Diagnostics;
use crate::fallback;

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut diagnostics = Diagnostics::new();
    let event = Model::read(input, &mut diagnostics);
    check::check(&event, &mut diagnostics);
    match diagnostics.finish() {
        None => expand::expand(&event),
        Some(errors) => {
            let fallback = fallback::event(&event, &errors);
            quote!(#errors #fallback)
        }
    }
}
