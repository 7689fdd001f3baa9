//! What is wrong with the text of a document, in our words instead of those of its parsers.

use serde_saphyr::granit_parser::ErrorKind;

use crate::Position;

/// Says what is wrong with a text that is no YAML.
pub(super) fn yaml(kind: &ErrorKind) -> String {
    use ErrorKind as Kind;
    let said = match kind {
        Kind::UnexpectedEofFlowSequence => "the text ends within a list; is a ] missing?",
        Kind::UnexpectedEofFlowMapping | Kind::UnexpectedEofImplicitFlowMapping => {
            "the text ends within an object; is a } missing?"
        }
        Kind::UnclosedFlowCollection { open: '[' } => "a [ is never closed; is a ] missing?",
        Kind::UnclosedFlowCollection { .. } => "a { is never closed; is a } missing?",
        Kind::MisplacedFlowCollectionEnd => "a closing bracket has no opening one",
        Kind::MismatchedFlowCollectionEnd { open, close } => {
            return format!("a {open} is closed by a {close}");
        }
        Kind::ExpectedFlowMappingSeparator => "a comma or a } should be here",
        Kind::ExpectedFlowSequenceSeparator => "a comma or a ] should be here",
        Kind::TabNotAllowed
        | Kind::TabInBlockIndentation
        | Kind::TabInIndentation
        | Kind::TabAtBlockScalarStart
        | Kind::TabInPlainScalar
        | Kind::InvalidBlockEntryWhitespace
        | Kind::InvalidMappingValueWhitespace => "a tab is here; YAML is indented with spaces",
        Kind::UnclosedQuotedScalar => "a quote is never closed",
        Kind::UnknownQuotedScalarEscape => {
            "no such escape; write \\\\ for a backslash, or put the text in 'single quotes'"
        }
        Kind::InvalidQuotedScalarHexEscape
        | Kind::InvalidUnicodeEscape
        | Kind::InvalidLowSurrogateHexEscape
        | Kind::InvalidLowSurrogate
        | Kind::MissingLowSurrogate
        | Kind::UnpairedLowSurrogate => "the escape is no character",
        Kind::InvalidTrailingSingleQuotedScalar | Kind::InvalidTrailingDoubleQuotedScalar => {
            "something follows the closing quote; put all of the text in quotes"
        }
        Kind::SimpleKeyExpected | Kind::InvalidSimpleKey | Kind::ExpectedBlockMappingKey => {
            "a key and a colon should be here, such as name: value"
        }
        Kind::MappingValueNotAllowed
        | Kind::InvalidColonPlacement
        | Kind::FlowMappingValueAdjacentCollection => {
            "a colon makes no sense here; put a text that has a colon in quotes, and look at the indentation"
        }
        Kind::MappingKeyNotAllowed => "a key makes no sense here; look at the indentation",
        Kind::InvalidIndentation
        | Kind::InvalidFlowScalarIndent
        | Kind::InvalidQuotedScalarIndent
        | Kind::InvalidBlockScalarIndent => {
            "the line is not indented like those that it belongs to"
        }
        Kind::BlockSequenceEntryNotAllowed
        | Kind::BlockEntryInFlowCollection
        | Kind::ExpectedBlockSequenceEntry => {
            "a list that begins with - makes no sense here; begin it on a line of its own, indented like the others"
        }
        Kind::PlainScalarStartsWithDashFlowIndicator => {
            "put a text that begins with a sign in quotes"
        }
        Kind::UnexpectedCharacter { character } => {
            return format!("{character:?} cannot begin a value; put the text in quotes");
        }
        Kind::UnknownAnchor => "an alias stands for an anchor (&name) that is not there before it",
        Kind::MissingAnchorOrAliasName => {
            "an & or * has no name behind it; put the text in quotes if it is one"
        }
        Kind::ExpectedNodeContent
        | Kind::UnexpectedEof
        | Kind::UnexpectedEofBlockMapping
        | Kind::UnexpectedEofBlockSequence => "a value should be here",
        Kind::CommentInterceptedScalar | Kind::CommentNotSeparated => {
            "a comment needs a space before its #, and cannot stand within a text"
        }
        Kind::RecursionLimitExceeded => "is nested more than 128 levels deep",
        Kind::BomInsideDocument => {
            "a byte-order mark is here, which belongs at the beginning only; take it away"
        }
        Kind::UndeclaredTagHandle
        | Kind::InvalidGlobalTagCharacter
        | Kind::InvalidTagTerminator
        | Kind::MissingTagUri
        | Kind::UnclosedVerbatimTag => "a ! begins a tag; put the text in quotes if it is one",
        Kind::InvalidBlockScalarHeader | Kind::ZeroBlockScalarIndent => {
            "a | or > begins a text of several lines, and nothing may follow it; put the text in quotes if it is one"
        }
        Kind::ExpectedDocumentStart | Kind::InvalidDocumentEnd => {
            "the document has ended before this line; is it indented like those that it belongs to?"
        }
        Kind::DocumentIndicatorInQuotedScalar => "a --- or ... within quotes must not begin a line",
        Kind::InvalidDirectiveTerminator
        | Kind::MissingYamlVersionSeparator
        | Kind::MissingDirectiveName
        | Kind::InvalidDirectiveName
        | Kind::UnsupportedYamlMajorVersion => {
            "a % at the beginning of a line is a directive; put the text in quotes"
        }
        other => return format!("this is no YAML: {other}"),
    };
    said.to_owned()
}

/// Says what is wrong with a text that is no JSON.
pub(super) fn json(text: &str, error: &serde_json::Error) -> (String, Position) {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let said = error.to_string();
    let said = said
        .rsplit_once(" at line ")
        .map_or(said.as_str(), |(said, _)| said);
    let line = text
        .lines()
        .nth(error.line().saturating_sub(1))
        .unwrap_or_default();
    let rest = line
        .get(error.column().saturating_sub(1)..)
        .unwrap_or_default();
    let before = line.get(..error.column()).unwrap_or_default();
    // The reader counts bytes.
    let column = line
        .char_indices()
        .take_while(|(start, _)| start + 1 < error.column())
        .count()
        + 1;
    let position = Position {
        line: number(error.line().max(1)),
        column: number(column),
    };
    let message = match said {
        "EOF while parsing a list" => "the text ends within a list; is a ] missing?",
        "EOF while parsing an object" => "the text ends within an object; is a } missing?",
        "EOF while parsing a string" => "the text ends within a string; is a \" missing?",
        "EOF while parsing a value" => "the text ends where a value should be",
        "expected `:`" => "a colon should be here",
        "expected `,` or `]`" => "a comma or a ] should be here",
        "expected `,` or `}`" => "a comma or a } should be here",
        said if !said.starts_with("EOF")
            && ["//", "/*", "#"].iter().any(|sign| rest.starts_with(sign)) =>
        {
            COMMENT
        }
        "key must be a string" => "a key in double quotes should be here",
        "expected value" | "expected ident" | "invalid number"
            if ["NaN", "nan", "Infinity", "inf"]
                .iter()
                .any(|word| rest.starts_with(word))
                || before.ends_with("-I")
                || before.ends_with('N') =>
        {
            "NaN and Infinity are no numbers in JSON"
        }
        "expected value" if rest.starts_with('\'') => {
            "a text stands in double quotes, not in single ones"
        }
        "expected value" | "expected ident" => {
            "a value should be here: \"text\", a number, true, false, null, a list or an object"
        }
        "trailing comma" => "a comma stands before the closing bracket; take it away",
        "trailing characters" => "the document has ended before; take the rest away",
        "invalid number" => {
            "a number is not as JSON has it: no zeros before it, no + or other base, and digits on both sides of a point"
        }
        "number out of range" => "the number is too big",
        "invalid escape" => "no such escape; write \\\\ for a backslash",
        "lone leading surrogate in hex escape" | "unexpected end of hex escape" => {
            "the escape is no character"
        }
        "recursion limit exceeded" => "is nested more than 128 levels deep",
        _ if said.starts_with("control character") => {
            "a line break or tab stands in a string; write \\n or \\t"
        }
        other => other,
    };
    (message.to_owned(), position)
}

const COMMENT: &str = "JSON has no comments; take it away, or write YAML";
