import { type ClassValue, clsx } from "clsx";
import { twMerge } from "tailwind-merge";

/** Class names; of two that say the same thing differently, the later one counts. */
export function cn(...classes: ClassValue[]) {
  return twMerge(clsx(classes));
}
