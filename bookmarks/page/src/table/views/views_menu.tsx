import { Button, cn, IconButton, Input, Popover } from "barq-web/kit";
import { Bookmark, Check, Pencil, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { View } from "../../api/client.ts";
import { useViews } from "./use_views.ts";

function NameForm({
  name: before,
  label,
  onName,
}: {
  name: string;
  label: string;
  onName: (name: string) => void;
}) {
  const [name, setName] = useState(before);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== "") {
      onName(name.trim());
      setName("");
    }
  };

  return (
    <form onSubmit={submit} className="flex gap-2">
      <Input
        aria-label={label}
        placeholder={label}
        maxLength={255}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <IconButton type="submit" look="plain" label={label} disabled={name.trim() === ""}>
        <Check />
      </IconButton>
    </form>
  );
}

function ViewItem(props: {
  view: View;
  isCurrent: boolean;
  onApply: () => void;
  onRename: (name: string) => void;
  onDelete: () => void;
}) {
  const { t } = useTranslation();
  const { view } = props;
  const [isNaming, setNaming] = useState(false);

  if (isNaming) {
    return (
      <li>
        <NameForm
          name={view.name}
          label={t("table:renameView")}
          onName={(name) => {
            setNaming(false);
            props.onRename(name);
          }}
        />
      </li>
    );
  }
  return (
    <li className="flex items-center gap-1">
      <button
        type="button"
        aria-current={props.isCurrent}
        className={cn(
          "h-8 min-w-0 flex-1 truncate rounded px-2 text-left hover:bg-sunken",
          props.isCurrent && "bg-accent-soft text-accent-ink",
        )}
        onClick={props.onApply}
      >
        {view.name}
      </button>
      <IconButton size="sm" label={t("table:renameView")} onClick={() => setNaming(true)}>
        <Pencil />
      </IconButton>
      <IconButton size="sm" label={t("table:deleteView")} onClick={props.onDelete}>
        <Trash2 />
      </IconButton>
    </li>
  );
}

export function ViewsMenu() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { views, current, isChanged, ...does } = useViews();
  const name = current?.name ?? t("table:views");

  return (
    <Popover
      label={t("table:views")}
      open={open}
      onOpenChange={setOpen}
      className="flex w-72 flex-col gap-3"
      trigger={
        <Button aria-label={current ? t("table:viewIs", { name }) : name}>
          <Bookmark className={cn(current && "fill-accent text-accent")} />
          <span className="hidden max-w-40 truncate sm:inline">{name}</span>
          {isChanged && <span aria-hidden className="size-1.5 rounded-full bg-warn" />}
        </Button>
      }
    >
      {views.length === 0 ? (
        <p className="text-[13px] text-muted">{t("table:noViews")}</p>
      ) : (
        <ul className="flex flex-col gap-0.5">
          {views.map((view) => (
            <ViewItem
              key={view.id}
              view={view}
              isCurrent={view.id === current?.id}
              onApply={() => {
                does.apply(view);
                setOpen(false);
              }}
              onRename={(to) => void does.rename(view, to)}
              onDelete={() => does.remove(view)}
            />
          ))}
        </ul>
      )}
      {current && isChanged && (
        <Button size="sm" onClick={() => void does.update(current)}>
          {t("table:updateView", { name: current.name })}
        </Button>
      )}
      {current && (
        <Button size="sm" look="quiet" onClick={does.leave}>
          {t("table:leaveView")}
        </Button>
      )}
      <NameForm
        name=""
        label={t("table:saveView")}
        onName={(to) => {
          void does.save(to);
          setOpen(false);
        }}
      />
    </Popover>
  );
}
