import type { Pseudonyms } from '../../domain/dataset/pseudonyms.js';
import { systemClock, type Clock } from '../clock.js';
import { systemTiming, type Timing } from '../judging/pacer.js';
import type { Ports } from '../ports.js';
import { createAnswerBatchActivities } from './answer-batch.js';
import { createConcludeBatchActivities } from './conclude-batch.js';
import { createStageActivities } from './stage-batch.js';

/** Summaries of items, renewed again and again: what has changed is laid down, answered and concluded. */
export function createBatchActivities({
  clock = systemClock,
  timing = systemTiming,
  ...context
}: Pick<Ports, 'store' | 'sources' | 'router' | 'chat' | 'results'> & {
  pseudonyms: Pseudonyms;
  clock?: Clock;
  timing?: Timing;
}) {
  return {
    ...createStageActivities({ ...context, clock, timing }),
    ...createAnswerBatchActivities({ ...context, clock, timing }),
    ...createConcludeBatchActivities(context),
  };
}
