import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Empty, ErrorNote } from "barq-web/kit";
import { ArrowLeft, Columns3 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Field } from "../api/client.ts";
import { fieldsQuery, listQuery } from "../api/queries.ts";
import { AddFieldMenu } from "./add_field_menu.tsx";
import { ExamplePanel } from "./example_panel.tsx";
import { FieldDialog } from "./field_dialog.tsx";
import { FieldList } from "./field_list.tsx";
import { ProposeDialog } from "./propose_dialog.tsx";

type Opened = { dialog: "field"; field?: Field } | { dialog: "propose" } | undefined;

export function FieldsPage() {
  const { t } = useTranslation();
  const { listId } = useParams({ from: "/lists/$listId/fields" });
  const list = useQuery(listQuery(listId));
  const fields = useQuery(fieldsQuery(listId));
  const [opened, setOpened] = useState<Opened>(undefined);
  const close = () => setOpened(undefined);
  const add = (
    <AddFieldMenu
      listId={listId}
      onNew={() => setOpened({ dialog: "field" })}
      onPropose={() => setOpened({ dialog: "propose" })}
    />
  );

  return (
    <div className="mx-auto flex w-full max-w-5xl flex-col gap-4 p-4 sm:p-6">
      <Link
        to="/lists/$listId"
        params={{ listId }}
        className="flex items-center gap-1 self-start text-[13px] text-muted hover:text-ink"
      >
        <ArrowLeft aria-hidden className="size-4" />
        {list.data?.name ?? t("nav:lists")}
      </Link>
      <header className="flex flex-wrap items-center gap-3">
        <div className="min-w-0 flex-1 basis-72">
          <h1 className="font-semibold text-xl">{t("nav:fields")}</h1>
          <p className="text-muted">{t("schema:about")}</p>
        </div>
        {add}
      </header>
      {fields.error && <ErrorNote error={fields.error} onRetry={() => void fields.refetch()} />}
      {fields.data && (
        <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
          {fields.data.length === 0 ? (
            <Empty icon={<Columns3 />} title={t("schema:none")}>
              {t("schema:noneText")}
            </Empty>
          ) : (
            <FieldList
              listId={listId}
              fields={fields.data}
              onEdit={(field) => setOpened({ dialog: "field", field })}
            />
          )}
          <ExamplePanel listId={listId} fields={fields.data} />
        </div>
      )}
      {opened?.dialog === "field" && (
        <FieldDialog listId={listId} field={opened.field} onClose={close} />
      )}
      {opened?.dialog === "propose" && <ProposeDialog listId={listId} onClose={close} />}
    </div>
  );
}
