import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask, Button, ErrorNote, Field, Input } from "barq-web/kit";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.ts";
import { loginQuery } from "../api/queries.ts";

function LoginForm() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [password, setPassword] = useState("");
  const login = useMutation({
    mutationFn: () => ask(api.POST("/api/login", { body: { password } })),
    onSuccess: () => queries.invalidateQueries(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate();
  };

  return (
    <main className="flex min-h-full items-center justify-center p-6">
      <form
        onSubmit={submit}
        className="flex w-full max-w-sm flex-col gap-4 rounded-xl border bg-surface p-6 shadow-raised"
      >
        <h1 className="font-semibold text-lg">{t("nav:name")}</h1>
        <Field label={t("login:password")}>
          {(wires) => (
            <Input
              {...wires}
              type="password"
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
              required
            />
          )}
        </Field>
        {login.error && <ErrorNote error={login.error} />}
        <Button type="submit" look="primary" disabled={login.isPending}>
          {t("login:enter")}
        </Button>
      </form>
    </main>
  );
}

/* So often a server that is away is asked again. */
const AGAIN_MS = 3000;

/** Shows `children` to whoever may see them. */
export function LoginGate({ children }: { children: ReactNode }) {
  const login = useQuery({
    ...loginQuery,
    refetchInterval: (query) => (query.state.data ? false : AGAIN_MS),
  });

  if (login.data) {
    return login.data.logged_in ? children : <LoginForm />;
  }
  return (
    login.failureReason && (
      <main className="mx-auto max-w-lg p-6">
        <ErrorNote error={login.failureReason} onRetry={() => login.refetch()} />
      </main>
    )
  );
}
