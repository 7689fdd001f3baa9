//! SVG documents.

use std::fmt::Write as _;

use super::label::{Label, Line, Style};
use super::layout::{Arrow, Layout, Rect, Route, Size, layout};
use super::{Cluster, EdgeKind, Graph, Item, Node, NodeKind};

/// Space around the picture, and between the border of a workflow and what is inside.
const MARGIN: f64 = 18.0;
/// Space around the text of a box.
const PADDING: (f64, f64) = (14.0, 9.0);
/// Width of each pointed end of a condition, and depth of the curve of a collection.
const POINT: f64 = 14.0;
const CURVE: f64 = 5.0;

/// Colours, light and dark, by the classes of the elements.
const STYLE: &str = "\
.idds text{font-family:Helvetica,Arial,'Liberation Sans',sans-serif;font-size:12px;fill:#334155}\
.idds .title{font-size:14px;font-weight:bold;fill:#14233a}.idds .kind{fill:#64748b}\
.idds .page{fill:#ffffff}.idds .arrow{fill:none;stroke-width:1.4}.idds .arrow-label{font-size:11px;fill:#475569}\
.idds .frame{fill:none;stroke:#94a3b8}.idds .loop{stroke:#9061d0;stroke-width:2}\
.idds .work,.idds .build{fill:#f2f7ff;stroke:#4a78b5}.idds .build{stroke-dasharray:5 3}\
.idds .collection{fill:#eefaf3;stroke:#3f9468}.idds .condition{fill:#fff8e6;stroke:#b98a1d}\
.idds .first{fill:#2f9e5f}\
@media (prefers-color-scheme:dark){.idds text{fill:#cbd5e1}.idds .title{fill:#f1f5f9}.idds .kind{fill:#94a3b8}\
.idds .page{fill:#0f172a}.idds .arrow-label{fill:#cbd5e1}.idds .work,.idds .build{fill:#1b2a44}\
.idds .collection{fill:#143026}.idds .condition{fill:#3a2f14}}";

/// Writes a document.
pub(super) fn write(graph: &Graph) -> String {
    let picture = Picture::new(graph);
    let mut text = String::new();
    let (width, height) = (Number(picture.size.width), Number(picture.size.height));
    let _ = writeln!(
        text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"idds\" role=\"img\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">"
    );
    let title = graph.clusters[0]
        .label
        .lines()
        .first()
        .map_or("workflow", |line| line.text.as_str());
    let _ = writeln!(
        text,
        "<title>{}</title>\n<style>{STYLE}</style>\n<defs>",
        Escaped(title)
    );
    for kind in EdgeKind::ALL {
        let _ = writeln!(
            text,
            "<marker id=\"idds-{}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
             markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0.5L8 4L0 7.5Z\" fill=\"{}\"/></marker>",
            kind.name(),
            kind.colour()
        );
    }
    let _ = writeln!(
        text,
        "</defs>\n<rect class=\"page\" width=\"{width}\" height=\"{height}\"/>"
    );
    for (cluster, rect) in graph.clusters.iter().zip(&picture.frames) {
        frame(cluster, rect, &mut text);
    }
    for (cluster, layout) in graph.clusters.iter().zip(&picture.layouts) {
        for (edge, route) in cluster.edges.iter().zip(&layout.routes) {
            arrow(edge.kind, &edge.label, route, &mut text);
        }
    }
    for (cluster, layout) in graph.clusters.iter().zip(&picture.layouts) {
        for (item, rect) in cluster.items.iter().zip(&layout.boxes) {
            if let Item::Node(node) = item {
                draw_node(node, rect, &mut text);
            }
        }
    }
    text.push_str("</svg>\n");
    text
}

/// Where everything is.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) size: Size,
    /// The frames of all clusters.
    pub(super) frames: Vec<Rect>,
    /// What is inside them, in coordinates of the whole picture.
    pub(super) layouts: Vec<Layout>,
}

impl Picture {
    /// Lays out every workflow as a picture of its own, which is one box in the workflow around it.
    pub(super) fn new(graph: &Graph) -> Self {
        let count = graph.clusters.len();
        let mut layouts = vec![Layout::default(); count];
        let mut frames = vec![Rect::default(); count];
        // Inner ones come later.
        for (index, cluster) in graph.clusters.iter().enumerate().rev() {
            let sizes: Vec<_> = cluster
                .items
                .iter()
                .map(|item| match item {
                    Item::Node(node) => node_size(node),
                    Item::Cluster(inner) => frames[*inner].size,
                })
                .collect();
            let arrows: Vec<_> = cluster
                .edges
                .iter()
                .map(|edge| Arrow {
                    from: edge.from,
                    to: edge.to,
                    label: arrow_label_size(&edge.label),
                })
                .collect();
            layouts[index] = layout(&sizes, &arrows);
            let header = text_size(&cluster.label, cluster.is_first);
            let inside = layouts[index].size;
            frames[index].size = Size {
                width: (header.width.max(inside.width) + 2.0 * MARGIN).ceil(),
                height: (header_height(&cluster.label) + inside.height + 2.0 * MARGIN).ceil(),
            };
        }
        if !graph.clusters[0].label.is_empty() {
            frames[0].shift(MARGIN, MARGIN);
        }
        for (index, cluster) in graph.clusters.iter().enumerate() {
            let dx = frames[index].x + (frames[index].size.width - layouts[index].size.width) / 2.0;
            let dy = frames[index].y + MARGIN + header_height(&cluster.label);
            layouts[index]
                .boxes
                .iter_mut()
                .for_each(|rect| rect.shift(dx.round(), dy.round()));
            layouts[index]
                .routes
                .iter_mut()
                .for_each(|route| route.shift(dx.round(), dy.round()));
            for (item, rect) in cluster.items.iter().zip(&layouts[index].boxes) {
                if let Item::Cluster(inner) = item {
                    (frames[*inner].x, frames[*inner].y) = (rect.x, rect.y);
                }
            }
        }
        let outer = frames[0];
        let size = Size {
            width: outer.right() + outer.x,
            height: outer.bottom() + outer.y,
        };
        Self {
            size,
            frames,
            layouts,
        }
    }
}

/// Room for the mark of a step that starts first.
const MARK: f64 = 16.0;

fn text_size(label: &Label, is_first: bool) -> Size {
    let width = label.lines().iter().enumerate().map(|(index, line)| {
        let mark = if is_first && index == 0 { MARK } else { 0.0 };
        line.width() + mark
    });
    Size {
        width: width.fold(0.0, f64::max).ceil(),
        height: label
            .lines()
            .iter()
            .map(|line| line.style.line_height())
            .sum(),
    }
}

fn header_height(label: &Label) -> f64 {
    let height = text_size(label, false).height;
    if height > 0.0 { height + 6.0 } else { 0.0 }
}

fn node_size(node: &Node) -> Size {
    let text = text_size(&node.label, node.is_first);
    let (wider, higher) = match node.kind {
        NodeKind::Work | NodeKind::BuildWork => (0.0, 0.0),
        NodeKind::Collection => (0.0, 3.0 * CURVE),
        NodeKind::Condition => (1.2 * POINT, 0.0),
    };
    Size {
        width: text.width + 2.0 * PADDING.0 + wider,
        height: text.height + 2.0 * PADDING.1 + higher,
    }
}

fn arrow_label_size(label: &Label) -> Option<Size> {
    let text = text_size(label, false);
    (!label.is_empty()).then_some(Size {
        width: text.width + 4.0,
        height: text.height + 4.0,
    })
}

fn frame(cluster: &Cluster, rect: &Rect, text: &mut String) {
    if cluster.label.is_empty() {
        return;
    }
    let class = if cluster.is_loop {
        "frame loop"
    } else {
        "frame"
    };
    open_group(
        &cluster.label,
        (!cluster.path.is_empty()).then_some(&cluster.path),
        text,
    );
    let _ = writeln!(text, "<rect class=\"{class}\" {} rx=\"10\"/>", Extent(rect));
    lines(
        &cluster.label,
        cluster.is_first,
        "start",
        (rect.x + MARGIN, rect.y + 12.0),
        text,
    );
    text.push_str("</g>\n");
}

fn draw_node(node: &Node, rect: &Rect, text: &mut String) {
    open_group(&node.label, node.path.as_ref(), text);
    let class = node.kind.name();
    let [left, top, right, bottom, middle] = [
        rect.x,
        rect.y,
        rect.right(),
        rect.bottom(),
        (rect.y + rect.bottom()) / 2.0,
    ]
    .map(Number);
    let mut first_line = rect.y + PADDING.1;
    let _ = match node.kind {
        NodeKind::Work | NodeKind::BuildWork => {
            writeln!(text, "<rect class=\"{class}\" {} rx=\"6\"/>", Extent(rect))
        }
        NodeKind::Collection => {
            first_line += 2.0 * CURVE;
            let (radius, upper, lower) = (
                Number(rect.size.width / 2.0),
                Number(rect.y + CURVE),
                Number(rect.bottom() - CURVE),
            );
            let arc = format!("A{radius} {CURVE} 0 0");
            writeln!(
                text,
                "<path class=\"{class}\" d=\"M{left} {upper}{arc} 1 {right} {upper}V{lower}{arc} 1 {left} {lower}Z\
                 M{left} {upper}{arc} 0 {right} {upper}\"/>"
            )
        }
        NodeKind::Condition => {
            let [from, to] = [rect.x + POINT, rect.right() - POINT].map(Number);
            writeln!(
                text,
                "<path class=\"{class}\" d=\"M{left} {middle}L{from} {top}H{to}L{right} {middle}L{to} {bottom}H{from}Z\"/>"
            )
        }
    };
    let centre = rect.x + rect.size.width / 2.0;
    lines(
        &node.label,
        node.is_first,
        "middle",
        (centre, first_line),
        text,
    );
    text.push_str("</g>\n");
}

fn open_group(label: &Label, path: Option<&String>, text: &mut String) {
    text.push_str("<g");
    if let Some(path) = path {
        let _ = write!(text, " data-step=\"{}\"", Escaped(path));
    }
    text.push('>');
    if let Some(tooltip) = label.tooltip() {
        let _ = write!(text, "<title>{}</title>", Escaped(tooltip));
    }
    text.push('\n');
}

/// Writes lines of text below a place, with a mark before the first one of a step that starts first.
fn lines(label: &Label, is_first: bool, anchor: &str, (x, mut y): (f64, f64), text: &mut String) {
    for (index, Line { text: line, style }) in label.lines().iter().enumerate() {
        let mut x = x;
        if is_first && index == 0 {
            let width = label.lines()[0].width();
            let left = if anchor == "middle" {
                x - (width + MARK) / 2.0
            } else {
                x
            };
            x += if anchor == "middle" { MARK / 2.0 } else { MARK };
            let [left, right, top, middle, bottom] =
                [left, left + 9.0, y + 4.0, y + 9.5, y + 15.0].map(Number);
            let _ = writeln!(
                text,
                "<path class=\"first\" d=\"M{left} {top}L{right} {middle}L{left} {bottom}Z\"/>"
            );
        }
        let class = match style {
            Style::Title => " class=\"title\"",
            Style::Kind => " class=\"kind\"",
            Style::Detail => "",
        };
        let baseline = Number(y + style.font_size());
        let x = Number(x);
        let _ = writeln!(
            text,
            "<text{class} x=\"{x}\" y=\"{baseline}\" text-anchor=\"{anchor}\">{}</text>",
            Escaped(line)
        );
        y += style.line_height();
    }
}

fn arrow(kind: EdgeKind, label: &Label, route: &Route, text: &mut String) {
    let (name, colour) = (kind.name(), kind.colour());
    let dashes = match kind {
        EdgeKind::False => " stroke-dasharray=\"6 4\"",
        EdgeKind::Link => " stroke-dasharray=\"2 3\"",
        EdgeKind::Release
        | EdgeKind::Question
        | EdgeKind::True
        | EdgeKind::Data
        | EdgeKind::Jobs => "",
    };
    let _ = write!(
        text,
        "<path class=\"arrow\" stroke=\"{colour}\"{dashes} marker-end=\"url(#idds-{name})\" d=\""
    );
    for (index, (x, y)) in route.points.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| route.points[before]);
        let [to_x, to_y] = [*x, *y].map(Number);
        let _ = match before {
            None => write!(text, "M{to_x} {to_y}"),
            // The text interrupts the arrow.
            Some((_, from_y)) if route.label.is_some_and(|label| spans(&label, from_y, *y)) => {
                write!(text, "M{to_x} {to_y}")
            }
            Some((from_x, _)) if from_x == *x => write!(text, "V{to_y}"),
            Some((from_x, from_y)) => {
                let [from_x, middle] = [from_x, (from_y + y) / 2.0].map(Number);
                write!(text, "C{from_x} {middle} {to_x} {middle} {to_x} {to_y}")
            }
        };
    }
    text.push_str("\"/>\n");
    if let Some(rect) = &route.label {
        let (x, mut y) = (Number(rect.x + rect.size.width / 2.0), rect.y + 2.0);
        for line in label.lines() {
            let baseline = Number(y + line.style.font_size() - 0.5);
            let _ = writeln!(
                text,
                "<text class=\"arrow-label\" x=\"{x}\" y=\"{baseline}\" text-anchor=\"middle\">{}</text>",
                Escaped(&line.text)
            );
            y += line.style.line_height();
        }
    }
}

fn spans(label: &Rect, from: f64, to: f64) -> bool {
    (from.min(to), from.max(to)) == (label.y, label.bottom())
}

/// A length with at most one decimal.
struct Number(f64);

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tenths = (self.0 * 10.0).round() / 10.0;
        // No negative zero.
        write!(f, "{}", tenths + 0.0)
    }
}

/// A rectangle as attributes.
struct Extent<'a>(&'a Rect);

impl std::fmt::Display for Extent<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [x, y, width, height] =
            [self.0.x, self.0.y, self.0.size.width, self.0.size.height].map(Number);
        write!(
            f,
            "x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\""
        )
    }
}

/// Text inside an element or a quoted attribute.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                // XML has no place for these, not even escaped.
                '\u{0}'..='\u{8}'
                | '\u{b}'
                | '\u{c}'
                | '\u{e}'..='\u{1f}'
                | '\u{fffe}'
                | '\u{ffff}' => {
                    f.write_str("\u{fffd}")?;
                }
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}
