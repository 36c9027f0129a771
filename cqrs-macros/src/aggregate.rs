//! derive(Aggregate): runs its stages.

mod check;
mod expand;
mod model;

pub(crate) use self::model::Model;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::diagnostics::Diagnostics;
use crate::fallback;

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut diagnostics = Diagnostics::new();
    let aggregate = Model::read(input, &mut diagnostics);
    check::check(&aggregate, &mut diagnostics);
    match diagnostics.finish() {
        None => expand::expand(&aggregate),
        Some(errors) => {
            let fallback = fallback::aggregate(&aggregate, &errors);
            quote!(#errors #fallback)
        }
    }
}
