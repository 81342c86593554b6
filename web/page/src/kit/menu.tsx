import { Check } from "lucide-react";
import { DropdownMenu as Radix } from "radix-ui";
import {
  createContext,
  type ReactElement,
  type ReactNode,
  type RefObject,
  useContext,
  useRef,
} from "react";
import { cn } from "./cn.ts";
import { Kbd } from "./kbd.tsx";

/** What is to happen once the menu is closed, instead of its button having the focus again. */
const AfterClose = createContext<RefObject<(() => void) | undefined> | undefined>(undefined);

/** What opens when `trigger`, a button, is pressed: MenuItems, MenuChecks, MenuLabels, MenuLines. */
export function Menu({
  trigger,
  align = "end",
  children,
}: {
  trigger: ReactElement;
  align?: "start" | "center" | "end";
  children: ReactNode;
}) {
  const afterClose = useRef<() => void>(undefined);

  return (
    <Radix.Root>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-[var(--radix-dropdown-menu-content-available-height)] min-w-48 overflow-y-auto rounded-lg border bg-raised p-1 shadow-raised"
          onCloseAutoFocus={(event) => {
            if (afterClose.current) {
              event.preventDefault();
              afterClose.current();
              afterClose.current = undefined;
            }
          }}
        >
          <AfterClose value={afterClose}>{children}</AfterClose>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const row =
  "flex h-8 w-full cursor-pointer select-none items-center gap-2 rounded px-2 outline-none " +
  "data-[highlighted]:bg-accent-soft data-[highlighted]:text-accent-ink data-[disabled]:opacity-50 [&_svg]:size-4";

/** `takesFocus`: what is selected has the focus then, such as a box to type in. */
export function MenuItem({
  onSelect,
  takesFocus,
  keys,
  danger,
  disabled,
  asChild,
  children,
}: {
  onSelect?: () => void;
  takesFocus?: boolean;
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  asChild?: boolean;
  children: ReactNode;
}) {
  const afterClose = useContext(AfterClose);
  const select = () => {
    if (takesFocus && afterClose) {
      afterClose.current = onSelect;
    } else {
      onSelect?.();
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

/** Stays open, since several are checked one after another. */
export function MenuCheck({
  checked,
  onChange,
  children,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
}) {
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

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2 py-1 text-muted text-xs">{children}</Radix.Label>;
}

export function MenuLine() {
  return <Radix.Separator className="my-1 h-px bg-line" />;
}
