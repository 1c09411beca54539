//! The people who are there under every seed: those whom stories need, and those whose names break software.

use std::borrow::Cow;

use super::Kind;
use super::house::Department::{
    self, Board, Care, Data, Finance, Freight, It, Legal, Payments, People, Platform, Sales, Security, Warehouse,
};
use super::names::Order::{self, FamilyFirst, FamilyJoined, GivenFirst};

/// One fixed person, before the past and the manager are worked out.
pub(crate) struct Part {
    pub(crate) given: Cow<'static, str>,
    pub(crate) family: &'static str,
    pub(crate) order: Order,
    pub(crate) language: &'static str,
    pub(crate) user_name: &'static str,
    pub(crate) department: Option<Department>,
    pub(crate) title: &'static str,
    pub(crate) kind: Kind,
    pub(crate) site: usize,
    /// Days before the company's today on which this person left.
    pub(crate) left: Option<i64>,
    pub(crate) nick: Option<&'static str>,
    /// The user name before a change of name.
    pub(crate) formerly: Option<&'static str>,
    /// The displayed name, where it is not simply the full name.
    pub(crate) display: Option<&'static str>,
}

fn one(
    given: &'static str,
    family: &'static str,
    user_name: &'static str,
    language: &'static str,
    department: Department,
    title: &'static str,
    site: usize,
) -> Part {
    Part {
        given: Cow::Borrowed(given),
        family,
        order: GivenFirst,
        language,
        user_name,
        department: Some(department),
        title,
        kind: Kind::Employee,
        site,
        left: None,
        nick: None,
        formerly: None,
        display: None,
    }
}

fn guest(given: &'static str, family: &'static str, user_name: &'static str) -> Part {
    Part {
        department: None,
        kind: Kind::Guest,
        title: "",
        ..one(given, family, user_name, "en", Sales, "", 7)
    }
}

fn machine(user_name: &'static str, display: &'static str) -> Part {
    Part {
        department: None,
        kind: Kind::Service,
        display: Some(display),
        language: "",
        ..one("", "", user_name, "", It, "", 1)
    }
}

fn canary(user_name: &'static str, department: Department) -> Part {
    Part {
        kind: Kind::Test,
        ..one("Canary", "Test identity", user_name, "en", department, "Test identity", 1)
    }
}

/// A full name of exactly 200 characters, the given name of which fills what the family name leaves.
fn two_hundred(family: &'static str) -> Cow<'static, str> {
    let parts = [
        "Pablo",
        "Diego",
        "José",
        "Francisco",
        "Nepomuceno",
        "Cipriano",
        "Ramón",
        "Ildefonso",
    ];
    let room = 200 - 1 - family.chars().count();
    let text: String = parts
        .iter()
        .cycle()
        .flat_map(|part| part.chars().chain([' ']))
        .take(room - 1)
        .collect();
    // A name does not end in a space: the last place is a letter whatever the cut was.
    Cow::Owned(format!("{text}a"))
}

/// The cast, in order: the first ones head their departments.
#[rustfmt::skip]
pub(crate) fn cast() -> Vec<Part> {
    vec![
        one("Ingeborg", "Hallström", "ingeborg.hallstrom", "sv", Board, "Chief Executive Officer", 1),
        one("Adaeze", "Ọkáfọ̀", "adaeze.okafor", "ig", Platform, "Head of Platform", 3),
        one("Siobhán", "Ní Dhomhnaill", "siobhan.nidhomhnaill", "ga", Data, "Head of Data", 7),
        one("Łukasz", "Wójcik", "lukasz.wojcik", "pl", Payments, "Head of Payments", 0),
        one("José Ignacio", "Echeverría de la Fuente", "jose.echeverria", "es", Freight, "Head of Freight ops", 13),
        one("Hélène", "d'Alembert", "helene.dalembert", "fr", Finance, "Head of Finance", 1),
        one("Олена", "Шевченко", "olena.shevchenko", "uk", Payments, "Site Reliability Engineer", 0),
        Part { order: FamilyFirst, ..one("美咲", "田中", "misaki.tanaka", "ja", Payments, "Site Reliability Engineer", 4) },
        one("Рустам", "Алиев", "rustam.aliev", "ru", Payments, "Software Engineer", 8),
        one("דניאל", "לוי", "daniel.levi", "he", Platform, "Platform Engineer", 1),
        one("Αθηνά", "Παπαδοπούλου", "athina.papadopoulou", "el", Data, "Database Administrator", 2),
        machine("svc-backup-runner", "svc-backup-runner"),
        one("نور", "الهاشمي", "nour.alhashimi", "ar", Payments, "Site Reliability Engineer", 1),
        Part { order: FamilyFirst, ..one("Thị Hạnh", "Nguyễn", "hanh.nguyen", "vi", Payments, "Software Engineer", 4) },
        Part { order: FamilyJoined, ..one("서연", "김", "seoyeon.kim", "ko", Payments, "Payments Analyst", 5) },
        Part { left: Some(12), ..one("Tomáš", "Dvořák", "tomas.dvorak", "cs", Payments, "Site Reliability Engineer", 2) },
        one("दीपिका", "नायर", "deepika.nair", "hi", Platform, "Site Reliability Engineer", 11),
        one("ሰላም", "ተስፋዬ", "selam.tesfaye", "am", Platform, "Staff Engineer", 7),
        one("ณัฐพล", "ศรีสุข", "nattapon.srisuk", "th", Payments, "Product Manager", 12),
        one("Mehmet Çağrı", "Yıldız", "mehmet.yildiz", "tr", Payments, "Reconciliation Specialist", 1),
        one("Ximena", "Muñoz-Ibáñez", "ximena.munoz", "es", Data, "Data Engineer", 13),
        one("Thandiwe", "Mokoena", "thandiwe.mokoena", "en", Freight, "Port Coordinator", 3),
        Part { order: FamilyFirst, ..one("Quang Minh", "Bùi", "minh.bui", "vi", Freight, "Freight Planner", 4) },
        one("Søren", "Ågård Østergaard", "soren.ostergaard", "da", Data, "Data Analyst", 2),
        one("ਹਰਪ੍ਰੀਤ", "ਕੌਰ", "harpreet.kaur", "pa", Freight, "Dispatcher", 11),
        one("Aïssatou", "Diallo", "aissatou.diallo", "fr", Freight, "Customs Agent", 1),
        Part { order: FamilyFirst, ..one("Zsófia", "Szőke", "zsofia.szoke", "hu", Data, "Data Engineer", 2) },
        one("Իվետա", "Մուկուչյան", "iveta.mukuchyan", "hy", Data, "Machine Learning Engineer", 8),
        one("Kaʻiulani", "Kealoha", "kaiulani.kealoha", "haw", Freight, "Port Coordinator", 10),
        one("محمد رضا", "کریمی", "reza.karimi", "fa", Payments, "Software Engineer", 2),
        one("Þórdís", "Jónsdóttir", "thordis.jonsdottir", "is", Data, "Data Analyst", 7),
        Part { left: Some(3), ..one("Giorgi", "ბერიძე", "giorgi.beridze", "ka", Payments, "Product Manager", 8) },
        Part { left: Some(1), order: FamilyFirst, ..one("翔太", "中村", "shota.nakamura", "ja", Freight, "Freight Planner", 4) },
        Part { formerly: Some("ewa.zak"), ..one("Ewa", "Król", "ewa.krol", "pl", Payments, "Payments Analyst", 0) },
        Part { formerly: Some("maria.fernandez"), ..one("María Fernanda", "Núñez Peña", "maria.nunez", "es", Care, "Claims Handler", 13) },
        canary("canary-payments-01", Payments),
        canary("canary-payments-02", Payments),
        canary("canary-payments-03", Payments),
        machine("svc-restore-drill", "svc-restore-drill"),
        machine("svc-ledgerly-sync", "Ledgerly provisioning"),
        machine("svc-catalog-import", "svc-catalog-import"),
        machine("svc-atlas-hr-feed", "Atlas HR feed"),
        machine("github-oidc-deploy", "github-oidc-deploy"),
        machine("svc-payments-batch", "svc-payments-batch"),
        machine("svc-label-printer", "svc-label-printer"),
        machine("svc-vault-rotate", "svc-vault-rotate"),
        machine("svc-metrics", "svc-metrics"),
        machine("svc-mail-relay", "svc-mail-relay"),
        machine("svc-port-gate", "Port gate controller"),
        // Names that break software.
        one("Conor", "O'Brien", "conor.o'brien", "en", Care, "Care Agent", 7),
        one("Sukarno", "", "sukarno", "id", Warehouse, "Inventory Controller", 4),
        one("Maria", "Schmidt", "maria.schmidt", "de", Finance, "Accountant", 2),
        one("Maria", "Schmidt", "maria.schmidt2", "de", Warehouse, "Picker", 2),
        one("Hubert Blaine", "Wolfeschlegelsteinhausenbergerdorff Sr.", "hubert.wolfeschlegelsteinhausenbergerdorff", "de", Legal, "Counsel", 2),
        Part { given: two_hundred("de los Remedios Ruiz y Picasso"), ..one("", "de los Remedios Ruiz y Picasso", "pablo.ruiz", "es", Sales, "Account Executive", 13) },
        one("Jamie", "Fox 🦊", "jamie.fox", "en", Sales, "Sales Engineer", 7),
        Part { nick: Some("+SUM(1;2)"), ..one("Robert", "Tables", "robert.tables", "en", It, "=HYPERLINK(\"https://bait.halcyon.example\",\"Open\")", 7) },
        Part { nick: Some("@SUM(A1:A9)"), ..one("Ada", "Null", "ada.null", "en", It, "-2+3 Systems Administrator", 2) },
        // The same letters twice: once composed, once with combining marks.
        one("Amélie", "Gauthier", "amelie.gauthier", "fr", People, "Recruiter", 1),
        one("Ame\u{301}lie", "Gauthie\u{300}r", "amelie.gauthier2", "fr", Care, "Quality Coach", 1),
        one("Z\u{337}a\u{338}l\u{335}g\u{336}o\u{337}", "T\u{321}e\u{322}s\u{327}t", "zalgo.test", "en", Security, "Security Engineer", 2),
        one("Ọlá\u{300}níyan", "Adéyẹmí", "olaniyan.adeyemi", "yo", Security, "Identity Engineer", 3),
        one("İbrahim", "Iğdır", "ibrahim.igdir", "tr", It, "Backup Administrator", 1),
        one("חַנָּה", "בֶּן־דָּוִד", "hanna.bendavid", "he", Legal, "Privacy Officer", 1),
        one("فاطمة الزهراء", "عبد الرحمن", "fatima.abdulrahman", "ar", Finance, "Treasury Analyst", 2),
        Part { order: FamilyJoined, ..one("婷婷", "欧阳", "tingting.ouyang", "zh", Freight, "Customs Agent", 4) },
        one("Guðrún Ósk", "Ævarsdóttir", "gudrun.aevarsdottir", "is", Warehouse, "Safety Officer", 2),
        guest("Nell", "Ashdown", "nell.ashdown_northgate.example#ext#"),
        guest("Mallory\u{202e}", "Reverse", "mallory.reverse_northgate.example#ext#"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_name_has_exactly_two_hundred_characters() {
        let part = cast().into_iter().find(|part| part.user_name == "pablo.ruiz").expect("in the cast");
        let full = format!("{} {}", part.given, part.family);
        assert_eq!(full.chars().count(), 200);
        assert!(!full.contains("  "));
    }

    #[test]
    fn user_names_in_the_cast_are_unique() {
        let mut names: Vec<_> = cast().iter().map(|part| part.user_name.to_lowercase()).collect();
        names.sort();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
