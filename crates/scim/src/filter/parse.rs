//! The grammar of filters (RFC 7644 §3.4.2.2, figure 1), with errors for people.

use serde_json::Number;

use super::error::{FilterError, FilterErrorKind as Kind};
use super::{CompareOp, Filter, Literal};
use crate::attr::{AttrPath, is_path_char};
use crate::text;

/// How deep parentheses and brackets may go.
pub const MAX_NESTING: usize = 64;

/// How long a filter may be, in bytes. A long list of ids joined by `or` fits.
pub const MAX_LENGTH: usize = 1 << 20;

/// Reads a whole filter.
pub(super) fn filter(text: &str) -> Result<Filter, FilterError> {
    if text.len() > MAX_LENGTH {
        return Err(FilterError::new(0, 0, Kind::TooLong));
    }
    let mut parser = Parser {
        text,
        pos: 0,
        depth: 0,
        bracket: None,
    };
    parser.skip_space();
    if parser.rest().is_empty() {
        return Err(FilterError::new(text.len(), 0, Kind::Empty));
    }
    let found = parser.any_of("")?;
    parser.end()?;
    Ok(found)
}

/// Reads the filter between the brackets of a PATCH path, and the place after the closing bracket. `start` is the place after
/// the opening one.
pub(crate) fn bracketed(text: &str, start: usize) -> Result<(Filter, usize), FilterError> {
    let mut parser = Parser {
        text,
        pos: start,
        depth: 1,
        bracket: Some(start.saturating_sub(1)),
    };
    let found = parser.any_of("[")?;
    parser.close_bracket(start.saturating_sub(1))?;
    Ok((found, parser.pos))
}

struct Parser<'t> {
    text: &'t str,
    pos: usize,
    depth: usize,
    /// Where the bracket opened that we are in.
    bracket: Option<usize>,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.pos..]
    }

    fn skip_space(&mut self) {
        self.pos = self.text.len() - self.rest().trim_start().len();
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The run of path characters here.
    fn word(&self) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !is_path_char(c)).unwrap_or(rest.len());
        &rest[..end]
    }

    /// What stands here, for an error: up to white space, a parenthesis or a bracket, or that sign itself.
    fn chunk(&self) -> &'t str {
        let rest = self.rest();
        let end = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']'))
            .unwrap_or(rest.len());
        let end = if end == 0 {
            rest.chars().next().map_or(0, char::len_utf8)
        } else {
            end
        };
        shorten(&rest[..end])
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = self.word().eq_ignore_ascii_case(word);
        if found {
            self.pos += word.len();
        }
        found
    }

    fn enter(&mut self, at: usize) -> Result<(), FilterError> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            Err(FilterError::new(at, 1, Kind::TooDeep))
        } else {
            Ok(())
        }
    }

    fn any_of(&mut self, after: &str) -> Result<Filter, FilterError> {
        let mut parts = vec![self.all_of(after)?];
        loop {
            self.skip_space();
            if !self.keyword("or") {
                break;
            }
            parts.push(self.all_of("or")?);
        }
        Ok(single(parts, Filter::Or))
    }

    fn all_of(&mut self, after: &str) -> Result<Filter, FilterError> {
        let mut parts = vec![self.operand(after)?];
        loop {
            self.skip_space();
            if !self.keyword("and") {
                break;
            }
            parts.push(self.operand("and")?);
        }
        Ok(single(parts, Filter::And))
    }

    fn operand(&mut self, after: &str) -> Result<Filter, FilterError> {
        self.skip_space();
        if self.peek() == Some('(') {
            return self.group();
        }
        let at = self.pos;
        let word = self.word();
        if word.eq_ignore_ascii_case("not") {
            self.pos += word.len();
            self.skip_space();
            if self.peek() == Some('(') {
                return Ok(Filter::Not(Box::new(self.group()?)));
            }
            // An attribute may be called "not"; then an operator follows.
            if CompareOp::from_name(self.word()).is_none() && !self.word().eq_ignore_ascii_case("pr") {
                return Err(FilterError::new(at, word.len(), Kind::NotWithoutGroup));
            }
            self.pos = at;
        }
        if !word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$') {
            return Err(self.no_attribute(after));
        }
        let path = AttrPath::parse(word).map_err(|error| FilterError::attribute(at, word, &error))?;
        self.pos += word.len();
        self.attribute(path, word)
    }

    fn no_attribute(&self, after: &str) -> FilterError {
        let found = self.chunk();
        if let Some(close @ (')' | ']')) = self.peek()
            && after.is_empty()
        {
            return FilterError::new(self.pos, 1, Kind::UnexpectedClose { found: close });
        }
        let kind = Kind::ExpectedAttribute {
            found: found.to_owned(),
            after: after.to_owned(),
        };
        let error = FilterError::new(self.pos, found.len(), kind);
        match found {
            "!" => error.instead("not"),
            _ => match found.trim_matches(['"', '\'']) {
                name if name != found && AttrPath::parse(name).is_ok() => error.instead(name),
                _ => error,
            },
        }
    }

    fn group(&mut self) -> Result<Filter, FilterError> {
        let opened = self.pos;
        self.enter(opened)?;
        self.pos += 1;
        let found = self.any_of("(")?;
        self.skip_space();
        match self.peek() {
            Some(')') => self.pos += 1,
            None => return Err(FilterError::new(self.pos, 0, Kind::UnclosedGroup { opened })),
            Some(']') => return Err(FilterError::new(self.pos, 1, Kind::UnclosedGroup { opened })),
            Some(_) => return Err(self.no_connective()),
        }
        self.depth -= 1;
        Ok(found)
    }

    fn close_bracket(&mut self, opened: usize) -> Result<(), FilterError> {
        self.skip_space();
        match self.peek() {
            Some(']') => {
                self.pos += 1;
                Ok(())
            }
            None => Err(FilterError::new(self.pos, 0, Kind::UnclosedValuePath { opened })),
            Some(')') => Err(FilterError::new(self.pos, 1, Kind::UnclosedValuePath { opened })),
            Some(_) => Err(self.no_connective()),
        }
    }

    fn attribute(&mut self, path: AttrPath, word: &str) -> Result<Filter, FilterError> {
        self.skip_space();
        if self.peek() == Some('[') {
            let opened = self.pos;
            if self.bracket.is_some() {
                return Err(FilterError::new(opened, 1, Kind::NestedValuePath));
            }
            self.enter(opened)?;
            self.bracket = Some(opened);
            self.pos += 1;
            let filter = Box::new(self.any_of("[")?);
            self.close_bracket(opened)?;
            self.bracket = None;
            self.depth -= 1;
            if self.peek().is_some_and(|c| is_path_char(c) || c == '[') {
                let found = self.chunk();
                return Err(FilterError::new(
                    self.pos,
                    found.len(),
                    Kind::AfterValuePath { found: found.to_owned() },
                ));
            }
            return Ok(Filter::ValuePath { path, filter });
        }
        let operator = self.word();
        if operator.eq_ignore_ascii_case("pr") {
            self.pos += operator.len();
            return Ok(Filter::Present(path));
        }
        let Some(op) = CompareOp::from_name(operator) else {
            return Err(self.no_operator(word));
        };
        self.pos += operator.len();
        let value = self.value(op.name())?;
        Ok(Filter::Compare { path, op, value })
    }

    fn no_operator(&self, after: &str) -> FilterError {
        let rest = self.rest();
        // Signs such as >= end where the signs end, even when the value follows at once.
        let signs = rest.find(|c: char| !"=!<>~&|".contains(c)).unwrap_or(rest.len());
        let found = if signs > 0 { &rest[..signs] } else { self.chunk() };
        let kind = Kind::ExpectedOperator {
            found: found.to_owned(),
            after: after.to_owned(),
        };
        let error = FilterError::new(self.pos, found.len(), kind);
        match meant_operator(found) {
            Some(word) => error.instead(word),
            None => error,
        }
    }

    fn value(&mut self, after: &str) -> Result<Literal, FilterError> {
        self.skip_space();
        let at = self.pos;
        match self.peek() {
            Some('"') => return self.string(),
            Some(open @ ('\'' | '‘' | '’' | '“' | '”' | '„' | '`')) => return Err(self.wrong_quotes(open)),
            Some(c) if c.is_ascii_digit() || matches!(c, '-' | '+') => return self.number(),
            _ => {}
        }
        let word = self.word();
        let literal = match word.to_ascii_lowercase().as_str() {
            "true" => Literal::Bool(true),
            "false" => Literal::Bool(false),
            "null" => Literal::Null,
            _ => {
                let found = self.chunk();
                if found.is_empty() || matches!(found, "(" | ")" | "[" | "]") {
                    let kind = Kind::ExpectedValue {
                        found: found.to_owned(),
                        after: after.to_owned(),
                    };
                    return Err(FilterError::new(at, found.len(), kind));
                }
                return Err(self.unquoted());
            }
        };
        // `true` must end here: `trueish` is a text without quotes, and so is `true@x`.
        self.pos += word.len();
        if self.peek().is_some_and(|c| !c.is_whitespace() && !matches!(c, ')' | ']')) {
            self.pos = at;
            return Err(self.unquoted());
        }
        Ok(literal)
    }

    /// A text without quotes: up to the end, a closing sign, or the next `and` or `or`.
    fn unquoted(&self) -> FilterError {
        let rest = self.rest();
        let mut end = 0;
        for (index, word) in rest.split_inclusive(char::is_whitespace).enumerate() {
            let bare = word.trim_end();
            if index > 0 && (bare.eq_ignore_ascii_case("and") || bare.eq_ignore_ascii_case("or")) {
                break;
            }
            if let Some(close) = bare.find([')', ']']) {
                end += close;
                break;
            }
            end += word.len();
        }
        let found = shorten(rest[..end].trim_end());
        let mut suggestion = String::new();
        // Writing to a String cannot fail.
        let _ = super::print::quoted(&mut suggestion, found.trim_end_matches('"'));
        FilterError::new(self.pos, found.len(), Kind::UnquotedText { found: found.to_owned() }).instead(suggestion)
    }

    fn wrong_quotes(&self, open: char) -> FilterError {
        let rest = &self.rest()[open.len_utf8()..];
        let closing = |c: char| matches!(c, '\'' | '’' | '‘' | '”' | '“' | '`');
        let (inner, len) = match rest.char_indices().find(|(_, c)| closing(*c)) {
            Some((end, c)) => (&rest[..end], open.len_utf8() + end + c.len_utf8()),
            None => (shorten(rest), open.len_utf8() + shorten(rest).len()),
        };
        let mut suggestion = String::new();
        // Writing to a String cannot fail.
        let _ = super::print::quoted(&mut suggestion, inner);
        FilterError::new(self.pos, len, Kind::WrongQuotes { found: inner.to_owned() }).instead(suggestion)
    }

    fn string(&mut self) -> Result<Literal, FilterError> {
        let start = self.pos;
        let bytes = self.text.as_bytes();
        let mut end = start + 1;
        loop {
            match bytes.get(end) {
                None => return Err(FilterError::new(start, self.text.len() - start, Kind::UnclosedText)),
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(_) => end += 1,
            }
        }
        let raw = &self.text[start..=end];
        match serde_json::from_str::<String>(raw) {
            Ok(text) => {
                self.pos = end + 1;
                Ok(Literal::String(text))
            }
            Err(_) => {
                let (at, len) = bad_escape(raw);
                Err(FilterError::new(start + at, len, Kind::BadEscape))
            }
        }
    }

    fn number(&mut self) -> Result<Literal, FilterError> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']'))
            .unwrap_or(rest.len());
        let found = &rest[..end];
        if let Some(number) = json_number(found) {
            self.pos += end;
            return Ok(Literal::Number(number));
        }
        if found
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E'))
            && !looks_like_date(found)
        {
            let found = shorten(found);
            return Err(FilterError::new(self.pos, found.len(), Kind::BadNumber { found: found.to_owned() }));
        }
        Err(self.unquoted())
    }

    fn no_connective(&self) -> FilterError {
        let found = self.chunk();
        let error = FilterError::new(self.pos, found.len(), Kind::ExpectedConnective { found: found.to_owned() });
        match found.to_ascii_lowercase().as_str() {
            "&&" | "&" | "," | ";" | "+" | "plus" => error.instead("and"),
            "||" | "|" => error.instead("or"),
            word => match text::nearest(word, ["and", "or"]) {
                Some(near) if word.len() > 1 => error.instead(near),
                _ => error,
            },
        }
    }

    fn end(&mut self) -> Result<(), FilterError> {
        self.skip_space();
        match self.peek() {
            None => Ok(()),
            Some(close @ (')' | ']')) => Err(FilterError::new(self.pos, 1, Kind::UnexpectedClose { found: close }).instead("")),
            Some(_) => Err(self.no_connective()),
        }
    }
}

fn single(mut parts: Vec<Filter>, join: impl FnOnce(Vec<Filter>) -> Filter) -> Filter {
    if parts.len() == 1 { parts.remove(0) } else { join(parts) }
}

/// At most 60 characters of a text: an error is no place for a page.
fn shorten(text: &str) -> &str {
    match text.char_indices().nth(60) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

/// The operator that a person from another query language meant.
fn meant_operator(found: &str) -> Option<&'static str> {
    Some(match found.to_ascii_lowercase().as_str() {
        "=" | "==" | "===" | "equals" | "equal" | "is" | "matches" => "eq",
        "!=" | "<>" | "!==" | "neq" | "not" | "isnt" => "ne",
        "~" | "=~" | "contains" | "like" | "includes" | "has" | "in" => "co",
        "startswith" | "starts" | "begins" | "beginswith" | "prefix" => "sw",
        "endswith" | "ends" | "suffix" => "ew",
        ">" | "greater" | "after" | "above" => "gt",
        ">=" | "=>" | "gte" | "since" => "ge",
        "<" | "less" | "before" | "below" => "lt",
        "<=" | "=<" | "lte" | "until" => "le",
        "present" | "exists" | "set" => "pr",
        word if word.len() > 1 && word.len() < 5 => text::nearest(word, ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"])?,
        _ => return None,
    })
}

fn looks_like_date(text: &str) -> bool {
    text.len() >= 8 && text.bytes().filter(|b| *b == b'-').count() == 2 && text.starts_with(|c: char| c.is_ascii_digit())
}

/// A number by JSON's grammar. Whole numbers stay whole, others become the nearest float.
fn json_number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole = digits.bytes().take_while(u8::is_ascii_digit).count();
    if whole == 0 || (whole > 1 && digits.starts_with('0')) {
        return None;
    }
    let mut rest = &digits[whole..];
    if rest.is_empty() {
        return text
            .parse::<u64>()
            .map(Number::from)
            .or_else(|_| text.parse::<i64>().map(Number::from))
            .ok()
            .or_else(|| float(text));
    }
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if length == 0 {
            return None;
        }
        rest = &fraction[length..];
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent.is_empty() || !exponent.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        rest = "";
    }
    if rest.is_empty() { float(text) } else { None }
}

fn float(text: &str) -> Option<Number> {
    Number::from_f64(text.parse().ok()?)
}

/// Where in a quoted text the first thing stands that JSON refuses.
fn bad_escape(raw: &str) -> (usize, usize) {
    let mut chars = raw.char_indices();
    while let Some((at, c)) = chars.next() {
        if c < ' ' {
            return (at, 1);
        }
        if c != '\\' {
            continue;
        }
        match chars.next() {
            Some((_, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't')) => {}
            Some((place, 'u')) => {
                let digits = raw[place + 1..].bytes().take(4).take_while(u8::is_ascii_hexdigit).count();
                let unit = raw.get(place + 1..place + 5).and_then(|hex| u32::from_str_radix(hex, 16).ok());
                if digits < 4 || unit.is_some_and(|unit| (0xd800..0xe000).contains(&unit) && !paired(&raw[at..])) {
                    return (at, 2 + digits);
                }
                chars.nth(3);
                if unit.is_some_and(|unit| (0xd800..0xdc00).contains(&unit)) {
                    chars.nth(5);
                }
            }
            Some((place, other)) => return (at, place - at + other.len_utf8()),
            None => return (at, 1),
        }
    }
    (0, raw.len())
}

/// Whether a text begins with the escapes of a high and a low surrogate.
fn paired(text: &str) -> bool {
    let unit = |range| text.get(range).and_then(|hex: &str| u32::from_str_radix(hex, 16).ok());
    text.get(6..8) == Some("\\u")
        && unit(2..6).is_some_and(|high| (0xd800..0xdc00).contains(&high))
        && unit(8..12).is_some_and(|low| (0xdc00..0xe000).contains(&low))
}
