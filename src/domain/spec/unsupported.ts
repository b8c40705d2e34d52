import type { ModelSpec, SpecProblem } from './model-spec.js';

/**
 * The parts a spec asks for that this version does not carry out yet. Applying such a spec is refused: a stage that is
 * silently left out would look like one that passed.
 */
export function unsupportedParts(spec: ModelSpec): SpecProblem[] {
  const asked: [path: string, value: unknown, wanted: boolean, instead: string][] = [
    ['retrieval', spec.retrieval, spec.retrieval !== null, 'null: retrieval is not carried out by this version'],
    [
      'rollout.shadow',
      spec.rollout.shadow,
      spec.rollout.shadow !== null,
      'null: shadow is not carried out by this version',
    ],
    [
      'rollout.load',
      spec.rollout.load,
      spec.rollout.load !== null,
      'null: load tests are not carried out by this version',
    ],
    [
      'evaluation.judge',
      spec.evaluation.judge,
      spec.evaluation.judge !== null,
      'null: judges are not carried out by this version',
    ],
    [
      'evaluation.preset',
      spec.evaluation.preset,
      spec.evaluation.preset !== 'support-deterministic',
      'support-deterministic: the others need a judge',
    ],
    ['data.redaction.patterns', spec.data.redaction.patterns, spec.data.redaction.patterns.length > 0, 'none yet'],
    ['data.chatTemplate', spec.data.chatTemplate, spec.data.chatTemplate !== 'base', 'base in this version'],
    ['data.maxTokens', spec.data.maxTokens, spec.data.maxTokens !== null, 'null in this version'],
    ['data.replay', spec.data.replay, spec.data.replay !== null, 'null in this version'],
    [
      'data.contamination.embeddingAt',
      spec.data.contamination.embeddingAt,
      spec.data.contamination.embeddingAt !== null,
      'null: no embedder is configured in this version',
    ],
    [
      'notify',
      spec.notify,
      spec.notify.some((target) => target.kind === 'slack'),
      'console, log or webhook in this version',
    ],
  ];
  return asked.filter(([, , wanted]) => wanted).map(([path, value, , expected]) => ({ path, value, expected }));
}
