import { useQuery } from "@tanstack/react-query";
import { Empty, ErrorNote, Input } from "barq-web/kit";
import { Tags } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Tag } from "../api/client.ts";
import { tagsQuery } from "../api/queries.ts";
import { MergeDialog } from "./merge_dialog.tsx";
import { NewTag } from "./new_tag.tsx";
import { TagRow } from "./tag_row.tsx";
import { useTagEdits } from "./use_tag_edits.ts";

type Edits = ReturnType<typeof useTagEdits>;

function Group({
  title,
  text,
  tags,
  edits,
  onMerge,
}: {
  title: string;
  text: string;
  tags: Tag[];
  edits: Edits;
  onMerge: (tag: Tag) => void;
}) {
  return (
    tags.length > 0 && (
      <section aria-label={title} className="mt-6">
        <h2 className="font-medium">{title}</h2>
        <p className="text-[13px] text-muted">{text}</p>
        <ul className="mt-2 divide-y rounded-lg border bg-surface">
          {tags.map((tag) => (
            <TagRow key={tag.id} tag={tag} edits={edits} onMerge={() => onMerge(tag)} />
          ))}
        </ul>
      </section>
    )
  );
}

function Shown({ tags, edits }: { tags: Tag[]; edits: Edits }) {
  const { t } = useTranslation();
  const [words, setWords] = useState("");
  const [merging, setMerging] = useState<Tag>();
  const found = tags.filter((tag) => tag.name.toLowerCase().includes(words.trim().toLowerCase()));

  if (tags.length === 0) {
    return (
      <Empty icon={<Tags />} title={t("tags:none")}>
        {t("tags:noneText")}
      </Empty>
    );
  }
  return (
    <>
      {tags.length > 8 && (
        <Input
          type="search"
          aria-label={t("tags:search")}
          placeholder={t("tags:search")}
          className="mt-3"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      )}
      {found.length === 0 && <p className="mt-6 text-muted">{t("tags:notFound")}</p>}
      <Group
        title={t("tags:categories")}
        text={t("tags:categoriesText")}
        tags={found.filter((tag) => tag.is_category)}
        edits={edits}
        onMerge={setMerging}
      />
      <Group
        title={t("tags:labels")}
        text={t("tags:labelsText")}
        tags={found.filter((tag) => !tag.is_category)}
        edits={edits}
        onMerge={setMerging}
      />
      {merging && (
        <MergeDialog
          tag={merging}
          others={tags.filter((tag) => tag.id !== merging.id)}
          onMerge={edits.merge}
          onClose={() => setMerging(undefined)}
        />
      )}
    </>
  );
}

export function TagsPage() {
  const { t } = useTranslation();
  const tags = useQuery(tagsQuery);
  const edits = useTagEdits();

  return (
    <div className="mx-auto max-w-3xl p-4 sm:p-6">
      <h1 className="font-semibold text-lg">{t("nav:tags")}</h1>
      <NewTag onMake={edits.make} />
      {tags.error && <ErrorNote error={tags.error} onRetry={() => tags.refetch()} />}
      {tags.data && <Shown tags={tags.data} edits={edits} />}
    </div>
  );
}
