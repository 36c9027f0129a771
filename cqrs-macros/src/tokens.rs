//! Small questions to syntax, and moving tokens to another place in the user's code.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Generics, Type};

use crate::diagnostics::Diagnostics;

/// The tokens, as if they were written at `span`: rustc points an unmet bound at the type's token.
pub(crate) fn respan(tokens: &impl ToTokens, span: Span) -> TokenStream {
    let respanned = tokens
        .to_token_stream()
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) => {
                let mut group = Group::new(group.delimiter(), respan(&group.stream(), span));
                group.set_span(span);
                TokenTree::Group(group)
            }
            mut token => {
                token.set_span(span);
                token
            }
        });
    respanned.collect()
}

/// The last name of a type's path: `String` for `std::string::String`.
pub(crate) fn last_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        Type::Group(group) => last_name(&group.elem),
        Type::Paren(paren) => last_name(&paren.elem),
        _ => None,
    }
}

pub(crate) fn refuse_generics(generics: &Generics, what: &str, diagnostics: &mut Diagnostics) {
    if !generics.params.is_empty() {
        diagnostics.error(
            generics,
            format!("{what} has no generics or lifetimes; name its types and own its data"),
        );
    }
}
