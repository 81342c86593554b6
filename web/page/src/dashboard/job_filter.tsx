import { useQuery } from "@tanstack/react-query";
import { Search as SearchIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Input, Select } from "../kit/index.ts";
import { useDashboard } from "./context.ts";
import { type Search, statuses } from "./search.ts";

/* So long nobody types: then it is looked for. */
const TYPING_MS = 300;
const ALL = "*all*";

function TextFilter() {
  const { t } = useTranslation("queue");
  const { search, go } = useDashboard();
  const [text, setText] = useState(search.text ?? "");

  /* biome-ignore lint/correctness/useExhaustiveDependencies: only what is typed begins a search */
  useEffect(() => {
    const timer = setTimeout(() => {
      if (text !== (search.text ?? "")) {
        go({ text: text || undefined });
      }
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);

  return (
    <div className="relative min-w-48 flex-1">
      <SearchIcon className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-muted" />
      <Input
        type="search"
        className="pl-8"
        aria-label={t("search")}
        placeholder={t("search")}
        maxLength={256}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </div>
  );
}

export function JobFilter() {
  const { t } = useTranslation("queue");
  const { queue, search, go } = useDashboard();
  const queues = useQuery(queue.overview).data?.queues ?? [];
  const functions = useQuery(queue.functions).data?.functions ?? [];
  const names = new Set(functions.map((one) => one.name).filter((name) => name !== ""));
  if (search.function) {
    names.add(search.function);
  }
  const chosen = (value: string) => (value === ALL ? undefined : value);

  return (
    <div className="flex flex-wrap gap-2">
      <TextFilter />
      <Select
        label={t("status")}
        className="w-40"
        value={search.status ?? ALL}
        choices={[
          { value: ALL, label: t("allStates") },
          ...statuses.map((one) => ({ value: one, label: t(`state.${one}`) })),
        ]}
        onChange={(value) => go({ status: chosen(value) as Search["status"] })}
      />
      <Select
        label={t("function")}
        className="w-44"
        value={search.function ?? ALL}
        choices={[
          { value: ALL, label: t("allFunctions") },
          ...[...names].sort().map((one) => ({ value: one, label: one })),
        ]}
        onChange={(value) => go({ function: chosen(value) })}
      />
      {(queues.length > 1 || search.queue) && (
        <Select
          label={t("queue")}
          className="w-40"
          value={search.queue ?? ALL}
          choices={[
            { value: ALL, label: t("allQueues") },
            ...queues.map((one) => ({ value: one.name, label: one.name })),
          ]}
          onChange={(value) => go({ queue: chosen(value) })}
        />
      )}
    </div>
  );
}
