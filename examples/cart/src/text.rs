//! How amounts, numbers and times are written, for pages and the terminal alike.

use std::borrow::Borrow;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

/// An amount in pounds: two decimals, or three where it has them.
pub fn money(amount: impl Borrow<Decimal>) -> String {
    let amount = amount.borrow().normalize();
    let scale = amount.scale().clamp(2, 3) as usize;
    let digits = format!("{:.scale$}", amount.abs());
    let (whole, decimals) = digits.split_once('.').unwrap_or((&digits, "00"));
    let sign = if amount < Decimal::ZERO { "−" } else { "" };
    format!("{sign}£{}.{decimals}", grouped(whole))
}

/// An amount in whole pounds.
pub fn pounds(amount: impl Borrow<Decimal>) -> String {
    let amount = amount.borrow().round();
    let sign = if amount < Decimal::ZERO { "−" } else { "" };
    format!("{sign}£{}", grouped(&format!("{:.0}", amount.abs())))
}

/// A number with a comma at every thousand.
pub fn count(number: impl Borrow<u64>) -> String {
    grouped(&number.borrow().to_string())
}

/// A number with what it counts, such as “1 order” and “2 orders”.
pub fn counted(number: impl Borrow<u64>, one: &str) -> String {
    let number = *number.borrow();
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {one}{plural}", count(number))
}

/// Digits with a comma at every thousand.
pub fn grouped(digits: &str) -> String {
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// A moment as people read it, in UTC.
pub fn moment(at: impl Borrow<DateTime<Utc>>) -> String {
    at.borrow().format("%-d %b %Y, %H:%M:%S UTC").to_string()
}

/// A moment to the minute.
pub fn minute(at: impl Borrow<DateTime<Utc>>) -> String {
    at.borrow().format("%-d %b %Y, %H:%M").to_string()
}

/// A moment as machines read it.
pub fn machine(at: impl Borrow<DateTime<Utc>>) -> String {
    at.borrow().format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// A day as people read it.
pub fn day(day: impl Borrow<NaiveDate>) -> String {
    day.borrow().format("%-d %b %Y").to_string()
}

/// The first block of a long id, which is enough to tell a few apart; other texts as they are.
pub fn short(id: &str) -> &str {
    match uuid::Uuid::try_parse(id) {
        Ok(_) => id.get(..8).unwrap_or(id),
        Err(_) => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_two_decimals_or_three() {
        assert_eq!(money(Decimal::new(1_234_500, 3)), "£1,234.50");
        assert_eq!(money(Decimal::new(1_234_501, 3)), "£1,234.501");
        assert_eq!(money(Decimal::ZERO), "£0.00");
        assert_eq!(money(Decimal::new(-1, 1)), "−£0.10");
        assert_eq!(pounds(Decimal::new(-12_345_678, 1)), "−£1,234,568");
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(209_029), "209,029");
        assert_eq!(counted(0, "order"), "0 orders");
        assert_eq!(counted(1, "order"), "1 order");
        assert_eq!(counted(1_000, "order"), "1,000 orders");
    }

    #[test]
    fn only_long_ids_are_cut() {
        assert_eq!(short("536365"), "536365");
        assert_eq!(short("3f2a91c0-0000-4000-8000-000000000000"), "3f2a91c0");
    }
}
