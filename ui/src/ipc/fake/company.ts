/** A synthetic company for tests and `dev:fake`: the same every time, with names from many scripts. */
import type { AccountType } from "../types/AccountType";

export interface FakeAccount {
  source: number;
  id: string;
  active: boolean;
  name: string;
  email: string;
  department: string | null;
  title: string | null;
  unconfirmed: boolean;
}

export interface FakePerson {
  key: string;
  name: string;
  userName: string;
  email: string;
  title: string | null;
  department: string | null;
  type: AccountType;
  accounts: FakeAccount[];
  groups: number[];
  roles: number;
  changedAt: number;
}

export interface FakeGroup {
  key: string;
  name: string;
  people: number[];
  nested: number[];
  parents: number[];
  downstream: boolean;
  changedAt: number;
}

const NAMES = [
  "Adaeze Ọkáfọ̀", "Siobhán Ní Dhomhnaill", "דניאל לוי", "Рустам Алиев", "Αθηνά Παπαδοπούλου", "Олена Шевченко", "田中 美咲",
  "Łukasz Wójcik", "نور الهاشمي", "Nguyễn Thị Hạnh", "김서연", "Tomáš Dvořák", "दीपिका नायर", "ሰላም ተስፋዬ", "ณัฐพล ศรีสุข",
  "Mehmet Çağrı Yıldız", "Ximena Muñoz-Ibáñez", "José Ignacio Echeverría de la Fuente", "Thandiwe Mokoena", "Giorgi ბერიძე",
  "Anne-Sofie Ødegård", "O’Connor, Róisín", "சுதா ராமன்", "Նարե Պետրոսյան", "王 小明", "Þórdís Jónsdóttir", "Kwame Nkrumah-Mensah",
  "فاطمة بنت عبد الله", "Zoë van der Meer", "Işıl Özgür",
];
const FIRST = ["Amara", "Bartosz", "Chidi", "Dagny", "Elif", "Farid", "Greta", "Hiroshi", "Ines", "Jelena", "Kofi", "Lena", "Mateus", "Nadia",
  "Oksana", "Pádraig", "Qadir", "Rosa", "Sven", "Tariq", "Uma", "Vikram", "Wanjiru", "Xin", "Yara", "Zuzana", "Анна", "Мария", "陽菜", "민준", "أحمد", "יעל", "Ελένη", "प्रिया"];
const LAST = ["Abara", "Bianchi", "Castellanos", "Dąbrowski", "Eriksen", "Fernández", "García", "Hoffmann", "Ivanova", "Jørgensen", "Kovács", "Lindqvist",
  "Mwangi", "Nowak", "Oyelaran", "Petrović", "Quispe", "Rossi", "Šimková", "Takahashi", "Uzun", "Väisänen", "Williams", "Yamamoto", "Zhou", "Коваленко", "山本", "박", "الخطيب", "כהן", "Ιωάννου", "शर्मा"];
const DEPARTMENTS = ["Payments", "Platform", "Freight operations", "Data", "Finance", "Security", "People", "Customs", "Legal", "Warehouse"];
const TITLES = ["Site Reliability Engineer", "Freight Planner", "Accountant", "Data Engineer", "Customs Broker", "Product Manager", "Support Lead", "Security Analyst", "Team Lead", "Dispatcher"];
const TEAMS = ["payments-sre", "payments", "platform", "platform-admins", "backup-operators", "freight-ops", "freight-night-shift", "data-readers",
  "data-writers", "finance-emea", "finance-apac", "customs-brokers", "legal-holds", "warehouse-gdańsk", "warehouse-大阪", "warehouse-الدوحة",
  "security-on-call", "contractors", "everyone", "empty-on-purpose", "ledgerly-approvers", "ledgerly-readers", "vpn-users", "office-dublin"];

/** A small generator with a seed (mulberry32): the company is the same every time. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const hex = (seed: number, digits: number) => (Math.imul(seed + 3, 2654435761) >>> 0).toString(16).padStart(8, "0").slice(0, digits);

const DAY = 86_400_000;

export function makeCompany(count: number, now: number): { people: FakePerson[]; groups: FakeGroup[] } {
  const next = random(7);
  const pick = <T,>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;

  const groups: FakeGroup[] = [];
  for (let n = 0; n < 180; n += 1) {
    const base = TEAMS[n % TEAMS.length] ?? "team";
    groups.push({
      key: `1.g${(n + 1).toString().padStart(4, "0")}`,
      name: n < TEAMS.length ? base : `${base}-${Math.floor(n / TEAMS.length) + 1}`,
      people: [],
      nested: [],
      parents: [],
      downstream: next() < 0.55,
      changedAt: now - Math.floor(next() * 90 * DAY),
    });
  }
  const nest = (parent: number, child: number) => {
    groups[parent]?.nested.push(child);
    groups[child]?.parents.push(parent);
  };
  nest(4, 0);
  nest(1, 0);
  nest(18, 1);
  nest(18, 2);
  nest(2, 3);
  for (let n = 30; n < 60; n += 3) nest(n, n + 1);

  const people: FakePerson[] = [];
  for (let n = 0; n < count; n += 1) {
    const service = n % 97 === 41;
    const name = service ? `svc-${pick(["backup", "deploy", "report", "sync", "mail"])}-${pick(["runner", "agent", "bot"])}-${n}` : (NAMES[n] ?? `${pick(FIRST)} ${pick(LAST)}`);
    const userName = service ? name : `${n < NAMES.length ? "p" : name.normalize("NFD").replace(/[^a-zA-Z ]/g, "").trim().toLowerCase().replace(/ +/g, ".") || "user"}${n}`;
    const email = `${userName}@halcyon.example`;
    const department = service ? null : pick(DEPARTMENTS);
    const title = service ? null : pick(TITLES);
    const id = `${(n * 7919 + 1e6).toString(36)}${Math.floor(next() * 1e12).toString(36)}`;
    const gone = next() < 0.05;
    const accounts: FakeAccount[] = [{ source: 1, id, active: !gone, name, email, department, title, unconfirmed: false }];
    if (n % 50 === 49) accounts.length = 0;
    if (next() < 0.62 || accounts.length === 0) {
      const differs = next() < 0.06;
      accounts.push({
        source: 2,
        id: (470_000 + n).toString(),
        active: gone ? next() < 0.2 : next() > 0.02,
        name: differs && next() < 0.5 ? name.normalize("NFD").replace(/\p{M}/gu, "") : name,
        email,
        department: next() < 0.3 ? null : differs ? pick(DEPARTMENTS) : department,
        title,
        unconfirmed: next() < 0.01,
      });
    }
    // The portal and the tenant take their people from the provider; drawn by number, so that all else stays as it is.
    const upstream = accounts[0]?.source === 1 ? accounts[0] : undefined;
    if (upstream && n % 7 !== 2 && !service && !gone) accounts.push({ ...upstream, source: 4, id: `user:default/${userName}`, department: null, title: null });
    if (upstream && n % 11 !== 3) {
      const old = n % 83 === 7;
      accounts.push({ ...upstream, source: 5, id: `${hex(n, 8)}-4c1e-4f0e-9${hex(n + 1, 3)}-${hex(n + 2, 8)}0a9e`, name: old ? (name.split(" ").at(-1) ?? name) : name });
    }
    const memberships = new Set<number>();
    const wanted = service ? 1 : 1 + Math.floor(next() * 6);
    for (let m = 0; m < wanted; m += 1) {
      const g = Math.floor(next() * groups.length);
      if (g !== 19) memberships.add(g);
    }
    for (const g of memberships) groups[g]?.people.push(n);
    const lead = accounts[0];
    people.push({
      key: `${lead?.source ?? 1}.${lead?.id ?? id}`,
      name,
      userName,
      email,
      title,
      department,
      type: service ? "service" : "person",
      accounts,
      groups: [...memberships],
      roles: next() < 0.3 ? Math.floor(next() * 5) : 0,
      changedAt: now - Math.floor(next() ** 3 * 400 * DAY),
    });
  }
  return { people, groups };
}
