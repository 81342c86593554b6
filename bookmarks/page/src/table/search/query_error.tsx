import type { Problem } from "barq-web/kit";
import { placeOf, tokens } from "./query.ts";

/** Which part of the query it was, and what there is instead. */
export function QueryError({
  id,
  query,
  error,
  isCovered,
}: {
  id: string;
  query: string;
  error: Problem;
  isCovered: boolean;
}) {
  const place = placeOf(error.message);
  const token = place && tokens(query).find((one) => one.from <= place.at && place.at < one.to);

  return (
    <div id={id} role="alert" className={isCovered ? "sr-only" : "mt-1.5 text-[13px] text-bad"}>
      {token && (
        <code className="mr-1.5 rounded bg-bad-soft px-1 underline decoration-wavy underline-offset-2">
          {token.text}
        </code>
      )}
      {(place?.text ?? error.message).replace(token ? `${token.text} ` : "", "")}
    </div>
  );
}
