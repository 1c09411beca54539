/** All sources, or one. */
import { Check, ChevronDown } from "lucide-react";
import { Button, ListBox, ListBoxItem, Popover, Select, SelectValue } from "react-aria-components";
import type { Source } from "../ipc";
import { buttonClass } from "./controls";
import { SourceMark } from "./marks";
import parts from "./parts.module.css";

export const SourcePicker = ({ sources, value, onChange }: { sources: readonly Source[]; value: number | null; onChange: (id: number | null) => void }) => (
  <Select aria-label="Source" value={value === null ? "all" : String(value)} onChange={(id) => onChange(id === "all" || id === null ? null : Number(id))}>
    <Button className={buttonClass()}>
      <SelectValue>{({ selectedText }) => selectedText}</SelectValue>
      <ChevronDown className="s" />
    </Button>
    <Popover className={parts.popover}>
      <ListBox className={parts.menu}>
        <ListBoxItem id="all" className={parts.menuItem} textValue="All sources">
          <Check className={parts.tick} />
          All sources
        </ListBoxItem>
        {sources.map((source) => (
          <ListBoxItem key={source.id} id={String(source.id)} className={parts.menuItem} textValue={source.settings.name}>
            <Check className={parts.tick} />
            <SourceMark source={source} />
            {source.settings.name}
          </ListBoxItem>
        ))}
      </ListBox>
    </Popover>
  </Select>
);
