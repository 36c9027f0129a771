//! derive(Event): the enum as we see it, original nodes kept for spans.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{Data, DeriveInput, LitStr, Path, Type};

use crate::attribute::{self, Entry, Given, Head, Number, Once};
use crate::diagnostics::Diagnostics;
use crate::{name, path, suggest, symbol};

pub(crate) struct Model<'a> {
    pub(crate) input: &'a DeriveInput,
    /// The path of the facade's hidden module.
    pub(crate) private: TokenStream,
    pub(crate) prefix: Once<LitStr>,
    pub(crate) id: Once<Type>,
    pub(crate) transparent: Once<Span>,
    pub(crate) variants: Vec<Variant<'a>>,
}

pub(crate) struct Variant<'a> {
    pub(crate) node: &'a syn::Variant,
    pub(crate) name: Once<LitStr>,
    pub(crate) version: Once<Number>,
    pub(crate) upcasts: Vec<Step>,
    /// An upcaster could not be read, so that none is missed.
    pub(crate) faulty_upcast: bool,
}

/// `1 = function`: lifts a payload from version 1 to version 2.
pub(crate) struct Step {
    pub(crate) from: Number,
    pub(crate) function: TokenStream,
}

const ON_ENUM: [&str; 7] = [
    symbol::PREFIX,
    symbol::ID,
    symbol::TRANSPARENT,
    symbol::NAME,
    symbol::VERSION,
    symbol::UPCAST,
    symbol::CRATE,
];
const ON_VARIANT: [&str; 3] = [symbol::NAME, symbol::VERSION, symbol::UPCAST];

impl<'a> Model<'a> {
    pub(crate) fn read(input: &'a DeriveInput, diagnostics: &mut Diagnostics) -> Self {
        let mut model = Self {
            input,
            private: TokenStream::new(),
            prefix: Once::default(),
            id: Once::default(),
            transparent: Once::default(),
            variants: variants(&input.data),
        };
        let mut facade = Once::default();
        for mut entry in attribute::read(&input.attrs, symbol::EVENT, diagnostics) {
            if let Some(key) = entry.key(&ON_ENUM, diagnostics) {
                model.option(key, entry, &mut facade, diagnostics);
            }
        }
        model.private = path::private(facade.get());
        for variant in &mut model.variants {
            variant.read(diagnostics);
        }
        model
    }

    /// The name under which the variant is stored: pinned whole, pinned after the prefix, or made.
    pub(crate) fn stored_name(&self, variant: &Variant) -> String {
        let prefix = self.prefix.get().map(LitStr::value).unwrap_or_default();
        match variant.name.get().map(LitStr::value) {
            Some(whole) if whole.contains('.') => whole,
            Some(end) => format!("{prefix}.{end}"),
            None => format!(
                "{prefix}.{}",
                name::snake(&name::plain(&variant.node.ident))
            ),
        }
    }

    fn option(
        &mut self,
        key: &str,
        entry: Entry,
        facade: &mut Once<Path>,
        diagnostics: &mut Diagnostics,
    ) {
        match key {
            symbol::PREFIX => {
                let text = entry.text(diagnostics);
                self.prefix.set(&entry, "`prefix`", text, diagnostics);
            }
            symbol::ID => {
                let ty = entry.ty(diagnostics);
                self.id.set(&entry, "`id`", ty, diagnostics);
            }
            symbol::TRANSPARENT => {
                let flag = entry.flag(diagnostics);
                self.transparent
                    .set(&entry, "`transparent`", flag, diagnostics);
            }
            symbol::CRATE => {
                let path = entry.path(diagnostics);
                facade.set(&entry, "`crate`", path, diagnostics);
            }
            _ => self.of_variants(key, entry, diagnostics),
        }
    }

    /// `version(Closed = 2)` on the enum says what `version = 2` says on the variant.
    fn of_variants(&mut self, key: &str, entry: Entry, diagnostics: &mut Diagnostics) {
        let names: Vec<_> = self
            .variants
            .iter()
            .map(|variant| name::plain(&variant.node.ident))
            .collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        for entry in entry.list(diagnostics) {
            let text = entry.text_of_head();
            match names.iter().position(|name| *name == text) {
                Some(index) => self.variants[index].option(key, entry, diagnostics),
                None => {
                    let remedy = suggest::remedy(&text, &names);
                    diagnostics.error(&entry.head, format!("no variant `{text}`{remedy}"));
                }
            }
        }
    }
}

fn variants(data: &Data) -> Vec<Variant<'_>> {
    let Data::Enum(data) = data else {
        return Vec::new();
    };
    let variants = data.variants.iter().map(|node| Variant {
        node,
        name: Once::default(),
        version: Once::default(),
        upcasts: Vec::new(),
        faulty_upcast: false,
    });
    variants.collect()
}

impl Variant<'_> {
    fn read(&mut self, diagnostics: &mut Diagnostics) {
        for mut entry in attribute::read(&self.node.attrs, symbol::EVENT, diagnostics) {
            if let Some(key) = entry.key(&ON_VARIANT, diagnostics) {
                self.option(key, entry, diagnostics);
            }
        }
    }

    fn option(&mut self, key: &str, entry: Entry, diagnostics: &mut Diagnostics) {
        let what = format!("`{key}` of `{}`", self.node.ident);
        match key {
            symbol::NAME => {
                let text = entry.text(diagnostics);
                self.name.set(&entry, &what, text, diagnostics);
            }
            symbol::VERSION => {
                let number = entry.number(diagnostics);
                self.version.set(&entry, &what, number, diagnostics);
            }
            _ => {
                for entry in entry.list(diagnostics) {
                    let step = step(entry, diagnostics);
                    self.faulty_upcast |= step.is_none();
                    self.upcasts.extend(step);
                }
            }
        }
    }

    /// The current version; 1 when none is given.
    pub(crate) fn current(&self) -> u32 {
        self.version.get().map_or(1, |version| version.value)
    }
}

fn step(entry: Entry, diagnostics: &mut Diagnostics) -> Option<Step> {
    let function = match &entry.given {
        Given::Type(path) => Some(path.to_token_stream()),
        Given::Value(function) => Some(function.to_token_stream()),
        Given::Nothing | Given::List(_) | Given::Faulty => None,
    };
    if let (Head::Number(literal), Some(function)) = (&entry.head, function)
        && let Ok(value) = literal.base10_parse()
    {
        let literal = literal.clone();
        let from = Number { value, literal };
        return Some(Step { from, function });
    }
    diagnostics.error(
        &entry.head,
        "an upcaster is the version that it reads and a function: write `upcast(1 = function)`",
    );
    None
}
