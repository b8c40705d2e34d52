import { PortError } from '../ports.js';
import { inBackground, type Background } from '../background.js';
import { heartbeat } from '../heartbeat.js';
import { loadSpecification } from '../specifications.js';
import type { WatchInput } from '../../contracts/watch.js';
import { openAnswerSampler, type AnswerSampler, type SamplerPorts } from './answer-sampler.js';
import { badAnswer } from './sample-telemetry.js';

const everyMilliseconds = 10_000;

/** Whether a guard rests on the sample. */
export const isAnswerSampled = ({ guards, badAnswers }: Pick<WatchInput, 'guards' | 'badAnswers'>): boolean =>
  (badAnswers ?? null) !== null && guards.some(({ event }) => event === badAnswer);

/** Samples answers beside the watch of a rollout; null where no guard asks for it. What fails is tried again. */
export function sampleWatch({ ports, input }: { ports: SamplerPorts; input: WatchInput }): Background | null {
  const { releaseId, model, fromRevision, badAnswers, specification } = input;
  if (!isAnswerSampled(input) || !badAnswers) return null;
  let sampler: AnswerSampler | null = null;
  return inBackground({
    everyMilliseconds,
    work: async () => {
      if (!specification) throw new PortError('InvalidInput', `${releaseId} has no specification to sample answers by`);
      sampler ??= await openAnswerSampler({
        ports,
        of: { releaseId, model, fromRevision, badAnswers },
        specification: await loadSpecification({ store: ports.store, ref: specification }),
      });
      await sampler.take();
    },
    // A sample that is not taken grows old, and an old one is `unmeasured`.
    onFailure: (error) => heartbeat({ answersNotSampled: String(error) }),
  });
}
