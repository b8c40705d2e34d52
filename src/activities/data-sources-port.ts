import type { TimeWindow } from '../domain/dataset/time-window.js';

/** Where raw rows lie that are not on this machine. */
export interface DataSources {
  /**
   * Copies what an `s3://` or `https://` uri names to a local path, whole and checked against the size that was
   * announced. A copy that breaks off goes on from where it stopped, or rejects.
   */
  download(input: {
    uri: string;
    path: string;
    maximumBytes: number;
    onProgress: (bytes: number) => void;
  }): Promise<void>;
  /**
   * Rows of a query in the order of a column, those of the window alone where there is one, read without holding them
   * all. Values are what JSON knows; times are ISO 8601 in UTC.
   */
  query(input: {
    uri: string;
    query: string;
    timeColumn: string;
    window: TimeWindow | null;
    orderBy: string;
  }): AsyncIterable<Record<string, unknown>>;
}
