//! derive(Projection): the row as we see it, original nodes kept for spans.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, LitStr, Path, Type};

use crate::attribute::{self, Entry, Given, Head, Number, Once};
use crate::diagnostics::Diagnostics;
use crate::{name, path, suggest, symbol, tokens};

pub(crate) struct Model<'a> {
    pub(crate) input: &'a DeriveInput,
    /// The path of the facade's hidden module.
    pub(crate) private: TokenStream,
    pub(crate) name: Once<LitStr>,
    pub(crate) version: Once<Number>,
    pub(crate) partitions: Once<Number>,
    pub(crate) events: Once<Vec<Path>>,
    pub(crate) columns: Vec<Column<'a>>,
    /// Each time a key is named: the column and where.
    pub(crate) keys: Vec<(usize, Span)>,
    pub(crate) indexes: Vec<Index>,
}

pub(crate) struct Column<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    pub(crate) json: Once<Span>,
    pub(crate) scale: Once<Number>,
    pub(crate) full_text: Once<Span>,
}

/// An index over one or more columns, with what it was written as.
pub(crate) struct Index {
    pub(crate) columns: Vec<usize>,
    pub(crate) at: TokenStream,
}

const ON_STRUCT: [&str; 10] = [
    symbol::NAME,
    symbol::VERSION,
    symbol::PARTITIONS,
    symbol::EVENTS,
    symbol::KEY,
    symbol::INDEX,
    symbol::JSON,
    symbol::SCALE,
    symbol::FULL_TEXT,
    symbol::CRATE,
];
const ON_FIELD: [&str; 5] = [
    symbol::KEY,
    symbol::INDEX,
    symbol::JSON,
    symbol::SCALE,
    symbol::FULL_TEXT,
];

impl<'a> Model<'a> {
    pub(crate) fn read(input: &'a DeriveInput, diagnostics: &mut Diagnostics) -> Self {
        let mut model = Self {
            input,
            private: TokenStream::new(),
            name: Once::default(),
            version: Once::default(),
            partitions: Once::default(),
            events: Once::default(),
            columns: columns(&input.data),
            keys: Vec::new(),
            indexes: Vec::new(),
        };
        let mut facade = Once::default();
        for mut entry in attribute::read(&input.attrs, symbol::PROJECTION, diagnostics) {
            if let Some(key) = entry.key(&ON_STRUCT, diagnostics) {
                model.option(key, entry, &mut facade, diagnostics);
            }
        }
        model.private = path::private(facade.get());
        model.fields(diagnostics);
        model
    }

    /// The key's column: the one that is named, else the first.
    pub(crate) fn key(&self) -> usize {
        self.keys.first().map_or(0, |(column, _)| *column)
    }

    /// The places of the columns that full-text search looks into.
    pub(crate) fn full_text(&self) -> Vec<usize> {
        let columns = self.columns.iter().enumerate();
        let searched = columns.filter(|(_, column)| !column.full_text.is_missing());
        searched.map(|(place, _)| place).collect()
    }

    fn option(
        &mut self,
        key: &str,
        entry: Entry,
        facade: &mut Once<Path>,
        diagnostics: &mut Diagnostics,
    ) {
        match key {
            symbol::NAME => {
                let text = entry.text(diagnostics);
                self.name.set(&entry, "`name`", text, diagnostics);
            }
            symbol::VERSION => {
                let number = entry.number(diagnostics);
                self.version.set(&entry, "`version`", number, diagnostics);
            }
            symbol::PARTITIONS => {
                let number = entry.number(diagnostics);
                self.partitions
                    .set(&entry, "`partitions`", number, diagnostics);
            }
            symbol::EVENTS => self.events(entry, diagnostics),
            symbol::KEY => {
                if let Some(path) = entry.path(diagnostics)
                    && let Some(column) = self.column(&path, diagnostics)
                {
                    self.keys.push((column, path.span()));
                }
            }
            symbol::INDEX => self.index_list(entry, diagnostics),
            symbol::CRATE => {
                let path = entry.path(diagnostics);
                facade.set(&entry, "`crate`", path, diagnostics);
            }
            _ => self.of_columns(key, entry, diagnostics),
        }
    }

    fn events(&mut self, entry: Entry, diagnostics: &mut Diagnostics) {
        let events = entry.clone().list(diagnostics).into_iter();
        let paths = events.filter_map(|event| match event.head {
            Head::Path(path) => Some(path),
            other => {
                diagnostics.error(other, "name the event enums: write `events(AccountEvent)`");
                None
            }
        });
        let paths: Vec<_> = paths.collect();
        let named = matches!(entry.given, Given::List(_)).then_some(paths);
        self.events.set(&entry, "`events`", named, diagnostics);
    }

    fn index_list(&mut self, entry: Entry, diagnostics: &mut Diagnostics) {
        for entry in entry.list(diagnostics) {
            let at = entry.head.to_token_stream();
            let columns = match entry.head {
                Head::Group(_, members) => {
                    let heads = members.into_iter().map(|member| member.head);
                    heads
                        .filter_map(|head| self.column(&head, diagnostics))
                        .collect()
                }
                head => self
                    .column(&head, diagnostics)
                    .into_iter()
                    .collect::<Vec<_>>(),
            };
            if !columns.is_empty() {
                self.indexes.push(Index { columns, at });
            }
        }
    }

    /// `scale(total = 2)` on the struct says what `scale = 2` says on the field.
    fn of_columns(&mut self, key: &str, entry: Entry, diagnostics: &mut Diagnostics) {
        for entry in entry.list(diagnostics) {
            if let Some(column) = self.column(&entry.head, diagnostics) {
                self.field_option(column, key, &entry, diagnostics);
            }
        }
    }

    fn fields(&mut self, diagnostics: &mut Diagnostics) {
        let Data::Struct(data) = &self.input.data else {
            return;
        };
        for (column, field) in data.fields.iter().enumerate().take(self.columns.len()) {
            for mut entry in attribute::read(&field.attrs, symbol::PROJECTION, diagnostics) {
                if let Some(key) = entry.key(&ON_FIELD, diagnostics) {
                    self.field_option(column, key, &entry, diagnostics);
                }
            }
        }
    }

    fn field_option(
        &mut self,
        column: usize,
        key: &str,
        entry: &Entry,
        diagnostics: &mut Diagnostics,
    ) {
        let what = format!("`{key}` of `{}`", self.columns[column].ident);
        match key {
            symbol::SCALE => {
                let number = entry.number(diagnostics);
                self.columns[column]
                    .scale
                    .set(entry, &what, number, diagnostics);
            }
            symbol::JSON => {
                let flag = entry.flag(diagnostics);
                self.columns[column]
                    .json
                    .set(entry, &what, flag, diagnostics);
            }
            symbol::FULL_TEXT => {
                let flag = entry.flag(diagnostics);
                self.columns[column]
                    .full_text
                    .set(entry, &what, flag, diagnostics);
            }
            symbol::KEY => {
                let flag = entry.flag(diagnostics);
                self.keys.extend(flag.map(|at| (column, at)));
            }
            _ => {
                if entry.flag(diagnostics).is_some() {
                    let (columns, at) = (vec![column], entry.head.to_token_stream());
                    self.indexes.push(Index { columns, at });
                }
            }
        }
    }

    fn column(&self, named: &impl ToTokens, diagnostics: &mut Diagnostics) -> Option<usize> {
        let text = named.to_token_stream().to_string();
        let text = text.trim_start_matches("r#");
        let names: Vec<_> = self.columns.iter().map(Column::name).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let found = names.iter().position(|name| *name == text);
        if found.is_none() && !names.is_empty() {
            let remedy = suggest::remedy(text, &names);
            diagnostics.error(named, format!("no field `{text}`{remedy}"));
        }
        found
    }
}

fn columns(data: &Data) -> Vec<Column<'_>> {
    let Data::Struct(data) = data else {
        return Vec::new();
    };
    let Fields::Named(fields) = &data.fields else {
        return Vec::new();
    };
    let columns = fields.named.iter().filter_map(|field| {
        Some(Column {
            ident: field.ident.as_ref()?,
            ty: &field.ty,
            json: Once::default(),
            scale: Once::default(),
            full_text: Once::default(),
        })
    });
    columns.collect()
}

impl Column<'_> {
    /// The column's name in the store.
    pub(crate) fn name(&self) -> String {
        name::plain(self.ident)
    }

    /// Floats cannot; of other types rustc says whether they can.
    pub(crate) fn can_be_key(&self) -> bool {
        let name = tokens::last_name(self.ty);
        !name.is_some_and(|name| name == "f32" || name == "f64")
    }

    /// The name of the constant for queries: `OWNER` for `owner`.
    pub(crate) fn constant(&self) -> Ident {
        Ident::new(&self.name().to_uppercase(), self.ident.span())
    }
}
