import { z } from 'zod';

/** One request of a load test: `load/requests.jsonl`. Times in milliseconds. */
export const loadSampleSchema = z.object({
  /** Which step, from 0. */
  step: z.number().int().min(0),
  /** When it was due, from the step's start. */
  due: z.number().min(0),
  /** How much later it was sent. */
  late: z.number().min(0),
  /** From when it was due until the first token; null where there was none. */
  firstToken: z.number().min(0).nullable(),
  /** From when it was due until its end. */
  latency: z.number().min(0),
  completionTokens: z.number().int().min(0),
  error: z.string().nullable(),
});
export type LoadSample = z.infer<typeof loadSampleSchema>;

/** One rate and how long it is kept. */
export interface LoadStep {
  perSecond: number;
  milliseconds: number;
}

/** Shares of the full rate that come before it, each for a quarter of its time. */
const before = [0.25, 0.5, 0.75];

/** The steps up to the rate that counts, which comes last. None is higher: the endpoint may serve users too. */
export const loadSteps = ({ perSecond, milliseconds }: LoadStep): LoadStep[] => [
  ...before.map((share) => ({ perSecond: perSecond * share, milliseconds: milliseconds / 4 })),
  { perSecond, milliseconds },
];
