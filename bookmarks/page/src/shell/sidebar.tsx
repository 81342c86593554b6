import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { IconButton } from "barq-web/kit";
import { Activity, Keyboard, Layers, Plus, Rss, Settings, Tags, Tv, Workflow } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { listsQuery } from "../api/queries.ts";
import { RunsSign } from "../runs/runs_sign.tsx";
import { NewList } from "./new_list.tsx";
import { ListLink, NavLink, row } from "./sidebar_links.tsx";

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
