/*
 * Rows that were deleted and may still come back: the server has them until nobody has taken it
 * back, the table does not.
 */
export type Hidden = { all: boolean; rows: number[] };

export const nothingHidden: Hidden = { all: false, rows: [] };

export function hideRows(hidden: Hidden, rows: number[]): Hidden {
  const all = new Set([...hidden.rows, ...rows]);
  return { ...hidden, rows: [...all].sort((a, b) => a - b) };
}

/** The row of the server that is shown as the table's `row`. */
export function rowBehind(hidden: Hidden, row: number) {
  let low = 0;
  let high = hidden.rows.length;

  /* How many hidden rows are before it: the first k for which rows[k] - k is more than `row`. */
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((hidden.rows[middle] ?? 0) - middle <= row) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return row + low;
}
