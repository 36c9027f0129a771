//! derive(Aggregate): the state as we see it.

use proc_macro2::TokenStream;
use syn::{DeriveInput, LitStr, Type};

use crate::attribute::{self, Once};
use crate::diagnostics::Diagnostics;
use crate::{path, symbol};

pub(crate) struct Model<'a> {
    pub(crate) input: &'a DeriveInput,
    /// The path of the facade's hidden module.
    pub(crate) private: TokenStream,
    pub(crate) event: Once<Type>,
    pub(crate) rejection: Once<Type>,
    pub(crate) name: Once<LitStr>,
}

const KEYS: [&str; 4] = [
    symbol::EVENT,
    symbol::REJECTION,
    symbol::NAME,
    symbol::CRATE,
];

impl<'a> Model<'a> {
    pub(crate) fn read(input: &'a DeriveInput, diagnostics: &mut Diagnostics) -> Self {
        let mut facade = Once::default();
        let (mut event, mut rejection) = (Once::default(), Once::default());
        let mut name = Once::default();
        for mut entry in attribute::read(&input.attrs, symbol::AGGREGATE, diagnostics) {
            match entry.key(&KEYS, diagnostics) {
                Some(symbol::EVENT) => {
                    let ty = entry.ty(diagnostics);
                    event.set(&entry, "`event`", ty, diagnostics);
                }
                Some(symbol::REJECTION) => {
                    let ty = entry.ty(diagnostics);
                    rejection.set(&entry, "`rejection`", ty, diagnostics);
                }
                Some(symbol::NAME) => {
                    let text = entry.text(diagnostics);
                    name.set(&entry, "`name`", text, diagnostics);
                }
                Some(_) => {
                    let path = entry.path(diagnostics);
                    facade.set(&entry, "`crate`", path, diagnostics);
                }
                None => {}
            }
        }
        Self {
            input,
            private: path::private(facade.get()),
            event,
            rejection,
            name,
        }
    }
}
