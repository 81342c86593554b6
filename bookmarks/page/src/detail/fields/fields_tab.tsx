import { Link } from "@tanstack/react-router";
import { Button, Empty } from "barq-web/kit";
import { ListChecks } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { WholeVideo } from "../../api/client.ts";
import type { FieldShape, Value } from "../../values/types.ts";
import { ExtractBar } from "./extract_bar.tsx";
import { FieldRow } from "./field_row.tsx";
import { PreviewNote } from "./preview_note.tsx";
import { useExtract } from "./use_extract.ts";

function NoFields({ listId }: { listId: string }) {
  const { t } = useTranslation();

  return (
    <Empty
      icon={<ListChecks />}
      title={t("detail:fields.none")}
      actions={
        <Button asChild look="primary">
          <Link to="/lists/$listId/fields" params={{ listId }}>
            {t("detail:fields.make")}
          </Link>
        </Button>
      }
    >
      {t("detail:fields.noneText")}
    </Empty>
  );
}

/** Every field of the list, as this video has it. */
export function FieldsTab({
  video,
  onSet,
}: {
  video: WholeVideo;
  onSet: (field: FieldShape, value: Value) => void;
}) {
  const extract = useExtract(video);

  if (video.available_fields.length === 0) {
    return <NoFields listId={video.list_id} />;
  }
  return (
    <div className="pb-4">
      <ExtractBar extract={extract} video={video} />
      <PreviewNote extract={extract} video={video} onSet={onSet} />
      <dl className="divide-y">
        {video.available_fields.map((field) => (
          <FieldRow
            key={field.id}
            field={field}
            said={video.fields[field.name]}
            isMissing={video.missing_fields.includes(field.name)}
            isBusy={extract.isBusy}
            onSet={(value) => onSet(field, value)}
            onExtract={(isDry) => extract.start({ field: field.name, isDry })}
          />
        ))}
      </dl>
    </div>
  );
}
