//! derive(Projection): what is generated, in order.

mod columns;
mod full_text;
mod input;
mod row;

use proc_macro2::TokenStream;
use quote::quote;

use super::model::Model;

pub(super) fn expand(projection: &Model) -> TokenStream {
    let markers = columns::markers(projection);
    let constants = columns::constants(projection);
    let scales = columns::assert_scales(projection);
    let full_text = full_text::full_text(projection);
    let view_row = row::view_row(projection);
    let from_key = row::from_key(projection);
    let input = input::projection(projection);
    quote! {
        #markers
        #constants
        #scales
        #full_text
        #view_row
        #from_key
        #input
    }
}
