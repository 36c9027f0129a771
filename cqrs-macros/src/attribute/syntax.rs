//! What stands in an attribute, before it means anything: words, values and lists.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Result};
use syn::{Expr, LitInt, Path, Token, Type, parenthesized, token};

use crate::diagnostics::Diagnostics;

/// `word`, `word = value`, `word(list)`, `1 = value` or `(list)`.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) head: Head,
    pub(crate) given: Given,
    /// It is read as another word than was written, after a mistake that is already reported.
    pub(crate) guessed: bool,
}

#[derive(Clone)]
pub(crate) enum Head {
    Path(Path),
    Number(LitInt),
    Group(TokenStream, Vec<Entry>),
}

#[derive(Clone)]
pub(crate) enum Given {
    Nothing,
    /// Whatever reads as a type, so also every path.
    Type(Type),
    Value(Expr),
    List(Vec<Entry>),
    /// A mistake that is already reported.
    Faulty,
}

impl ToTokens for Head {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Head::Path(path) => path.to_tokens(tokens),
            Head::Number(number) => number.to_tokens(tokens),
            Head::Group(group, _) => group.to_tokens(tokens),
        }
    }
}

/// Reads entries up to the end; a faulty one is recorded and skipped.
pub(crate) fn entries(input: ParseStream, diagnostics: &mut Diagnostics) -> Vec<Entry> {
    let mut entries = Vec::new();
    while !input.is_empty() {
        match entry(input, diagnostics) {
            Ok(entry) => entries.push(entry),
            Err(error) => {
                diagnostics.push(error);
                skip_to_comma(input, diagnostics);
            }
        }
        let comma = input.parse::<Option<Token![,]>>();
        if !input.is_empty() && !matches!(comma, Ok(Some(_))) {
            diagnostics.push(input.error("expected `,`"));
        }
    }
    entries
}

fn entry(input: ParseStream, diagnostics: &mut Diagnostics) -> Result<Entry> {
    let head = head(input, diagnostics)?;
    let given = given(input, diagnostics).unwrap_or_else(|error| {
        diagnostics.push(error);
        skip_to_comma(input, diagnostics);
        Given::Faulty
    });
    Ok(Entry {
        head,
        given,
        guessed: false,
    })
}

fn head(input: ParseStream, diagnostics: &mut Diagnostics) -> Result<Head> {
    if input.peek(token::Paren) {
        let group = input.fork().parse::<TokenTree>()?.into_token_stream();
        return Ok(Head::Group(group, list(input, diagnostics)?));
    }
    match input.peek(LitInt) {
        true => input.parse().map(Head::Number),
        false => Path::parse_mod_style(input).map(Head::Path),
    }
}

fn given(input: ParseStream, diagnostics: &mut Diagnostics) -> Result<Given> {
    if input.peek(token::Paren) {
        return list(input, diagnostics).map(Given::List);
    }
    if input.parse::<Option<Token![=]>>()?.is_none() {
        return Ok(Given::Nothing);
    }
    let fork = input.fork();
    match fork.parse::<Type>() {
        Ok(ty) if fork.is_empty() || fork.peek(Token![,]) => {
            input.advance_to(&fork);
            Ok(Given::Type(ty))
        }
        _ => input.parse().map(Given::Value),
    }
}

fn list(input: ParseStream, diagnostics: &mut Diagnostics) -> Result<Vec<Entry>> {
    let content;
    parenthesized!(content in input);
    Ok(entries(&content, diagnostics))
}

fn skip_to_comma(input: ParseStream, diagnostics: &mut Diagnostics) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if let Err(error) = input.parse::<TokenTree>() {
            diagnostics.push(error);
        }
    }
}
