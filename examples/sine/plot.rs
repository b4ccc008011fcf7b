//! Line plots with a logarithmic vertical axis, as PNG and SVG.

use std::error::Error;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};

/// A named line.
pub struct Curve {
    pub name: &'static str,
    pub x: Vec<f64>,
    pub y: Vec<f64>,
}

/// Colours that remain distinct to the colour-blind (Okabe & Ito 2008).
const COLOURS: [RGBColor; 6] = [
    RGBColor(213, 94, 0),
    RGBColor(0, 114, 178),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];
const SIZE: (u32, u32) = (1400, 560);
/// Points of a drawn line: more than the panel has pixels would only make the file large.
const POINTS: usize = 600;

/// Draws panels side by side, each with its horizontal axis, to `path`.png and `path`.svg.
pub fn save(
    path: &Path,
    title: &str,
    vertical: &str,
    panels: &[(&str, Vec<Curve>)],
) -> Result<(), Box<dyn Error>> {
    // A font that comes with the program: no system library draws text.
    let font = epaint_default_fonts::UBUNTU_LIGHT;
    for style in [FontStyle::Normal, FontStyle::Bold] {
        register_font("sans-serif", style, font).map_err(|_| "the font cannot be read")?;
    }
    let (png, svg) = (path.with_extension("png"), path.with_extension("svg"));
    draw(
        &BitMapBackend::new(&png, SIZE).into_drawing_area(),
        title,
        vertical,
        panels,
    )?;
    draw(
        &SVGBackend::new(&svg, SIZE).into_drawing_area(),
        title,
        vertical,
        panels,
    )
}

fn draw<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    title: &str,
    vertical: &str,
    panels: &[(&str, Vec<Curve>)],
) -> Result<(), Box<dyn Error>>
where
    B::ErrorType: 'static,
{
    area.fill(&WHITE)?;
    let area = area.titled(title, ("sans-serif", 26))?;
    let parts = area.split_evenly((1, panels.len()));
    for (k, (part, (horizontal, curves))) in parts.iter().zip(panels).enumerate() {
        panel(part, horizontal, vertical, curves, k + 1 == panels.len())?;
    }
    area.present()?;
    Ok(())
}

fn panel<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    horizontal: &str,
    vertical: &str,
    curves: &[Curve],
    with_legend: bool,
) -> Result<(), Box<dyn Error>>
where
    B::ErrorType: 'static,
{
    let positive = || {
        curves
            .iter()
            .flat_map(|c| &c.y)
            .copied()
            .filter(|&y| y > 0.0)
    };
    let low = positive().fold(f64::INFINITY, f64::min);
    let high = positive().filter(|y| y.is_finite()).fold(0.0, f64::max);
    let right = curves
        .iter()
        .filter_map(|c| c.x.last())
        .copied()
        .fold(0.0, f64::max);
    let mut chart = ChartBuilder::on(area)
        .margin(14)
        .margin_right(30)
        .x_label_area_size(52)
        .y_label_area_size(76)
        .build_cartesian_2d(0.0..right, (0.8 * low..1.6 * high).log_scale())?;
    chart
        .configure_mesh()
        .x_desc(horizontal)
        .y_desc(vertical)
        .x_label_formatter(&|x| tick(*x))
        .y_label_formatter(&|y| tick(*y))
        .x_labels(6)
        .label_style(("sans-serif", 19))
        .axis_desc_style(("sans-serif", 21))
        .light_line_style(WHITE)
        .bold_line_style(BLACK.mix(0.12))
        .draw()?;
    for (curve, colour) in curves.iter().zip(&COLOURS) {
        chart.draw_series(LineSeries::new(thinned(curve, &curve.y), colour.mix(0.22)))?;
    }
    for (curve, &colour) in curves.iter().zip(&COLOURS) {
        let smooth = smoothed(&curve.y);
        chart
            .draw_series(LineSeries::new(
                thinned(curve, &smooth),
                colour.stroke_width(3),
            ))?
            .label(curve.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 24, y)], colour.stroke_width(3)));
    }
    if !with_legend {
        return Ok(());
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::MiddleRight)
        .label_font(("sans-serif", 18))
        .legend_area_size(32)
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK.mix(0.3))
        .draw()?;
    Ok(())
}

fn thinned(curve: &Curve, y: &[f64]) -> Vec<(f64, f64)> {
    let stride = y.len().div_ceil(POINTS).max(1);
    let points = curve.x.iter().copied().zip(y.iter().copied());
    points
        .step_by(stride)
        .filter(|(_, y)| y.is_finite() && *y > 0.0)
        .collect()
}

/// A running geometric mean over 1 % of the steps, centred.
fn smoothed(y: &[f64]) -> Vec<f64> {
    let half = (y.len() / 200).max(1);
    let mut sums = vec![0.0];
    for v in y {
        sums.push(sums[sums.len() - 1] + v.max(f64::MIN_POSITIVE).ln());
    }
    (0..y.len())
        .map(|k| {
            let (from, to) = (k.saturating_sub(half), (k + half + 1).min(y.len()));
            ((sums[to] - sums[from]) / (to - from) as f64).exp()
        })
        .collect()
}

fn tick(x: f64) -> String {
    if x >= 1000.0 {
        format!("{} 000", x / 1000.0)
    } else {
        // Ticks are sums of rounded steps: 0.6000000000000001.
        format!("{}", (x * 1e9).round() / 1e9)
    }
}
