import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import type { Look } from "../routes.tsx";

/** How the table is looked at, which the address says; `setLook` changes a part of that. */
export function useLook() {
  const look = useSearch({ strict: false }) as Look;
  const navigate = useNavigate();
  const setLook = useCallback(
    (change: Partial<Look>, { replace = false } = {}) =>
      void navigate({
        to: ".",
        search: (before: Look) => ({ ...before, ...change }),
        replace,
      }),
    [navigate],
  );

  return { look, setLook };
}
