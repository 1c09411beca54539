//! What Halcyon Freight is made of: departments with their titles and teams, and sites.

/// A department of the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Department {
    /// The management board: one person.
    Board,
    /// Payments.
    Payments,
    /// Platform engineering.
    Platform,
    /// Freight operations.
    Freight,
    /// Data.
    Data,
    /// Finance.
    Finance,
    /// People (human resources).
    People,
    /// Legal.
    Legal,
    /// Security.
    Security,
    /// Internal IT.
    It,
    /// Warehouses.
    Warehouse,
    /// Customer care.
    Care,
    /// Sales.
    Sales,
}

/// What is fixed about a department.
pub(crate) struct Facts {
    pub(crate) department: Department,
    /// As the `department` attribute says it.
    pub(crate) label: &'static str,
    /// The name of its group, and the first part of the names of its teams.
    pub(crate) slug: &'static str,
    /// Share of the people, in thousandths.
    pub(crate) weight: usize,
    pub(crate) titles: &'static [&'static str],
    pub(crate) teams: &'static [&'static str],
}

impl Department {
    /// The name as the `department` attribute of the enterprise extension has it (RFC 7643 §4.3).
    #[must_use]
    pub fn label(self) -> &'static str {
        self.facts().label
    }

    /// A department's name, as it stands here, if there is one.
    pub(crate) fn named(label: &str) -> Option<&'static str> {
        DEPARTMENTS.iter().map(|facts| facts.label).find(|known| *known == label)
    }

    pub(crate) fn facts(self) -> &'static Facts {
        &DEPARTMENTS[self as usize]
    }
}

/// Every department, at the place of its discriminant.
#[rustfmt::skip]
pub(crate) const DEPARTMENTS: &[Facts] = &[
    Facts { department: Department::Board, label: "Management board", slug: "board", weight: 0,
        titles: &["Chief Executive Officer"], teams: &[] },
    Facts { department: Department::Payments, label: "Payments", slug: "payments", weight: 110,
        titles: &["Software Engineer", "Site Reliability Engineer", "Payments Analyst", "Product Manager", "Reconciliation Specialist"],
        teams: &["sre", "core", "fraud", "clearing"] },
    Facts { department: Department::Platform, label: "Platform", slug: "platform", weight: 100,
        titles: &["Platform Engineer", "Site Reliability Engineer", "Staff Engineer", "Developer Advocate", "Network Engineer"],
        teams: &["sre", "core", "edge-network", "observability"] },
    Facts { department: Department::Freight, label: "Freight ops", slug: "freight-ops", weight: 190,
        titles: &["Freight Planner", "Port Coordinator", "Customs Agent", "Dispatcher", "Shift Lead"],
        teams: &["customs-desk", "port-automation", "dispatch", "reefer", "rail"] },
    Facts { department: Department::Data, label: "Data", slug: "data", weight: 80,
        titles: &["Data Engineer", "Data Analyst", "Database Administrator", "Machine Learning Engineer"],
        teams: &["platform", "insight", "dba"] },
    Facts { department: Department::Finance, label: "Finance", slug: "finance", weight: 60,
        titles: &["Accountant", "Controller", "Treasury Analyst", "Accounts Payable Clerk"],
        teams: &["treasury", "payables", "controlling"] },
    Facts { department: Department::People, label: "People", slug: "people", weight: 40,
        titles: &["People Partner", "Recruiter", "Payroll Specialist", "Learning Designer"],
        teams: &["payroll", "hiring"] },
    Facts { department: Department::Legal, label: "Legal", slug: "legal", weight: 25,
        titles: &["Counsel", "Paralegal", "Privacy Officer"],
        teams: &["privacy"] },
    Facts { department: Department::Security, label: "Security", slug: "security", weight: 45,
        titles: &["Security Engineer", "Incident Responder", "Identity Engineer", "Auditor"],
        teams: &["response", "identity-core"] },
    Facts { department: Department::It, label: "IT", slug: "it", weight: 60,
        titles: &["Systems Administrator", "Service Desk Agent", "Backup Administrator", "Endpoint Engineer"],
        teams: &["service-desk", "backup", "endpoints"] },
    Facts { department: Department::Warehouse, label: "Warehouse", slug: "warehouse", weight: 160,
        titles: &["Picker", "Forklift Operator", "Inventory Controller", "Warehouse Lead", "Safety Officer"],
        teams: &["systems", "inbound", "outbound", "night-shift"] },
    Facts { department: Department::Care, label: "Customer care", slug: "customer-care", weight: 90,
        titles: &["Care Agent", "Claims Handler", "Care Team Lead", "Quality Coach"],
        teams: &["claims", "first-line", "key-accounts"] },
    Facts { department: Department::Sales, label: "Sales", slug: "sales", weight: 40,
        titles: &["Account Executive", "Sales Engineer", "Bid Manager"],
        teams: &["emea", "apac"] },
];

/// A place where people work.
pub(crate) struct Site {
    pub(crate) name: &'static str,
    pub(crate) slug: &'static str,
    /// ISO 3166-1 alpha-2 (RFC 7643 §4.1.2, `addresses.country`).
    pub(crate) country: &'static str,
    /// IANA time zone name.
    pub(crate) zone: &'static str,
    pub(crate) street: &'static str,
    pub(crate) postal: &'static str,
    /// Country calling code, for telephone numbers from ranges that are never given out where there is one.
    pub(crate) dial: &'static str,
}

#[rustfmt::skip]
pub(crate) const SITES: &[Site] = &[
    Site { name: "Gdańsk", slug: "gdansk", country: "PL", zone: "Europe/Warsaw", street: "ul. Portowa 7", postal: "80-001", dial: "48" },
    Site { name: "Rotterdam", slug: "rotterdam", country: "NL", zone: "Europe/Amsterdam", street: "Waalhavenkade 112", postal: "3011 AA", dial: "31" },
    Site { name: "Hamburg", slug: "hamburg", country: "DE", zone: "Europe/Berlin", street: "Große Elbstraße 9", postal: "20095", dial: "49" },
    Site { name: "Lagos", slug: "lagos", country: "NG", zone: "Africa/Lagos", street: "12 Wharf Road, Apapa", postal: "101001", dial: "234" },
    Site { name: "Singapore", slug: "singapore", country: "SG", zone: "Asia/Singapore", street: "3 Keppel Way", postal: "018960", dial: "65" },
    Site { name: "부산", slug: "busan", country: "KR", zone: "Asia/Seoul", street: "중앙대로 206", postal: "48720", dial: "82" },
    Site { name: "Київ", slug: "kyiv", country: "UA", zone: "Europe/Kyiv", street: "вул. Набережна 4", postal: "01001", dial: "380" },
    Site { name: "Dublin", slug: "dublin", country: "IE", zone: "Europe/Dublin", street: "1 Alexandra Quay", postal: "D01 X2P1", dial: "353" },
    Site { name: "თბილისი", slug: "tbilisi", country: "GE", zone: "Asia/Tbilisi", street: "სადგურის მოედანი 2", postal: "0101", dial: "995" },
    Site { name: "Santos", slug: "santos", country: "BR", zone: "America/Sao_Paulo", street: "Av. Conselheiro Nébias 80", postal: "11010-000", dial: "55" },
    Site { name: "Honolulu", slug: "honolulu", country: "US", zone: "Pacific/Honolulu", street: "40 Sand Island Access Rd", postal: "96819", dial: "1" },
    Site { name: "Bengaluru", slug: "bengaluru", country: "IN", zone: "Asia/Kolkata", street: "14 Old Airport Road", postal: "560001", dial: "91" },
    Site { name: "กรุงเทพฯ", slug: "bangkok", country: "TH", zone: "Asia/Bangkok", street: "88 ถนนเจริญกรุง", postal: "10100", dial: "66" },
    Site { name: "Valparaíso", slug: "valparaiso", country: "CL", zone: "America/Santiago", street: "Av. Errázuriz 25", postal: "2340000", dial: "56" },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn departments_stand_where_their_number_says_and_share_out_everyone() {
        for (place, facts) in DEPARTMENTS.iter().enumerate() {
            assert_eq!(facts.department as usize, place);
        }
        assert_eq!(DEPARTMENTS.iter().map(|facts| facts.weight).sum::<usize>(), 1000);
    }
}
