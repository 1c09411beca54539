/** One of several, in a list that opens. */
import { Check, ChevronDown } from "lucide-react";
import { Button, ListBox, ListBoxItem, Popover, Select, SelectValue } from "react-aria-components";
import { buttonClass } from "./controls";
import parts from "./parts.module.css";

interface Props<T extends string> {
  label: string;
  value: T;
  options: readonly { id: T; text: string; note?: string }[];
  onChange: (value: T) => void;
}

export const Picker = <T extends string>({ label, value, options, onChange }: Props<T>) => (
  <Select aria-label={label} value={value} onChange={(id) => { const option = options.find((o) => o.id === id); if (option) onChange(option.id); }}>
    <Button className={buttonClass()}>
      <SelectValue>{({ selectedText }) => selectedText}</SelectValue>
      <ChevronDown className="s" />
    </Button>
    <Popover className={parts.popover}>
      <ListBox className={parts.menu}>
        {options.map((option) => (
          <ListBoxItem key={option.id} id={option.id} className={parts.menuItem} textValue={option.text}>
            <Check className={parts.tick} />
            <span>{option.text}</span>
            {option.note !== undefined && <span className="t3 xs">{option.note}</span>}
          </ListBoxItem>
        ))}
      </ListBox>
    </Popover>
  </Select>
);
