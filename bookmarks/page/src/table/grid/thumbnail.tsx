import { cn } from "barq-web/kit";

/* A picture that is not to be had leaves the quiet place that it was to fill. */
const hide = (event: { currentTarget: HTMLImageElement }) => {
  event.currentTarget.style.visibility = "hidden";
};

export function Thumbnail({
  address,
  className,
}: {
  address: string | null | undefined;
  className?: string;
}) {
  return (
    <span
      className={cn(
        "relative block aspect-video shrink-0 overflow-hidden rounded bg-sunken",
        "before:absolute before:inset-0 before:m-auto before:size-0 before:border-y-[5px] before:border-y-transparent before:border-l-8 before:border-l-line-strong before:content-['']",
        className,
      )}
    >
      {address && (
        <img
          key={address}
          src={address}
          alt=""
          loading="lazy"
          decoding="async"
          referrerPolicy="no-referrer"
          className="absolute inset-0 size-full object-cover"
          onError={hide}
        />
      )}
    </span>
  );
}
