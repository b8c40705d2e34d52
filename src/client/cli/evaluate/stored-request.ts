import { z } from 'zod';
import { storeKeys } from '../../../contracts/store-keys.js';
import { artifactRefSchema } from '../../../domain/artifact-ref.js';

/** `evaluation/request.json` of an evaluation outside a release: what was held against what. */
export const storedRequestSchema = z.object({
  version: z.literal(1),
  evaluation: z.string(),
  model: z.string(),
  specification: artifactRefSchema,
  candidate: z.string(),
  against: z.string().nullable(),
});
export type StoredRequest = z.infer<typeof storedRequestSchema>;

export const requestKey = ({ evaluation }: { evaluation: string }): string =>
  storeKeys.release({ releaseId: evaluation, file: 'evaluation/request.json' });
