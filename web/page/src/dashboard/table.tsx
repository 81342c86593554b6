import type { ComponentProps, ReactNode } from "react";
import { cn } from "../kit/index.ts";

/**
 * A plain table in a box; it scrolls by itself where there is no room. What is only to be read to somebody is placed
 * in the box, too ("relative"), or it would make the page as wide as the table.
 */
export function Table({
  label,
  head,
  children,
}: {
  label: string;
  head: ReactNode;
  children: ReactNode;
}) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
      tabIndex={0}
      className="relative overflow-x-auto rounded-lg border bg-surface"
    >
      <table className="w-full border-collapse text-left">
        <thead>
          <tr className="border-b text-muted text-xs">{head}</tr>
        </thead>
        <tbody className="divide-y">{children}</tbody>
      </table>
    </section>
  );
}

export function Th({ className, ...rest }: ComponentProps<"th">) {
  return (
    <th scope="col" className={cn("h-9 whitespace-nowrap px-3 font-medium", className)} {...rest} />
  );
}

export function Td({ className, ...rest }: ComponentProps<"td">) {
  return <td className={cn("h-10 px-3 py-1.5", className)} {...rest} />;
}

/** Numbers, under each other. */
export const numeric = "text-right tabular-nums";
