/** One program that the embedded profile runs, and how to tell that it works. */
export interface Component {
  /** Short name: log file and messages. */
  name: string;
  command: string;
  arguments: readonly string[];
  environment: Readonly<Record<string, string>>;
  directory: string;
  /** Null when it answers, else what is missing still. A rejection counts as "not yet". */
  probe(input: { signal: AbortSignal; startedAt: Date }): Promise<string | null>;
  /** How long the first answer may take. */
  readyMilliseconds: number;
  /** How long it may take to end by itself. */
  graceMilliseconds: number;
  /** Run once it was asked to end and is gone. */
  afterwards?: readonly string[];
  /** What to do when it does not start, besides reading its log. */
  hint: string;
}

/** A component that did not come up, with what it said last. */
export class ComponentError extends Error {
  override readonly name = 'ComponentError';
  constructor({ component, why, tail, logFile }: { component: Component; why: string; tail: string; logFile: string }) {
    super(
      [
        `${component.name} did not start: ${why}.`,
        ...(tail === '' ? [] : ['Its last lines:', ...tail.split('\n').map((line) => `  | ${line}`)]),
        `Its log: ${logFile}`,
        component.hint,
      ].join('\n'),
    );
  }
}
