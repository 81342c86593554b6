import { type ClassValue, clsx } from "clsx";

/** Class names. Two of them never say the same thing differently: which one counts, Tailwind's order would say. */
export function cn(...classes: ClassValue[]) {
  return clsx(classes);
}
