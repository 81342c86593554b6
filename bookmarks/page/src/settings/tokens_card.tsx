import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  Ago,
  ask,
  Badge,
  doUnlessUndone,
  ErrorNote,
  IconButton,
  toast,
  useErrorText,
} from "barq-web/kit";
import { Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.ts";
import type { components } from "../api/schema.ts";
import { Card } from "./card.tsx";
import { NewToken } from "./new_token.tsx";

type Token = components["schemas"]["Token"];

function useRevoke() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const errorText = useErrorText();
  const reload = () => queries.invalidateQueries({ queryKey: ["tokens"] });
  const revoke = useMutation({
    mutationFn: (id: string) =>
      ask(api.DELETE("/api/tokens/{id}", { params: { path: { id } }, keepalive: true })),
    onError: (error) => toast.error(errorText(error)),
    onSettled: reload,
  });

  return (token: Token) => {
    queries.setQueryData<Token[]>(["tokens"], (all) => all?.filter(({ id }) => id !== token.id));
    doUnlessUndone(t("settings:revoked", { name: token.name }), {
      commit: () => revoke.mutate(token.id),
      undo: () => void reload(),
    });
  };
}

export function TokensCard() {
  const { t } = useTranslation();
  const revoke = useRevoke();
  const tokens = useQuery({
    queryKey: ["tokens"],
    queryFn: ({ signal }) => ask(api.GET("/api/tokens", { signal })),
  });

  return (
    <Card id="tokens" title={t("settings:tokens")} about={t("settings:tokensAbout")}>
      {tokens.error && <ErrorNote error={tokens.error} onRetry={() => void tokens.refetch()} />}
      {tokens.data && tokens.data.length > 0 && (
        <ul className="divide-y rounded-lg border">
          {tokens.data.map((token) => (
            <li key={token.id} className="flex items-center gap-3 px-3 py-2">
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium">{token.name}</p>
                <p className="text-[13px] text-muted">
                  {token.last_used_at ? (
                    <>
                      {t("settings:tokenUsed")} <Ago at={token.last_used_at} />
                    </>
                  ) : (
                    t("settings:tokenUnused")
                  )}
                </p>
              </div>
              <Badge>
                {t(token.scopes.includes("write") ? "settings:canWrite" : "settings:canRead")}
              </Badge>
              <IconButton
                label={t("settings:revoke", { name: token.name })}
                onClick={() => revoke(token)}
              >
                <Trash2 />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      <NewToken />
    </Card>
  );
}
