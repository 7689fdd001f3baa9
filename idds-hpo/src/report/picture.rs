//! Pictures as SVG.

use plotters::prelude::*;

use crate::SearchResult;

/// Why a picture could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("the picture could not be drawn: {0}")]
pub struct PictureError(String);

/// Draws the loss of every point over its number, with the best loss so far as a line, and returns the SVG.
///
/// Losses that were made up are hollow.
///
/// # Errors
///
/// When no point has a loss.
pub fn loss_picture(result: &SearchResult) -> Result<String, PictureError> {
    let losses: Vec<_> = (1..)
        .zip(&result.trials)
        .filter_map(|(number, trial)| Some((number, trial.loss?.get(), trial.made_up.is_some())))
        .collect();
    if losses.is_empty() {
        return Err(PictureError("no point has a loss".to_owned()));
    }
    let mut picture = String::new();
    draw(&mut picture, &losses).map_err(|error| PictureError(error.to_string()))?;
    Ok(picture)
}

type Drawn = Result<(), Box<dyn std::error::Error>>;

fn draw(picture: &mut String, losses: &[(i32, f64, bool)]) -> Drawn {
    // Made-up losses, such as 100000, would flatten all others: they are drawn at the edge.
    let all_are_made_up = losses.iter().all(|(.., made_up)| *made_up);
    let evaluated = || losses.iter().filter(|(.., made_up)| all_are_made_up || !made_up).map(|(_, loss, _)| *loss);
    let (least, greatest) = (evaluated().fold(f64::MAX, f64::min), evaluated().fold(f64::MIN, f64::max));
    // Halves, as the widest range is not a finite number; and never an empty range.
    let margin = ((greatest / 2.0 - least / 2.0) / 10.0).max(least.abs().max(1e-9) * 1e-3);
    let (lower, upper) = ((least - margin).max(f64::MIN / 4.0), (greatest + margin).min(f64::MAX / 4.0));
    let last = losses.iter().map(|(number, ..)| *number).max().unwrap_or(1);
    let mut steps = Vec::new();
    let mut best = f64::MAX;
    for (number, loss, _) in losses {
        steps.extend((*loss < best && best < f64::MAX).then_some((*number, best)));
        best = best.min(*loss);
        steps.push((*number, best));
    }

    let area = SVGBackend::with_string(picture, (800, 450)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(16)
        .caption("Loss over points", ("sans-serif", 20))
        .x_label_area_size(40)
        .y_label_area_size(64)
        .build_cartesian_2d(0..last + 1, lower..upper)?;
    chart.configure_mesh().light_line_style(TRANSPARENT).x_desc("point").y_desc("loss").draw()?;
    let (dots, line) = (RGBColor(31, 119, 180), RGBColor(214, 39, 40));
    chart
        .draw_series(losses.iter().map(|(number, loss, made_up)| {
            let style = if *made_up { dots.stroke_width(1) } else { dots.filled() };
            Circle::new((*number, loss.clamp(lower, upper)), 4, style)
        }))?
        .label("loss")
        .legend(move |(x, y)| Circle::new((x + 10, y), 4, dots.filled()));
    let steps = steps.into_iter().map(|(number, loss)| (number, loss.clamp(lower, upper)));
    chart
        .draw_series(LineSeries::new(steps, line.stroke_width(2)))?
        .label("best so far")
        .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 20, y)], line.stroke_width(2)));
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.3))
        .draw()?;
    area.present()?;
    Ok(())
}
