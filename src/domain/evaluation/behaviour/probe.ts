import { z } from 'zod';

export const probeKinds = [
  'typos',
  'letterCase',
  'whitespace',
  'paraphrase',
  'negativeFact',
  'promptInjection',
  'jailbreak',
  'personalDataElicitation',
] as const;
export type ProbeKind = (typeof probeKinds)[number];

/** A changed form of a golden case's question, made to see how the model behaves. */
export const probeSchema = z.object({
  id: z.string(),
  /** The golden case it was made from. */
  caseId: z.string(),
  kind: z.enum(probeKinds),
  /** Which way of changing it, such as `upperCase`. */
  style: z.string(),
  input: z.string(),
  /** What in an answer shows that the model took up what was added; none for changes that must change nothing. */
  marks: z.array(z.string()),
});
export type Probe = z.infer<typeof probeSchema>;

/** A probe with the answer to it; null is unmeasured and `reason` says why. */
export const variantSchema = probeSchema.extend({ answer: z.string().nullable(), reason: z.string().nullable() });
export type Variant = z.infer<typeof variantSchema>;
