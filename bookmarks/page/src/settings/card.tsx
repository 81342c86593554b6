import type { ReactNode } from "react";

/** A part of the settings: its heading, what it is for, and what can be set. */
export function Card({
  id,
  title,
  about,
  children,
}: {
  id: string;
  title: string;
  about?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section id={id} aria-labelledby={`${id}-title`} className="rounded-xl border bg-surface">
      <header className="border-b px-4 py-3 sm:px-5">
        <h2 id={`${id}-title`} className="font-semibold text-base">
          {title}
        </h2>
        {about && <p className="text-[13px] text-muted">{about}</p>}
      </header>
      <div className="flex flex-col gap-5 px-4 py-4 sm:px-5">{children}</div>
    </section>
  );
}
