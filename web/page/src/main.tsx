import "./kit/theme.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Dashboard } from "./dashboard/index.tsx";
import { searchSchema } from "./dashboard/search.ts";
import { basePath, Missing, startTexts, startTheme, Tip, Toaster } from "./kit/index.ts";

startTheme();
void startTexts();

const rootRoute = createRootRoute({ component: Outlet });
const dashboard = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  validateSearch: searchSchema,
  component: function Page() {
    const search = dashboard.useSearch();
    const navigate = dashboard.useNavigate();

    return (
      <main>
        <Dashboard below="" search={search} onSearch={(change) => navigate({ search: change })} />
      </main>
    );
  },
});
const router = createRouter({
  routeTree: rootRoute.addChildren([dashboard]),
  basepath: basePath,
});

/* A queue on this machine, or in this house, is there without the internet too. */
const queries = new QueryClient({
  defaultOptions: { queries: { networkMode: "always" }, mutations: { networkMode: "always" } },
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
        <Toaster />
        <Tip />
        <Missing />
      </QueryClientProvider>
    </StrictMode>,
  );
}
