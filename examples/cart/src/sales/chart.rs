//! Charts as geometry: where a bar or an axis stands. The template writes it as SVG.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::text::pounds;

/// A rectangle with what it stands for.
pub(super) struct Bar {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) width: String,
    pub(super) height: String,
    /// Shown by the browser where the pointer rests.
    pub(super) told: String,
}

/// A line of an axis with its text.
pub(super) struct Tick {
    /// Along the axis.
    pub(super) at: String,
    pub(super) text: String,
    /// On a second line.
    pub(super) below: String,
}

/// Columns over a time axis.
pub(super) struct Columns {
    pub(super) bars: Vec<Bar>,
    /// Of the amounts, from below.
    pub(super) amounts: Vec<Tick>,
    /// Of the days.
    pub(super) days: Vec<Tick>,
}

/// What a column shows.
pub(super) struct Day {
    pub(super) name: String,
    /// The year of a day, on the second line of the axis.
    pub(super) year: String,
    pub(super) amount: Decimal,
    pub(super) told: String,
}

/// The plot of the columns within a picture of 760 × 280.
pub(super) const LEFT: f64 = 70.0;
pub(super) const RIGHT: f64 = 735.0;
pub(super) const TOP: f64 = 12.0;
pub(super) const BOTTOM: f64 = 238.0;

/// How many days have their name below the axis, at most.
const NAMED_DAYS: usize = 9;

impl Columns {
    pub(super) fn new(days: Vec<Day>) -> Self {
        let most = days.iter().map(|day| day.amount).max().unwrap_or_default();
        let scale = Scale::up_to(most);
        let step = (RIGHT - LEFT) / days.len().max(1) as f64;
        let every = days.len().div_ceil(NAMED_DAYS).max(1);
        let middle = |place: usize| LEFT + (place as f64 + 0.5) * step;
        // Counted from the end, so that the latest day has its name.
        let named = days.iter().enumerate().rev().step_by(every);
        let days_named = named.map(|(place, day)| Tick {
            at: pixel(middle(place)),
            text: day.name.clone(),
            below: day.year.clone(),
        });
        Self {
            days: days_named.collect(),
            amounts: scale.ticks(|part| BOTTOM - part * (BOTTOM - TOP)),
            bars: days
                .into_iter()
                .enumerate()
                .map(|(place, day)| {
                    let height = scale.part(day.amount) * (BOTTOM - TOP);
                    Bar {
                        x: pixel(LEFT + (place as f64 + 0.15) * step),
                        y: pixel(BOTTOM - height),
                        width: pixel(0.7 * step),
                        height: pixel(height),
                        told: day.told,
                    }
                })
                .collect(),
        }
    }
}

/// Rows of bars, the longest first.
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    pub(super) amounts: Vec<Tick>,
    /// Of the whole picture, and where its axis is.
    pub(super) height: usize,
    pub(super) bottom: usize,
}

/// A bar with its name before and its amount behind it.
pub(super) struct Row {
    pub(super) bar: Bar,
    pub(super) name: String,
    pub(super) amount: String,
    /// The line of the texts.
    pub(super) line: String,
    pub(super) end: String,
}

/// Of a row, in pixels.
const ROW: usize = 26;

/// Where bars begin and the longest one ends, in a picture that is 760 wide.
pub(super) const BEGIN: f64 = 150.0;
pub(super) const END: f64 = 680.0;

impl Rows {
    pub(super) fn new(countries: Vec<Day>) -> Self {
        let most = countries.iter().map(|country| country.amount).max();
        let scale = Scale::up_to(most.unwrap_or_default());
        let bottom = countries.len() * ROW + 8;
        let rows = countries.into_iter().enumerate().map(|(place, country)| {
            let width = scale.part(country.amount) * (END - BEGIN);
            let top = (place * ROW) as f64 + 8.0;
            Row {
                bar: Bar {
                    x: pixel(BEGIN),
                    y: pixel(top),
                    width: pixel(width.max(1.0)),
                    height: pixel(ROW as f64 - 8.0),
                    told: country.told,
                },
                name: country.name,
                amount: pounds(country.amount),
                line: pixel(top + 13.0),
                end: pixel(BEGIN + width + 6.0),
            }
        });
        Self {
            rows: rows.collect(),
            amounts: scale.ticks(|part| BEGIN + part * (END - BEGIN)),
            height: bottom + 28,
            bottom,
        }
    }
}

/// Round steps from zero to above the highest amount.
struct Scale {
    step: Decimal,
    steps: u32,
}

impl Scale {
    /// In three to six steps of 1, 2 or 5 and zeros.
    fn up_to(most: Decimal) -> Self {
        let mut step = Decimal::ONE;
        let mut factors = [2, 5, 10].into_iter().cycle();
        let mut power = Decimal::ONE;
        while step * Decimal::from(6) < most {
            let factor = factors.next().unwrap_or(10);
            step = power * Decimal::from(factor);
            if factor == 10 {
                power = step;
            }
        }
        let steps = (most / step).ceil().to_u32().unwrap_or(1).max(1);
        Self { step, steps }
    }

    /// How far up an amount is, from 0 to 1.
    fn part(&self, amount: Decimal) -> f64 {
        let part = amount / (self.step * Decimal::from(self.steps));
        part.to_f64().unwrap_or_default().clamp(0.0, 1.0)
    }

    fn ticks(&self, place: impl Fn(f64) -> f64) -> Vec<Tick> {
        let ticks = (0..=self.steps).map(|tick| Tick {
            at: pixel(place(f64::from(tick) / f64::from(self.steps))),
            text: pounds(self.step * Decimal::from(tick)),
            below: String::new(),
        });
        ticks.collect()
    }
}

fn pixel(at: f64) -> String {
    format!("{at:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(amount: i64) -> Day {
        Day {
            name: format!("day {amount}"),
            year: String::new(),
            amount: Decimal::from(amount),
            told: format!("told {amount}"),
        }
    }

    #[test]
    fn an_axis_has_a_few_round_steps() {
        for (most, step, steps) in [
            (0, 1, 1),
            (6, 1, 6),
            (7, 2, 4),
            (31, 10, 4),
            (110, 20, 6),
            (8_699, 2_000, 5),
            (60_001, 20_000, 4),
        ] {
            let scale = Scale::up_to(Decimal::from(most));
            assert_eq!(
                (scale.step, scale.steps),
                (Decimal::from(step), steps),
                "{most}"
            );
        }
    }

    #[test]
    fn columns_stand_on_the_axis_and_the_last_day_is_named() {
        let columns = Columns::new((1..=60).map(day).collect());
        assert_eq!(columns.bars.len(), 60);
        for bar in &columns.bars {
            let foot = bar.y.parse::<f64>().unwrap() + bar.height.parse::<f64>().unwrap();
            assert!((foot - BOTTOM).abs() < 0.2, "{foot}");
        }
        assert_eq!(columns.days[0].text, "day 60");
        assert!(columns.days.len() <= NAMED_DAYS);
        assert_eq!(columns.amounts[0].text, "£0");
    }

    #[test]
    fn nothing_sold_is_an_empty_chart() {
        let columns = Columns::new(Vec::new());
        assert!(columns.bars.is_empty() && columns.days.is_empty());
        assert_eq!(columns.amounts.len(), 2);
        assert!(Rows::new(Vec::new()).rows.is_empty());
    }
}
