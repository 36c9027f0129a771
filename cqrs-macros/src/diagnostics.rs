//! Gathers the mistakes of one item, so that they are reported in one go.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

/// The mistakes found so far; must be asked with [`Diagnostics::finish`] before it is dropped.
pub(crate) struct Diagnostics {
    errors: Option<syn::Error>,
    finished: bool,
}

impl Diagnostics {
    pub(crate) fn new() -> Self {
        Self {
            errors: None,
            finished: false,
        }
    }

    /// Records a mistake that underlines all of the tokens.
    pub(crate) fn error(&mut self, at: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(at, message));
    }

    /// Records a mistake at one place.
    pub(crate) fn error_at(&mut self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, message));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.errors {
            Some(errors) => errors.combine(error),
            None => self.errors = Some(error),
        }
    }

    /// The code that reports the mistakes, or nothing when there are none.
    pub(crate) fn finish(mut self) -> Option<Errors> {
        self.finished = true;
        let errors = self.errors.take()?;
        let first = errors.clone().into_iter().next();
        Some(Errors {
            first: first
                .map(syn::Error::into_compile_error)
                .unwrap_or_default(),
            all: errors.into_compile_error(),
        })
    }
}

/// The code that reports the mistakes of one item.
pub(crate) struct Errors {
    all: TokenStream,
    first: TokenStream,
}

impl Errors {
    /// The first mistake once more, to stand where a type is missing. rustc drops what is the same
    /// in text and place, and asks nothing of a type that is an error, so nothing follows from it.
    pub(crate) fn as_type(&self) -> TokenStream {
        let first = &self.first;
        quote!([(); #first])
    }
}

impl ToTokens for Errors {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.all.to_tokens(tokens);
    }
}

impl Drop for Diagnostics {
    /// A mistake that is found and not reported would let wrong code through.
    fn drop(&mut self) {
        if !self.finished && !std::thread::panicking() {
            panic!("the derive dropped its diagnostics unread")
        }
    }
}
