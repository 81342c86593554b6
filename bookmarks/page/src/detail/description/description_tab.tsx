import { Empty } from "barq-web/kit";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { WholeVideo } from "../../api/client.ts";
import { MomentLink } from "../moment_link.tsx";
import { type Piece, pieces } from "./pieces.ts";

function Shown({ piece }: { piece: Piece }) {
  switch (piece.kind) {
    case "link":
      return (
        <a
          href={piece.address}
          target="_blank"
          rel="noreferrer"
          className="break-all text-accent-ink underline underline-offset-2"
        >
          {piece.text}
        </a>
      );
    case "time":
      return <MomentLink seconds={piece.seconds} className="px-0" />;
    default:
      return piece.text;
  }
}

export function DescriptionTab({ video }: { video: WholeVideo }) {
  const { t } = useTranslation();
  const parts = useMemo(
    () => pieces(video.description ?? "", video.duration_seconds),
    [video.description, video.duration_seconds],
  );

  if (parts.length === 0) {
    return <Empty title={t("detail:description.none")}>{t("detail:description.noneText")}</Empty>;
  }
  return (
    <div className="whitespace-pre-wrap break-words px-4 py-3 leading-relaxed">
      {parts.map((piece, index) => (
        <Shown key={index} piece={piece} />
      ))}
    </div>
  );
}
