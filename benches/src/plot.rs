//! The plot: a bar for each ratio on a scale of doublings, with the target marked.

use std::path::Path;

use anyhow::{Context as _, Result};
use plotters::backend::SVGBackend;
use plotters::drawing::IntoDrawingArea as _;
use plotters::element::{PathElement, Rectangle, Text};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::report::short;
use crate::row::Row;

type Canvas<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

const WIDTH: i32 = 1000;
const ROW_HEIGHT: i32 = 44;
const TOP: i32 = 64;
const BOTTOM: i32 = 56;
/// Where the bars' part begins and ends.
const LEFT: i32 = 330;
const RIGHT: i32 = WIDTH - 90;

const REACHED: RGBColor = RGBColor(46, 125, 90);
const BELOW: RGBColor = RGBColor(192, 57, 43);
const PLAIN: RGBColor = RGBColor(90, 110, 140);
const GRID: RGBColor = RGBColor(221, 221, 221);

/// From ratios to places on the picture.
struct Scale {
    /// In doublings.
    lowest: f64,
    highest: f64,
}

impl Scale {
    fn new(ratios: impl Iterator<Item = f64>) -> Self {
        let (lowest, highest) = ratios.fold((1.0, 2.0), |(lowest, highest), ratio| {
            (f64::min(lowest, ratio), f64::max(highest, ratio))
        });
        Self {
            lowest: (lowest.log2() - 0.2).floor(),
            highest: highest.log2().ceil(),
        }
    }

    fn place(&self, ratio: f64) -> i32 {
        let part = (ratio.log2() - self.lowest) / (self.highest - self.lowest);
        LEFT + (part * f64::from(RIGHT - LEFT)).round() as i32
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        (self.lowest as i32..=self.highest as i32).map(|doublings| 2f64.powi(doublings))
    }
}

pub(crate) fn draw(path: &Path, title: &str, rows: &[Row]) -> Result<()> {
    let bars: Vec<_> = rows
        .iter()
        .filter_map(|row| Some((row, row.ratio()?)))
        .collect();
    let scale = Scale::new(
        bars.iter()
            .flat_map(|(row, ratio)| [*ratio, row.target().unwrap_or(1.0)]),
    );
    let height = TOP + ROW_HEIGHT * bars.len() as i32 + BOTTOM;
    let canvas = SVGBackend::new(path, (WIDTH as u32, height as u32)).into_drawing_area();
    let cannot_draw = || format!("cannot draw {}", path.display());
    draw_all(&canvas, &scale, title, &bars, height)
        .and_then(|()| canvas.present().map_err(|error| anyhow::anyhow!("{error}")))
        .with_context(cannot_draw)
}

fn draw_all(
    canvas: &Canvas<'_>,
    scale: &Scale,
    title: &str,
    bars: &[(&Row, f64)],
    height: i32,
) -> Result<()> {
    let fault = |error: DrawingAreaErrorKind<std::io::Error>| anyhow::anyhow!("{error}");
    canvas.fill(&WHITE).map_err(fault)?;
    text(canvas, title, (24, 24), 20, HPos::Left)?;
    draw_grid(canvas, scale, height)?;
    for (place, (row, ratio)) in (0..).zip(bars) {
        draw_bar(canvas, scale, row, *ratio, TOP + place * ROW_HEIGHT)?;
    }
    text(
        canvas,
        "times the hand-written program; the black mark is the target",
        (LEFT, height - 14),
        14,
        HPos::Left,
    )
}

fn draw_grid(canvas: &Canvas<'_>, scale: &Scale, height: i32) -> Result<()> {
    for tick in scale.ticks() {
        let place = scale.place(tick);
        let colour = if tick == 1.0 { BLACK } else { GRID };
        line(
            canvas,
            (place, TOP - 8),
            (place, height - BOTTOM + 4),
            colour,
            1,
        )?;
        text(
            canvas,
            &format!("{tick} ×"),
            (place, height - BOTTOM + 16),
            14,
            HPos::Center,
        )?;
    }
    Ok(())
}

fn draw_bar(canvas: &Canvas<'_>, scale: &Scale, row: &Row, ratio: f64, top: i32) -> Result<()> {
    let colour = match row.met() {
        Some(true) => REACHED,
        Some(false) => BELOW,
        None => PLAIN,
    };
    let (middle, end) = (top + ROW_HEIGHT / 2, scale.place(ratio));
    let corners = [(LEFT, top + 8), (end, top + ROW_HEIGHT - 8)];
    let bar = Rectangle::new(corners, colour.filled());
    canvas
        .draw(&bar)
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    text(canvas, row.path.name, (LEFT - 10, middle), 14, HPos::Right)?;
    let Some(target) = row.target() else {
        return text(canvas, &short(ratio), (end + 8, middle), 14, HPos::Left);
    };
    let mark = scale.place(target);
    line(
        canvas,
        (mark, top + 3),
        (mark, top + ROW_HEIGHT - 3),
        BLACK,
        3,
    )?;
    text(
        canvas,
        &short(ratio),
        (end.max(mark) + 8, middle),
        14,
        HPos::Left,
    )
}

fn line(
    canvas: &Canvas<'_>,
    from: (i32, i32),
    to: (i32, i32),
    colour: RGBColor,
    width: u32,
) -> Result<()> {
    let line = PathElement::new([from, to], colour.stroke_width(width));
    canvas
        .draw(&line)
        .map_err(|error| anyhow::anyhow!("{error}"))
}

fn text(canvas: &Canvas<'_>, words: &str, place: (i32, i32), size: i32, side: HPos) -> Result<()> {
    let style = TextStyle::from(("sans-serif", size)).pos(Pos::new(side, VPos::Center));
    let text = Text::new(words.to_owned(), place, style);
    canvas
        .draw(&text)
        .map_err(|error| anyhow::anyhow!("{error}"))
}
