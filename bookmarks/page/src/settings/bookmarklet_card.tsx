import { basePath } from "barq-web/kit";
import { BookmarkPlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Card } from "./card.tsx";

/** Opens this page with the address of the one that a person looks at. */
function bookmarklet() {
  const home = JSON.stringify(new URL(basePath, location.origin).href);
  return `javascript:void open(${home}+"?add="+encodeURIComponent(location.href),"_blank")`;
}

export function BookmarkletCard() {
  const { t } = useTranslation();

  return (
    <Card id="bookmarklet" title={t("settings:bookmarklet")} about={t("settings:bookmarkletAbout")}>
      <div className="flex flex-wrap items-center gap-4">
        {/* biome-ignore lint/a11y/useValidAnchor: only a link can be dragged to the bar */}
        <a
          /* React refuses such an address in a prop, and is right to, but for this one. */
          ref={(link) => link?.setAttribute("href", bookmarklet())}
          onClick={(event) => event.preventDefault()}
          className="inline-flex h-9 cursor-grab items-center gap-2 rounded-md bg-accent px-3 font-medium text-on-accent [&_svg]:size-4"
          href="#bookmarklet"
        >
          <BookmarkPlus aria-hidden />
          {t("settings:bookmarkletName")}
        </a>
        <p className="flex-1 basis-60 text-[13px] text-muted">{t("settings:bookmarkletHow")}</p>
      </div>
    </Card>
  );
}
