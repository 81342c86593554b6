import { Slot } from "radix-ui";
import {
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  type RefObject,
  useId,
  useRef,
  useState,
} from "react";
import { type OnDemand, useOnDemand } from "./on_demand.ts";

export type Opened = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** What was pressed: it is the name of what opens, whose place is beside it, and gets the focus back. */
  button: RefObject<HTMLButtonElement | null>;
  /** The id of the button. */
  openedBy: string;
};

/**
 * A button that opens a menu or a popover, whose code is fetched when somebody points at it or tabs to it. Who
 * presses it before the code is there gets what they wanted as soon as it is, unless they turn away or press Escape.
 */
export function Opener<Code>({
  trigger,
  opens,
  code,
  open,
  onOpenChange,
  children,
}: {
  trigger: ReactElement;
  opens: "menu" | "dialog";
  code: OnDemand<Code>;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  children: (code: Code, opened: Opened) => ReactNode;
}) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const [isNear, setNear] = useState(false);
  const [own, setOwn] = useState(false);
  const isOpen = open ?? own;
  const change = (next: boolean) => {
    setOwn(next);
    onOpenChange?.(next);
  };
  const had = useOnDemand(code, isNear || isOpen, () => {
    setNear(false);
    change(false);
  });
  const isPending = isOpen && !had;
  const onKeyDown = (event: KeyboardEvent) => {
    if (isPending && event.key === "Escape") {
      event.stopPropagation();
      change(false);
    } else if (opens === "menu" && event.key === "ArrowDown") {
      event.preventDefault();
      change(true);
    }
  };

  return (
    <>
      <Slot.Root
        ref={button}
        id={id}
        aria-haspopup={opens}
        aria-expanded={isOpen}
        onClick={() => change(!isOpen)}
        onKeyDown={onKeyDown}
        onPointerEnter={() => setNear(true)}
        onFocus={() => setNear(true)}
        onBlur={() => isPending && change(false)}
      >
        {trigger}
      </Slot.Root>
      {had && children(had, { open: isOpen, onOpenChange: change, button, openedBy: id })}
    </>
  );
}
