import { describe, expect, it } from "vitest";
import { clampOffset, fitColumns, MAX_SCROLL, revealOffset, scrollSpace, toReal, toVirtual, visibleRows } from "./virtual";
import { pagesOf } from "./useWindowed";

const ROW = 32;
const VIEW = 640;

describe("the scroll space", () => {
  it("is the rows' own height while browsers can hold it", () => {
    const space = scrollSpace(100_000, ROW);
    expect(space).toEqual({ virtual: 3_200_000, real: 3_200_000, scaled: false });
    expect(toVirtual(space, 12_345, VIEW)).toBe(12_345);
  });
  it("is scaled for a million rows, and reaches both ends exactly", () => {
    const space = scrollSpace(1_000_000, ROW);
    expect(space.real).toBe(MAX_SCROLL);
    expect(toVirtual(space, 0, VIEW)).toBe(0);
    expect(toVirtual(space, space.real - VIEW, VIEW)).toBe(space.virtual - VIEW);
  });
  it("goes there and back for every row", () => {
    const space = scrollSpace(1_000_000, ROW);
    for (let row = 0; row < 1_000_000 - VIEW / ROW; row += 9_973) {
      const offset = row * ROW;
      expect(toVirtual(space, toReal(space, offset, VIEW), VIEW)).toBeCloseTo(offset, 3);
    }
  });
  it("never leaves its ends", () => {
    const space = scrollSpace(1_000_000, ROW);
    expect(clampOffset(space, -5, VIEW)).toBe(0);
    expect(clampOffset(space, 1e12, VIEW)).toBe(space.virtual - VIEW);
    expect(clampOffset(scrollSpace(3, ROW), 50, VIEW)).toBe(0);
  });
});

describe("the rows in view", () => {
  it("cover the view with some to spare, within the list", () => {
    expect(visibleRows(0, VIEW, ROW, 1_000)).toEqual({ first: 0, end: 28 });
    expect(visibleRows(3_200, VIEW, ROW, 1_000)).toEqual({ first: 92, end: 128 });
    expect(visibleRows(31_360, VIEW, ROW, 1_000)).toEqual({ first: 972, end: 1_000 });
    expect(visibleRows(0, VIEW, ROW, 0)).toEqual({ first: 0, end: 0 });
  });
  it("touch two pages at most", () => {
    expect(pagesOf(0, 60, 200)).toEqual([0, 0]);
    expect(pagesOf(180, 240, 200)).toEqual([0, 1]);
    expect(pagesOf(200, 200, 200)).toEqual([1, 1]);
    expect(pagesOf(140, 200, 200)).toEqual([0, 0]);
  });
  it("are brought into view with the least movement", () => {
    expect(revealOffset(5, 0, VIEW, ROW)).toBeNull();
    expect(revealOffset(20, 0, VIEW, ROW)).toBe(32);
    expect(revealOffset(2, 320, VIEW, ROW)).toBe(64);
  });
});

describe("columns", () => {
  const columns = [
    { id: "name", min: 200, rank: 0 },
    { id: "mail", min: 200, rank: 3 },
    { id: "groups", min: 60, rank: 1 },
    { id: "unit", min: 120, rank: 2 },
  ];
  it("leave from the least needed on, and keep their order", () => {
    expect(fitColumns(columns, 600).map((c) => c.id)).toEqual(["name", "mail", "groups", "unit"]);
    expect(fitColumns(columns, 400).map((c) => c.id)).toEqual(["name", "groups", "unit"]);
    expect(fitColumns(columns, 50).map((c) => c.id)).toEqual(["name"]);
  });
});
