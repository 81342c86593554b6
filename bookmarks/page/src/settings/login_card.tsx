import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Ago, ask, Button, toast, useErrorText } from "barq-web/kit";
import { LogOut } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.ts";
import { loginQuery } from "../api/queries.ts";
import { Card } from "./card.tsx";

export function LoginCard() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const errorText = useErrorText();
  const login = useQuery(loginQuery);
  const logout = useMutation({
    mutationFn: () => ask(api.POST("/api/logout")),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["login"] }),
    onError: (error) => toast.error(errorText(error)),
  });
  const isSet = login.data?.password_set ?? false;

  return (
    <Card id="login" title={t("settings:login")}>
      <p>{t(isSet ? "settings:passwordSet" : "settings:passwordNone")}</p>
      <pre className="overflow-x-auto rounded-md bg-sunken px-3 py-2 font-mono text-[13px]">
        bookmarks password
      </pre>
      {isSet && (
        <div className="flex flex-wrap items-center gap-3">
          <Button onClick={() => logout.mutate()}>
            <LogOut />
            {t("settings:logout")}
          </Button>
          {login.data?.until && (
            <span className="text-[13px] text-muted">
              {t("settings:loginUntil")} <Ago at={login.data.until} />
            </span>
          )}
        </div>
      )}
    </Card>
  );
}
