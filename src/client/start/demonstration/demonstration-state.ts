import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CannotRunError } from '../checks.js';

const stateSchema = z.object({
  /** Release id of each release that was requested, by its number. */
  requested: z.record(z.string(), z.string()),
  /** Customer questions sent so far. */
  questions: z.int().min(0),
});
type State = z.infer<typeof stateSchema>;

/** How far a demonstration has come, kept in the home so that the next start goes on from there. */
export interface DemonstrationState {
  releaseOf(number: number): string | null;
  readonly questions: number;
  setRelease(input: { number: number; releaseId: string }): Promise<void>;
  setQuestions(count: number): Promise<void>;
}

function parseState({ text, file }: { text: string; file: string }): State {
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new CannotRunError(
      `${file} can't be read (${(error as Error).message}): mend it, or remove it to have the releases requested anew`,
    );
  }
}

/**
 * Opens the state of a demonstration; the key tells examples and base models apart.
 * @throws CannotRunError when what stands in the file is no state.
 */
export async function openDemonstrationState({
  home,
  key,
}: {
  home: string;
  key: string;
}): Promise<DemonstrationState> {
  const folder = join(home, 'demonstration');
  const file = join(folder, `${key}.json`);
  await mkdir(folder, { recursive: true });
  const text = await readFile(file, 'utf8').catch(() => null);
  let state: State = text === null ? { requested: {}, questions: 0 } : parseState({ text, file });
  const write = async (change: Partial<State>): Promise<void> => {
    state = { ...state, ...change };
    // Whole or not at all: a start that is killed here must find its releases again.
    await writeFile(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`);
    await rename(`${file}.new`, file);
  };
  return {
    releaseOf: (number) => state.requested[number] ?? null,
    get questions() {
      return state.questions;
    },
    setRelease: ({ number, releaseId }) => write({ requested: { ...state.requested, [number]: releaseId } }),
    setQuestions: (questions) => write({ questions }),
  };
}
