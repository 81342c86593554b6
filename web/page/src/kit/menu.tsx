import { createContext, type ReactElement, type ReactNode, use } from "react";
import { onDemand } from "./on_demand.ts";
import { Opener } from "./opener.tsx";

type Code = typeof import("./menu_list.tsx");

const code = onDemand<Code>(() => import("./menu_list.tsx"));
const Parts = createContext<Code | undefined>(undefined);

/** What opens when `trigger`, a button, is pressed: MenuItems, MenuChecks, MenuLabels, MenuLines. */
export function Menu({
  trigger,
  align = "end",
  children,
}: {
  trigger: ReactElement;
  align?: "start" | "center" | "end";
  children: ReactNode;
}) {
  return (
    <Opener trigger={trigger} opens="menu" code={code}>
      {(parts, opened) => (
        <parts.MenuList {...opened} align={align}>
          <Parts value={parts}>{children}</Parts>
        </parts.MenuList>
      )}
    </Opener>
  );
}

export type MenuItemProps = {
  /** Once the menu is closed: what is selected may take the focus. */
  onSelect?: () => void;
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  asChild?: boolean;
  children: ReactNode;
};

export function MenuItem(props: MenuItemProps) {
  const parts = use(Parts);
  return parts && <parts.Item {...props} />;
}

export type MenuCheckProps = {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
};

/** Stays open, since several are checked one after another. */
export function MenuCheck(props: MenuCheckProps) {
  const parts = use(Parts);
  return parts && <parts.CheckItem {...props} />;
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <div className="px-2 py-1 text-muted text-xs">{children}</div>;
}

export function MenuLine() {
  return <hr className="my-1 h-px border-0 bg-line" />;
}
