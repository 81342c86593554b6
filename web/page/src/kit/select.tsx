import { Check, ChevronDown } from "lucide-react";
import { Select as Radix } from "radix-ui";
import { cn } from "./cn.ts";

export type Choice = { value: string; label: string };

/** One of a few. Radix wants no empty value: "nothing chosen" is a choice of its own, or `placeholder`. */
export function Select({
  value,
  choices,
  placeholder,
  label,
  id,
  disabled,
  className = "w-full",
  onChange,
}: {
  value: string | undefined;
  choices: Choice[];
  placeholder?: string;
  label?: string;
  id?: string;
  disabled?: boolean;
  className?: string;
  onChange: (value: string) => void;
}) {
  return (
    <Radix.Root value={value ?? ""} onValueChange={onChange} disabled={disabled}>
      <Radix.Trigger
        id={id}
        aria-label={label}
        className={cn(
          "inline-flex h-9 items-center justify-between gap-2 rounded-md border border-line-strong bg-surface px-2.5",
          "data-[placeholder]:text-muted disabled:opacity-60 [&>span]:truncate",
          className,
        )}
      >
        <Radix.Value placeholder={placeholder} />
        <Radix.Icon className="shrink-0">
          <ChevronDown className="size-4 text-muted" />
        </Radix.Icon>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          className="z-50 max-h-[var(--radix-select-content-available-height)] min-w-[var(--radix-select-trigger-width)] overflow-hidden rounded-md border bg-raised shadow-raised"
        >
          <Radix.Viewport className="p-1">
            {choices.map((choice) => (
              <Radix.Item
                key={choice.value}
                value={choice.value}
                className="relative flex h-8 cursor-pointer select-none items-center rounded pr-2 pl-7 outline-none data-[highlighted]:bg-accent-soft data-[highlighted]:text-accent-ink"
              >
                <Radix.ItemIndicator className="absolute left-1.5">
                  <Check className="size-4" />
                </Radix.ItemIndicator>
                <Radix.ItemText>{choice.label}</Radix.ItemText>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
