import type { ReactNode } from "react";

export function Card({
  title,
  note,
  children,
}: {
  title: string;
  note?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section aria-label={title} className="min-w-0 rounded-lg border bg-surface p-4">
      <div className="mb-3 flex items-baseline justify-between gap-3">
        <h2 className="min-w-0 break-words font-medium">{title}</h2>
        {note && <div className="shrink-0 text-[13px] text-muted tabular-nums">{note}</div>}
      </div>
      {children}
    </section>
  );
}
