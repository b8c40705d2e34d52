import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

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

/** Opens the state of a demonstration; the key tells examples and base models apart. */
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
  let state: State = text === null ? { requested: {}, questions: 0 } : stateSchema.parse(JSON.parse(text));
  const write = async (change: Partial<State>): Promise<void> => {
    state = { ...state, ...change };
    await writeFile(file, `${JSON.stringify(state, null, 2)}\n`);
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
