import type { Tone } from "barq-web/kit";
import { Ban, Check, CircleDashed, ListPlus, type LucideIcon, TriangleAlert } from "lucide-react";
import type { Outcome } from "./report.ts";

/** How each outcome of a line looks. Its words are texts `intake:outcome.*`. */
export const looks: Record<Outcome, { icon: LucideIcon; tone: Tone }> = {
  added: { icon: Check, tone: "ok" },
  expanding: { icon: ListPlus, tone: "info" },
  present: { icon: CircleDashed, tone: "plain" },
  failed: { icon: TriangleAlert, tone: "bad" },
  skipped: { icon: Ban, tone: "plain" },
};
