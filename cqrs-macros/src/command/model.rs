//! derive(Command): the commands as we see them, original nodes kept for spans.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Attribute, Data, DeriveInput, Field, Fields, LitStr, Path, Type};

use crate::attribute::{self, Entry, Given, Once};
use crate::diagnostics::Diagnostics;
use crate::{name, path, suggest, symbol};

pub(crate) struct Model<'a> {
    pub(crate) input: &'a DeriveInput,
    /// The path of the facade's hidden module.
    pub(crate) private: TokenStream,
    pub(crate) aggregate: Once<Type>,
    pub(crate) shape: Shape,
    /// The struct itself, or the variants.
    pub(crate) orders: Vec<Order<'a>>,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Shape {
    /// One command.
    Struct,
    /// Each variant is a command.
    Variants,
    /// Each variant holds a command struct with a `Handle` of its own.
    Delegates,
    Other,
}

/// One command: a struct, or a variant.
pub(crate) struct Order<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) fields: &'a Fields,
    pub(crate) existence: Once<Existence>,
    pub(crate) name: Once<LitStr>,
    /// The fields marked `#[command(id)]`.
    pub(crate) marked: Vec<(&'a Field, Span)>,
}

/// Whether the aggregate must exist, where the command says something.
#[derive(Clone, Copy)]
pub(crate) enum Existence {
    Creates,
    Either,
}

const ON_CONTAINER: [&str; 5] = [
    symbol::AGGREGATE,
    symbol::CREATES,
    symbol::MAY_CREATE,
    symbol::NAME,
    symbol::CRATE,
];
const ON_VARIANT: [&str; 3] = [symbol::CREATES, symbol::MAY_CREATE, symbol::NAME];

impl<'a> Model<'a> {
    pub(crate) fn read(input: &'a DeriveInput, diagnostics: &mut Diagnostics) -> Self {
        let mut model = Self {
            input,
            private: TokenStream::new(),
            aggregate: Once::default(),
            shape: shape(&input.data),
            orders: orders(input),
        };
        let mut facade = Once::default();
        for mut entry in attribute::read(&input.attrs, symbol::COMMAND, diagnostics) {
            if let Some(key) = entry.key(&ON_CONTAINER, diagnostics) {
                model.option(key, entry, &mut facade, diagnostics);
            }
        }
        model.private = path::private(facade.get());
        model.inside(diagnostics);
        model
    }

    fn option(
        &mut self,
        key: &str,
        entry: Entry,
        facade: &mut Once<Path>,
        diagnostics: &mut Diagnostics,
    ) {
        match (key, self.shape, self.orders.first_mut()) {
            (symbol::AGGREGATE, ..) => {
                let ty = entry.ty(diagnostics);
                self.aggregate.set(&entry, "`aggregate`", ty, diagnostics);
            }
            (symbol::CRATE, ..) => {
                let path = entry.path(diagnostics);
                facade.set(&entry, "`crate`", path, diagnostics);
            }
            (_, Shape::Struct, Some(order)) => order.option(key, &entry, diagnostics),
            (_, Shape::Struct, None) => {}
            _ => self.of_variants(key, entry, diagnostics),
        }
    }

    /// The attributes of variants and fields.
    fn inside(&mut self, diagnostics: &mut Diagnostics) {
        let variants = match &self.input.data {
            Data::Enum(data) => data.variants.iter().collect(),
            Data::Struct(_) | Data::Union(_) => Vec::new(),
        };
        for (place, order) in self.orders.iter_mut().enumerate() {
            if let Some(variant) = variants.get(place) {
                order.read(&variant.attrs, diagnostics);
            }
            order.marked = marked(order.fields, diagnostics);
        }
    }

    /// `creates(Open)` on the enum says what `creates` says on the variant.
    fn of_variants(&mut self, key: &str, entry: Entry, diagnostics: &mut Diagnostics) {
        if !matches!(entry.given, Given::List(_)) && key != symbol::NAME {
            if !matches!(entry.given, Given::Faulty) {
                let message = format!("name the variants: write `{key}(…)`");
                diagnostics.error(&entry.head, message);
            }
            return;
        }
        let names: Vec<_> = self
            .orders
            .iter()
            .map(|order| name::plain(order.ident))
            .collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        for entry in entry.list(diagnostics) {
            let text = entry.text_of_head();
            match names.iter().position(|name| *name == text) {
                Some(index) => self.orders[index].option(key, &entry, diagnostics),
                None => {
                    let remedy = suggest::remedy(&text, &names);
                    diagnostics.error(&entry.head, format!("no variant `{text}`{remedy}"));
                }
            }
        }
    }
}

fn shape(data: &Data) -> Shape {
    let variants = match data {
        Data::Struct(_) => return Shape::Struct,
        Data::Union(_) => return Shape::Other,
        Data::Enum(data) => &data.variants,
    };
    let with_fields = variants.iter().find(|variant| !variant.fields.is_empty());
    match with_fields.map(|variant| &variant.fields) {
        Some(Fields::Named(_)) => Shape::Variants,
        Some(Fields::Unnamed(_)) => Shape::Delegates,
        Some(Fields::Unit) | None => Shape::Other,
    }
}

fn orders(input: &DeriveInput) -> Vec<Order<'_>> {
    match &input.data {
        Data::Struct(data) => vec![Order::new(&input.ident, &data.fields)],
        Data::Enum(data) => {
            let variants = data.variants.iter();
            let orders = variants.map(|variant| Order::new(&variant.ident, &variant.fields));
            orders.collect()
        }
        Data::Union(_) => Vec::new(),
    }
}

impl<'a> Order<'a> {
    fn new(ident: &'a Ident, fields: &'a Fields) -> Self {
        Self {
            ident,
            fields,
            existence: Once::default(),
            name: Once::default(),
            marked: Vec::new(),
        }
    }

    fn read(&mut self, attrs: &[Attribute], diagnostics: &mut Diagnostics) {
        for mut entry in attribute::read(attrs, symbol::COMMAND, diagnostics) {
            if let Some(key) = entry.key(&ON_VARIANT, diagnostics) {
                self.option(key, &entry, diagnostics);
            }
        }
    }

    fn option(&mut self, key: &str, entry: &Entry, diagnostics: &mut Diagnostics) {
        let ident = self.ident;
        if key == symbol::NAME {
            let text = entry.text(diagnostics);
            self.name
                .set(entry, &format!("`name` of `{ident}`"), text, diagnostics);
            return;
        }
        let existence = match key {
            symbol::CREATES => Existence::Creates,
            _ => Existence::Either,
        };
        let value = entry.flag(diagnostics).map(|_| existence);
        let what = format!("`creates` or `may_create` of `{ident}`");
        self.existence.set(entry, &what, value, diagnostics);
    }

    /// The name of the command: pinned, or the Rust name in snake case.
    pub(crate) fn command_name(&self) -> String {
        match self.name.get() {
            Some(name) => name.value(),
            None => name::snake(&name::plain(self.ident)),
        }
    }

    /// The marked field, else the first one.
    pub(crate) fn id(&self) -> Option<&'a Field> {
        let marked = self.marked.first().map(|(field, _)| *field);
        marked.or_else(|| self.fields.iter().next())
    }
}

fn marked<'a>(fields: &'a Fields, diagnostics: &mut Diagnostics) -> Vec<(&'a Field, Span)> {
    let mut marked = Vec::new();
    for field in fields {
        let mut id = Once::default();
        for mut entry in attribute::read(&field.attrs, symbol::COMMAND, diagnostics) {
            if entry.key(&[symbol::ID], diagnostics).is_some() {
                let flag = entry.flag(diagnostics);
                id.set(&entry, "`id`", flag, diagnostics);
            }
        }
        marked.extend(id.get().map(|at| (field, *at)));
    }
    marked
}
