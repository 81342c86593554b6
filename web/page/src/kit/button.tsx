import { Slot } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "./cn.ts";

const looks = {
  primary: "bg-accent text-on-accent hover:brightness-110",
  plain: "border bg-surface text-ink hover:bg-sunken",
  quiet: "text-ink hover:bg-sunken",
  faint: "text-muted hover:bg-sunken",
  link: "text-accent-ink hover:bg-sunken",
  danger: "bg-bad-soft text-bad hover:brightness-95 dark:hover:brightness-125",
};
const sizes = {
  sm: "h-7 text-[13px] gap-1.5",
  md: "h-9 gap-2",
};
const widths = {
  words: { sm: "px-2", md: "px-3" },
  square: { sm: "w-7", md: "w-9" },
};

export type ButtonProps = ComponentProps<"button"> & {
  look?: keyof typeof looks;
  size?: keyof typeof sizes;
  width?: keyof typeof widths;
  /** Gives its looks to its child, a link for one. */
  asChild?: boolean;
};

export function Button({
  look = "plain",
  size = "md",
  width = "words",
  asChild,
  className,
  type,
  ...rest
}: ButtonProps) {
  const Part = asChild ? Slot.Root : "button";

  return (
    <Part
      type={asChild ? undefined : (type ?? "button")}
      className={cn(
        "inline-flex shrink-0 items-center justify-center whitespace-nowrap rounded-md font-medium",
        "transition-colors disabled:pointer-events-none disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0",
        looks[look],
        sizes[size],
        widths[width][size],
        className,
      )}
      {...rest}
    />
  );
}

/** A button that shows a picture only: `label` is its name and its tooltip, `keys` the shortcut that it tells. */
export function IconButton({
  label,
  keys,
  look = "quiet",
  children,
  ...rest
}: Omit<ButtonProps, "asChild" | "width"> & { label: string; keys?: string; children: ReactNode }) {
  return (
    <Button
      aria-label={label}
      aria-keyshortcuts={keys === "Esc" ? "Escape" : keys}
      data-tip={label}
      data-tip-keys={keys}
      look={look}
      width="square"
      {...rest}
    >
      {children}
    </Button>
  );
}
