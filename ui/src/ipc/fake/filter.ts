/** A small stand-in for the engine's SCIM filter: enough grammar for tests and for looking at the box. */
import type { FilterCheck } from "../types/FilterCheck";
import type { FilterCompletion } from "../types/FilterCompletion";
import type { FilterProblem } from "../types/FilterProblem";
import type { FilterToken } from "../types/FilterToken";

type Test = (field: (path: string) => string | boolean | null) => boolean;

const OPERATORS: Record<string, string> = {
  eq: "is exactly", ne: "is not", co: "contains", sw: "starts with", ew: "ends with", pr: "has a value", gt: "is after or more", ge: "is at least", lt: "is before or less", le: "is at most",
};
const ATTRIBUTES: Record<string, string> = {
  userName: "text", displayName: "text", "name.familyName": "text", "name.givenName": "text", active: "true or false", title: "text",
  userType: "text", externalId: "text", "emails.value": "text", department: "text", roles: "list", entitlements: "list", "meta.lastModified": "time",
};

interface Cut extends FilterToken {
  text: string;
}

function cut(text: string): { tokens: Cut[]; problem: FilterProblem | null } {
  const tokens: Cut[] = [];
  const pattern = /\s+|"(?:[^"\\]|\\.)*"|[()[\]]|[^\s()[\]"]+|"/g;
  for (const match of text.matchAll(pattern)) {
    const part = match[0];
    const start = match.index;
    if (/^\s/.test(part)) continue;
    const end = start + part.length;
    if (part === '"') return { tokens, problem: { start, end: text.length, message: "This text is not closed: a \" is missing at its end." } };
    const lower = part.toLowerCase();
    const kind = part.startsWith('"') || /^(true|false|null|-?\d.*)$/.test(lower) ? "value" : /^[()[\]]$/.test(part) ? "bracket" : /^(and|or|not)$/.test(lower) ? "keyword" : lower in OPERATORS ? "operator" : "attribute";
    tokens.push({ start, end, kind, text: part });
  }
  return { tokens, problem: null };
}

class Wrong extends Error {
  constructor(readonly problem: FilterProblem) {
    super(problem.message);
  }
}

function parse(text: string, tokens: Cut[]): Test {
  let at = 0;
  const here = () => tokens[at];
  const fail = (message: string): never => {
    const token = here();
    throw new Wrong({ start: token?.start ?? text.length, end: token?.end ?? text.length, message });
  };
  const word = (value: string) => here()?.text.toLowerCase() === value;

  function or(): Test {
    let left = and();
    while (word("or")) {
      at += 1;
      const before = left;
      const right = and();
      left = (field) => before(field) || right(field);
    }
    return left;
  }
  function and(): Test {
    let left = one();
    while (word("and")) {
      at += 1;
      const before = left;
      const right = one();
      left = (field) => before(field) && right(field);
    }
    return left;
  }
  function one(): Test {
    const token = here();
    if (token === undefined) return fail("Something is missing here: an attribute, such as userName.");
    if (word("not")) {
      at += 1;
      const inner = one();
      return (field) => !inner(field);
    }
    if (token.text === "(") {
      at += 1;
      const inner = or();
      if (here()?.text !== ")") return fail("A closing bracket ) is missing here.");
      at += 1;
      return inner;
    }
    if (token.kind !== "attribute") return fail("An attribute is wanted here, such as userName.");
    at += 1;
    const operator = here()?.text.toLowerCase();
    if (operator === undefined || !(operator in OPERATORS)) return fail(`An operator is wanted after ${token.text}: eq, ne, co, sw, ew, pr, gt, ge, lt or le.`);
    at += 1;
    const path = token.text;
    if (operator === "pr") return (field) => field(path) !== null;
    const value = here();
    if (value?.kind !== "value") return fail("A value is wanted here: text in \"quotes\", true, false or a number.");
    at += 1;
    const wanted = value.text.replace(/^"|"$/g, "").toLowerCase();
    return (field) => {
      const held = field(path);
      if (held === null) return operator === "ne";
      const has = String(held).toLowerCase();
      switch (operator) {
        case "eq": return has === wanted;
        case "ne": return has !== wanted;
        case "co": return has.includes(wanted);
        case "sw": return has.startsWith(wanted);
        case "ew": return has.endsWith(wanted);
        case "gt": return has > wanted;
        case "ge": return has >= wanted;
        case "lt": return has < wanted;
        default: return has <= wanted;
      }
    };
  }
  const test = or();
  if (at < tokens.length) fail("This does not follow: and, or, or the end is wanted here.");
  return test;
}

export function compile(text: string): { test: Test | null; problem: FilterProblem | null } {
  const { tokens, problem } = cut(text);
  if (problem) return { test: null, problem };
  if (tokens.length === 0) return { test: () => true, problem: null };
  try {
    return { test: parse(text, tokens), problem: null };
  } catch (error) {
    if (error instanceof Wrong) return { test: null, problem: error.problem };
    throw error;
  }
}

export function check(text: string, caret: number): FilterCheck {
  const { tokens } = cut(text);
  const { problem } = compile(text);
  const known = new Set(Object.keys(ATTRIBUTES).map((name) => name.toLowerCase()));
  const warnings = tokens
    .filter((token) => token.kind === "attribute" && token.end < caret && !known.has(token.text.toLowerCase()))
    .map((token) => ({ start: token.start, end: token.end, message: `No source's schema knows ${token.text}; nothing will match it.` }));
  return { ok: problem === null, error: problem, warnings, completions: complete(text, tokens, caret), tokens: tokens.map(({ start, end, kind }) => ({ start, end, kind })) };
}

function complete(text: string, tokens: Cut[], caret: number): FilterCompletion[] {
  const current = tokens.find((token) => token.start < caret && token.end >= caret);
  const typed = current ? text.slice(current.start, caret).toLowerCase() : "";
  const start = current?.start ?? caret;
  const end = current?.end ?? caret;
  const before = tokens.filter((token) => token.end <= start).at(-1);
  if (typed.startsWith('"')) return [];
  const of = (entries: Record<string, string>, kind: string) =>
    Object.entries(entries)
      .filter(([name]) => name.toLowerCase().startsWith(typed) && name.toLowerCase() !== typed)
      .map(([name, note]) => ({ insert: `${name} `, kind, note, start, end }));
  if (before === undefined || before.kind === "keyword" || before.text === "(") return of(ATTRIBUTES, "attribute");
  if (before.kind === "attribute") return of(OPERATORS, "operator");
  if (before.kind === "operator" && before.text.toLowerCase() !== "pr") return before.text && typed === "" ? [] : of({ true: "", false: "" }, "value");
  return of({ and: "both must hold", or: "either may hold" }, "keyword");
}
