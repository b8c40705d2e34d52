import { generateProbes } from '../../../../../src/domain/evaluation/behaviour/generate-probes.js';
import type { ProbedCase } from '../../../../../src/domain/evaluation/behaviour/probe-generator.js';
import type { Probe, ProbeKind } from '../../../../../src/domain/evaluation/behaviour/probe.js';

export const question = 'Where is the parcel that I ordered on Monday?';

/** Probes of one kind for one case. */
export const probesOf = (kind: ProbeKind, one: Partial<ProbedCase> = {}, seed = 1): Probe[] =>
  generateProbes({ cases: [{ id: 'a', input: question, reference: 'Tomorrow.', ...one }], kinds: [kind], seed });
