import { Link } from "@tanstack/react-router";
import { ListVideo, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { List } from "../api/client.ts";

/** How a line of the sidebar looks. */
export const row =
  "flex h-8 items-center gap-2 rounded-md px-2 text-ink hover:bg-sunken [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted " +
  "data-[status=active]:bg-accent-soft data-[status=active]:font-medium data-[status=active]:text-accent-ink data-[status=active]:[&_svg]:text-accent-ink";

function Count({ children }: { children: number }) {
  const { i18n } = useTranslation();

  return (
    <span className="ml-auto pl-2 text-muted text-xs tabular-nums">
      {children.toLocaleString(i18n.language)}
    </span>
  );
}

export function ListLink({ list, onNavigate }: { list: List; onNavigate?: () => void }) {
  const { t } = useTranslation();

  return (
    <li>
      <Link to="/lists/$listId" params={{ listId: list.id }} className={row} onClick={onNavigate}>
        <ListVideo />
        <span className="truncate">{list.name}</span>
        {list.failed_count > 0 && (
          <span
            className="size-1.5 shrink-0 rounded-full bg-bad"
            role="img"
            aria-label={t("nav:failed", { count: list.failed_count })}
            title={t("nav:failed", { count: list.failed_count })}
          />
        )}
        <Count>{list.video_count}</Count>
      </Link>
    </li>
  );
}

export function NavLink(props: {
  to: string;
  icon: LucideIcon;
  onNavigate?: () => void;
  children: ReactNode;
}) {
  const Icon = props.icon;

  return (
    <li>
      <Link to={props.to} className={row} onClick={props.onNavigate}>
        <Icon />
        <span className="flex min-w-0 flex-1 items-center truncate">{props.children}</span>
      </Link>
    </li>
  );
}
