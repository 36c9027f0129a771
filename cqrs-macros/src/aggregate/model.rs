//! derive(Aggregate): the state as we see it.

use proc_macro2::TokenStream;
use syn::{DeriveInput, LitStr, Type};

use crate::attribute::{self, Number, Once};
use crate::diagnostics::Diagnostics;
use crate::{path, symbol};

pub(crate) struct Model<'a> {
    pub(crate) input: &'a DeriveInput,
    /// The path of the facade's hidden module.
    pub(crate) private: TokenStream,
    pub(crate) event: Once<Type>,
    pub(crate) rejection: Once<Type>,
    pub(crate) name: Once<LitStr>,
    pub(crate) snapshot_every: Once<Number>,
    pub(crate) snapshot_version: Once<Number>,
}

const KEYS: [&str; 6] = [
    symbol::EVENT,
    symbol::REJECTION,
    symbol::NAME,
    symbol::SNAPSHOT_EVERY,
    symbol::SNAPSHOT_VERSION,
    symbol::CRATE,
];

impl<'a> Model<'a> {
    pub(crate) fn read(input: &'a DeriveInput, diagnostics: &mut Diagnostics) -> Self {
        let mut facade = Once::default();
        let (mut event, mut rejection) = (Once::default(), Once::default());
        let mut name = Once::default();
        let (mut snapshot_every, mut snapshot_version) = (Once::default(), Once::default());
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
                Some(symbol::SNAPSHOT_EVERY) => {
                    let events = entry.number(diagnostics);
                    snapshot_every.set(&entry, "`snapshot_every`", events, diagnostics);
                }
                Some(symbol::SNAPSHOT_VERSION) => {
                    let version = entry.number(diagnostics);
                    snapshot_version.set(&entry, "`snapshot_version`", version, diagnostics);
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
            snapshot_every,
            snapshot_version,
        }
    }
}
