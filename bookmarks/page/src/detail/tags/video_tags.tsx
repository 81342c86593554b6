import { Link } from "@tanstack/react-router";
import { Button } from "barq-web/kit";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { TagOfVideo, WholeVideo } from "../../api/client.ts";
import { TagDot } from "../../tags/tag_dot.tsx";
import { tagQuery } from "../../tags/tag_query.ts";
import { OptionPicker } from "../../values/option_picker.tsx";
import type { FieldShape } from "../../values/types.ts";
import { CategoryMenu } from "./category_menu.tsx";
import { useTags } from "./use_tags.ts";

/* Tags are picked as the options of a field are that takes any words. */
const anyWord: FieldShape = {
  name: "tag",
  label: "",
  type: "select",
  options: [],
  min: null,
  max: null,
  max_length: null,
  unit: null,
};

function Chip({ tag, onRemove }: { tag: TagOfVideo; onRemove: () => void }) {
  const { t } = useTranslation();

  return (
    <li className="inline-flex h-7 max-w-full items-center rounded-full border bg-surface pl-2 text-[13px]">
      <TagDot color={tag.color} />
      <Link
        to="/videos"
        search={{ q: tagQuery(tag.name) }}
        className="ml-1.5 truncate underline-offset-2 hover:underline"
      >
        {tag.name}
      </Link>
      <button
        type="button"
        aria-label={t("detail:tags.remove", { tag: tag.name })}
        className="rounded-full p-1.5 text-muted hover:text-ink"
        onClick={onRemove}
      >
        <X className="size-3.5" aria-hidden />
      </button>
    </li>
  );
}

/** What a person has sorted the video under. */
export function VideoTags({ video }: { video: WholeVideo }) {
  const { t } = useTranslation();
  const tags = useTags(video);
  const [adding, setAdding] = useState(0); /* anew after each, for the next one */
  const labels = tags.tags.filter((tag) => !tag.is_category);
  const free = tags.all.filter(
    (tag) => !tag.is_category && !labels.some((label) => label.id === tag.id),
  );

  return (
    <div className="flex shrink-0 flex-wrap items-center gap-1.5 border-b px-4 py-2">
      <CategoryMenu
        category={tags.tags.find((tag) => tag.is_category)}
        categories={tags.all.filter((tag) => tag.is_category)}
        onChoose={tags.setCategory}
      />
      <ul aria-label={t("detail:tags.name")} className="contents">
        {labels.map((tag) => (
          <Chip key={tag.id} tag={tag} onRemove={() => tags.take(tag)} />
        ))}
      </ul>
      {adding > 0 ? (
        <div className="min-w-36 max-w-56 flex-1">
          <OptionPicker
            key={adding}
            field={anyWord}
            value={null}
            label={t("detail:tags.add")}
            autoFocus
            suggestions={free.map((tag) => tag.name)}
            onSave={(name) => {
              if (typeof name === "string") {
                tags.give(name);
              }
              setAdding(adding + 1);
            }}
            onCancel={() => setAdding(0)}
          />
        </div>
      ) : (
        <Button size="sm" look="faint" className="rounded-full!" onClick={() => setAdding(1)}>
          <Plus />
          {t("detail:tags.add")}
        </Button>
      )}
    </div>
  );
}
