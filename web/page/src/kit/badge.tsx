import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

export const tones = {
  plain: "bg-sunken text-muted",
  accent: "bg-accent-soft text-accent-ink",
  ok: "bg-ok-soft text-ok",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  info: "bg-info-soft text-info",
};
export type Tone = keyof typeof tones;

export function Badge({
  tone = "plain",
  wraps = false,
  className,
  ...rest
}: ComponentProps<"span"> & {
  tone?: Tone;
  /** A sentence, in as many lines as it needs. */
  wraps?: boolean;
}) {
  return (
    <span
      className={cn(
        "inline-flex max-w-full items-center gap-1 rounded px-1.5 font-medium text-xs [&_svg]:size-3",
        wraps ? "py-0.5" : "h-5 truncate",
        tones[tone],
        className,
      )}
      {...rest}
    />
  );
}
