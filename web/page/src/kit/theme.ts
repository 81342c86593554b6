import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const night = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function chosen(): Theme {
  const theme = localStorage.getItem("theme");
  return theme === "light" || theme === "dark" ? theme : "system";
}

function isDark() {
  return chosen() === "dark" || (chosen() === "system" && night.matches);
}

/** What the system draws around the page, as the page's own bars are. */
function tellSystem() {
  const surface = getComputedStyle(document.documentElement).getPropertyValue("--surface").trim();
  if (surface !== "") {
    document.querySelector("meta[name=theme-color]")?.setAttribute("content", surface);
  }
}

function apply() {
  document.documentElement.classList.toggle("dark", isDark());
  tellSystem();
  for (const tell of listeners) {
    tell();
  }
}

/** Once, before anything is drawn. */
export function startTheme() {
  night.addEventListener("change", apply);
  addEventListener("storage", apply); /* chosen in another tab */
  apply();
}

export function setTheme(theme: Theme) {
  localStorage.setItem("theme", theme);
  apply();
}

function subscribe(tell: () => void) {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

export function useTheme() {
  const theme = useSyncExternalStore(subscribe, chosen);
  const dark = useSyncExternalStore(subscribe, isDark);
  return { theme, isDark: dark, setTheme };
}
