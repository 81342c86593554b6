import { Check } from "lucide-react";
import { Menu as Radix } from "radix-ui/internal";
import { createContext, type ReactNode, type RefObject, useContext, useRef } from "react";
import { cn } from "./cn.ts";
import { Kbd } from "./kbd.tsx";
import type { MenuCheckProps, MenuItemProps } from "./menu.tsx";
import type { Opened } from "./opener.tsx";

/** What was selected: it happens once the menu is closed and its button has the focus again, and may take it. */
const Selected = createContext<RefObject<(() => void) | undefined> | undefined>(undefined);

export function MenuList({
  open,
  onOpenChange,
  button,
  openedBy,
  align,
  children,
}: Opened & { align: "start" | "center" | "end"; children: ReactNode }) {
  const selected = useRef<() => void>(undefined);

  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Anchor virtualRef={button as RefObject<HTMLButtonElement>} />
      <Radix.Portal>
        <Radix.Content
          aria-labelledby={openedBy}
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-[var(--radix-popper-available-height)] min-w-48 overflow-y-auto rounded-lg border bg-raised p-1 shadow-raised"
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            button.current?.focus();
            selected.current?.();
            selected.current = undefined;
          }}
        >
          <Selected value={selected}>{children}</Selected>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const row =
  "flex h-8 w-full cursor-pointer select-none items-center gap-2 rounded px-2 outline-none " +
  "data-[highlighted]:bg-accent-soft data-[highlighted]:text-accent-ink data-[disabled]:opacity-50 [&_svg]:size-4";

export function Item({ onSelect, keys, danger, disabled, asChild, children }: MenuItemProps) {
  const selected = useContext(Selected);
  const select = () => {
    if (selected) {
      selected.current = onSelect;
    }
  };

  return (
    <Radix.Item
      className={cn(row, danger && "text-bad")}
      onSelect={select}
      disabled={disabled}
      asChild={asChild}
    >
      {asChild ? (
        children
      ) : (
        <>
          {children}
          {keys && <Kbd className="ml-auto">{keys}</Kbd>}
        </>
      )}
    </Radix.Item>
  );
}

export function CheckItem({ checked, onChange, children }: MenuCheckProps) {
  return (
    <Radix.CheckboxItem
      className={cn(row, "relative pl-8")}
      checked={checked}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
    >
      <Radix.ItemIndicator className="absolute left-2">
        <Check />
      </Radix.ItemIndicator>
      {children}
    </Radix.CheckboxItem>
  );
}
