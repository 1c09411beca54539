/** A text field whose text also stands in the address: what was typed is not undone by its own echo. */
import { useState } from "react";

export function useOwnText(value: string) {
  const [text, setText] = useState(value);
  const [seen, setSeen] = useState(value);
  const [sent, setSent] = useState<readonly string[]>([]);

  if (seen !== value) {
    setSeen(value);
    const echo = sent.indexOf(value);
    // The address changes a little after it was asked to, while typing may go on: only a change from elsewhere counts.
    if (echo < 0) setText(value);
    else setSent(sent.slice(echo + 1));
  }
  return { text, setText, /** Remembers what is about to be put into the address. */ send: (next: string) => setSent((was) => [...was, next].slice(-8)) };
}
