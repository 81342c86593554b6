import { Outlet } from "@tanstack/react-router";
import { IconButton, Sheet, useHotkeys } from "barq-web/kit";
import { Menu as MenuIcon } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useConnected, useEvents } from "../api/events.ts";
import { useSourceToasts } from "../intake/use_source_toasts.ts";
import { LoginGate } from "./login.tsx";
import { ShortcutsDialog } from "./shortcuts.tsx";
import { Sidebar } from "./sidebar.tsx";

function Connection() {
  const { t } = useTranslation();

  return useConnected() ? null : (
    <div role="status" className="bg-warn-soft px-4 py-1.5 text-center text-[13px] text-warn">
      {t("nav:reconnecting")}
    </div>
  );
}

function Frame() {
  const { t } = useTranslation();
  const [menuOpen, setMenuOpen] = useState(false);
  const [helpOpen, setHelpOpen] = useState(false);

  useEvents();
  useSourceToasts();
  useHotkeys({ "?": () => setHelpOpen(true) });

  return (
    <div className="flex h-full">
      <aside className="hidden w-60 shrink-0 border-r bg-surface lg:block">
        <Sidebar onHelp={() => setHelpOpen(true)} />
      </aside>
      <div className="flex min-w-0 flex-1 flex-col">
        <header className="flex h-12 items-center gap-2 border-b bg-surface px-2 lg:hidden">
          <IconButton label={t("nav:menu")} onClick={() => setMenuOpen(true)}>
            <MenuIcon />
          </IconButton>
          <span className="font-semibold">{t("nav:name")}</span>
        </header>
        <Connection />
        <main className="min-h-0 flex-1 overflow-y-auto">
          <Outlet />
        </main>
      </div>
      <Sheet
        open={menuOpen}
        onOpenChange={setMenuOpen}
        side="left"
        title={t("nav:name")}
        className="w-72 [&>div]:p-0"
      >
        <Sidebar onNavigate={() => setMenuOpen(false)} onHelp={() => setHelpOpen(true)} />
      </Sheet>
      <ShortcutsDialog open={helpOpen} onOpenChange={setHelpOpen} />
    </div>
  );
}

export function Layout() {
  return (
    <LoginGate>
      <Frame />
    </LoginGate>
  );
}
