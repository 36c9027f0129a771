//! Products: known by what was sold of them; there is nothing to command, so only a view, and
//! the `pages` that show it.

mod catalogue;
pub(crate) mod pages;

use cqrs::prelude::*;

pub use self::catalogue::Product;

/// The stock code of a product. Codes that differ in case are different products.
#[derive(Id)]
pub struct ProductCode(String);

/// What a product is called where people read it: some were never sold under a name.
pub fn title(code: &ProductCode, name: &str) -> String {
    match name.trim().is_empty() {
        true => format!("Article {code}"),
        false => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_without_a_name_is_called_by_its_code() {
        let code = ProductCode::from("22423");
        assert_eq!(title(&code, "CAKESTAND"), "CAKESTAND");
        assert_eq!(title(&code, " "), "Article 22423");
    }
}
