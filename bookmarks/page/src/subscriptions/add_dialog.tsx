import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask, Button, Dialog, ErrorNote, Field, Input, Select, toast } from "barq-web/kit";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.ts";
import { listsQuery } from "../api/queries.ts";
import { type Kind, kindOf, targetOf } from "./target.ts";

const kinds: Kind[] = ["channel", "playlist", "keyword"];
const hours = [1, 6, 24, 168];

/** Fills a list from a channel, a playlist or words; it says what words cost before somebody pays. */
export function AddDialog({
  kind: givenKind = "channel",
  target = "",
  name = "",
  onClose,
}: {
  kind?: Kind;
  target?: string;
  name?: string;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const lists = useQuery(listsQuery);
  const form = useId();
  const [kind, setKind] = useState<Kind>(givenKind);
  const [text, setText] = useState(target);
  const [listId, setListId] = useState<string>();
  const [every, setEvery] = useState(24);
  const [isWrong, setWrong] = useState(false);
  const chosen = listId ?? lists.data?.[0]?.id;
  const perDay = Math.ceil(24 / every) * 100;

  const add = useMutation({
    mutationFn: (body: { list_id: string; target: string }) =>
      ask(
        api.POST("/api/subscriptions", {
          body: { ...body, kind, every_hours: every, name: name || undefined },
        }),
      ),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["subscriptions"] });
      toast.success(t("subscriptions:added"));
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const whole = targetOf(kind, text);
    setWrong(whole === undefined);
    if (whole !== undefined && chosen) {
      add.mutate({ list_id: chosen, target: whole });
    }
  };
  const write = (words: string) => {
    setText(words);
    setWrong(false);
    setKind(kindOf(words) ?? kind);
  };

  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={name ? t("subscriptions:addNamed", { name }) : t("subscriptions:add")}
      description={t("subscriptions:addText")}
      actions={
        <>
          <Button onClick={onClose}>{t("kit:cancel")}</Button>
          <Button type="submit" form={form} look="primary" disabled={add.isPending || !chosen}>
            {t("subscriptions:subscribe")}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="flex flex-col gap-4">
        {add.error && <ErrorNote error={add.error} />}
        <Field label={t("subscriptions:kind")}>
          {(wires) => (
            <Select
              id={wires.id}
              value={kind}
              choices={kinds.map((one) => ({ value: one, label: t(`subscriptions:kinds.${one}`) }))}
              onChange={(next) => setKind(next as Kind)}
            />
          )}
        </Field>
        <Field
          label={t(`subscriptions:target.${kind}`)}
          hint={t(`subscriptions:hint.${kind}`)}
          error={isWrong ? t(`subscriptions:wrong.${kind}`) : undefined}
        >
          {(wires) => (
            <Input
              {...wires}
              maxLength={200}
              value={text}
              required
              onChange={(event) => write(event.target.value)}
            />
          )}
        </Field>
        <Field label={t("subscriptions:into")}>
          {(wires) => (
            <Select
              id={wires.id}
              value={chosen}
              placeholder={t("subscriptions:noList")}
              choices={lists.data?.map((list) => ({ value: list.id, label: list.name })) ?? []}
              onChange={setListId}
            />
          )}
        </Field>
        <Field
          label={t("subscriptions:every")}
          hint={
            kind === "keyword"
              ? t("subscriptions:cost", { units: perDay })
              : t("subscriptions:free")
          }
        >
          {(wires) => (
            <Select
              id={wires.id}
              value={String(every)}
              choices={hours.map((one) => ({
                value: String(one),
                label: t(`subscriptions:hours.${one}`),
              }))}
              onChange={(next) => setEvery(Number(next))}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
