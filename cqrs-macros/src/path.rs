//! How generated code reaches the facade, under whatever name the user's crate knows it.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::Path;

const PACKAGE: &str = "cqrs";

/// The path of the facade's hidden module: the only names that generated code uses.
pub(crate) fn private(facade: Option<&Path>) -> TokenStream {
    match facade {
        Some(facade) => quote!(#facade::private),
        None => {
            let name = Ident::new(&known_as(), Span::call_site());
            quote!(::#name::private)
        }
    }
}

/// The facade's own package says `extern crate self as cqrs`, so that one path serves all of it.
fn known_as() -> String {
    match crate_name(PACKAGE) {
        Ok(FoundCrate::Name(name)) => name,
        Ok(FoundCrate::Itself) | Err(_) => PACKAGE.to_owned(),
    }
}
