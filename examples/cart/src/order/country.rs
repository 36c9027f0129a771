//! Where the shop delivers to: what a customer may choose. Imported orders keep what they say.

use thiserror::Error;

/// The countries, named as the imported invoices name them, so that their sales add up.
pub const COUNTRIES: &[&str] = &[
    "Australia",
    "Austria",
    "Bahrain",
    "Belgium",
    "Brazil",
    "Canada",
    "Channel Islands",
    "Cyprus",
    "Czech Republic",
    "Denmark",
    "EIRE",
    "Finland",
    "France",
    "Germany",
    "Greece",
    "Hong Kong",
    "Iceland",
    "Israel",
    "Italy",
    "Japan",
    "Lebanon",
    "Lithuania",
    "Malta",
    "Netherlands",
    "Norway",
    "Poland",
    "Portugal",
    "RSA",
    "Saudi Arabia",
    "Singapore",
    "Spain",
    "Sweden",
    "Switzerland",
    "USA",
    "United Arab Emirates",
    "United Kingdom",
];

/// The longest text that is worth being looked up.
const LONGEST: usize = 60;

/// Why a text is no country that the shop delivers to.
#[derive(Error, Debug, Clone, PartialEq, Eq)]
pub enum CountryError {
    /// Nothing was chosen.
    #[error("choose the country that the order goes to")]
    Missing,
    /// Longer than any name.
    #[error("that is too long for the name of a country; choose one from the list")]
    TooLong,
    /// Not one of the list.
    #[error("we do not deliver to “{0}”; choose a country from the list")]
    Unknown(String),
}

/// The country of this name.
///
/// # Errors
///
/// [`CountryError`] in words for the customer.
pub fn country(text: &str) -> Result<&'static str, CountryError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(CountryError::Missing);
    }
    if text.chars().count() > LONGEST {
        return Err(CountryError::TooLong);
    }
    let mut countries = COUNTRIES.iter().copied();
    countries
        .find(|country| *country == text)
        .ok_or_else(|| CountryError::Unknown(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_countries_of_the_list_are_taken() {
        assert_eq!(country(" France "), Ok("France"));
        assert_eq!(country("  "), Err(CountryError::Missing));
        let atlantis = CountryError::Unknown("Atlantis".to_owned());
        assert_eq!(country("Atlantis"), Err(atlantis));
        assert_eq!(country(&"é".repeat(61)), Err(CountryError::TooLong));
    }

    #[test]
    fn the_list_is_in_order_for_whoever_reads_it() {
        assert!(COUNTRIES.is_sorted());
    }
}
