import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ask, Button, toast, useErrorText } from "barq-web/kit";
import { Sparkles } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.ts";

/* Talks whose titles are shipped with the server (examples/), so they come without a network, too. */
const talks = [
  "4riqJcrDVcw",
  "ZGtYjnh1X5I",
  "bGOghkY_a7Q",
  "1hyo2-mig9E",
  "85j-8TiHkvQ",
  "310iBFfQ-Zs",
  "EpMAkczF34Y",
  "Hdt4usMsBkY",
  "vQS8bKCt6Hw",
  "TPp_Zyco6X4",
  "l4POMeXK5Wo",
  "dNnHlb4RfJY",
];

/** Makes a small list to look at. */
export function SampleButton() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const make = useMutation({
    mutationFn: async () => {
      const list = await ask(
        api.POST("/api/lists", { body: { name: t("first:sampleName"), template: "talks" } }),
      );
      await ask(
        api.POST("/api/lists/{id}/import", {
          params: { path: { id: list.id } },
          body: { text: talks.join("\n") },
        }),
      );
      return list;
    },
    onSuccess: async (list) => {
      await queries.invalidateQueries({ queryKey: ["lists"] });
      await navigate({ to: "/lists/$listId", params: { listId: list.id } });
    },
    onError: (error) => toast.error(errorText(error)),
  });

  return (
    <Button
      size="sm"
      className="max-sm:h-9"
      disabled={make.isPending}
      onClick={() => make.mutate()}
    >
      <Sparkles />
      {t("first:sample")}
    </Button>
  );
}
