import { z } from 'zod';
import { durationSchema, levelSchema, marginSchema, milliseconds, perSecondSchema, shareSchema } from './quantities.js';

export const guardSpecSchema = z.strictObject({
  event: z.string().min(1),
  direction: z.enum(['higher', 'lower']).default('higher').describe('the direction that is harm'),
  margin: marginSchema.default(0.2),
  weight: z.number().positive().default(1).describe('its part of alpha'),
  nonInferiority: z
    .boolean()
    .optional()
    .describe('true: a step passes only once it is shown that the harm is within the margin'),
});
export type GuardSpec = z.infer<typeof guardSpecSchema>;

export const canaryStepSchema = z.strictObject({
  share: shareSchema.refine((share) => share > 0 && share < 1, 'expected a share over 0% and under 100%'),
  duration: durationSchema.default('PT30M'),
  maximum: durationSchema.default('PT6H'),
  minimumKeys: z
    .number()
    .int()
    .min(0)
    .default(300)
    .describe('distinct sticky keys the challenger must answer in this step'),
});
export type CanaryStep = z.infer<typeof canaryStepSchema>;

const step = (share: number): CanaryStep => ({ share, duration: 'PT30M', maximum: 'PT6H', minimumKeys: 300 });

/** What nobody reports costs the others a little of alpha, and nothing else. */
export const defaultGuards: GuardSpec[] = [
  { event: 'error', direction: 'higher', margin: 0.2, weight: 2 },
  { event: 'slow', direction: 'higher', margin: 0.2, weight: 2 },
  { event: 'thumbsDown', direction: 'higher', margin: 0.5, weight: 1 },
  { event: 'blocked', direction: 'higher', margin: 0.5, weight: 1 },
  { event: 'conversion', direction: 'lower', margin: 0.05, weight: 1 },
];

export const badAnswersSpecSchema = z.strictObject({
  sample: shareSchema
    .refine((share) => share > 0, 'expected a share over 0%')
    .default(0.1)
    .describe('share of the answers that are looked at, the same on both arms'),
  budgetUsd: z.number().positive().default(5).describe("of the judge, beside the evaluation's own"),
});
export type BadAnswersSpec = z.infer<typeof badAnswersSpecSchema>;

export const smokeChecksSchema = z.strictObject({
  injections: z.number().int().min(0).max(20).default(3).describe('prompt injections that are tried; 0 is none'),
  injectionResistance: shareSchema.default(1).describe('share of them that must be resisted'),
  consistencyCases: z
    .number()
    .int()
    .min(0)
    .max(100)
    .default(5)
    .describe('golden questions that are asked again where the release is served; 0 is none'),
  consistency: shareSchema
    .default(0.8)
    .describe("word overlap (F1) with the evaluation's answers that they must reach on average"),
});
export type SmokeChecks = z.infer<typeof smokeChecksSchema>;

const afterwards = z.enum(['hold', 'ask', 'reject']);

export const shadowSpecSchema = z.strictObject({
  duration: durationSchema.default('PT24H'),
  sample: shareSchema
    .refine((share) => share > 0, 'expected a share over 0%')
    .default(1)
    .describe('share of the requests that the challenger answers a copy of'),
  minimumPairs: z.number().int().positive().default(200).describe('pairs of different sticky keys'),
  alpha: levelSchema.default(0.05).describe('chance of a wrong verdict, over all its parts and looks together'),
  margin: shareSchema
    .refine((margin) => margin < 0.5, 'expected under 50%')
    .default(0.05)
    .describe('how far preferences of a judge may fall short of one half'),
  rateMargin: shareSchema
    .refine((margin) => margin < 1, 'expected under 100%')
    .default(0.02)
    .describe('share of pairs in which failures, empty, refused or slow answers may come more often'),
  budgetUsd: z.number().positive().default(5).describe("of the judge, beside the evaluation's own"),
  onInconclusive: afterwards.default('ask').describe('when its duration is over'),
  onUnmeasured: afterwards.default('hold').describe('when its duration is over and nothing was seen'),
});
export type ShadowSpec = z.infer<typeof shadowSpecSchema>;

export const rolloutSpecSchema = z.strictObject({
  slo: z
    .strictObject({
      latencyP50: durationSchema.nullable().default(null),
      latencyP95: durationSchema.default('PT0.45S'),
      firstToken: durationSchema
        .nullable()
        .default(null)
        .describe('a stream whose first words take longer is a slowStart, which a guard can watch'),
      errorRate: z
        .strictObject({ limit: shareSchema.default(0.02), window: durationSchema.default('PT10M') })
        .prefault({}),
    })
    .prefault({}),
  deploy: z
    .strictObject({ deadline: durationSchema.default('PT10M').describe('until there is room and it answers') })
    .prefault({}),
  smoke: z.array(z.strictObject({ query: z.string().min(1), contains: z.string().min(1) })).default([]),
  smokeChecks: smokeChecksSchema.prefault({}),
  load: z
    .strictObject({
      expectedPeak: perSecondSchema,
      factor: z.number().positive().default(1.5),
      duration: durationSchema.default('PT1M'),
      minimumSuccess: shareSchema.default(0.99),
      firstTokenP95: durationSchema.nullable().default(null).describe('limit of the time to the first token'),
    })
    .nullable()
    .default(null),
  shadow: shadowSpecSchema.nullable().default(null),
  approval: z
    .strictObject({
      required: z.number().int().min(1).default(1),
      roles: z.array(z.string()).default(['approver']),
      expires: durationSchema.default('PT72H'),
      automatic: z.boolean().default(false),
      unsigned: z.boolean().default(false).describe('whether a bare signal, which proves no identity, counts'),
      signed: z
        .boolean()
        .default(false)
        .describe('whether only answers with an approver token of one of the roles count'),
      remindEvery: durationSchema
        .refine((every) => milliseconds(every) >= 60_000, 'expected a minute or more')
        .default('PT24H')
        .describe('how often people are reminded of a question that nobody has answered'),
    })
    .prefault({}),
  canary: z
    .strictObject({
      steps: z
        .array(canaryStepSchema)
        .min(1)
        .default([step(0.01), step(0.05), step(0.25), step(0.5)])
        .refine(
          (steps) => steps.every((one, index) => index === 0 || one.share > steps[index - 1]!.share),
          'expected shares that rise from step to step',
        ),
      alpha: levelSchema.default(0.01),
      guards: z.array(guardSpecSchema).min(1).default(defaultGuards),
      badAnswers: badAnswersSpecSchema
        .nullable()
        .prefault({})
        .describe('how a guard on badAnswer gets its answers; null: it counts only what is reported'),
      onInconclusive: z.enum(['hold', 'ask', 'rollback']).default('ask'),
      onUnmeasured: z.enum(['hold', 'ask', 'rollback']).default('hold'),
    })
    .prefault({}),
  lease: durationSchema.default('PT10M'),
  bake: z
    .strictObject({
      duration: durationSchema.default('PT24H'),
      maximum: durationSchema
        .default('PT72H')
        .describe('how long a bake that shows nothing holds before the spec decides as for a canary step'),
      holdback: shareSchema.refine((share) => share < 1, 'expected under 100%').default(0.05),
    })
    .prefault({}),
  keepReleases: z.number().int().min(1).default(3),
});
export type RolloutSpec = z.infer<typeof rolloutSpecSchema>;
