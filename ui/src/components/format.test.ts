import { describe, expect, it } from "vitest";
import { ago, brief, bytes, count, cutMiddle, dayHeading, duration, initial, isBareId, listed, longDay, moment, percent, plural, short, stamp } from "./format";

const NOW = new Date(2026, 10, 21, 18, 0, 0).getTime();
const MINUTE = 60_000;
const DAY = 86_400_000;

describe("times", () => {
  it("are relative while that helps, and dates afterwards", () => {
    expect(ago(NOW - 5_000, NOW)).toBe("just now");
    expect(ago(NOW - 2 * MINUTE, NOW)).toBe("2 m ago");
    expect(ago(NOW - 3 * 60 * MINUTE, NOW)).toBe("3 h ago");
    expect(ago(NOW - 5 * DAY, NOW)).toBe("5 d ago");
    expect(ago(NOW - 40 * DAY, NOW)).toBe("12 Oct");
    expect(ago(NOW - 400 * DAY, NOW)).toBe("Oct 2025");
    expect(ago(NOW + 13 * MINUTE, NOW)).toBe("in 13 m");
  });
  it("stand in columns as a time today, as days lately, else as a date", () => {
    expect(stamp(NOW - 60 * MINUTE, NOW)).toBe("17:00");
    expect(stamp(NOW - DAY, NOW)).toBe("1 d");
    expect(stamp(new Date(2026, 8, 3).getTime(), NOW)).toBe("3 Sep");
  });
  it("head the days of a timeline", () => {
    expect(dayHeading(NOW - MINUTE, NOW)).toBe("Today");
    expect(dayHeading(NOW - DAY, NOW)).toBe("Yesterday");
    expect(dayHeading(new Date(2025, 0, 2).getTime(), NOW)).toBe("Thursday 2 January 2025");
  });
  it("never run backwards", () => expect(short(-4_000)).toBe("0 s"));
});

describe("durations", () => {
  it.each([
    [340, "340 ms"],
    [4_820, "4.8 s"],
    [42_000, "42 s"],
    [84_000, "1 m 24 s"],
    [120_000, "2 m"],
    [7_500_000, "2 h 5 m"],
  ])("%i ms is %s", (ms, text) => expect(duration(ms)).toBe(text));
});

describe("numbers", () => {
  it("have separators, and words that agree", () => {
    expect(count(100_214)).toBe("100,214");
    expect(plural(1, "entry", "entries")).toBe("1 entry");
    expect(plural(2_000, "entry", "entries")).toBe("2,000 entries");
  });
  it("say 100 % only at the end", () => {
    expect(percent(999, 1000)).toBe(99);
    expect(percent(1000, 1000)).toBe(100);
    expect(percent(5, 0)).toBe(0);
  });
  it("name sizes", () => {
    expect(bytes(812)).toBe("812 B");
    expect(bytes(1_420_000)).toBe("1.4 MB");
  });
});

describe("names", () => {
  it("give their first letter in any script", () => {
    expect(initial("олена")).toBe("О");
    expect(initial("田中 美咲")).toBe("田");
    expect(initial("’O Connor")).toBe("O");
    expect(initial("e\u0301mile")).toBe("É");
    expect(initial("")).toBe("·");
  });
  it("keep both ends of a long id", () => {
    expect(cutMiddle("00u8abcdefghk2d7")).toBe("00u8…k2d7");
    expect(cutMiddle("471182")).toBe("471182");
  });
  it("are listed as in prose", () => {
    expect(listed(["a"])).toBe("a");
    expect(listed(["a", "b", "c"])).toBe("a, b and c");
  });
});

describe("moments in a sentence", () => {
  it("say no more than is needed", () => {
    expect(moment(NOW, NOW)).toBe("18:00");
    expect(moment(new Date(2026, 10, 3, 9, 12).getTime(), NOW)).toBe("3 Nov, 09:12");
    expect(moment(new Date(2024, 10, 3, 9, 12).getTime(), NOW)).toBe("3 Nov 2024, 09:12");
    expect(longDay(NOW)).toBe("Saturday 21 November, 18:00");
  });
});

describe("a name", () => {
  it("is told from an id that stands in for one", () => {
    expect(isBareId("6503C4A0-43a2-44d4-8d2d-7b9e7e268b56")).toBe(true);
    expect(isBareId("svc-6503c4a0-43a2-44d4-8d2d-7b9e7e268b56")).toBe(false);
    expect(isBareId("Atlas HR feed")).toBe(false);
  });
});

describe("numbers where there is little room", () => {
  it("are whole below ten thousand, and thousands from there on", () => {
    expect([0, 9_999, 10_000, 35_529, 90_078, 99_999, 100_004, 1_204_000].map(brief)).toEqual(["0", "9,999", "10k", "35.5k", "90.1k", "100k", "100k", "1,204k"]);
  });
});
