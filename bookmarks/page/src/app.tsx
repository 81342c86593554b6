import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRouter, RouterProvider } from "@tanstack/react-router";
import { basePath, Missing, Problem, Tip, Toaster } from "barq-web/kit";
import { routeTree } from "./routes.tsx";

const queries = new QueryClient({
  defaultOptions: {
    /* A server on this machine, or in this house, answers without the internet too. */
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always",
      /* Events say what has changed, so nothing gets old by itself. */
      staleTime: Number.POSITIVE_INFINITY,
      /* Away or busy passes; what was refused is refused again. */
      retry: (count, error) =>
        count < 3 && error instanceof Problem && (error.status === 0 || error.status === 503),
    },
  },
});

const router = createRouter({
  routeTree,
  basepath: basePath,
  context: { queries },
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
      <Toaster />
      <Tip />
      <Missing />
    </QueryClientProvider>
  );
}
