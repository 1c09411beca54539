//! Addresses of nodes and edges, as `view::access` describes them.

use crate::view::SourceId;

/// A node's address, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address<'a> {
    /// `person:KEY`.
    Person(&'a str),
    /// `group:KEY`.
    Group(&'a str),
    /// `role:SOURCE:ID`.
    Role(SourceId, &'a str),
    /// `scope:SOURCE:ID`.
    Scope(SourceId, &'a str),
}

/// An edge's address, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeAddress<'a> {
    /// `member:GROUP>MEMBER`, both keys.
    Member(&'a str, &'a str),
    /// `assignment:SOURCE:ID`.
    Assignment(SourceId, &'a str),
    /// `emptied:GROUP`.
    Emptied(&'a str),
}

impl<'a> Address<'a> {
    /// Takes an address apart; none where it has no such form.
    pub fn read(text: &'a str) -> Option<Self> {
        let (head, rest) = text.split_once(':')?;
        match head {
            "person" => Some(Self::Person(rest)),
            "group" => Some(Self::Group(rest)),
            "role" => numbered(rest).map(|(source, id)| Self::Role(source, id)),
            "scope" => numbered(rest).map(|(source, id)| Self::Scope(source, id)),
            _ => None,
        }
    }
}

impl<'a> EdgeAddress<'a> {
    /// Takes an address apart; none where it has no such form. A key may hold `>`: `split` says which of the ways to cut it is meant.
    pub fn read(text: &'a str, split: impl Fn(&str, &str) -> bool) -> Option<Self> {
        let (head, rest) = text.split_once(':')?;
        match head {
            "member" => {
                let cuts = rest.match_indices('>').map(|(at, _)| (&rest[..at], &rest[at + 1..]));
                let mut cuts = cuts.peekable();
                let first = cuts.peek().copied();
                cuts.find(|(group, member)| split(group, member))
                    .or(first)
                    .map(|(group, member)| Self::Member(group, member))
            }
            "assignment" => numbered(rest).map(|(source, id)| Self::Assignment(source, id)),
            "emptied" => Some(Self::Emptied(rest)),
            _ => None,
        }
    }
}

fn numbered(text: &str) -> Option<(SourceId, &str)> {
    let (source, id) = text.split_once(':')?;
    Some((source.parse().ok()?, id))
}

/// The address of an identity, by the key of an account.
pub fn person(key: &str) -> String {
    format!("person:{key}")
}

/// The address of a group.
pub fn group(key: &str) -> String {
    format!("group:{key}")
}

/// The address of a role.
pub fn role(source: SourceId, id: &str) -> String {
    format!("role:{source}:{id}")
}

/// The address of a scope.
pub fn scope(source: SourceId, id: &str) -> String {
    format!("scope:{source}:{id}")
}

/// The address of a membership.
pub fn member(group: &str, member: &str) -> String {
    format!("member:{group}>{member}")
}

/// The address of an assignment.
pub fn assignment(source: SourceId, id: &str) -> String {
    format!("assignment:{source}:{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_apart_as_they_were_made() {
        assert_eq!(Address::read(&person("1.a:b")), Some(Address::Person("1.a:b")));
        assert_eq!(Address::read(&group("2.g")), Some(Address::Group("2.g")));
        assert_eq!(Address::read(&role(3, "role:default/x")), Some(Address::Role(3, "role:default/x")));
        assert_eq!(
            Address::read(&scope(4, "/subscriptions/s:1")),
            Some(Address::Scope(4, "/subscriptions/s:1"))
        );
        for wrong in ["", "person", "role:x:y", "scope:4", "cluster:4", "rôle:1:2"] {
            assert_eq!(Address::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn edges_come_apart_as_they_were_made() {
        let any = |_: &str, _: &str| true;
        assert_eq!(
            EdgeAddress::read(&member("1.g", "1.m"), any),
            Some(EdgeAddress::Member("1.g", "1.m"))
        );
        // A key with the sign in it is cut where both halves exist.
        assert_eq!(
            EdgeAddress::read("member:1.a>b>1.c", |group, _| group == "1.a>b"),
            Some(EdgeAddress::Member("1.a>b", "1.c"))
        );
        assert_eq!(
            EdgeAddress::read(&assignment(3, "a>b:c"), any),
            Some(EdgeAddress::Assignment(3, "a>b:c"))
        );
        assert_eq!(EdgeAddress::read("emptied:1.g", any), Some(EdgeAddress::Emptied("1.g")));
        for wrong in ["member:1.g", "assignment:3", "assignment:x:y", "else:1"] {
            assert_eq!(EdgeAddress::read(wrong, any), None, "{wrong}");
        }
    }
}
