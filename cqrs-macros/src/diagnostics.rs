//! Gathers the mistakes of one item, so that they are reported in one go.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

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
    pub(crate) fn finish(mut self) -> Option<TokenStream> {
        self.finished = true;
        self.errors.take().map(syn::Error::into_compile_error)
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
