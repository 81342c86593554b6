import { Popover as Radix } from "radix-ui";
import { type RefObject, useRef } from "react";
import { cn } from "./cn.ts";
import type { Opened } from "./opener.tsx";
import type { PopoverProps } from "./popover.tsx";

export function PopoverBox({
  open,
  onOpenChange,
  button,
  align = "start",
  className = "w-72",
  label,
  children,
}: Opened & PopoverProps) {
  /* Who pressed something else means that, and has the focus there. */
  const isLeft = useRef(false);

  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Anchor virtualRef={button as RefObject<HTMLButtonElement>} />
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className={cn(
            "z-50 max-h-[var(--radix-popover-content-available-height)] overflow-y-auto rounded-lg border bg-raised p-3 shadow-raised outline-none",
            className,
          )}
          onInteractOutside={(event) => {
            isLeft.current = true;
            /* The button closes what it opened by itself. */
            if (button.current?.contains(event.target as Node)) {
              event.preventDefault();
            }
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (!isLeft.current) {
              button.current?.focus();
            }
            isLeft.current = false;
          }}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
