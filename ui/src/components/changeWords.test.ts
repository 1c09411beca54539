/** Where records lead, and what they gave and took in all. */
import { describe, expect, it } from "vitest";
import type { AccessSum, ComparedRecord } from "../ipc";
import { changesPath, consequences, recordPath } from "./changeWords";

const sum = (role: string, people: number, privileged = false): AccessSum =>
  ({ role: { key: role, name: role }, scope: { key: "scope:1:a", name: "a" }, state: "active", privileged, people }) as unknown as AccessSum;
const record = (some: Partial<ComparedRecord>): ComparedRecord => ({ source: 4, key: "4.x", address: null, resource: "User", name: "x", change: "changed", lines: [], moreLines: 0, seenAt: 1, gained: [], lost: [], ...some });

describe("a record leads", () => {
  it("to its node, and an edge to the role that it gave", () => {
    expect(recordPath(record({ address: "group:1.g" }))).toBe("/groups/1.g");
    expect(recordPath(record({ address: "assignment:4:z", resource: "RoleAssignment", gained: [sum("role:4:b", 2)] }))).toBe("/access?focus=role%3A4%3Ab");
    expect(recordPath(record({ address: "assignment:4:z", resource: "RoleAssignment" }))).toBe("/sources/4");
  });

  it("to the timeline or the source of what is no longer held", () => {
    expect(recordPath(record({}))).toBe("/people/4.x?tab=timeline");
    expect(recordPath(record({ resource: "Subscription" }))).toBe("/sources/4");
  });
});

it("the same role counts once, for the most people, privileged first", () => {
  const line = { gained: [sum("r", 3), sum("p", 1, true)], lost: [] } as unknown as ComparedRecord["lines"][number];
  const { gained } = consequences(record({ gained: [sum("r", 7)], lines: [line] }));
  expect(gained.map((g) => [g.role.key, g.people])).toEqual([["p", 1], ["r", 7]]);
});

it("the address of Changes says only what is not the standard", () => {
  expect(changesPath({ span: "1" })).toBe("/changes");
  expect(changesPath({ span: "7", view: "access" })).toBe("/changes?view=access&since=7");
  expect(changesPath({ span: "30", about: "role:4:x" })).toBe("/changes?since=30&about=role%3A4%3Ax");
});
