use std::time::Duration;

use idds_workflow::RequestId;
use serde_json::{Value, json};

use super::*;
use crate::{Direction, Evaluation, Intermediate, Loss, SearchResult, StopReason, TrialRecord};

pub(super) fn result(trials: &[(Value, Option<f64>, Option<&str>)]) -> SearchResult {
    let trials = (1..).zip(trials).map(|(id, (parameters, loss, made_up))| {
        let mut record = TrialRecord::new(id.to_string().into(), parameters.clone());
        record.loss = loss.and_then(Loss::new);
        record.made_up = made_up.map(str::to_owned);
        record
    });
    let trials = trials.collect();
    SearchResult {
        request: RequestId::new(1),
        direction: Direction::Minimize,
        stop: StopReason::Finished,
        error: None,
        space: None,
        started: None,
        earlier: Vec::new(),
        server: String::new(),
        trials,
        elapsed: Duration::ZERO,
    }
}

#[test]
fn the_best_points_stand_first_and_made_up_losses_say_so() {
    let result = result(&[
        (json!({"A": 1, "B": 2.5}), Some(0.5), None),
        (json!({"A": 4, "B": "x"}), Some(0.0), None),
        (
            json!({"A": 4, "C": [1, 2]}),
            Some(1e5),
            Some("out of memory"),
        ),
        (json!({"A": 4}), None, None),
    ]);
    insta::assert_snapshot!(best_points(&result, 3));
    assert!(!best_points(&result, 2).contains("note"));
}

#[test]
fn a_value_of_others_is_shown_and_fits_the_terminal() {
    let result = result(&[(
        json!({"A\u{1b}[5m": "\u{1b}]0;x\u{7}a\nb\tc"}),
        Some(0.5),
        Some(&"long ".repeat(40)),
    )]);
    for table in [best_points(&result, 1), best_points_within(&result, 1, 60)] {
        assert!(
            table.contains("A\\u{1b}[5m") && !table.contains(['\u{1b}', '\u{7}', '\t']),
            "{table}"
        );
    }
    assert!(best_points(&result, 1).contains("\\u{1b}]0;x\\u{7}a\\nb\\tc"));
    assert!(
        best_points_within(&result, 1, 60)
            .lines()
            .all(|line| line.chars().count() <= 60)
    );
}

#[test]
fn a_picture_shows_every_loss_whatever_its_size() {
    let losses = [
        [0.0, 0.0, 0.0],
        [1.0, -2.0, 3.0],
        [f64::MIN, f64::MAX, 0.0],
        [1e-300, 0.0, 5e-324],
    ];
    for losses in losses {
        let picture = loss_picture(&result(&losses.map(|loss| (json!({}), Some(loss), None))))
            .expect("a picture");
        // One circle is in the legend; what is far worse than the others is a wedge, and there is one in the legend.
        let wedges = picture.matches("class=\"far\"").count().saturating_sub(1);
        assert_eq!(
            picture.matches("<circle").count() + wedges,
            losses.len() + 1,
            "{losses:?}"
        );
        assert!(
            !picture.contains("NaN") && !picture.contains("inf"),
            "{losses:?}"
        );
    }
}

#[test]
fn a_search_without_losses_has_no_picture() {
    let error = loss_picture(&result(&[(json!({}), None, None)])).expect_err("nothing to draw");
    assert_eq!(
        error.to_string(),
        "the picture could not be drawn: no point has a loss"
    );
}

/// A search with everything that can become of a point.
fn eventful() -> SearchResult {
    let mut result = result(&[
        (json!({"lr": 1e-5, "opt": "<b>"}), Some(0.5), None),
        (
            json!({"lr": 0.1, "opt": "sgd, fast"}),
            Some(1e5),
            Some("out of \"memory\""),
        ),
        (json!({"lr": 0.01, "opt": "sgd, fast"}), None, None),
    ]);
    let mut evaluation = Evaluation::new(1, Duration::from_millis(500));
    evaluation.ended = Some(Duration::from_millis(2500));
    evaluation.failure = Some("out of \"memory\"".to_owned());
    result.trials[1].evaluations.push(evaluation);
    result.trials[2]
        .evaluations
        .push(Evaluation::new(0, Duration::from_secs(1)));
    result.elapsed = Duration::from_secs(4);
    result.stop = StopReason::Timeout;
    result
}

#[test]
fn a_page_shows_everything_and_lets_nothing_of_a_point_become_html() {
    let page = html(&eventful());
    assert!(
        !page.contains("<b>") && page.contains("&lt;b&gt;"),
        "{page}"
    );
    for text in [
        "made up: out of &quot;memory&quot;",
        "Without one: 3.",
        "at its time limit",
        "worker 2",
        "evaluations cut off: 1",
    ] {
        assert!(page.contains(text), "{text}");
    }
    // Nothing is loaded from elsewhere; the one address is the name space of SVG.
    assert_eq!(
        page.matches("http").count(),
        page.matches("http://www.w3.org/2000/svg").count()
    );
    let (shown, _) = page
        .split_once("<script>")
        .expect("the script of the table comes last");
    assert!(!shown.contains("NaN") && !shown.contains("inf\""), "{page}");
}

#[test]
fn a_loss_of_another_point_and_an_evaluation_that_came_too_late_say_so() {
    let mut result = eventful();
    let mut late = Evaluation::new(0, Duration::ZERO);
    late.ended = Some(Duration::from_secs(1));
    late.is_superseded = true;
    result.trials[0].evaluations.push(late);
    result.trials[2].same_as = Some("1".into());
    let page = html(&result);
    for text in [
        "evaluated twice, the first loss counts",
        "the loss of point 1, which is the same",
        "too late",
    ] {
        assert!(page.contains(text), "{text}");
    }
    let json = json(&result);
    assert_eq!(json["trials"][0]["evaluations"][0]["superseded"], true);
    assert_eq!(json["trials"][2]["same_as"], "1");
    assert_eq!(html(&eventful()).matches("too late").count(), 0);
}

#[test]
fn an_empty_search_has_a_page_too() {
    assert!(html(&result(&[])).contains("No point has a loss."));
}

#[test]
fn csv_quotes_what_needs_it_and_has_a_line_for_every_point() {
    insta::assert_snapshot!(csv(&eventful()).replace('\r', ""), @r#"
    point,stage,loss,value,made_up,same_as,foreign,stopped_at,attempts,failure,started,ended,lr,opt
    1,open,0.5,0.5,,,false,,0,,,,0.00001,<b>
    2,open,100000,100000,"out of ""memory""",,false,,1,"out of ""memory""",0.5,2.5,0.1,"sgd, fast"
    3,open,,,,,false,,0,,1,,0.01,"sgd, fast"
    "#);
}

#[test]
fn json_has_everything() {
    let json = json(&eventful());
    assert_eq!(json["trials"][1]["evaluations"][0]["ended"], 2.5);
    assert_eq!(
        (&json["stop"], &json["trials"][2]["loss"]),
        (&json!("time_limit"), &Value::Null)
    );
}

#[test]
fn a_page_brings_everything_along_and_runs_nothing() {
    let mut result = eventful();
    for parameters in [
        json!({"<script>alert(1)</script>": 1, "x\"y": "&"}),
        json!([3, {"lr": 1e-3}]),
        json!("toy"),
        json!({}),
    ] {
        let mut record = TrialRecord::new("\"9\" onload=\"x".into(), parameters);
        record.made_up = Some("</style><img src=x>".to_owned());
        record.loss = Loss::new(1.0);
        result.trials.push(record);
    }
    let page = Page::new(&result)
        .title("<i>")
        .fact("seed", "<u>")
        .to_html();
    assert_eq!(page.matches("<script").count(), 1, "that of the table");
    for wrong in [
        "<script>alert",
        "<img",
        "<i>",
        "<u>",
        "<link",
        "src=\"",
        "href",
        "url(",
        "@import",
        "onload=\"x",
    ] {
        assert!(!page.contains(wrong), "{wrong}");
    }
    let body = page
        .split_once("<svg")
        .map(|(_, rest)| format!("<svg{rest}"))
        .expect("pictures");
    let svg = &body[..body.find("</svg>").expect("an end") + 6];
    roxmltree::Document::parse(svg).expect("a picture is XML, whatever is in it");
}

#[test]
fn a_page_says_what_its_writer_knows() {
    let page = Page::new(&eventful())
        .title("Tagger")
        .fact("seed", 7)
        .to_html();
    assert!(
        page.contains("<title>Tagger</title>") && page.contains("<dt>seed</dt><dd>7</dd>"),
        "{page}"
    );
}

#[test]
fn every_picture_is_a_document_of_its_own_and_has_a_name_for_a_file() {
    let trials: Vec<_> = (0..30)
        .map(|i| {
            let opt = if i % 2 == 0 { "<sgd>" } else { "adam" };
            (
                json!({"lr/x": 10_f64.powi(i % 15), "opt": opt}),
                Some(f64::from(i % 15 + i % 2)),
                None,
            )
        })
        .collect();
    let mut result = result(&trials);
    let mut evaluation = Evaluation::new(2, Duration::ZERO);
    let told = [(1, 0.5), (2, 0.25)].map(|(step, loss)| Intermediate {
        step,
        loss: Loss::new(loss).expect("a loss"),
    });
    evaluation.intermediate = told.to_vec();
    result.trials[3].evaluations.push(evaluation);
    let pictures = pictures(&result);
    let names: Vec<_> = pictures
        .iter()
        .map(|picture| picture.name.as_str())
        .collect();
    let whole = [
        "losses",
        "parallel-coordinates",
        "importance",
        "surface",
        "learning-curves",
        "time-line",
    ];
    assert_eq!(names[..6], whole);
    assert_eq!(names[6..], ["slice-lr_x", "slice-opt"]);
    for picture in &pictures {
        let document = roxmltree::Document::parse(&picture.svg).expect("XML");
        assert_eq!(
            document.root_element().tag_name().namespace(),
            Some("http://www.w3.org/2000/svg")
        );
    }
    assert_eq!(super::pictures(&self::result(&[])).len(), 0);
}

/// Names, values and reasons as programs of other people write them.
#[test]
fn pictures_and_pages_are_well_formed_whatever_is_in_them() {
    let strange = [
        "\u{0}\u{1b}[31m",
        "\u{202e}]]><svg>",
        "a\u{ffff}b\u{85}",
        "--></script><script>",
        "=1+1",
        "",
    ];
    let trials: Vec<_> = (0..40)
        .map(|i| {
            let text = strange[i % strange.len()];
            (
                json!({text: text, "x": i, format!("{text}{i}"): [text, null, {"a": text}]}),
                Some(i as f64),
                (i % 3 == 0).then_some(text),
            )
        })
        .collect();
    let mut result = result(&trials);
    let mut failed = Evaluation::new(0, Duration::ZERO);
    failed.failure = Some(strange.concat());
    result.trials[1].evaluations.push(failed);
    for picture in pictures(&result) {
        roxmltree::Document::parse(&picture.svg)
            .unwrap_or_else(|error| panic!("{}: {error}", picture.name));
    }
    let page = Page::new(&result)
        .title(strange.concat())
        .files("1".into(), "points/a b:\"<1>")
        .to_html();
    assert!(
        page.contains("href=\"./points/a%20b%3A%22%3C1%3E\""),
        "{page}"
    );
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains(|c: char| c.is_control() && c != '\n' || c == '\u{202e}'));
    assert!(!best_points(&result, 3).contains('\u{1b}'));
}

#[test]
fn a_made_up_loss_is_never_the_best() {
    let mixed = result(&[
        (json!({"x": 1}), Some(5.0), None),
        (json!({"x": 2}), Some(-1.0), Some("it failed")),
    ]);
    assert_eq!(
        mixed
            .best_trial()
            .map(|trial| trial.id.as_str().to_owned())
            .as_deref(),
        Some("1")
    );
    let table = best_points(&mixed, 2);
    let rows: Vec<_> = table
        .lines()
        .filter(|line| line.contains(" 5 ") || line.contains(" -1 "))
        .collect();
    assert!(
        rows[0].contains(" 5 ") && rows[1].contains("made up: it failed"),
        "{table}"
    );
    let only = result(&[(json!({"x": 2}), Some(-1.0), Some("it failed"))]);
    assert_eq!(only.best_trial(), None);
}

#[test]
fn a_report_of_very_many_names_is_bounded() {
    let many: Vec<_> = (0..3000)
        .map(|i| {
            let own = (0..20).map(|n| (format!("name {i} {n}"), json!(n)));
            (Value::Object(own.collect()), Some(f64::from(i)), None)
        })
        .collect();
    let many = result(&many);
    assert!(html(&many).len() < 20_000_000);
    let header = csv(&many).lines().next().expect("a header").to_owned();
    assert!(header.ends_with(",other parameters") && header.len() < 30_000);
    assert!(best_points(&many, 5).contains("more"));
    let one: serde_json::Map<_, _> = (0..100_000).map(|n| (format!("n{n}"), json!(n))).collect();
    let one = result(&[(Value::Object(one), Some(1.0), None)]);
    assert!(html(&one).len() < 1_000_000 && best_points(&one, 1).len() < 20_000);
}

#[test]
fn a_page_of_any_search_is_of_a_size_that_a_browser_shows() {
    let long = "x".repeat(1 << 20);
    let trials: Vec<_> = (0..6000)
        .map(|number| {
            let texts =
                json!({"number": number, "name": format!("choice {number}"), "x": number % 7});
            (
                texts,
                Some(f64::from(number)),
                (number % 3 == 0).then_some("why"),
            )
        })
        .collect();
    let mut many = result(&trials);
    for (slot, trial) in many.trials.iter_mut().enumerate() {
        trial.evaluations = (0..5)
            .map(|at| Evaluation::new(slot * 10_000, Duration::from_secs(at)))
            .collect();
    }
    let page = html(&many);
    assert!(page.len() < 10_000_000, "{}", page.len());
    assert!(page.contains("The pictures show 4000 of 6000 points"));
    assert!(page.contains("of 160 of 6159 workers"));
    let one = (
        json!({"w": vec![0.5; 1_000_000], &long: &long, "nest": {"a": [&long]}}),
        Some(1.0),
        Some(long.as_str()),
    );
    let one = result(&[one]);
    assert!(html(&one).len() < 200_000, "{}", html(&one).len());
    assert!(best_points(&one, 1).len() < 20_000);
    assert!(
        pictures(&one)
            .iter()
            .all(|picture| picture.svg.len() < 50_000)
    );
}

#[test]
fn pictures_are_well_formed_whatever_names_and_values_are() -> Result<(), roxmltree::Error> {
    let all: String = (0..0x100)
        .chain([0xfffe, 0xffff, 0x202e])
        .filter_map(char::from_u32)
        .collect();
    let point = |value: f64| {
        (
            json!({&all: &all, "x": value, "]]>": "<&\"'"}),
            Some(value),
            Some(all.as_str()),
        )
    };
    let result = result(&[point(0.5), point(1.5), (json!({"x": 2}), Some(0.25), None)]);
    for picture in pictures(&result) {
        roxmltree::Document::parse(&picture.svg)?;
        assert!(
            !picture.name.contains(['/', '\0', '\n']),
            "{}",
            picture.name
        );
    }
    roxmltree::Document::parse(&loss_picture(&result).expect("a picture"))?;
    Ok(())
}

#[test]
fn a_spreadsheet_finds_no_formula_and_every_number() {
    let texts = [
        "=1+1", "+x", "-2+3", "@SUM(1)", "\tx", "\rx", "-5", "+1e3", "a=1", "",
    ];
    let trials: Vec<_> = texts
        .iter()
        .map(|text| (json!({"t": text, "=n": -5, "z": -0.5}), Some(-1.5), None))
        .collect();
    let table = csv(&result(&trials));
    let mut lines = table.split("\r\n");
    assert!(
        lines.next().is_some_and(|header| header.contains(",'=n,")),
        "{table}"
    );
    let written: Vec<_> = lines
        .filter_map(|line| line.strip_suffix(",-0.5")?.split(",,").last())
        .collect();
    let texts = [
        "'=1+1", "'+x", "'-2+3", "'@SUM(1)", "'\tx", "\"'\rx\"", "-5", "+1e3", "a=1", "",
    ];
    assert_eq!(written.len(), texts.len(), "{table}");
    for (line, text) in written.iter().zip(texts) {
        assert!(line.contains(text) && line.contains("-5"), "{line} {text}");
    }
    assert_eq!(table.matches(",-1.5,-1.5,").count(), texts.len(), "{table}");
}

#[test]
fn scores_are_shown_as_scores() {
    let mut result = result(&[
        (json!({"A": 1}), Some(-0.25), None),
        (json!({"A": 2}), Some(-0.75), None),
    ]);
    result.direction = Direction::Maximize;
    let picture = loss_picture(&result).expect("a picture");
    assert!(
        picture.contains(">0.75</text>") && !picture.contains(">-0"),
        "{picture}"
    );
}

#[test]
fn a_parameter_may_be_called_as_a_column_and_no_item_of_a_list_is_lost() {
    let list: Vec<_> = (0..20).collect();
    let table = csv(&result(&[(
        json!({"loss": "x", "w": list}),
        Some(0.5),
        None,
    )]));
    let header = table.lines().next().expect("a header");
    assert!(
        header.contains(",parameter loss,w[0],") && header.ends_with(",w[19]"),
        "{header}"
    );
}

#[cfg(feature = "parquet")]
#[test]
fn a_parquet_file_holds_every_point_with_the_types_of_its_parameters()
-> Result<(), Box<dyn std::error::Error>> {
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use ::parquet::record::Field;

    let result = result(&[
        (
            json!({"x": 0.5, "n": 3, "f": true, "opt": "sgd", "any": [1, null]}),
            Some(0.25),
            None,
        ),
        (
            json!({"x": 1, "n": -4, "opt": null}),
            None,
            Some("out of memory"),
        ),
    ]);
    let file = SerializedFileReader::new(bytes::Bytes::from(parquet(&result)?))?;
    let facts = file
        .metadata()
        .file_metadata()
        .key_value_metadata()
        .ok_or("no facts")?;
    assert!(
        facts
            .iter()
            .any(|fact| fact.key == "request" && fact.value.as_deref() == Some("1"))
    );
    let rows = file.get_row_iter(None)?.collect::<Result<Vec<_>, _>>()?;
    let of = |row: usize, name: &str| {
        rows[row]
            .get_column_iter()
            .find(|(column, _)| *column == name)
            .map(|(_, value)| value.clone())
    };
    assert_eq!(rows.len(), 2);
    assert_eq!(of(0, "loss"), Some(Field::Double(0.25)));
    assert_eq!(
        (of(0, "x"), of(1, "x")),
        (Some(Field::Double(0.5)), Some(Field::Double(1.0)))
    );
    assert_eq!(
        (of(0, "n"), of(1, "n")),
        (Some(Field::Long(3)), Some(Field::Long(-4)))
    );
    assert_eq!(
        (of(0, "f"), of(1, "f")),
        (Some(Field::Bool(true)), Some(Field::Null))
    );
    assert_eq!(of(0, "opt"), Some(Field::Str("sgd".to_owned())));
    assert_eq!(
        of(1, "made_up"),
        Some(Field::Str("out of memory".to_owned()))
    );
    assert_eq!(of(1, "loss"), Some(Field::Null));
    Ok(())
}

#[cfg(feature = "parquet")]
#[test]
fn a_parquet_file_of_no_points_is_a_file_too() {
    assert!(parquet(&result(&[])).expect("a file").starts_with(b"PAR1"));
}
