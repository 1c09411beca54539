//! What columns alone tell about a filter: who matches for certain, who cannot match, and whose document must be read.
//!
//! A comparison is answered from a column only where the document would give the same answer: it is put to the filter's own
//! evaluator with a document that holds just that value. Where the column is empty the document decides, because an absent
//! attribute, a list and an unreadable value all look the same here. `displayName` and `emails` of people are never answered
//! from columns: theirs hold what is shown, which may stand in for the attribute.
//!
//! Three oddities are read by the columns with more goodwill than by the evaluator, and here the columns' word counts, because
//! it is what the lists show: `active` as a number, times as numbers, a department outside the enterprise extension.

use lanyard_scim::filter::{CompareOp, Literal, Matcher};
use lanyard_scim::instant::{Instant, unix_millis};
use lanyard_scim::schema::AttributeType;
use lanyard_scim::{AttrPath, Catalog, Filter, urn};
use serde_json::{Value, json};

use super::bits::Bits;
use super::columns::{Accounts, Groups, NEVER, field};
use super::fold::fold;
use super::intern::{Interned, NONE};
use super::search::{Search, in_two, scan};
use super::texts::Texts;
use crate::view::Millis;

/// The columns of one kind of resource.
#[derive(Clone, Copy)]
pub enum Columns<'a> {
    /// Those of accounts.
    Accounts(&'a Accounts, &'a Search),
    /// Those of groups.
    Groups(&'a Groups, &'a Search),
}

/// What is known of each record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Those that match.
    pub yes: Bits,
    /// Those of which only the document can tell.
    pub open: Bits,
}

impl Known {
    /// Nothing is known of anybody.
    fn nothing(count: u32) -> Self {
        Self {
            yes: Bits::none(count),
            open: Bits::all(count),
        }
    }

    fn possible(&self) -> Bits {
        let mut possible = self.yes.clone();
        possible.or(&self.open);
        possible
    }

    fn of(yes: Bits, mut possible: Bits) -> Self {
        possible.minus(&yes);
        Self { yes, open: possible }
    }
}

impl Columns<'_> {
    /// How many records there are.
    pub fn count(self) -> u32 {
        match self {
            Self::Accounts(accounts, _) => accounts.len(),
            Self::Groups(groups, _) => groups.len(),
        }
    }

    /// What the columns tell about a filter.
    pub fn ask(self, filter: &Filter, catalog: &Catalog) -> Known {
        match filter {
            Filter::And(parts) => {
                let (mut yes, mut possible) = (Bits::all(self.count()), Bits::all(self.count()));
                for part in parts {
                    let known = self.ask(part, catalog);
                    yes.and(&known.yes);
                    possible.and(&known.possible());
                }
                Known::of(yes, possible)
            }
            Filter::Or(parts) => {
                let (mut yes, mut possible) = (Bits::none(self.count()), Bits::none(self.count()));
                for part in parts {
                    let known = self.ask(part, catalog);
                    yes.or(&known.yes);
                    possible.or(&known.possible());
                }
                Known::of(yes, possible)
            }
            Filter::Not(part) => {
                let known = self.ask(part, catalog);
                Known::of(known.possible().not(), known.yes.not())
            }
            Filter::Compare { path, .. } | Filter::Present(path) => {
                self.leaf(filter, path, catalog).unwrap_or_else(|| Known::nothing(self.count()))
            }
            Filter::ValuePath { .. } => Known::nothing(self.count()),
        }
    }

    fn leaf(self, filter: &Filter, path: &AttrPath, catalog: &Catalog) -> Option<Known> {
        // What a text or a truth value is to a number depends on how the server wrote it.
        if matches!(
            filter,
            Filter::Compare {
                value: Literal::Number(_),
                ..
            }
        ) {
            return None;
        }
        let is_flag = path.is("active");
        if matches!(
            filter,
            Filter::Compare {
                value: Literal::Bool(_),
                ..
            }
        ) && !is_flag
        {
            return None;
        }
        let matcher = filter.compile(catalog);
        if path.schema.is_none() && path.name.eq_ignore_ascii_case("meta") {
            let sub = path.sub.as_deref()?;
            let (name, column) = match self {
                Self::Accounts(accounts, _) if sub.eq_ignore_ascii_case("created") => ("created", &accounts.created),
                Self::Accounts(accounts, _) if sub.eq_ignore_ascii_case("lastModified") => ("lastModified", &accounts.modified),
                Self::Groups(groups, _) if sub.eq_ignore_ascii_case("created") => ("created", &groups.created),
                Self::Groups(groups, _) if sub.eq_ignore_ascii_case("lastModified") => ("lastModified", &groups.modified),
                _ => return None,
            };
            return times(filter, path, &matcher, catalog, name, column);
        }
        if path.sub.is_some() {
            return None;
        }
        match self {
            Self::Accounts(accounts, search) => {
                if path
                    .schema
                    .as_deref()
                    .is_some_and(|schema| schema.eq_ignore_ascii_case(urn::ENTERPRISE_USER))
                {
                    return path
                        .name
                        .eq_ignore_ascii_case("department")
                        .then(|| in_extension(accounts, &matcher));
                }
                let name = path.schema.is_none().then_some(path.name.as_str())?;
                if is_flag {
                    return Some(flags(accounts, &matcher));
                }
                let table = |name: &str, table: &Interned, column: &[u32]| Some(interned(&matcher, name, table, column));
                let texts = |name: &'static str, texts: &Texts, which: usize, search: Option<&Search>| {
                    Some(column(filter, &matcher, name, texts, which, search))
                };
                match name.to_ascii_lowercase().as_str() {
                    "title" => table("title", &accounts.titles, &accounts.title),
                    "usertype" => table("userType", &accounts.user_types, &accounts.user_type),
                    "department" => table("department", &accounts.departments, &accounts.department),
                    "username" => texts("userName", &accounts.texts, field::USER_NAME, Some(search)),
                    "id" => texts("id", &accounts.texts, field::ID, Some(search)),
                    "externalid" => texts("externalId", &accounts.external, 0, None),
                    _ => None,
                }
            }
            Self::Groups(groups, search) => {
                let name = path.schema.is_none().then_some(path.name.as_str())?;
                let texts = |name: &'static str, texts: &Texts, which: usize, search: Option<&Search>| {
                    Some(column(filter, &matcher, name, texts, which, search))
                };
                match name.to_ascii_lowercase().as_str() {
                    "displayname" => texts("displayName", &groups.texts, field::NAME, Some(search)),
                    "id" => texts("id", &groups.texts, field::GROUP_ID, Some(search)),
                    "externalid" => texts("externalId", &groups.external, 0, None),
                    _ => None,
                }
            }
        }
    }
}

fn flags(accounts: &Accounts, matcher: &Matcher) -> Known {
    let [off, on] = [false, true].map(|active| matcher.matches(&json!({ "active": active })));
    let count = accounts.len();
    let yes = Bits::of(count, |account| {
        accounts.active(account).is_some_and(|active| if active { on } else { off })
    });
    Known {
        yes,
        open: Bits::of(count, |account| accounts.active(account).is_none()),
    }
}

fn interned(matcher: &Matcher, name: &str, table: &Interned, column: &[u32]) -> Known {
    let matches: Vec<bool> = (0..table.len() as u32)
        .map(|number| number != NONE && matcher.matches(&json!({ name: table.get(number) })))
        .collect();
    let count = column.len() as u32;
    Known {
        yes: Bits::of(count, |record| matches[column[record as usize] as usize]),
        open: Bits::of(count, |record| column[record as usize] == NONE),
    }
}

/// The department by its full path. The column may hold what a server put at the top of the resource instead, which the
/// full path does not find: who matches by the value and not without it is for the document to decide.
fn in_extension(accounts: &Accounts, matcher: &Matcher) -> Known {
    let without = matcher.matches(&json!({}));
    let with = |number| matcher.matches(&json!({ urn::ENTERPRISE_USER: { "department": accounts.departments.get(number) } }));
    let table: Vec<bool> = (0..accounts.departments.len() as u32)
        .map(|number| number != NONE && with(number))
        .collect();
    let of = |account: u32| accounts.department[account as usize];
    let count = accounts.len();
    Known {
        yes: Bits::of(count, |account| without && of(account) != NONE && table[of(account) as usize]),
        open: Bits::of(count, |account| of(account) == NONE || table[of(account) as usize] != without),
    }
}

/// A text of its own per record. For the usual operators only records that hold the text at all are looked at one by one.
fn column(filter: &Filter, matcher: &Matcher, name: &'static str, texts: &Texts, which: usize, search: Option<&Search>) -> Known {
    let count = texts.len();
    let wanted = match filter {
        Filter::Compare {
            op: CompareOp::Eq | CompareOp::Co | CompareOp::Sw | CompareOp::Ew,
            value: Literal::String(text),
            ..
        } => Some(text),
        _ => None,
    };
    // Folding may reorder marks, and keeps ASCII as it stands: only with ASCII is a part sure to be found in the whole.
    let holding = wanted.filter(|text| text.is_ascii() && !text.trim().is_empty()).map(|text| {
        let folded = fold(text);
        let possible = search.map_or_else(|| Bits::all(count), |search| search.possible(texts, &folded));
        let mut holding = scan(texts, &folded, &possible);
        for record in texts.cut() {
            holding.add(*record);
        }
        holding
    });
    let look = |range: std::ops::Range<u32>| {
        let mut document = json!({ name: "" });
        let (mut yes, mut open) = (Vec::new(), Vec::new());
        for first in range.clone().step_by(64) {
            let (mut matching, mut absent) = (0u64, 0u64);
            for record in first..range.end.min(first + 64) {
                let bit = 1u64 << (record - first);
                if texts.folded(record, which).is_empty() && texts.is_plain(record, which) {
                    absent |= bit;
                } else if holding.as_ref().is_none_or(|holding| holding.has(record)) {
                    document[name] = Value::String(texts.original(record, which).into_owned());
                    if matcher.matches(&document) {
                        matching |= bit;
                    }
                }
            }
            yes.push(matching);
            open.push(absent);
        }
        (yes, open)
    };
    let (yes, open): (Vec<Vec<u64>>, Vec<Vec<u64>>) = in_two(count, count as usize * 64, look).into_iter().unzip();
    Known {
        yes: Bits::from_words(count, yes.concat()),
        open: Bits::from_words(count, open.concat()),
    }
}

/// Times are held in whole milliseconds: what falls into the same millisecond is for the document to decide.
fn times(filter: &Filter, path: &AttrPath, matcher: &Matcher, catalog: &Catalog, name: &str, column: &[Millis]) -> Option<Known> {
    if catalog.find(path)?.compared().kind != Some(AttributeType::DateTime) {
        return None;
    }
    let at = match filter {
        Filter::Compare {
            value: Literal::String(text),
            op,
            ..
        } if !op.is_textual() => Instant::parse(text).and_then(|_| unix_millis(text))?,
        Filter::Present(_) => NEVER,
        _ => return None,
    };
    let [before, after] = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"].map(|time| matcher.matches(&json!({ "meta": { name: time } })));
    let count = column.len() as u32;
    let of = |record: u32| column[record as usize];
    Some(Known {
        yes: Bits::of(count, |record| {
            of(record) != NEVER && ((of(record) < at && before) || (of(record) > at && after))
        }),
        open: Bits::of(count, |record| of(record) == NEVER || of(record) == at),
    })
}
