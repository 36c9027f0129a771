//! Attributes → typed options; every mistake is recorded, and reading goes on.

mod syntax;

pub(crate) use self::syntax::{Entry, Given, Head};

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Lit, LitInt, LitStr, Meta, Path, Type};

use crate::diagnostics::Diagnostics;
use crate::suggest;

/// The entries of all attributes `#[word(…)]` of an item.
pub(crate) fn read(attrs: &[Attribute], word: &str, diagnostics: &mut Diagnostics) -> Vec<Entry> {
    let mut entries = Vec::new();
    for attribute in attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident(word))
    {
        if !matches!(attribute.meta, Meta::List(_)) {
            diagnostics.error(&attribute.meta, format!("write `#[{word}(…)]`"));
            continue;
        }
        let read = |input: syn::parse::ParseStream| Ok(syntax::entries(input, diagnostics));
        match attribute.parse_args_with(read) {
            Ok(read) => entries.extend(read),
            Err(error) => diagnostics.push(error),
        }
    }
    entries
}

/// Refuses `#[word(…)]` where it has no meaning.
pub(crate) fn refuse(attrs: &[Attribute], word: &str, place: &str, diagnostics: &mut Diagnostics) {
    for attribute in attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident(word))
    {
        diagnostics.error(
            &attribute.meta,
            format!("`#[{word}(…)]` means nothing here; write it {place}"),
        );
    }
}

/// A whole number, with its literal for messages.
#[derive(Clone)]
pub(crate) struct Number {
    pub(crate) value: u32,
    pub(crate) literal: LitInt,
}

impl Entry {
    /// The known word that heads the entry; an unknown one is recorded and read as its neighbour.
    pub(crate) fn key<'a>(
        &mut self,
        known: &[&'a str],
        diagnostics: &mut Diagnostics,
    ) -> Option<&'a str> {
        let word = self.text_of_head();
        if let Some(known) = known.iter().find(|known| **known == word) {
            return Some(known);
        }
        let remedy = suggest::remedy(&word, known);
        diagnostics.error(&self.head, format!("unknown key `{word}`{remedy}"));
        self.guessed = true;
        suggest::closest(&word, known)
    }

    /// The head as it was written.
    pub(crate) fn text_of_head(&self) -> String {
        match &self.head {
            Head::Path(path) => match path.get_ident() {
                Some(ident) => crate::name::plain(ident),
                None => path.to_token_stream().to_string().replace(' ', ""),
            },
            other => other.to_token_stream().to_string(),
        }
    }

    /// `word = "text"`.
    pub(crate) fn text(&self, diagnostics: &mut Diagnostics) -> Option<LitStr> {
        if let Some(Lit::Str(text)) = self.literal() {
            return Some(text.clone());
        }
        self.misfit("a text", "= \"…\"", diagnostics);
        None
    }

    /// `word = 2`.
    pub(crate) fn number(&self, diagnostics: &mut Diagnostics) -> Option<Number> {
        if let Some(Lit::Int(literal)) = self.literal() {
            let value = literal.base10_parse();
            if value.is_err() {
                let message = format!(
                    "`{literal}` is no number from 0 to {}; write less",
                    u32::MAX
                );
                diagnostics.error(literal, message);
            }
            let literal = literal.clone();
            return value.ok().map(|value| Number { value, literal });
        }
        self.misfit("a whole number", "= 2", diagnostics);
        None
    }

    /// The literal that is given; one that comes through a `macro_rules!` parameter has an invisible
    /// group around it.
    fn literal(&self) -> Option<&Lit> {
        let Given::Value(value) = &self.given else {
            return None;
        };
        let mut value = value;
        while let Expr::Group(group) = value {
            value = &group.expr;
        }
        match value {
            Expr::Lit(literal) => Some(&literal.lit),
            _ => None,
        }
    }

    /// `word = Type`.
    pub(crate) fn ty(&self, diagnostics: &mut Diagnostics) -> Option<Type> {
        if let Given::Type(ty) = &self.given {
            return Some(ty.clone());
        }
        let quoted = self.quoted_type();
        let form = quoted.map_or("= …".to_owned(), |ty| format!("= {ty}"));
        self.misfit("a type", &form, diagnostics);
        None
    }

    /// A type that was put in quotes.
    fn quoted_type(&self) -> Option<String> {
        let Some(Lit::Str(text)) = self.literal() else {
            return None;
        };
        text.parse::<Type>().ok().map(|_| text.value())
    }

    /// `word = path`.
    pub(crate) fn path(&self, diagnostics: &mut Diagnostics) -> Option<Path> {
        if let Given::Type(Type::Path(path)) = &self.given
            && path.qself.is_none()
        {
            return Some(path.path.clone());
        }
        self.misfit("a path", "= …", diagnostics);
        None
    }

    /// `word` alone.
    pub(crate) fn flag(&self, diagnostics: &mut Diagnostics) -> Option<Span> {
        if let Given::Nothing = self.given {
            return Some(self.head.span());
        }
        self.misfit("no value", "", diagnostics);
        None
    }

    /// `word(…)`.
    pub(crate) fn list(self, diagnostics: &mut Diagnostics) -> Vec<Entry> {
        if !matches!(self.given, Given::List(_)) {
            self.misfit("a list", "(…)", diagnostics);
        }
        match self.given {
            Given::List(entries) => entries,
            _ => Vec::new(),
        }
    }

    fn misfit(&self, what: &str, form: &str, diagnostics: &mut Diagnostics) {
        let word = self.text_of_head();
        let space = if form.starts_with('=') { " " } else { "" };
        let message = format!("`{word}` takes {what}: write `{word}{space}{form}`");
        match &self.given {
            Given::Type(ty) => diagnostics.error(ty, message),
            Given::Value(value) => diagnostics.error(value, message),
            Given::Nothing | Given::List(_) => diagnostics.error(&self.head, message),
            Given::Faulty => {}
        }
    }
}

/// An option that may be given once.
pub(crate) struct Once<T> {
    value: Option<T>,
    at: Option<Span>,
    guessed: bool,
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self {
            value: None,
            at: None,
            guessed: false,
        }
    }
}

impl<T> Once<T> {
    /// Takes the value of an entry; `what` names the option in the message about a second one.
    pub(crate) fn set(
        &mut self,
        entry: &Entry,
        what: &str,
        value: Option<T>,
        diagnostics: &mut Diagnostics,
    ) {
        if self.at.is_some() && !self.guessed {
            if !entry.guessed {
                diagnostics.error(&entry.head, format!("{what} is given twice; keep one"));
            }
            return;
        }
        self.value = value;
        self.at = Some(entry.head.span());
        self.guessed = entry.guessed;
    }

    /// The value, when there is one and it is well-formed.
    pub(crate) fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// Where it was given, well-formed or not.
    pub(crate) fn at(&self) -> Option<Span> {
        self.at
    }

    pub(crate) fn is_missing(&self) -> bool {
        self.at.is_none()
    }
}
