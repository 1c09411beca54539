/** The SCIM filter box: colours, completion in place, and errors under the place where they are. */
import { ListFilter, TriangleAlert, X } from "lucide-react";
import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import { api, type FilterCheck, type FilterProblem } from "../ipc";
import { IconButton } from "./controls";
import styles from "./FilterBox.module.css";
import { sentence } from "./format";
import { useOwnText } from "./useOwnText";

interface Props {
  resource: "User" | "Group";
  /** The filter that the list shows; null for none. */
  value: string | null;
  onApply: (filter: string | null) => void;
  /** How many match, for assistive technology. */
  matches: number;
}

/** A filter that is whole is applied after this pause. */
const APPLY_AFTER_MS = 300;
/** What is wrong is shown after this pause, not between two keys. */
const COMPLAIN_AFTER_MS = 600;

interface Checked {
  text: string;
  caret: number;
  check: FilterCheck;
}

export function FilterBox({ resource, value, onApply, matches }: Props) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const under = useRef<HTMLDivElement>(null);
  const place = useRef<HTMLElement>(null);
  const { text, setText, send } = useOwnText(value ?? "");
  const [caret, setCaret] = useState(0);
  const [checked, setChecked] = useState<Checked | null>(null);
  const [focused, setFocused] = useState(false);
  const [shut, setShut] = useState(false);
  const [chosen, setChosen] = useState<number | null>(null);
  const [complained, setComplained] = useState<string | null>(null);
  const [mark, setMark] = useState({ left: 0, width: 8 });

  useEffect(() => {
    if (text === "" && !focused) return;
    let late = false;
    void api.checkFilter(resource, text, caret).then(
      (check) => {
        if (!late) setChecked({ text, caret, check });
      },
      () => undefined,
    );
    return () => {
      late = true;
    };
  }, [resource, text, caret, focused]);

  const check = checked !== null && checked.text === text ? checked.check : null;

  useEffect(() => {
    const timer = setTimeout(() => setComplained(text), COMPLAIN_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);

  const apply = (next: string) => {
    const trimmed = next.trim() === "" ? null : next.trim();
    if (trimmed === value) return;
    send(trimmed ?? "");
    onApply(trimmed);
  };

  useEffect(() => {
    if (!focused) return;
    if (text.trim() !== "" && !check?.ok) return;
    const timer = setTimeout(() => apply(text), APPLY_AFTER_MS);
    return () => clearTimeout(timer);
    // Only a new text or its verdict starts the pause again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [text, check?.ok, focused]);

  const complain = complained === text;

  const completions = focused && !shut && check !== null && checked?.caret === caret ? check.completions : [];
  const open = completions.length > 0 && (text !== "" || chosen !== null);
  // What is missing at the caret is what the completions offer: no complaint about that.
  const error = text.trim() !== "" && complain ? (check?.error ?? null) : null;
  const problem: FilterProblem | null = open && error !== null && error.end >= text.trimEnd().length ? null : error;
  const warning = problem === null && complain ? (check?.warnings[0] ?? null) : null;
  const marked = problem ?? warning;
  const best = completions[chosen ?? 0];
  const ghost = open && best && caret === text.length ? best.insert.slice(caret - best.start) : "";
  const fits = open && best !== undefined && best.insert.toLowerCase().startsWith(text.slice(best.start, caret).toLowerCase());

  const follow = () => {
    if (under.current && input.current) under.current.scrollLeft = input.current.scrollLeft;
  };
  useLayoutEffect(() => {
    follow();
    const found = place.current;
    if (found && under.current) setMark({ left: found.offsetLeft - under.current.scrollLeft, width: Math.max(8, found.offsetWidth) });
  }, [text, caret, marked?.start, marked?.end, checked]);

  const note = () => {
    setCaret(input.current?.selectionStart ?? 0);
    follow();
  };

  const accept = (index: number) => {
    const completion = completions[index];
    if (!completion) return;
    const next = text.slice(0, completion.start) + completion.insert + text.slice(completion.end);
    const at = completion.start + completion.insert.length;
    setText(next);
    setCaret(at);
    setChosen(null);
    requestAnimationFrame(() => {
      input.current?.setSelectionRange(at, at);
      if (input.current) input.current.scrollLeft = input.current.scrollWidth;
      follow();
    });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Tab" && !event.shiftKey && open) {
      event.preventDefault();
      accept(chosen ?? 0);
    } else if (event.key === "ArrowDown" && completions.length > 0) {
      event.preventDefault();
      setChosen(chosen === null ? 0 : Math.min(completions.length - 1, chosen + 1));
    } else if (event.key === "ArrowUp" && open) {
      event.preventDefault();
      setChosen(Math.max(0, (chosen ?? 0) - 1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (chosen !== null && open) accept(chosen);
      else if (text.trim() === "" || check?.ok) {
        setShut(true);
        apply(text);
      } else {
        setShut(true);
        setComplained(text);
      }
    } else if (event.key === "Escape") {
      if (open) {
        event.stopPropagation();
        setShut(true);
        setChosen(null);
      } else input.current?.blur();
    }
  };

  const verdict = text.trim() === "" ? "no filter" : check === null ? "" : check.ok ? `valid, ${matches} match` : "not valid yet";

  return (
    <div className={styles.wrap} role="group" aria-label={`SCIM filter, ${verdict}`}>
      <div className={`${styles.box} ${problem ? styles.wrong : ""}`}>
        <ListFilter className="s" />
        <div className={styles.text}>
          <div ref={under} className={styles.under} aria-hidden="true">
            {pieces(text, check, marked).map((piece) => (
              <span key={piece.start} ref={piece.marked ? place : undefined} className={styles[piece.kind]}>
                {piece.text}
              </span>
            ))}
            {fits && <span className={styles.ghost}>{ghost}</span>}
            {marked && marked.start >= text.length && <span ref={place}> </span>}
          </div>
          <input
            ref={input}
            value={text}
            role="combobox"
            aria-label={resource === "User" ? "SCIM filter for people" : "SCIM filter for groups"}
            aria-expanded={open}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={open && chosen !== null ? `${id}-${chosen}` : undefined}
            aria-invalid={problem !== null || undefined}
            aria-describedby={marked ? `${id}-says` : undefined}
            placeholder={resource === "User" ? 'Filter: department eq "Payments" and active eq true' : 'Filter: displayName sw "payments"'}
            spellCheck={false}
            autoComplete="off"
            data-filter
            onChange={(event) => {
              setText(event.target.value);
              setCaret(event.target.selectionStart ?? event.target.value.length);
              setShut(false);
              setChosen(null);
            }}
            onSelect={note}
            onScroll={follow}
            onKeyDown={onKeyDown}
            onFocus={() => {
              setFocused(true);
              setShut(false);
            }}
            onBlur={() => {
              setFocused(false);
              setChosen(null);
              if (text.trim() === "" || check?.ok) apply(text);
            }}
          />
        </div>
        {open && fits && <kbd>Tab</kbd>}
        {text !== "" && !(open && fits) && (
          <IconButton
            tiny
            label="Clear the filter"
            onPress={() => {
              setText("");
              apply("");
            }}
          >
            <X className="x" />
          </IconButton>
        )}
      </div>
      <div className={styles.drop}>
      {marked && (
        <div id={`${id}-says`} className={`${styles.says} ${problem ? styles.saysBad : styles.saysWarn}`} role={problem ? "alert" : "status"} data-testid="filter-problem">
          <span className={styles.carets} style={{ marginInlineStart: Math.max(0, mark.left), width: mark.width }} aria-hidden="true" />
          <p>
            {warning && <TriangleAlert className="x" />}
            {sentence(marked.message)}
            {problem && value !== null && value !== text.trim() && <span className="t3"> The list still shows the last filter that could be read.</span>}
          </p>
        </div>
      )}
      <div id={`${id}-list`} role="listbox" aria-label="What could come next" className={styles.list} hidden={!open}>
        {open &&
          completions.slice(0, 12).map((completion, n) => (
            // The keys of the list are handled by the box, which holds the focus.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
            <div key={`${completion.kind}-${completion.insert}`} id={`${id}-${n}`} role="option" aria-selected={n === (chosen ?? 0)} onMouseDown={(event) => event.preventDefault()} onClick={() => accept(n)}>
              <code className={styles[completion.kind]}>{completion.insert.trim()}</code>
              <span>{completion.note}</span>
            </div>
          ))}
      </div>
      </div>
    </div>
  );
}

interface Piece {
  start: number;
  text: string;
  kind: string;
  marked: boolean;
}

/** Cuts the text at tokens and at the marked place. */
export function pieces(text: string, check: FilterCheck | null, marked: FilterProblem | null): Piece[] {
  const cuts = new Set([0, text.length]);
  for (const token of check?.tokens ?? []) {
    cuts.add(token.start);
    cuts.add(token.end);
  }
  if (marked) {
    cuts.add(marked.start);
    cuts.add(marked.end);
  }
  const at = [...cuts].filter((c) => c >= 0 && c <= text.length).sort((a, b) => a - b);
  return at.slice(0, -1).map((start, n) => {
    const end = at[n + 1] ?? text.length;
    const token = check?.tokens.find((t) => t.start <= start && t.end >= end);
    return { start, text: text.slice(start, end), kind: token?.kind ?? "plain", marked: marked !== null && start >= marked.start && end <= marked.end && start < marked.end };
  });
}
