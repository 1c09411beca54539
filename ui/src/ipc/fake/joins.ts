/** The synthetic company's joins: a few cases that nobody but a person can decide, and decisions that were made. */
import type { Ambiguity } from "../types/Ambiguity";
import type { JoinDecision } from "../types/JoinDecision";
import type { JoinDraft } from "../types/JoinDraft";
import type { Joins } from "../types/Joins";
import type { JoinSubject } from "../types/JoinSubject";
import type { FakePerson } from "./company";

interface JoinWorld {
  people: FakePerson[];
  decisions: JoinDecision[];
}

/** Moves the accounts of one person to another, or an account to a person of its own. */
function apply({ people }: JoinWorld, { verb, one, other }: JoinDraft) {
  const holder = (key: string) => people.find((p) => p.accounts.some((a) => `${a.source}.${a.id}` === key));
  const [a, b] = [holder(one), holder(other)];
  if (!a || !b) return;
  if (verb === "join" && a !== b) a.accounts.push(...b.accounts.splice(0));
  if (verb === "separate" && a === b) {
    const apart = a.accounts.filter((x) => `${x.source}.${x.id}` === other);
    a.accounts = a.accounts.filter((x) => !apart.includes(x));
    people.push({ ...a, key: other, accounts: apart, groups: [] });
  }
}

export function joinHandlers(world: () => JoinWorld) {
  const people = () => world().people;
  const subject = (key: string): JoinSubject => {
    const person = people().find((p) => p.accounts.some((a) => `${a.source}.${a.id}` === key));
    return { key, source: Number(key.split(".")[0]), name: person?.name ?? key, detail: person?.userName ?? "" };
  };
  const cases = (): Ambiguity[] => {
    const keys = people().slice(2, 7).flatMap((p) => p.accounts.slice(0, 1).map((a) => `${a.source}.${a.id}`));
    const [a, b, c, d, e] = keys;
    if (a === undefined || b === undefined || c === undefined || d === undefined || e === undefined) return [];
    return [
      { kind: "account", rule: "backstageName", value: "bob.builder", subjects: [subject(a), subject(b), subject(c)] },
      { kind: "account", rule: "email", value: "shared@halcyon.example", subjects: [subject(d), subject(e)] },
    ];
  };
  return {
    joins: (): Joins => {
      const open = cases().filter((one) => !world().decisions.some((d) => one.subjects.some((s) => s.key === d.one.key) && one.subjects.some((s) => s.key === d.other.key)));
      return {
        ambiguous: open, ambiguousTotal: open.length, decisions: world().decisions,
        byRule: [{ rule: "externalId", kind: "account", count: 88 }, { rule: "email", kind: "account", count: 212 }, { rule: "displayName", kind: "group", count: 31 }],
        generation: 1,
      };
    },
    decide_join: (args: Record<string, unknown>) => {
      const draft = args["draft"] as JoinDraft;
      const now = world();
      now.decisions = now.decisions.filter((d) => d.one.key !== draft.one || d.other.key !== draft.other);
      if (draft.verb !== "forget") {
        now.decisions = [{ seq: now.decisions.length + 1, kind: draft.kind, verb: draft.verb, one: subject(draft.one), other: subject(draft.other), reason: draft.reason, by: "ines", at: Date.now(), inForce: true }, ...now.decisions];
        if (draft.kind === "account") apply(now, draft);
      }
      return null;
    },
  };
}
