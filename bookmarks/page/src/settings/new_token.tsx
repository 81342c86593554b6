import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, Button, ErrorNote, Field, Input, Select, toast } from "barq-web/kit";
import { Copy, KeyRound } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.ts";

/** Shown this once. */
function Shown({ token, onDone }: { token: string; onDone: () => void }) {
  const { t } = useTranslation();
  const copy = async () => {
    await navigator.clipboard?.writeText(token);
    toast.success(t("settings:copied"), { duration: 2000 });
  };

  return (
    <div
      role="status"
      className="flex flex-col gap-2 rounded-lg border border-accent bg-accent-soft p-3"
    >
      <p className="font-medium text-accent-ink">{t("settings:tokenOnce")}</p>
      <div className="flex flex-wrap items-center gap-2">
        <code className="min-w-0 flex-1 basis-60 select-all break-all rounded bg-surface px-2 py-1.5 text-[13px]">
          {token}
        </code>
        <Button onClick={() => void copy()}>
          <Copy />
          {t("settings:copy")}
        </Button>
        <Button look="quiet" onClick={onDone}>
          {t("settings:kept")}
        </Button>
      </div>
    </div>
  );
}

export function NewToken() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [scope, setScope] = useState("write");
  const make = useMutation({
    mutationFn: () =>
      ask(
        api.POST("/api/tokens", {
          body: { name: name.trim(), scopes: scope === "write" ? ["read", "write"] : ["read"] },
        }),
      ),
    onSuccess: () => {
      setName("");
      void queries.invalidateQueries({ queryKey: ["tokens"] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };

  return (
    <>
      {make.data && <Shown token={make.data.token} onDone={make.reset} />}
      {make.error && <ErrorNote error={make.error} />}
      <form onSubmit={submit} className="flex flex-wrap items-end gap-3">
        <Field label={t("settings:tokenName")} className="flex-1 basis-48">
          {(wires) => (
            <Input
              {...wires}
              required
              maxLength={255}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label={t("settings:tokenMay")} className="basis-40">
          {({ id }) => (
            <Select
              id={id}
              value={scope}
              choices={[
                { value: "write", label: t("settings:canWrite") },
                { value: "read", label: t("settings:canRead") },
              ]}
              onChange={setScope}
            />
          )}
        </Field>
        <Button type="submit" disabled={make.isPending || name.trim() === ""}>
          <KeyRound />
          {t("settings:makeToken")}
        </Button>
      </form>
    </>
  );
}
