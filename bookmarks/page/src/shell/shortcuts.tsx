import { Dialog, Kbd } from "barq-web/kit";
import { useTranslation } from "react-i18next";

const shortcuts = [
  ["/", "search"],
  ["a", "add"],
  ["j", "next"],
  ["k", "previous"],
  ["Enter", "open"],
  ["x", "select"],
  ["e", "edit"],
  ["w", "watched"],
  ["#", "delete"],
  ["Esc", "leave"],
  ["?", "help"],
] as const;

export function ShortcutsDialog(props: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const { t } = useTranslation();

  return (
    <Dialog {...props} title={t("shortcuts:title")} className="sm:w-96">
      <dl className="grid grid-cols-[4rem_1fr] gap-y-2">
        {shortcuts.map(([key, name]) => (
          <div key={key} className="contents">
            <dt>
              <Kbd>{key}</Kbd>
            </dt>
            <dd>{t(`shortcuts:${name}`)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
