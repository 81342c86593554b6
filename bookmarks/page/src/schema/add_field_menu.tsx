import { queryOptions, useQuery } from "@tanstack/react-query";
import { ask, Button, Menu, MenuItem, MenuLabel, MenuLine } from "barq-web/kit";
import { Pencil, Plus, Sparkles } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.ts";
import { listsQuery } from "../api/queries.ts";
import { useCopyFields } from "./use_field_changes.ts";

const templatesQuery = queryOptions({
  queryKey: ["templates"],
  queryFn: ({ signal }) => ask(api.GET("/api/templates", { signal })),
});

/** Where fields come from: by hand, a sentence, a template, another list. */
export function AddFieldMenu({
  listId,
  onNew,
  onPropose,
}: {
  listId: string;
  onNew: () => void;
  onPropose: () => void;
}) {
  const { t } = useTranslation();
  const templates = useQuery(templatesQuery).data ?? [];
  const others = (useQuery(listsQuery).data ?? []).filter(({ id }) => id !== listId);
  const copy = useCopyFields(listId);

  return (
    <Menu
      trigger={
        <Button look="primary">
          <Plus />
          {t("schema:add")}
        </Button>
      }
    >
      <MenuItem onSelect={onNew}>
        <Pencil />
        {t("schema:byHand")}
      </MenuItem>
      <MenuItem onSelect={onPropose}>
        <Sparkles />
        {t("schema:bySentence")}
      </MenuItem>
      <MenuLine />
      <MenuLabel>{t("schema:fromTemplate")}</MenuLabel>
      {templates.map((template) => (
        <MenuItem key={template.name} onSelect={() => copy.mutate({ template: template.name })}>
          {template.label}
        </MenuItem>
      ))}
      {others.length > 0 && (
        <>
          <MenuLine />
          <MenuLabel>{t("schema:fromList")}</MenuLabel>
          {others.map((list) => (
            <MenuItem key={list.id} onSelect={() => copy.mutate({ list_id: list.id })}>
              {list.name}
            </MenuItem>
          ))}
        </>
      )}
    </Menu>
  );
}
