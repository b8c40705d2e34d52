import type { z } from 'zod';

/** Names to texts, as the operating system gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One setting: how its text is read, whether it may be shown, and how a reader mends it. */
export interface SettingDefinition<Value> {
  schema: z.ZodType<Value, string | undefined>;
  secret?: boolean;
  mend: string;
}

export interface SettingProblem {
  name: string;
  /** What stands there; hidden for secrets, null where the setting is missing. */
  value: string | null;
  expected: string;
  mend: string;
}

/** Every problem of the environment at once, so that a start fails once and not once a setting. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  constructor(readonly problems: readonly SettingProblem[]) {
    super(
      [
        `${problems.length} ${problems.length === 1 ? 'setting is' : 'settings are'} not usable:`,
        ...problems.map(
          ({ name, value, expected, mend }) =>
            `  ${name} ${value === null ? 'is not set' : `is "${value}"`}: expected ${expected}. ${mend}`,
        ),
      ].join('\n'),
    );
  }
}

/**
 * Reads settings from an environment by their definitions, keyed by the variable's name. An empty text counts as not
 * set: that is what `NAME= command` and an empty line of a .env file mean.
 * @throws SettingsError listing every setting that is wrong.
 */
export function readEnvironment<Definitions extends Record<string, SettingDefinition<unknown>>>({
  environment,
  definitions,
}: {
  environment: Environment;
  definitions: Definitions;
}): { [Name in keyof Definitions]: z.output<Definitions[Name]['schema']> } {
  const problems: SettingProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, { schema, secret, mend }] of Object.entries(definitions)) {
    const text = environment[name]?.trim() || undefined;
    const parsed = schema.safeParse(text);
    if (parsed.success) values[name] = parsed.data;
    else
      problems.push({
        name,
        value: text === undefined ? null : secret ? '(secret)' : text,
        expected: [...new Set(parsed.error.issues.map((issue) => issue.message.replace(/^expected /, '')))].join('; '),
        mend,
      });
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return values as { [Name in keyof Definitions]: z.output<Definitions[Name]['schema']> };
}

/** What `read` gives; null where it throws, its problems added to `problems`. */
export function collecting<Value>(problems: SettingProblem[], read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    problems.push(...error.problems);
    return null;
  }
}
