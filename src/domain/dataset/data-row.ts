/** What a column of a row holds. Empty text is null. */
export type Scalar = string | number | boolean | null;

/**
 * A row under the recipe's column names, with further columns of the source where the spec names them. `row` counts
 * the data rows of the source from 1, `line` is where the row ends in it.
 */
export interface DataRow {
  row: number;
  line: number;
  values: Record<string, Scalar>;
}
