//! Delta queries: everything once, then what changed since (<https://learn.microsoft.com/graph/delta-query-overview>).
//!
//! Items repeat on purpose: a page begins with the last item of the one before, and a group with many members comes in parts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::docs::{self, Doc, GROUP, SERVICE, USER};
use super::{Answer, Graph};
use crate::azure::reply::Reply;
use crate::azure::state::Family;
use crate::base64;
use crate::company::access::Guid;

/// Members of a group in one item.
const PART: usize = 100;

/// What a token of a delta query stands for.
struct Token {
    age: u64,
    /// Changes after this revision; everything, when there is none.
    from: Option<u64>,
    /// The revision that the next delta link begins at.
    until: u64,
    /// The next item.
    offset: usize,
    select: String,
}

impl Token {
    fn read(text: &str) -> Option<Self> {
        let text = String::from_utf8(base64::decode(text)?).ok()?;
        let mut parts = text.splitn(5, '|');
        Some(Self {
            age: parts.next()?.parse().ok()?,
            from: match parts.next()? {
                "" => None,
                from => Some(from.parse().ok()?),
            },
            until: parts.next()?.parse().ok()?,
            offset: parts.next()?.parse().ok()?,
            select: parts.next()?.to_owned(),
        })
    }

    fn write(&self) -> String {
        let from = self.from.map(|from| from.to_string()).unwrap_or_default();
        let text = format!("{}|{from}|{}|{}|{}", self.age, self.until, self.offset, self.select);
        base64::encode_url(text.as_bytes())
    }
}

/// One item of a delta query.
enum Item {
    /// An object as it is; of a group's members, this part.
    Object(Guid, usize),
    /// An object that went, for good or not.
    Gone(Guid, bool),
}

impl Graph<'_> {
    pub(super) fn delta(&self, family: Family) -> Answer {
        let ask = self.ask;
        for option in ["$top", "$expand", "$orderby", "$search", "$count"] {
            if ask.parameter(option).is_some() {
                let text = format!("The query option '{option}' is not supported by delta queries.");
                return Err(self.refuse(400, "Request_UnsupportedQuery", &text));
            }
        }
        let select = ask.parameter("$select").unwrap_or_default().to_owned();
        let fresh = Token {
            age: self.state.age,
            from: None,
            until: self.state.revision,
            offset: 0,
            select,
        };
        let token = match (ask.parameter("$skiptoken"), ask.parameter("$deltatoken")) {
            (None, None | Some("")) => fresh,
            (None, Some("latest")) => Token {
                offset: usize::MAX,
                ..fresh
            },
            (Some(text), _) | (None, Some(text)) => {
                let invalid = || self.refuse(400, "Request_BadRequest", "The state token is invalid.");
                let mut token = Token::read(text).ok_or_else(invalid)?;
                if token.age < self.state.age || token.from.is_some_and(|from| from < self.state.oldest) {
                    return Err(self.expired());
                }
                if ask.parameter("$skiptoken").is_none() {
                    // A delta link: what changed between its revision and now.
                    token.from = Some(token.until);
                    token.until = self.state.revision;
                    token.offset = 0;
                }
                token
            }
        };
        self.delta_page(family, token)
    }

    fn expired(&self) -> Reply {
        let text = "Sync state generation is not found; continue with fresh sync.";
        let again = format!("{}{}?$deltatoken=", self.azure.sites.graph, self.ask.path);
        self.refuse(410, "syncStateNotFound", text).with("location", again)
    }

    fn delta_page(&self, family: Family, token: Token) -> Answer {
        let items = match token.from {
            None if token.offset == usize::MAX => Vec::new(),
            None => self.everything(family, &token.select),
            Some(from) => self.changes(family, from, token.until),
        };
        let size = self.azure.options().graph_page.max(2);
        // The last item of the page before comes once more.
        let start = token.offset.saturating_sub(1).min(items.len());
        let end = token.offset.saturating_add(size).min(items.len());
        let mut value = Vec::new();
        for item in &items[start.min(end)..end] {
            value.extend(self.item(family, item, &token)?);
        }
        let mut body = Doc::new();
        let of = self.ask.parts().get(1).copied().unwrap_or_default().to_owned();
        body.insert(
            "@odata.context".to_owned(),
            json!(format!("{}/v1.0/$metadata#{of}", self.azure.sites.graph)),
        );
        let base = format!("{}{}", self.azure.sites.graph, self.ask.path);
        let (name, option, next) = if end < items.len() {
            ("@odata.nextLink", "$skiptoken", Token { offset: end, ..token })
        } else {
            ("@odata.deltaLink", "$deltatoken", Token { offset: 0, ..token })
        };
        body.insert(name.to_owned(), json!(format!("{base}?{option}={}", next.write())));
        body.insert("value".to_owned(), Value::Array(value));
        Ok(Reply::ok(Value::Object(body)))
    }

    fn everything(&self, family: Family, select: &str) -> Vec<Item> {
        let tenant = &self.state.tenant;
        match family {
            Family::Users => tenant.users.iter().map(|one| Item::Object(one.id, 0)).collect(),
            Family::Services => tenant.services.iter().map(|one| Item::Object(one.id, 0)).collect(),
            Family::Groups => {
                let parts = |members: usize| if with_members(select) { members.div_ceil(PART).max(1) } else { 1 };
                let groups = tenant.groups.iter();
                groups
                    .flat_map(|group| (0..parts(group.members.len())).map(|part| Item::Object(group.id, part)))
                    .collect()
            }
        }
    }

    fn changes(&self, family: Family, from: u64, until: u64) -> Vec<Item> {
        let within = |revision: u64| revision > from && revision <= until;
        let mut touched: Vec<(u64, Guid)> = (self.state.touched.iter())
            .filter(|((of, _), revision)| *of == family && **revision > from)
            .map(|((_, id), revision)| (*revision, *id))
            .collect();
        touched.sort_unstable();
        let changed = touched.into_iter().map(|(_, id)| Item::Object(id, 0));
        let gone = self
            .state
            .removed
            .iter()
            .filter(|(of, _, revision, _)| *of == family && within(*revision));
        changed.chain(gone.map(|(_, id, _, for_good)| Item::Gone(*id, *for_good))).collect()
    }

    fn item(&self, family: Family, item: &Item, token: &Token) -> Result<Option<Value>, Reply> {
        let (id, part) = match item {
            Item::Gone(id, for_good) => {
                let reason = if *for_good { "deleted" } else { "changed" };
                return Ok(Some(json!({"id": id, "@removed": {"reason": reason}})));
            }
            Item::Object(id, part) => (*id, *part),
        };
        // Somebody who went since is told of by the next delta link.
        let Some((_, doc)) = docs::object(self.state, id) else {
            return Ok(None);
        };
        let kind = match family {
            Family::Users => USER,
            Family::Groups => GROUP,
            Family::Services => SERVICE,
        };
        let mut drawn = docs::project(doc, kind, Some(&token.select), true).map_err(|name| {
            let text = format!("Could not find a property named '{name}' on type '{}'.", kind.odata);
            self.refuse(400, "BadRequest", &text)
        })?;
        drawn.insert("id".to_owned(), json!(id));
        if family == Family::Groups && with_members(&token.select) {
            let members = match token.from {
                None => self.part_of(id, part),
                Some(from) => self.changed_members(id, from),
            };
            if !members.is_empty() {
                drawn.insert("members@delta".to_owned(), Value::Array(members));
            }
        }
        Ok(Some(Value::Object(drawn)))
    }

    fn odata(&self, id: Guid) -> String {
        let kind = docs::object(self.state, id).map_or(USER, |(kind, _)| kind);
        format!("#{}", kind.odata)
    }

    fn part_of(&self, group: Guid, part: usize) -> Vec<Value> {
        let Some(group) = self.state.group(group) else {
            return Vec::new();
        };
        let members = group.members.iter().skip(part * PART).take(PART);
        members.map(|id| json!({"@odata.type": self.odata(*id), "id": id})).collect()
    }

    fn changed_members(&self, group: Guid, from: u64) -> Vec<Value> {
        let mut last = BTreeMap::new();
        for change in self
            .state
            .members
            .iter()
            .filter(|change| change.group == group && change.revision > from)
        {
            last.insert(change.member, change.added);
        }
        let draw = |(id, added): (Guid, bool)| {
            let mut member = json!({"@odata.type": self.odata(id), "id": id});
            if !added {
                member["@removed"] = json!({"reason": "deleted"});
            }
            member
        };
        last.into_iter().map(draw).collect()
    }
}

/// Members come unless properties were selected and `members` is not among them.
fn with_members(select: &str) -> bool {
    select.is_empty() || select.split(',').any(|name| name.trim().eq_ignore_ascii_case("members"))
}
