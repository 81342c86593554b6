import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

const looks = { plain: "bg-sunken text-muted", "on-ink": "border-muted text-page" };

export function Kbd({
  look = "plain",
  className,
  ...rest
}: ComponentProps<"kbd"> & { look?: keyof typeof looks }) {
  return (
    <kbd
      className={cn(
        "inline-flex h-5 min-w-5 items-center justify-center rounded border px-1 font-mono text-[11px]",
        looks[look],
        className,
      )}
      {...rest}
    />
  );
}
