import { useEffect, useState } from "react";
import { tellMissing } from "./missing.tsx";

export type OnDemand<Code> = { now?: Code; fetch: () => Promise<void> };

/** Code that comes when somebody wants it. Where it could not come, the next who wants it asks again. */
export function onDemand<Code>(load: () => Promise<Code>): OnDemand<Code> {
  const code: OnDemand<Code> = {
    fetch: async () => {
      code.now ??= await load();
    },
  };
  return code;
}

/** The code, once it has been wanted here and has come. Where it cannot come that is said, and `onMissing` called. */
export function useOnDemand<Code>(
  code: OnDemand<Code>,
  isWanted: boolean,
  onMissing?: () => void,
): Code | undefined {
  const [had, setHad] = useState<{ code: Code }>();

  if (isWanted && !had && code.now) {
    setHad({ code: code.now });
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is asked for when it begins to be wanted
  useEffect(() => {
    if (isWanted && !code.now) {
      code.fetch().then(
        () => code.now && setHad({ code: code.now }),
        () => {
          tellMissing();
          onMissing?.();
        },
      );
    }
  }, [isWanted]);
  return had?.code;
}
