import type { ReactElement, ReactNode } from "react";
import { onDemand } from "./on_demand.ts";
import { Opener } from "./opener.tsx";

const code = onDemand(() => import("./popover_box.tsx"));

export type PopoverProps = {
  align?: "start" | "center" | "end";
  /** How wide it is, too. */
  className?: string;
  label: string;
  children: ReactNode;
};

/** What opens beside `trigger`, a button, when it is pressed. */
export function Popover({
  trigger,
  open,
  onOpenChange,
  ...rest
}: PopoverProps & {
  trigger: ReactElement;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
}) {
  return (
    <Opener trigger={trigger} opens="dialog" code={code} open={open} onOpenChange={onOpenChange}>
      {({ PopoverBox }, opened) => <PopoverBox {...opened} {...rest} />}
    </Opener>
  );
}
