import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { ask, IconButton, Input, toast, useErrorText } from "barq-web/kit";
import {
  Activity,
  Keyboard,
  Layers,
  ListVideo,
  type LucideIcon,
  Plus,
  Rss,
  Settings,
  Tags,
  Tv,
  Workflow,
} from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type List } from "../api/client.ts";
import { listsQuery } from "../api/queries.ts";
import { RunsSign } from "../runs/runs_sign.tsx";

const row =
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

function ListLink({ list, onNavigate }: { list: List; onNavigate?: () => void }) {
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

function NewList({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const [name, setName] = useState("");
  const make = useMutation({
    mutationFn: () => ask(api.POST("/api/lists", { body: { name } })),
    onSuccess: async (list) => {
      await queries.invalidateQueries({ queryKey: ["lists"] });
      onDone();
      await navigate({ to: "/lists/$listId", params: { listId: list.id } });
    },
    onError: (error) => toast.error(errorText(error)),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== "") {
      make.mutate();
    }
  };

  return (
    <form onSubmit={submit} className="px-1 py-1">
      <Input
        autoFocus
        aria-label={t("nav:newListName")}
        placeholder={t("nav:newListName")}
        className="h-8"
        maxLength={255}
        value={name}
        onChange={(event) => setName(event.target.value)}
        onBlur={() => name === "" && onDone()}
        onKeyDown={(event) => event.key === "Escape" && onDone()}
      />
    </form>
  );
}

function NavLink(props: {
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

export function Sidebar({ onNavigate, onHelp }: { onNavigate?: () => void; onHelp: () => void }) {
  const { t } = useTranslation();
  const lists = useQuery(listsQuery);
  const [isNaming, setNaming] = useState(false);

  return (
    <nav aria-label={t("nav:name")} className="flex h-full flex-col gap-4 overflow-y-auto p-3">
      <Link
        to="/"
        className="hidden px-2 pt-1 font-semibold text-base lg:block"
        onClick={onNavigate}
      >
        {t("nav:name")}
      </Link>
      <ul className="flex flex-col gap-0.5">
        <NavLink to="/videos" icon={Layers} onNavigate={onNavigate}>
          {t("nav:videos")}
        </NavLink>
        <NavLink to="/runs" icon={Activity} onNavigate={onNavigate}>
          {t("nav:runs")}
          <RunsSign />
        </NavLink>
      </ul>
      <section>
        <div className="flex items-center justify-between pl-2">
          <h2 className="font-medium text-muted text-xs">{t("nav:lists")}</h2>
          <IconButton label={t("nav:newList")} size="sm" onClick={() => setNaming(true)}>
            <Plus />
          </IconButton>
        </div>
        {isNaming && (
          <NewList
            onDone={() => {
              setNaming(false);
              onNavigate?.();
            }}
          />
        )}
        <ul className="flex flex-col gap-0.5">
          {lists.data?.map((list) => (
            <ListLink key={list.id} list={list} onNavigate={onNavigate} />
          ))}
        </ul>
      </section>
      <ul className="mt-auto flex flex-col gap-0.5">
        <NavLink to="/tags" icon={Tags} onNavigate={onNavigate}>
          {t("nav:tags")}
        </NavLink>
        <NavLink to="/channels" icon={Tv} onNavigate={onNavigate}>
          {t("nav:channels")}
        </NavLink>
        <NavLink to="/subscriptions" icon={Rss} onNavigate={onNavigate}>
          {t("nav:subscriptions")}
        </NavLink>
        <NavLink to="/queue" icon={Workflow} onNavigate={onNavigate}>
          {t("nav:queue")}
        </NavLink>
        <NavLink to="/settings" icon={Settings} onNavigate={onNavigate}>
          {t("nav:settings")}
        </NavLink>
        <li>
          <button type="button" className={`${row} w-full`} onClick={onHelp}>
            <Keyboard />
            {t("nav:shortcuts")}
          </button>
        </li>
      </ul>
    </nav>
  );
}
