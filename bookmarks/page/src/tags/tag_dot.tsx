import { cn } from "barq-web/kit";

/** A tag's colour, beside its name: it says nothing that the name does not. */
export function TagDot({ color, className }: { color: string | null; className?: string }) {
  return (
    <span
      aria-hidden
      className={cn("size-2.5 shrink-0 rounded-full border border-line-strong", className)}
      style={color ? { background: color, borderColor: color } : undefined}
    />
  );
}
