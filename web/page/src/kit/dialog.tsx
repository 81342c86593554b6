import { type ReactNode, useRef } from "react";
import { onDemand, useOnDemand } from "./on_demand.ts";

const code = onDemand(() => import("./dialog_frame.tsx"));

export type DialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  /** Buttons, at the bottom. */
  actions?: ReactNode;
  /** How wide it is. */
  className?: string;
  children?: ReactNode;
};

function Frame(props: DialogProps & { place: string }) {
  const had = useOnDemand(code, props.open);
  const was = useRef<{ open: boolean; focus: Element | null }>({ open: false, focus: null });

  /* Before anything in it has the focus. */
  if (props.open !== was.current.open) {
    was.current = {
      open: props.open,
      focus: props.open ? document.activeElement : was.current.focus,
    };
  }
  return (
    had && (
      <had.DialogFrame
        {...props}
        onClosed={() => (was.current.focus as HTMLElement | null)?.focus()}
      />
    )
  );
}

/** In the middle; on a phone at the bottom, as wide as it is. */
export function Dialog({
  className = "sm:w-[min(36rem,calc(100vw-2rem))]",
  ...props
}: DialogProps) {
  return (
    <Frame
      {...props}
      className={className}
      place="inset-x-0 bottom-0 max-h-[92dvh] rounded-t-xl sm:inset-x-auto sm:top-1/2 sm:bottom-auto sm:left-1/2 sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-xl"
    />
  );
}

/** At the side. */
export function Sheet({
  side = "right",
  className = "w-[min(30rem,100vw)]",
  ...props
}: DialogProps & { side?: "left" | "right" }) {
  return (
    <Frame
      {...props}
      className={className}
      place={`inset-y-0 ${side === "right" ? "right-0 border-l" : "left-0 border-r"}`}
    />
  );
}
