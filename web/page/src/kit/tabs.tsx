import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "./cn.ts";

export type Tab = { value: string; label: ReactNode; content: ReactNode };

export function Tabs({
  value,
  tabs,
  label,
  className,
  onChange,
}: {
  value: string;
  tabs: Tab[];
  label: string;
  className?: string;
  onChange: (value: string) => void;
}) {
  return (
    <Radix.Root value={value} onValueChange={onChange} className={cn("flex flex-col", className)}>
      <div className="shrink-0 border-b">
        {/* Wider than what is under it by the room that the mark of the focus takes around a word. */}
        <Radix.List aria-label={label} className="-mx-1 -mb-px flex gap-4 overflow-x-auto px-1">
          {tabs.map((tab) => (
            <Radix.Trigger
              key={tab.value}
              value={tab.value}
              className="whitespace-nowrap border-transparent border-b-2 py-2 font-medium text-muted outline-none hover:text-ink data-[state=active]:border-accent data-[state=active]:text-ink"
            >
              <span className="rounded-xs outline-accent outline-offset-2 in-focus-visible:outline-2">
                {tab.label}
              </span>
            </Radix.Trigger>
          ))}
        </Radix.List>
      </div>
      {tabs.map((tab) => (
        <Radix.Content key={tab.value} value={tab.value} className="min-h-0 flex-1 outline-none">
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
