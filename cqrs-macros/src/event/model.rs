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
    /// The other names under which it is stored.
    pub(crate) aliases: Vec<Alias>,
    pub(crate) upcasts: Vec<Step>,
    /// An upcaster could not be read, so that none is missed.
    pub(crate) faulty_upcast: bool,
}

/// `alias = "credited"`, or `alias(name = "credited", upcast = function)`.
pub(crate) struct Alias {
    pub(crate) name: LitStr,
    /// Makes the first version of the variant's payload of the alias's.
    pub(crate) function: Option<TokenStream>,
}

/// `1 = function`: lifts a payload from version 1 to version 2.
pub(crate) struct Step {
    pub(crate) from: Number,
    pub(crate) function: TokenStream,
}

const ON_ENUM: [&str; 8] = [
    symbol::PREFIX,
    symbol::ID,
    symbol::TRANSPARENT,
    symbol::NAME,
    symbol::ALIAS,
    symbol::VERSION,
    symbol::UPCAST,
    symbol::CRATE,
];
const ON_VARIANT: [&str; 4] = [symbol::NAME, symbol::ALIAS, symbol::VERSION, symbol::UPCAST];
const ON_ALIAS: [&str; 2] = [symbol::NAME, symbol::UPCAST];

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
        match variant.name.get() {
            Some(name) => self.whole_name(&name.value()),
            None => self.whole_name(&name::snake(&name::plain(&variant.node.ident))),
        }
    }

    /// A name as it was pinned: whole where there is a dot in it, or what follows the prefix.
    pub(crate) fn whole_name(&self, name: &str) -> String {
        let prefix = self.prefix.get().map(LitStr::value).unwrap_or_default();
        match name.contains('.') {
            true => name.to_owned(),
            false => format!("{prefix}.{name}"),
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
        aliases: Vec::new(),
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
            symbol::ALIAS => self.aliases.extend(alias(entry, &what, diagnostics)),
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

fn alias(entry: Entry, what: &str, diagnostics: &mut Diagnostics) -> Option<Alias> {
    if !matches!(entry.given, Given::List(_)) {
        let name = entry.text(diagnostics)?;
        let function = None;
        return Some(Alias { name, function });
    }
    let (mut name, mut lift) = (Once::default(), Once::default());
    let head = entry.head.clone();
    for mut entry in entry.list(diagnostics) {
        match entry.key(&ON_ALIAS, diagnostics) {
            Some(symbol::NAME) => {
                let text = entry.text(diagnostics);
                name.set(&entry, "`name`", text, diagnostics);
            }
            Some(_) => {
                let given = function(&entry);
                if given.is_none() {
                    let message =
                        "the upcaster of an alias is a function: write `upcast = function`";
                    diagnostics.error(&entry.head, message);
                }
                lift.set(&entry, "`upcast`", given, diagnostics);
            }
            None => {}
        }
    }
    if name.is_missing() {
        let message =
            format!("{what} lacks the name: write `alias(name = \"…\", upcast = function)`");
        diagnostics.error(&head, message);
    }
    Some(Alias {
        name: name.get()?.clone(),
        function: lift.get().cloned(),
    })
}

fn function(entry: &Entry) -> Option<TokenStream> {
    match &entry.given {
        Given::Type(path) => Some(path.to_token_stream()),
        Given::Value(function) => Some(function.to_token_stream()),
        Given::Nothing | Given::List(_) | Given::Faulty => None,
    }
}

fn step(entry: Entry, diagnostics: &mut Diagnostics) -> Option<Step> {
    if let (Head::Number(literal), Some(function)) = (&entry.head, function(&entry))
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
