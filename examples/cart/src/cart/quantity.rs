//! How many: what a customer types into a quantity field.

use thiserror::Error;

use super::MAX_UNITS;

/// Why a text is no quantity.
#[derive(Error, Debug, Clone, PartialEq, Eq)]
pub enum QuantityError {
    /// Nothing was typed.
    #[error("enter how many you want")]
    Missing,
    /// Not a whole number.
    #[error("“{0}” is not a whole number; write it in digits, for example 3")]
    NotANumber(String),
    /// Zero or below.
    #[error("the quantity must be at least 1; remove the article if you do not want it")]
    TooFew,
    /// More than is sold at once.
    #[error("at most {MAX_UNITS} of an article can be ordered at once")]
    TooMany,
}

/// How much of what was typed is told back.
const SHOWN: usize = 20;

/// The quantity of this text.
///
/// # Errors
///
/// [`QuantityError`] in words for the customer.
pub fn quantity(text: &str) -> Result<u32, QuantityError> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix(['-', '−']) {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if text.is_empty() {
        return Err(QuantityError::Missing);
    }
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        let shown = text.chars().take(SHOWN).collect();
        return Err(QuantityError::NotANumber(shown));
    }
    // Digits that no `u32` can hold are too many of them.
    let units = digits.parse::<u32>().unwrap_or(u32::MAX);
    match units {
        _ if negative => Err(QuantityError::TooFew),
        0 => Err(QuantityError::TooFew),
        units if units > MAX_UNITS => Err(QuantityError::TooMany),
        units => Ok(units),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_taken() {
        assert_eq!(quantity("1"), Ok(1));
        assert_eq!(quantity(" 007 "), Ok(7));
        assert_eq!(quantity("100000"), Ok(100_000));
    }

    #[test]
    fn everything_else_is_told_apart() {
        assert_eq!(quantity(" "), Err(QuantityError::Missing));
        for none in ["0", "-3", "−3", "-99999999999999"] {
            assert_eq!(quantity(none), Err(QuantityError::TooFew), "{none}");
        }
        for many in ["100001", "4294967296", "99999999999999999999999"] {
            assert_eq!(quantity(many), Err(QuantityError::TooMany), "{many}");
        }
        for text in ["1e9", "two", "1.5", "1,000", "-", "+1", "٣"] {
            let error = QuantityError::NotANumber(text.to_owned());
            assert_eq!(quantity(text), Err(error), "{text}");
        }
        let long = QuantityError::NotANumber("x".repeat(SHOWN));
        assert_eq!(quantity(&"x".repeat(500)), Err(long));
    }
}
