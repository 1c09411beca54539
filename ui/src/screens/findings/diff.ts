/** The lines of a unified diff with what each does; the heads of files are neither added nor taken away. */
export function diffLines(text: string): { sign: "+" | "-" | " "; text: string }[] {
  const lines = text.split("\n");
  return lines.map((line, n) => {
    const sign = line.startsWith("+") && !line.startsWith("+++") ? "+" : line.startsWith("-") && !line.startsWith("---") ? "-" : " ";
    return { sign, text: n === lines.length - 1 ? line : `${line}\n` };
  });
}
