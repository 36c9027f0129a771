//! derive(Command): one function for each generated item.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::model::{Existence, Model, Order, Shape};
use crate::tokens;

pub(super) fn expand(command: &Model) -> TokenStream {
    match command.shape {
        Shape::Delegates => delegating(command),
        Shape::Struct | Shape::Variants | Shape::Other => own(command),
    }
}

fn own(command: &Model) -> TokenStream {
    let Model { private, .. } = command;
    let name = &command.input.ident;
    let aggregate = command.aggregate.get();
    let names = command.orders.iter().map(Order::command_name);
    let is_enum = command.shape != Shape::Struct;
    let (id, existence, command_name) =
        (own_id(command), own_existence(command), own_name(command));
    let decide = decide(command);
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #private::Command for #name {
            type Aggregate = #aggregate;
            const NAMES: &'static [&'static str] = &[#(#names),*];
            const IS_ENUM: bool = #is_enum;
            #id
            #existence
            #command_name
            #decide
        }
    }
}

/// `Self` for a struct, `Self::Open` for a variant.
fn pattern(command: &Model, order: &Order) -> TokenStream {
    let ident = order.ident;
    match command.shape {
        Shape::Struct => quote!(Self),
        _ => quote!(Self::#ident),
    }
}

/// A field of another type than the aggregate's id is an error at the field's type.
fn own_id(command: &Model) -> TokenStream {
    let Model { private, .. } = command;
    let (id, output) = (id_type(command), id_output(command));
    let arms = command.orders.iter().filter_map(|order| {
        let (pattern, field) = (pattern(command, order), order.id()?);
        let ident = &field.ident;
        let (ty, span) = (&field.ty, field.ty.span());
        let private = tokens::respan(private, span);
        let as_id = quote_spanned!(span=> <#ty as #private::IdField<#id>>::as_id);
        let call = tokens::call(&as_id, &quote!(__id), span);
        Some(quote!(#pattern { #ident: __id, .. } => #call,))
    });
    quote! {
        fn id(&self) -> #output {
            match self { #(#arms)* }
        }
    }
}

/// Stands at the aggregate's token, for an aggregate that is none.
fn id_type(command: &Model) -> TokenStream {
    let Model { private, .. } = command;
    let aggregate = command.aggregate.get();
    tokens::respan(&quote!(#private::IdOf<#aggregate>), aggregate.span())
}

fn id_output(command: &Model) -> TokenStream {
    let id = id_type(command);
    quote_spanned!(command.aggregate.get().span()=> &#id)
}

fn own_existence(command: &Model) -> TokenStream {
    let Model { private, .. } = command;
    let arms = command.orders.iter().map(|order| {
        let pattern = pattern(command, order);
        let existence = match order.existence.get() {
            Some(Existence::Creates) => quote!(Creates),
            Some(Existence::Either) => quote!(Either),
            None => quote!(Exists),
        };
        quote!(#pattern { .. } => #private::Existence::#existence,)
    });
    quote! {
        fn existence(&self) -> #private::Existence {
            match self { #(#arms)* }
        }
    }
}

fn own_name(command: &Model) -> TokenStream {
    let arms = command.orders.iter().map(|order| {
        let (pattern, name) = (pattern(command, order), order.command_name());
        quote!(#pattern { .. } => #name,)
    });
    quote! {
        fn name(&self) -> &'static str {
            match self { #(#arms)* }
        }
    }
}

/// The one place that asks for `Handle`, so that a missing one is one error at the command's name.
fn decide(command: &Model) -> TokenStream {
    let Model { private, .. } = command;
    let name = &command.input.ident;
    let aggregate = command.aggregate.get();
    let handle = quote!(<#aggregate as #private::Handle<#name>>::handle);
    let handle = tokens::respan(&handle, name.span());
    let decision = quote!(#private::Decision<#aggregate>);
    let decision = tokens::respan(&decision, aggregate.span());
    quote! {
        fn decide(
            self,
            aggregate: &#aggregate,
            context: &#private::Context,
        ) -> #decision {
            #handle(aggregate, self, context)
        }
    }
}

fn delegating(command: &Model) -> TokenStream {
    let Model { private, .. } = command;
    let name = &command.input.ident;
    let aggregate = command.aggregate.get();
    let held = held(command).map(|(_, ty)| held_item(command, ty, "NAMES"));
    let id = delegated(command, "id", &id_output(command));
    let existence = delegated(command, "existence", &quote!(#private::Existence));
    let command_name = delegated(command, "name", &quote!(&'static str));
    let (handle, decide, checks) = (delegated_handle(command), decide(command), structs(command));
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #private::Command for #name {
            type Aggregate = #aggregate;
            const NAMES: &'static [&'static str] =
                &[#(#held[0]),*];
            const IS_ENUM: bool = true;
            #id
            #existence
            #command_name
            #decide
        }
        #handle
        #checks
    }
}

fn held<'a>(command: &'a Model) -> impl Iterator<Item = (&'a Order<'a>, &'a Type)> {
    let orders = command.orders.iter();
    orders.filter_map(|order| Some((order, &order.fields.iter().next()?.ty)))
}

/// An item of a held struct as a command to this aggregate, all of it at the struct's type.
fn held_item(command: &Model, ty: &Type, item: &str) -> TokenStream {
    let Model { private, .. } = command;
    let (aggregate, span) = (command.aggregate.get(), ty.span());
    let (private, item) = (tokens::respan(private, span), Ident::new(item, span));
    let aggregate = tokens::respan(&quote!(#aggregate), span);
    quote_spanned!(span=> <#ty as #private::CommandTo<#aggregate>>::#item)
}

fn delegated(command: &Model, method: &str, output: &TokenStream) -> TokenStream {
    let arms = held(command).map(|(order, ty)| {
        let (ident, method) = (order.ident, held_item(command, ty, method));
        let call = tokens::call(&method, &quote!(command), ty.span());
        quote!(Self::#ident(command) => #call,)
    });
    let name = Ident::new(method, Span::call_site());
    quote! {
        fn #name(&self) -> #output {
            match self { #(#arms)* }
        }
    }
}

fn delegated_handle(command: &Model) -> TokenStream {
    let Model { private, .. } = command;
    let name = &command.input.ident;
    let aggregate = command.aggregate.get();
    let arms = held(command).map(|(order, ty)| {
        let ident = order.ident;
        let decide = held_item(command, ty, "decide");
        let arguments = quote!(command, self, context);
        let call = tokens::call(&decide, &arguments, ty.span());
        quote!(#name::#ident(command) => #call,)
    });
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #private::Handle<#name> for #aggregate {
            fn handle(
                &self,
                command: #name,
                context: &#private::Context,
            ) -> #private::Decision<Self> {
                match command { #(#arms)* }
            }
        }
    }
}

/// An enum inside an enum would be JSON inside JSON, which no name addresses.
fn structs(command: &Model) -> TokenStream {
    let asserts = held(command).map(|(_, ty)| {
        let is_enum = held_item(command, ty, "IS_ENUM");
        quote_spanned! {ty.span()=>
            const _: () = ::core::assert!(
                !#is_enum,
                "a variant holds one command struct; name the variants of this enum here instead",
            );
        }
    });
    asserts.collect()
}
