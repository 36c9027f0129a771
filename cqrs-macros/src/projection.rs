//! derive(Projection): runs its stages.

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
    let projection = Model::read(input, &mut diagnostics);
    check::check(&projection, &mut diagnostics);
    match diagnostics.finish() {
        None => expand::expand(&projection),
        Some(errors) => {
            let fallback = fallback::projection(&projection, &errors);
            quote!(#errors #fallback)
        }
    }
}
