/* Rows have one height, so that a scrollbar knows where each of 100,000 is. */
export const ROW_PX = 44;
/** With a line that says where the words were found. */
export const FOUND_ROW_PX = 72;
export const HEAD_PX = 36;
export const CHECK_PX = 40;
/* How many are drawn above and below what is in sight. */
export const OVERSCAN = 18;
