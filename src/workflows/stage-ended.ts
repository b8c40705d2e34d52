import { ApplicationFailure } from '@temporalio/workflow';
import type { Outcome } from '../domain/release/kinds.js';

/**
 * A stage has said no, which is an outcome and not a fault. A failure type of Temporal's own, so that one that escapes
 * ends the workflow instead of wedging its task.
 */
export class StageEnded extends ApplicationFailure {
  constructor(
    readonly outcome: Outcome,
    readonly reasons: string[],
  ) {
    super(reasons.join('; '), 'StageEnded', true);
  }
}
