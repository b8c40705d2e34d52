import { z } from 'zod';
import { gatewaySpecSchema } from '../domain/spec/gateway-spec.js';
import type { ModelSpec } from '../domain/spec/model-spec.js';
import { milliseconds } from '../domain/spec/quantities.js';

/** What the gateways know of a model's spec: `models/<model>/serving.json`, written when a spec is applied. */
export const servingDocumentSchema = z.object({
  /** An answer that takes longer counts as slow. */
  slowMilliseconds: z.number().positive(),
  /** A stream whose first words take longer counts as slowStart; null: none does. */
  slowStartMilliseconds: z.number().positive().nullable().default(null),
  /** What the models of several domains have in common, under which summaries of their items stand; null: only itself. */
  family: z.string().nullable().default(null),
  domain: z.string().nullable().default(null),
  ...gatewaySpecSchema.shape,
});
export type ServingDocument = z.infer<typeof servingDocumentSchema>;

/** The document of a spec. */
export const servingDocumentOf = ({ rollout, gateway, family, domain }: ModelSpec): ServingDocument => ({
  slowMilliseconds: milliseconds(rollout.slo.latencyP95),
  slowStartMilliseconds: rollout.slo.firstToken === null ? null : milliseconds(rollout.slo.firstToken),
  family,
  domain,
  ...gateway,
});
