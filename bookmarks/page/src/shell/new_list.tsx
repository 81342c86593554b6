import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ask, Input, toast, useErrorText } from "barq-web/kit";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.ts";

/** The name of a list to be made, which is gone to then. */
export function NewList({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const [name, setName] = useState("");
  const make = useMutation({
    mutationFn: () => ask(api.POST("/api/lists", { body: { name } })),
    onSuccess: async (list) => {
      await queries.invalidateQueries({ queryKey: ["lists"] });
      onDone();
      await navigate({ to: "/lists/$listId", params: { listId: list.id } });
    },
    onError: (error) => toast.error(errorText(error)),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== "") {
      make.mutate();
    }
  };

  return (
    <form onSubmit={submit} className="px-1 py-1">
      <Input
        autoFocus
        aria-label={t("nav:newListName")}
        placeholder={t("nav:newListName")}
        isSmall
        maxLength={255}
        value={name}
        onChange={(event) => setName(event.target.value)}
        onBlur={() => name === "" && onDone()}
        onKeyDown={(event) => event.key === "Escape" && onDone()}
      />
    </form>
  );
}
