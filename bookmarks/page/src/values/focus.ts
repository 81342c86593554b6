/** As a ref: puts the focus there once, for what has appeared because a person asked for it. */
export function focusNow(element: HTMLElement | null) {
  element?.focus();
}
