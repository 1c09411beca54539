//! Rules as views tell them, how far each was evaluated, and what settings change about them.

use std::collections::BTreeMap;

use lanyard_access::findings::{self as access, Asked, Collection, Missing, Need, Rule};

use super::scene::{collections, kind};
use super::tell::severity;
use crate::Error;
use crate::map::Map;
use crate::view::{Caveat, Control, Evaluated, FindingRule, RuleArea, RuleParameter, RuleSettings, Severity, SourceKind};

/// What settings change about rules, by id. A rule that is not named is as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllSettings(BTreeMap<String, RuleSettings>);

impl AllSettings {
    /// Settings by the rules' ids.
    pub fn new(all: impl IntoIterator<Item = (String, RuleSettings)>) -> Self {
        Self(all.into_iter().collect())
    }

    /// What is changed about a rule.
    pub fn of(&self, id: &str) -> RuleSettings {
        self.0.get(id).cloned().unwrap_or_default()
    }

    /// The severity that was set for a rule.
    pub fn severity(&self, id: &str) -> Option<Severity> {
        self.0.get(id).and_then(|settings| settings.severity)
    }

    /// Whether a rule is switched off.
    pub fn is_off(&self, id: &str) -> bool {
        self.0.get(id).is_some_and(|settings| settings.off)
    }

    /// The same as the evaluation takes them.
    pub fn for_rules(&self) -> access::Settings {
        access::Settings {
            off: self.0.iter().filter(|(_, set)| set.off).map(|(id, _)| id.clone()).collect(),
            parameters: self.0.iter().map(|(id, set)| (id.clone(), set.parameters.clone())).collect(),
        }
    }
}

/// The rule with this id.
///
/// # Errors
/// [`Error::NotFound`].
pub fn rule(id: &str) -> Result<&'static Rule, Error> {
    access::rules::place_of(id)
        .map(|at| &access::rules::all()[at])
        .ok_or_else(|| Error::NotFound {
            what: "rule",
            name: id.to_owned(),
        })
}

/// Settings that a rule can have: parameters that it has, within their bounds. What is as it is anyway is left out.
///
/// # Errors
/// [`Error::Input`].
pub fn checked(rule: &Rule, settings: &RuleSettings) -> Result<RuleSettings, Error> {
    let wrong = |problem: String| Error::Input {
        field: "Parameters",
        problem,
    };
    let mut checked = settings.clone();
    for (name, value) in &settings.parameters {
        let parameter = rule.parameters.iter().find(|parameter| parameter.name == name);
        let parameter = parameter.ok_or_else(|| wrong(format!("{} has no number called {name}", rule.title)))?;
        if *value < parameter.min || *value > parameter.max {
            return Err(wrong(format!(
                "{name} is from {} to {} {}",
                parameter.min, parameter.max, parameter.unit
            )));
        }
        if *value == parameter.default {
            checked.parameters.remove(name);
        }
    }
    checked.severity = settings.severity.filter(|set| *set != severity(rule.severity));
    Ok(checked)
}

/// An area, as views name it.
pub(crate) fn area(area: access::Area) -> RuleArea {
    match area {
        access::Area::Accounts => RuleArea::Accounts,
        access::Area::Drift => RuleArea::Drift,
        access::Area::Azure => RuleArea::Azure,
        access::Area::Backup => RuleArea::Backup,
        access::Area::Backstage => RuleArea::Backstage,
        access::Area::Groups => RuleArea::Groups,
        access::Area::Programs => RuleArea::Programs,
        access::Area::Plumbing => RuleArea::Plumbing,
    }
}

/// An area as a heading.
pub(super) fn heading(area: access::Area) -> &'static str {
    match area {
        access::Area::Accounts => "Accounts",
        access::Area::Drift => "Systems that disagree",
        access::Area::Azure => "Azure",
        access::Area::Backup => "Backups",
        access::Area::Backstage => "Backstage",
        access::Area::Groups => "Groups and roles",
        access::Area::Programs => "Service principals",
        access::Area::Plumbing => "Provisioning, tokens, sources",
    }
}

/// A control with its framework and title.
pub(super) fn control(control: access::Control) -> Control {
    const SOC2: &str = "SOC 2";
    const ISO: &str = "ISO/IEC 27001:2022";
    const NIST: &str = "NIST SP 800-53";
    let (framework, id, title) = match control {
        access::Control::Cc61 => (SOC2, "CC6.1", "Logical access security"),
        access::Control::Cc62 => (SOC2, "CC6.2", "Registration and removal of users"),
        access::Control::Cc63 => (SOC2, "CC6.3", "Roles, least privilege, segregation of duties"),
        access::Control::A515 => (ISO, "A.5.15", "Access control"),
        access::Control::A516 => (ISO, "A.5.16", "Identity management"),
        access::Control::A517 => (ISO, "A.5.17", "Authentication information"),
        access::Control::A518 => (ISO, "A.5.18", "Access rights"),
        access::Control::A82 => (ISO, "A.8.2", "Privileged access rights"),
        access::Control::Ac2 => (NIST, "AC-2", "Account management"),
        access::Control::Ac6 => (NIST, "AC-6", "Least privilege"),
    };
    Control {
        framework: framework.into(),
        id: id.into(),
        title: title.into(),
    }
}

/// A collection's name, as its coverage has it.
fn collection_name(wanted: Collection) -> &'static str {
    collections()
        .into_iter()
        .find(|(collection, _)| *collection == wanted)
        .map_or("", |(_, name)| name)
}

fn kind_name(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Scim => "SCIM",
        SourceKind::Backstage => "Backstage",
        SourceKind::Azure => "Azure",
    }
}

/// A need in words.
pub(super) fn need(need: &Need) -> String {
    match need {
        Need::Authority(collection) => format!("{} of the authoritative source", collection_name(*collection)),
        Need::Of(of, collection) => {
            let kinds = [SourceKind::Scim, SourceKind::Backstage, SourceKind::Azure];
            let name = kinds.into_iter().find(|one| kind(*one) == *of).map_or("", kind_name);
            format!("{name}: {}", collection_name(*collection))
        }
        Need::Keychain => "the keychain, which knows of Lanyard's own tokens".into(),
        Need::RestoreGroups => "the groups that are meant for restoring, named under Who can restore".into(),
    }
}

/// A rule as views tell it.
pub fn view(rule: &Rule, settings: &AllSettings) -> FindingRule {
    let set = settings.of(rule.id);
    FindingRule {
        id: rule.id.to_owned(),
        title: rule.title.to_owned(),
        area: area(rule.area),
        severity: set.severity.unwrap_or_else(|| severity(rule.severity)),
        default_severity: severity(rule.severity),
        finds: rule.finds.to_owned(),
        why: rule.why.to_owned(),
        controls: rule.controls.iter().map(|one| control(*one)).collect(),
        needs: rule.needs.iter().map(need).collect(),
        way_out: rule.way_out.to_owned(),
        parameters: rule
            .parameters
            .iter()
            .map(|parameter| RuleParameter {
                name: parameter.name.to_owned(),
                says: parameter.says.to_owned(),
                unit: parameter.unit.to_owned(),
                value: set.parameters.get(parameter.name).copied().unwrap_or(parameter.default),
                default: parameter.default,
                min: parameter.min,
                max: parameter.max,
            })
            .collect(),
        enabled: !set.off,
    }
}

/// How far a rule was evaluated, and what it could not see, with why.
pub(crate) fn evaluated(map: &Map, rule: &Rule, asked: &Asked) -> (Evaluated, Vec<Caveat>) {
    let told = |all: &[Missing]| {
        let mut caveats: Vec<Caveat> = Vec::new();
        for one in all {
            let caveat = missing(map, rule, one);
            if !caveats.contains(&caveat) {
                caveats.push(caveat);
            }
        }
        caveats
    };
    match asked {
        Asked::Fully => (Evaluated::Fully, Vec::new()),
        Asked::Partly(all) => (Evaluated::Partly, told(all)),
        Asked::Not(all) => (Evaluated::Not, told(all)),
        Asked::NothingToAsk => (Evaluated::NothingToAsk, Vec::new()),
        Asked::Off => (Evaluated::Off, Vec::new()),
    }
}

/// What is missing, and why.
pub(super) fn missing(map: &Map, rule: &Rule, missing: &Missing) -> Caveat {
    let Some(place) = missing.place else {
        let groups = rule.needs.contains(&Need::RestoreGroups);
        return Caveat {
            source: None,
            text: if rule.needs.contains(&Need::Keychain) {
                "The keychain does not answer: how tokens stand is not known".into()
            } else if groups {
                "No group is named as meant for restoring: name them under Who can restore".into()
            } else {
                "No source is authoritative: mark the one that others follow".into()
            },
        };
    };
    let facts = map.directory().source_at(place);
    let source = map.all_sources().iter().find(|source| source.id == facts.id);
    let text = match missing.collection {
        _ if facts.read_at.is_none() => format!("{}: not synced yet", facts.name),
        None => format!("{}: not read", facts.name),
        Some(collection) => {
            let name = collection_name(collection);
            let coverage = source.and_then(|source| source.coverage.iter().find(|coverage| coverage.collection == name));
            let reasons: Vec<&str> = coverage.map_or_else(Vec::new, |coverage| {
                coverage.reasons.iter().map(|reason| reason.text.trim_end_matches('.')).collect()
            });
            let because = if reasons.is_empty() {
                String::new()
            } else {
                format!(" ({})", reasons.join("; "))
            };
            format!("{}: {name} were not read whole{because}", facts.name)
        }
    };
    Caveat {
        source: Some(facts.id),
        text,
    }
}
