import { Link } from "@tanstack/react-router";
import { Button, Menu, MenuItem, MenuLabel, MenuLine } from "barq-web/kit";
import { Check, ChevronDown, FolderTree } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Tag, TagOfVideo } from "../../api/client.ts";
import { TagDot } from "../../tags/tag_dot.tsx";

/** The one category of a video. */
export function CategoryMenu({
  category,
  categories,
  onChoose,
}: {
  category: TagOfVideo | undefined;
  categories: Tag[];
  onChoose: (category: Tag | null) => void;
}) {
  const { t } = useTranslation();

  return (
    <Menu
      align="start"
      trigger={
        <Button
          size="sm"
          aria-label={
            category
              ? t("detail:tags.categoryIs", { category: category.name })
              : t("detail:tags.category")
          }
        >
          {category ? <TagDot color={category.color} /> : <FolderTree className="text-muted" />}
          <span className="max-w-40 truncate">{category?.name ?? t("detail:tags.category")}</span>
          <ChevronDown className="!size-3.5 text-muted" />
        </Button>
      }
    >
      {categories.length === 0 ? (
        <>
          <MenuLabel>{t("detail:tags.noCategory")}</MenuLabel>
          <MenuItem asChild>
            <Link to="/tags">{t("detail:tags.toTags")}</Link>
          </MenuItem>
        </>
      ) : (
        <>
          {categories.map((one) => (
            <MenuItem key={one.id} onSelect={() => onChoose(one)}>
              <TagDot color={one.color} />
              <span className="truncate">{one.name}</span>
              {one.id === category?.id && <Check className="ml-auto" />}
            </MenuItem>
          ))}
          {category && <MenuLine />}
          {category && (
            <MenuItem onSelect={() => onChoose(null)}>{t("detail:tags.withoutCategory")}</MenuItem>
          )}
        </>
      )}
    </Menu>
  );
}
