import { createContext, useContext } from "react";
import type { QueueApi } from "./api.ts";
import type { Search } from "./search.ts";

type Dashboard = {
  queue: QueueApi;
  search: Search;
  /** Goes elsewhere in the dashboard: what is not said stays as it is. */
  go: (change: Partial<Search>) => void;
  canWrite: boolean;
};

export const DashboardContext = createContext<Dashboard | undefined>(undefined);

export function useDashboard() {
  const dashboard = useContext(DashboardContext);
  if (!dashboard) {
    throw new Error("outside of the dashboard");
  }
  return dashboard;
}
