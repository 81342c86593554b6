import { Link } from "@tanstack/react-router";
import { IconButton, Input, Menu, MenuItem, MenuLine } from "barq-web/kit";
import { FolderTree, Merge, MoreHorizontal, Pencil, Tag as TagIcon, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Tag } from "../api/client.ts";
import { ColorPicker } from "./color_picker.tsx";
import { tagQuery } from "./tag_query.ts";
import type { useTagEdits } from "./use_tag_edits.ts";

function Name({
  tag,
  isEditing,
  onDone,
}: {
  tag: Tag;
  isEditing: boolean;
  onDone: (name?: string) => void;
}) {
  const { t } = useTranslation();
  const [name, setName] = useState(tag.name);

  if (isEditing) {
    return (
      <Input
        autoFocus
        aria-label={t("tags:nameOf", { tag: tag.name })}
        maxLength={255}
        isSmall
        value={name}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setName(event.target.value)}
        onBlur={() => onDone(name)}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            onDone(name);
          } else if (event.key === "Escape") {
            setName(tag.name);
            onDone();
          }
        }}
      />
    );
  }
  return (
    <Link
      to="/videos"
      search={{ q: tagQuery(tag.name) }}
      className="truncate font-medium underline-offset-2 hover:underline"
    >
      {tag.name}
    </Link>
  );
}

export function TagRow({
  tag,
  edits,
  onMerge,
}: {
  tag: Tag;
  edits: ReturnType<typeof useTagEdits>;
  onMerge: () => void;
}) {
  const { t } = useTranslation();
  const [isEditing, setEditing] = useState(false);
  const rename = (name?: string) => {
    setEditing(false);
    const next = name?.trim();
    if (next && next !== tag.name) {
      edits.change({ id: tag.id, name: next });
    }
  };

  return (
    <li className="flex min-h-11 items-center gap-2 px-2 py-1 sm:px-3">
      <ColorPicker
        color={tag.color}
        label={t("tags:colorOf", { tag: tag.name })}
        onChange={(color) => edits.change({ id: tag.id, color })}
      />
      <div className="flex min-w-0 flex-1">
        <Name tag={tag} isEditing={isEditing} onDone={rename} />
      </div>
      <span className="shrink-0 text-[13px] text-muted tabular-nums">
        {t("tags:videos", { count: tag.video_count })}
      </span>
      <Menu
        trigger={
          <IconButton label={t("tags:more", { tag: tag.name })} size="sm" look="faint">
            <MoreHorizontal />
          </IconButton>
        }
      >
        <MenuItem onSelect={() => setEditing(true)}>
          <Pencil />
          {t("tags:rename")}
        </MenuItem>
        <MenuItem onSelect={() => edits.change({ id: tag.id, is_category: !tag.is_category })}>
          {tag.is_category ? <TagIcon /> : <FolderTree />}
          {t(tag.is_category ? "tags:toLabel" : "tags:toCategory")}
        </MenuItem>
        <MenuItem onSelect={onMerge}>
          <Merge />
          {t("tags:mergeInto")}
        </MenuItem>
        <MenuLine />
        <MenuItem danger onSelect={() => edits.remove(tag)}>
          <Trash2 />
          {t("tags:delete")}
        </MenuItem>
      </Menu>
    </li>
  );
}
