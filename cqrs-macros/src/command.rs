//! derive(Command): runs its stages.

mod check;
mod expand;
mod model;

pub(crate) use self::model::{Model, Shape};

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::diagnostics::Diagnostics;
use crate::fallback;

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut diagnostics = Diagnostics::new();
    let command = Model::read(input, &mut diagnostics);
    check::check(&command, &mut diagnostics);
    match diagnostics.finish() {
        None => expand::expand(&command),
        Some(errors) => {
            let fallback = fallback::command(&command, &errors);
            quote!(#errors #fallback)
        }
    }
}
