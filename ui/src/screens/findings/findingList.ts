/** What the list of findings shows is in its address. */
import type { FindingQuery, FindingState, RuleArea, RuleState, Severity } from "../../ipc";
import { AREAS, FINDING_STATES, findingQuery, SEVERITIES } from "../../components/findingWords";
import { since } from "../../components/spans";

/** Grouped by rule, or one list by severity. */
export type FindingView = "rules" | "list";

export interface FindingAsk {
  view: FindingView;
  search: string;
  severities: Severity[];
  area: RuleArea | null;
  source: number | null;
  state: FindingState;
  /** Days; only what came since. */
  fresh: number | null;
  rule: string | null;
  about: string | null;
  newest: boolean;
}

const some = <T extends string>(value: string | null, all: readonly T[]): T | null => all.find((one) => one === value) ?? null;

const natural = (value: string | null): number | null => (value !== null && /^[1-9]\d{0,3}$/.test(value) ? Number(value) : null);

/** What an address asks for. What it says wrongly counts as not said. */
export function parseAsk(params: URLSearchParams): FindingAsk {
  const asked = params.get("severity")?.split(",") ?? [];
  return {
    view: params.get("view") === "list" || params.get("rule") !== null || params.get("about") !== null ? "list" : "rules",
    search: params.get("q") ?? "",
    severities: SEVERITIES.filter((s) => asked.includes(s)),
    area: some(params.get("area"), AREAS),
    source: natural(params.get("source")),
    state: some(params.get("state"), FINDING_STATES) ?? "open",
    fresh: natural(params.get("new")),
    rule: params.get("rule"),
    about: params.get("about"),
    newest: params.get("sort") === "newest",
  };
}

/** Whether anything is left out besides what is not open. */
export const narrowed = (ask: FindingAsk): boolean =>
  ask.search !== "" || ask.severities.length > 0 || ask.area !== null || ask.source !== null || ask.state !== "open" || ask.fresh !== null || ask.rule !== null || ask.about !== null;

/** The engine's question. */
export const queryOf = (ask: FindingAsk, now: number): FindingQuery =>
  findingQuery({
    rules: ask.rule === null ? [] : [ask.rule],
    severities: ask.severities,
    area: ask.area,
    source: ask.source,
    states: [ask.state],
    newSince: ask.fresh === null ? null : since(ask.fresh, now),
    about: ask.about,
    search: ask.search,
    sort: ask.newest ? "newest" : "severity",
  });

/** The address's search part without the narrowings. */
export const CLEARED: Record<string, null> = { q: null, severity: null, area: null, source: null, state: null, new: null, rule: null, about: null };

/** The severities after one was pressed, as the address writes them. */
export function toggled(severities: readonly Severity[], pressed: Severity): string | null {
  const next = SEVERITIES.filter((s) => (s === pressed ? !severities.includes(s) : severities.includes(s)));
  return next.length === 0 || next.length === SEVERITIES.length ? null : next.join(",");
}

const rank = (severity: Severity | null): number => (severity === null ? SEVERITIES.length : SEVERITIES.indexOf(severity));

/** The rules with something to tell, the worst first; then what could not be evaluated, what found nothing, and what was not asked. */
export interface Shelves {
  found: RuleState[];
  notEvaluated: RuleState[];
  clear: RuleState[];
  notAsked: RuleState[];
}

export function shelve(rules: readonly RuleState[]): Shelves {
  const found = rules.filter((r) => r.open > 0).sort((a, b) => rank(a.worst) - rank(b.worst) || b.open - a.open || a.rule.title.localeCompare(b.rule.title));
  const rest = rules.filter((r) => r.open === 0);
  return {
    found,
    notEvaluated: rest.filter((r) => r.evaluated === "not" || r.evaluated === "partly"),
    clear: rest.filter((r) => r.evaluated === "fully"),
    notAsked: rest.filter((r) => r.evaluated === "off" || r.evaluated === "nothingToAsk"),
  };
}
