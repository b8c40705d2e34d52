/** The environment a child process gets: this one's, with `changes` over it. */
export const childEnvironment = (changes: Readonly<Record<string, string>>): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  ),
  ...changes,
});

/** Where programs are looked for. */
export const searchPath = (): string => process.env['PATH'] ?? '';
