import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const questionSchema = z.object({
  user: z.string().min(1),
  query: z.string().min(1),
  /** Whom it is asked; absent where the example has one model. */
  model: z.string().min(1).optional(),
});
export type Question = z.infer<typeof questionSchema>;

/**
 * Reads recorded customer questions, one JSON object a line.
 * @throws Error naming file and line of the first that is none.
 */
export async function readQuestions({ file }: { file: string }): Promise<Question[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  const questions = lines.map((line, index) => {
    try {
      return questionSchema.parse(JSON.parse(line));
    } catch {
      throw new Error(`${file}:${index + 1}: expected {"user": "...", "query": "..."}, found ${line.slice(0, 80)}`);
    }
  });
  if (questions.length === 0) throw new Error(`${file}: expected at least one question, found none`);
  return questions;
}

export interface ReplaySettings {
  questions: readonly Question[];
  /** Sends one question; false when it was not answered. */
  send: (question: Question) => Promise<boolean>;
  /** Bounds of the rate, questions a second. */
  rate: { start: number; least: number; most: number };
  /** Questions that may wait for their answers at a time. */
  inFlight: number;
  /** How many were sent in earlier runs, so that users go on being new. */
  from?: number;
}

export interface Replay {
  /** Sends while `needed`, rests otherwise; of questions that name a model, only those of `model`. */
  need(needed: boolean, model?: string): void;
  readonly sent: number;
  readonly failed: number;
  readonly ratePerSecond: number;
  /** Ends it; resolves when the last answer is there. */
  stop(): Promise<void>;
}

const slower = 0.8;
const faster = 1.05;

/**
 * Replays questions as customers would send them: on the clock, whether earlier ones are answered or not, as long as
 * fewer than `inFlight` wait. Where they pile up the rate falls by a fifth, with every answer it rises by a twentieth,
 * so that it settles at what the endpoint manages. Each lap through the questions brings new users.
 */
export function startReplay({ questions, send, rate, inFlight, from = 0 }: ReplaySettings): Replay {
  let needed = false;
  let asked = questions;
  let perSecond = rate.start;
  let sent = 0;
  let failed = 0;
  let timer: NodeJS.Timeout | null = null;
  const waiting = new Set<Promise<void>>();

  const question = (position: number): Question => {
    const one = asked[position % asked.length]!;
    const lap = Math.floor(position / asked.length);
    return { ...one, user: lap === 0 ? one.user : `${one.user}-${lap + 1}` };
  };

  const ask = async (position: number): Promise<void> => {
    const answered = await send(question(position)).catch(() => false);
    if (!answered) failed += 1;
    else if (waiting.size <= inFlight / 2) perSecond = Math.min(rate.most, perSecond * faster);
  };

  const tick = (): void => {
    timer = null;
    if (!needed) return;
    if (waiting.size >= inFlight) perSecond = Math.max(rate.least, perSecond * slower);
    else {
      const one = ask(from + sent).finally(() => waiting.delete(one));
      waiting.add(one);
      sent += 1;
    }
    timer = setTimeout(tick, 1000 / perSecond);
  };

  return {
    need: (next, model) => {
      asked = questions.filter((one) => one.model === undefined || model === undefined || one.model === model);
      needed = next && asked.length > 0;
      if (needed && timer === null) tick();
    },
    get sent() {
      return sent;
    },
    get failed() {
      return failed;
    },
    get ratePerSecond() {
      return perSecond;
    },
    stop: async () => {
      needed = false;
      if (timer !== null) clearTimeout(timer);
      await Promise.all(waiting);
    },
  };
}

/** Sends a question to a gateway; true for an answer with status 200. */
export const askGateway =
  ({ gateway, model, apiKey }: { gateway: string; model: string; apiKey: string }) =>
  async ({ user, query, model: named = model }: Question): Promise<boolean> => {
    const response = await fetch(`${gateway}/models/${named}/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
      body: JSON.stringify({ query, user }),
    });
    await response.arrayBuffer();
    return response.ok;
  };
