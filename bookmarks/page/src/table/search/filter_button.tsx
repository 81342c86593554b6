import { Button, Popover } from "barq-web/kit";
import { ListFilter } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

const load = () => import("./filter_builder.tsx");
const FilterBuilder = lazy(() => load().then((all) => ({ default: all.FilterBuilder })));
/* With the box that it is in, as soon as somebody is near: else that would be empty at first. */
const prefetch = () => void load().catch(() => undefined);

export function FilterButton() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);

  return (
    <Popover
      label={t("table:filter")}
      open={open}
      onOpenChange={setOpen}
      className="w-80"
      trigger={
        <Button onPointerEnter={prefetch} onFocus={prefetch}>
          <ListFilter />
          <span className="hidden sm:inline">{t("table:filter")}</span>
          <span className="sr-only sm:hidden">{t("table:filter")}</span>
        </Button>
      }
    >
      <Suspense fallback={<div className="h-32" />}>
        <FilterBuilder onDone={() => setOpen(false)} />
      </Suspense>
    </Popover>
  );
}
