/** What a guardian is told: its one argument, as JSON. */
export interface GuardianOrder {
  command: readonly string[];
  graceMilliseconds: number;
  /** Run once the group was asked to end and is gone; null for nothing. */
  afterwards: readonly string[] | null;
}

/** What a guardian tells its parent: the command's pid, or why it could not be started. */
export type GuardianMessage = { pid: number } | { failed: string };
