import { Button, Popover } from "barq-web/kit";
import { ListFilter } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

const FilterBuilder = lazy(() =>
  import("./filter_builder.tsx").then((all) => ({ default: all.FilterBuilder })),
);

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
        <Button>
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
