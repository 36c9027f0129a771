//! Small questions to syntax, and moving tokens to another place in the user's code.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
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

/// A call that stands at one place. The arguments keep theirs: a local variable is found by where it
/// comes from, and the place may be in a macro of the user's.
pub(crate) fn call(function: &TokenStream, arguments: &TokenStream, span: Span) -> TokenStream {
    quote_spanned!(span=> #function(#arguments))
}

/// An item of a trait of ours on a user's type, `<Type as Trait>::item`.
///
/// All of it stands at the type, so that a missing impl is one error there, however often the items
/// are used: rustc drops errors that are the same in text and place.
pub(crate) fn item(ty: &impl ToTokens, private: &TokenStream, of: &str, item: &str) -> TokenStream {
    let span = ty.span();
    let private = respan(private, span);
    let (of, item) = (Ident::new(of, span), Ident::new(item, span));
    quote_spanned!(span=> <#ty as #private::#of>::#item)
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
