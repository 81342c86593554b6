import { cn } from "./cn.ts";

export type Part = { value: number; className: string; label: string };

/** How far something is: parts of a total, beside each other. What it says in words, its label says. */
export function Meter({
  parts,
  total,
  label,
  className,
}: {
  parts: Part[];
  total: number;
  label: string;
  className?: string;
}) {
  return (
    <div
      role="img"
      aria-label={label}
      className={cn("flex h-1.5 w-full gap-px overflow-hidden rounded-full bg-sunken", className)}
    >
      {parts
        .filter((part) => part.value > 0)
        .map((part) => (
          <div
            key={part.label}
            className={cn("h-full min-w-0.5 transition-[width]", part.className)}
            style={{ width: `${(100 * part.value) / Math.max(total, 1)}%` }}
          />
        ))}
    </div>
  );
}
