/** Buttons, fields and other small controls, over react-aria so that keyboard and assistive technology work everywhere. */
import { Check, Copy as CopyIcon, Search, X } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode, type Ref } from "react";
import {
  Button as AriaButton, Input, SearchField as AriaSearchField, ToggleButton, ToggleButtonGroup, Tooltip as AriaTooltip, TooltipTrigger,
  type ButtonProps as AriaButtonProps, type Key,
} from "react-aria-components";
import { ago, exactTime, stamp } from "./format";
import { useNow } from "./now";
import parts from "./parts.module.css";

export type Variant = "plain" | "primary" | "danger" | "dangerFill" | "quiet";

interface ButtonProps extends Omit<AriaButtonProps, "className" | "children"> {
  variant?: Variant;
  small?: boolean;
  icon?: ReactNode;
  children: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

export const buttonClass = (variant: Variant = "plain", small = false) => `${parts.btn} ${variant === "plain" ? "" : (parts[variant] ?? "")} ${small ? parts.small : ""}`;

export const Button = ({ variant, small, icon, children, ...rest }: ButtonProps) => (
  <AriaButton {...rest} className={buttonClass(variant, small)}>
    {icon}
    {children}
  </AriaButton>
);

export function Tooltip({ text, children }: { text: ReactNode; children: ReactNode }) {
  return (
    <TooltipTrigger delay={500} closeDelay={0}>
      {children}
      <AriaTooltip className={parts.tooltip} offset={6}>
        {text}
      </AriaTooltip>
    </TooltipTrigger>
  );
}

interface IconButtonProps extends Omit<AriaButtonProps, "className" | "children"> {
  label: string;
  keys?: string;
  tiny?: boolean;
  pressed?: boolean;
  children: ReactNode;
}

export const IconButton = ({ label, keys, tiny = false, pressed, children, ...rest }: IconButtonProps) => (
  <Tooltip text={keys ? `${label} (${keys})` : label}>
    <AriaButton {...rest} aria-label={label} aria-pressed={pressed} className={`${parts.iconBtn} ${tiny ? parts.tiny : ""}`}>
      {children}
    </AriaButton>
  </Tooltip>
);

/** Writes to the clipboard and says so for a moment. */
export function CopyButton({ text, what, shown = false }: { text: string; what: string; shown?: boolean }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 1_400);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <AriaButton className={`${parts.copy} ${shown || done ? parts.copyShown : ""}`} aria-label={done ? `Copied ${what}` : `Copy ${what}`} onPress={() => void copyText(text).then(setDone)}>
      {done ? <Check className="x" /> : <CopyIcon className="x" />}
    </AriaButton>
  );
}

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A web view without clipboard access still copies what is selected.
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    // The only way left where the asynchronous clipboard is shut.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** An identifier: monospace, with a button to copy it. */
export const Id = ({ text, what = "id", shown }: { text: string; what?: string; shown?: string }) => (
  <span className={parts.id}>
    <code title={shown === undefined ? undefined : text}>{shown ?? text}</code>
    <CopyButton text={text} what={what} />
  </span>
);

/** A moment: relative, with the exact time on hover. */
export function Time({ at, form = "ago", none = "never" }: { at: number | null | undefined; form?: "ago" | "stamp"; none?: string }) {
  const now = useNow();
  if (at === null || at === undefined) return <span>{none}</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {form === "ago" ? ago(at, now) : stamp(at, now)}
    </time>
  );
}

interface SearchProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
  placeholder?: string;
  /** Whether "/" puts the focus here. */
  slash?: boolean;
  onDown?: () => void;
}

export function SearchField({ label, value, onChange, placeholder = "Search", slash = false, onDown }: SearchProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <AriaSearchField
      aria-label={label}
      value={value}
      onChange={onChange}
      className={parts.field}
      onKeyDown={(event) => {
        if (event.key === "ArrowDown" && onDown) {
          event.preventDefault();
          onDown();
        } else if (event.key === "Escape" && value === "") input.current?.blur();
        event.continuePropagation();
      }}
    >
      <Search className="s" />
      <Input ref={input} placeholder={placeholder} data-search={slash || undefined} spellCheck={false} autoComplete="off" />
      {value !== "" && (
        <AriaButton className={`${parts.iconBtn} ${parts.tiny}`} aria-label="Clear the search">
          <X className="x" />
        </AriaButton>
      )}
    </AriaSearchField>
  );
}

interface SegmentsProps<T extends string> {
  label: string;
  value: T;
  options: readonly { id: T; text: string; icon?: ReactNode }[];
  onChange: (value: T) => void;
}

/** One of a few. */
export function Segments<T extends string>({ label, value, options, onChange }: SegmentsProps<T>) {
  return (
    <ToggleButtonGroup
      aria-label={label}
      className={parts.seg}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={(chosen: Set<Key>) => {
        const [first] = chosen;
        const option = options.find((o) => o.id === first);
        if (option) onChange(option.id);
      }}
    >
      {options.map((option) => (
        <ToggleButton key={option.id} id={option.id}>
          {option.icon}
          {option.text}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
