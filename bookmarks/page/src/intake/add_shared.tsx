import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Button, Field, Input, Select } from "barq-web/kit";
import { CornerDownLeft } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { listsQuery } from "../api/queries.ts";
import { lastList } from "./last_list.ts";
import { useIntake } from "./use_intake.tsx";

/** What a bookmarklet or another program has sent here: into the list used last, after one confirmation. */
export function AddShared({ text }: { text: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const lists = useQuery(listsQuery).data ?? [];
  const last = lists.find(({ id }) => id === lastList()) ?? lists[0];
  const [address, setAddress] = useState(text);
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const listId = chosen ?? last?.id ?? null;
  const { take, isBusy, parts } = useIntake(listId, (id) =>
    navigate({ to: "/lists/$listId", params: { listId: id } }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    take([{ name: "", body: address }]);
  };

  return (
    <div className="flex justify-center p-4 pt-[12vh]">
      <form
        onSubmit={submit}
        className="flex w-full max-w-lg flex-col gap-4 rounded-xl border bg-surface p-5 shadow-raised"
      >
        <h1 className="font-semibold text-lg">{t("intake:sharedTitle")}</h1>
        <Field label={t("intake:sharedAddress")}>
          {(wires) => (
            <Input
              {...wires}
              required
              value={address}
              onChange={(event) => setAddress(event.target.value)}
            />
          )}
        </Field>
        {lists.length > 0 && (
          <Field label={t("intake:sharedList")}>
            {({ id }) => (
              <Select
                id={id}
                value={listId ?? undefined}
                choices={lists.map((list) => ({ value: list.id, label: list.name }))}
                onChange={setChosen}
              />
            )}
          </Field>
        )}
        <Button type="submit" look="primary" autoFocus disabled={isBusy}>
          <CornerDownLeft />
          {t("intake:add")}
        </Button>
      </form>
      {parts}
    </div>
  );
}
